//! The kinds of failure, by the numbers that BTrDB gives them.

/// What kind of failure an error is. Kinds named after a BTrDB error stand for that error alone; [`Server`] and
/// [`Other`] take in the numbers that have no kind of their own.
///
/// [`Server`]: Self::Server
/// [`Other`]: Self::Other
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No such point: nothing lies in the direction searched (401).
    NoSuchPoint,
    /// The stream is unknown or obliterated (404).
    StreamNotFound,
    /// A collection's name is malformed (407).
    InvalidCollection,
    /// A tag or annotation key is malformed or not allowed (408).
    InvalidTagKey,
    /// A tag or annotation value is malformed (409).
    InvalidTagValue,
    /// A time is out of bounds, or a start is not before its end (413).
    InvalidTimeRange,
    /// A point width, window width or depth is out of bounds (415).
    InvalidPointWidth,
    /// A stream of this uuid exists already (417).
    StreamExists,
    /// Another stream has this collection and these tags (418).
    AmbiguousStream,
    /// A value to be inserted is not finite (425).
    BadValue,
    /// The uuid belonged to a stream that was obliterated (429).
    RecycledUuid,
    /// The key does not allow this (437, or the gRPC status of that name).
    PermissionDenied,
    /// The SQL or its parameters are not accepted (441).
    BadSqlValue,
    /// The version was pruned, or never was (450).
    VersionNotAvailable,
    /// An argument makes no sense, found before or after asking the server.
    InvalidValue,
    /// An argument is of a type that cannot be used.
    InvalidType,
    /// What was asked for does not fit what was done before.
    InvalidOperation,
    /// The server failed in a way of its own.
    Server,
    /// Any other BTrDB error.
    Other,
    /// The endpoint makes no sense, or none is known.
    Connection,
    /// The file of profiles cannot be read.
    CredentialsFileNotFound,
    /// The file of profiles has no such profile.
    ProfileNotFound,
    /// The API key is missing or wrong.
    Unauthenticated,
    /// The call was cancelled.
    Cancelled,
    /// The call took longer than it may.
    DeadlineExceeded,
    /// The server cannot be reached; a browser does not say whether by network, by name or by CORS.
    Unavailable,
    /// The server does not know the call.
    Unimplemented,
    /// What came back is not what BTrDB answers: not gRPC, cut short, or of the wrong form.
    BadResponse,
}

/// In-band "not implemented".
pub(super) const NOT_IMPLEMENTED: u32 = 501;

impl ErrorKind {
    /// The kind of the BTrDB error numbered `code`.
    pub fn from_btrdb_code(code: u32) -> Self {
        match code {
            401 => Self::NoSuchPoint,
            404 => Self::StreamNotFound,
            407 => Self::InvalidCollection,
            408 => Self::InvalidTagKey,
            409 => Self::InvalidTagValue,
            413 => Self::InvalidTimeRange,
            415 => Self::InvalidPointWidth,
            417 => Self::StreamExists,
            418 => Self::AmbiguousStream,
            425 => Self::BadValue,
            429 => Self::RecycledUuid,
            437 => Self::PermissionDenied,
            441 => Self::BadSqlValue,
            450 => Self::VersionNotAvailable,
            402 | 403 | 405 | 414 | 421 | 423 | 424 | 426 | 427 | 431..=434 | 438 | 440 | 452..=459 | 500..=502 => {
                Self::Server
            }
            _ => Self::Other,
        }
    }

