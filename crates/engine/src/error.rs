//! Errors as BTrDB numbers them.

use btrdb_proto::Status;
use btrdb_tree::{NodeError, QueryError};
use thiserror::Error;

/// The documented BTrDB error codes that this engine answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Code {
    /// No point on that side of the time asked for.
    NoSuchPoint = 401,
    /// The stream does not exist, or no longer.
    NoSuchStream = 404,
    /// A collection name that is not allowed.
    InvalidCollection = 407,
    /// A tag or annotation key that is not allowed.
    InvalidTagKey = 408,
    /// A tag or annotation value that is not allowed.
    InvalidTagValue = 409,
    /// A time out of bounds, or an empty or backward range.
    InvalidTimeRange = 413,
    /// More points in one insert than are taken.
    InsertTooBig = 414,
    /// A point width, depth, resolution or window width that is not allowed.
    InvalidPointWidth = 415,
    /// Create: a stream with this uuid exists.
    SameStream = 417,
    /// Create or rename: another stream has this collection and these tags.
    AmbiguousStream = 418,
    /// Arguments of the wrong kind or length.
    WrongArgs = 421,
    /// The properties changed since the version that the caller expects.
    AnnotationVersionMismatch = 423,
    /// Fault injection is not offered.
    FaultInjectionDisabled = 424,
    /// A value that is not a finite number.
    BadValue = 425,
    /// More was asked for than the server can give now.
    ResourceDepleted = 426,
    /// Changes: from a later version to an earlier one.
    InvalidVersions = 427,
    /// The uuid belonged to a stream that was obliterated.
    ReusedUuid = 429,
    /// The store failed: a full disk, a damaged block.
    StorageError = 432,
    /// The caller's key does not allow this.
    Unauthorized = 437,
    /// A parameter that makes no sense.
    InvalidParameter = 438,
    /// A statement or parameters of SQL that make no sense, or are not offered.
    BadSqlValue = 441,
    /// The version was pruned, or never was.
    VersionNotAvailable = 450,
}

/// Why a call failed: a code of the protocol and what a person needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("[{}] {message}", *.code as u32)]
pub struct Error {
    /// The kind of failure.
    pub code: Code,
    /// What failed, for which stream, and what to do, where that is not plain.
    pub message: String,
}

/// What a call of the engine comes to.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of kind `code`.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn no_such_stream() -> Self {
        Self::new(Code::NoSuchStream, "stream does not exist")
    }
}

impl From<NodeError> for Error {
    fn from(error: NodeError) -> Self {
        Self::new(Code::StorageError, error.to_string())
    }
}

impl From<QueryError> for Error {
    fn from(error: QueryError) -> Self {
        let code = match error {
            QueryError::TimeRange(_) => Code::InvalidTimeRange,
            QueryError::PointWidth(_) => Code::InvalidPointWidth,
        };
        Self::new(code, error.to_string())
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Self { code: error.code as u32, msg: error.message, mash: None }
    }
}