    /// A stable string to tell kinds apart by, the same in every language.
    pub fn code(self) -> &'static str {
        self.texts().0
    }

    /// The name of the error class, for the kinds that the official Python client has the same as there.
    pub fn class_name(self) -> &'static str {
        self.texts().1
    }

    /// The wider kind that this one is a case of, if any below [`Other`](Self::Other), of which all are.
    pub fn parent(self) -> Option<Self> {
        match self {
            Self::StreamExists | Self::AmbiguousStream | Self::PermissionDenied => Some(Self::InvalidOperation),
            Self::InvalidCollection
            | Self::InvalidTagKey
            | Self::InvalidTagValue
            | Self::InvalidTimeRange
            | Self::InvalidPointWidth
            | Self::BadValue
            | Self::RecycledUuid
            | Self::BadSqlValue
            | Self::VersionNotAvailable
            | Self::NoSuchPoint => Some(Self::InvalidValue),
            _ => None,
        }
    }

    /// Whether this kind is `kind`, or a case of it.
    pub fn is_a(self, kind: Self) -> bool {
        kind == Self::Other || self == kind || self.parent() == Some(kind)
    }

    /// Whether a call that failed so may succeed when made again.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Unavailable | Self::DeadlineExceeded)
    }

    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::NoSuchPoint => ("NO_SUCH_POINT", "NoSuchPoint"),
            Self::StreamNotFound => ("STREAM_NOT_FOUND", "StreamNotFoundError"),
            Self::InvalidCollection => ("INVALID_COLLECTION", "InvalidCollection"),
            Self::InvalidTagKey => ("INVALID_TAG_KEY", "InvalidTagKey"),
            Self::InvalidTagValue => ("INVALID_TAG_VALUE", "InvalidTagValue"),
            Self::InvalidTimeRange => ("INVALID_TIME_RANGE", "InvalidTimeRange"),
            Self::InvalidPointWidth => ("INVALID_POINT_WIDTH", "InvalidPointWidth"),
            Self::StreamExists => ("STREAM_EXISTS", "StreamExists"),
            Self::AmbiguousStream => ("AMBIGUOUS_STREAM", "AmbiguousStream"),
            Self::BadValue => ("BAD_VALUE", "BadValue"),
            Self::RecycledUuid => ("RECYCLED_UUID", "RecycledUUID"),
            Self::PermissionDenied => ("PERMISSION_DENIED", "PermissionDenied"),
            Self::BadSqlValue => ("BAD_SQL_VALUE", "BadSQLValue"),
            Self::VersionNotAvailable => ("VERSION_NOT_AVAILABLE", "VersionNotAvailable"),
            Self::InvalidValue => ("INVALID_VALUE", "BTRDBValueError"),
            Self::InvalidType => ("INVALID_TYPE", "BTRDBTypeError"),
            Self::InvalidOperation => ("INVALID_OPERATION", "InvalidOperation"),
            Self::Server => ("SERVER", "BTRDBServerError"),
            Self::Other => ("OTHER", "BTrDBError"),
            Self::Connection => ("CONNECTION", "ConnectionError"),
            Self::CredentialsFileNotFound => ("CREDENTIALS_FILE_NOT_FOUND", "CredentialsFileNotFound"),
            Self::ProfileNotFound => ("PROFILE_NOT_FOUND", "ProfileNotFound"),
            Self::Unauthenticated => ("UNAUTHENTICATED", "Unauthenticated"),
            Self::Cancelled => ("CANCELLED", "Cancelled"),
            Self::DeadlineExceeded => ("DEADLINE_EXCEEDED", "DeadlineExceeded"),
            Self::Unavailable => ("UNAVAILABLE", "Unavailable"),
            Self::Unimplemented => ("UNIMPLEMENTED", "Unimplemented"),
            Self::BadResponse => ("BAD_RESPONSE", "BadResponse"),
        }
    }
}

/// Whether the BTrDB error numbered `code` passes by itself: a timeout, another node, a degraded cluster, load shedding,
/// a race, the metadata store or the cold tier being away.
pub(super) fn is_retryable_code(code: u32) -> bool {
    matches!(code, 402 | 405 | 419 | 426 | 430 | 440 | 459)
}

/// Whether the BTrDB error numbered `code` says that the server refused a call before doing anything: another node's, a
/// degraded cluster, load shedding.
pub(super) fn is_refusal_code(code: u32) -> bool {
    matches!(code, 405 | 419 | 426)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_the_parents_that_the_classes_have() {
        for (kind, parent) in [
            (ErrorKind::PermissionDenied, ErrorKind::InvalidOperation),
            (ErrorKind::NoSuchPoint, ErrorKind::InvalidValue),
            (ErrorKind::InvalidTimeRange, ErrorKind::InvalidValue),
        ] {
            assert!(kind.is_a(parent) && kind.is_a(kind) && kind.is_a(ErrorKind::Other));
            assert!(!parent.is_a(kind));
        }
        assert!(!ErrorKind::StreamNotFound.is_a(ErrorKind::InvalidValue));
    }

    #[test]
    fn numbers_without_a_kind_of_their_own() {
        for server in [402, 403, 405, 414, 421, 423, 424, 426, 427, 431, 432, 433, 434, 438, 440, 452, 459, 500, 502] {
            assert_eq!(ErrorKind::from_btrdb_code(server), ErrorKind::Server, "{server}");
        }
        for other in [400, 406, 410, 411, 412, 416, 419, 420, 422, 428, 430, 435, 436, 439, 442, 449, 451, 460, 503] {
            assert_eq!(ErrorKind::from_btrdb_code(other), ErrorKind::Other, "{other}");
        }
    }

    #[test]
    fn documented_numbers_have_their_class() {
        let documented = [
            (401, "NoSuchPoint"),
            (404, "StreamNotFoundError"),
            (407, "InvalidCollection"),
            (408, "InvalidTagKey"),
            (409, "InvalidTagValue"),
            (413, "InvalidTimeRange"),
            (415, "InvalidPointWidth"),
            (417, "StreamExists"),
            (418, "AmbiguousStream"),
            (425, "BadValue"),
            (429, "RecycledUUID"),
            (437, "PermissionDenied"),
            (441, "BadSQLValue"),
            (450, "VersionNotAvailable"),
            (414, "BTRDBServerError"),
            (416, "BTrDBError"),
        ];
        for (code, class) in documented {
            assert_eq!(ErrorKind::from_btrdb_code(code).class_name(), class, "{code}");
        }
    }
}
