//! The two ways in which a server says no: in the answer, and as the status of the call.

use std::error::Error as StdError;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use tonic::{Code, Status};

use super::{Error, ErrorKind};
use crate::transport::TransportFault;

/// The words of tonic for a call whose time is up.
const TIMEOUT_EXPIRED: &str = "Timeout expired";

/// In how many milliseconds a server wants to be asked again; less than 0 where it does not.
pub(crate) const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// A `google.rpc.Status` in base64: messages that say more of a failure.
pub(crate) const DETAILS: &str = "grpc-status-details-bin";

/// What a server says of when to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushback {
    /// After so long.
    After(Duration),
    /// Not at all.
    Never,
}

impl Pushback {
    fn of(header: &str) -> Self {
        header.parse().map_or(Self::Never, |millis| Self::After(Duration::from_millis(millis)))
    }
}

/// The failure that `status` stands for, if it is one: success leaves it out or has code 0.
pub(crate) fn from_reply(status: Option<btrdb_proto::Status>) -> Option<Error> {
    status.filter(|status| status.code != 0).map(|status| from_code(status.code, status.msg))
}

/// The failure of a call that ended with `status`. `answered` says whether that status came from the server; otherwise
/// it was made up on this side of the wire.
pub(crate) fn from_status(status: &Status, answered: bool) -> Error {
    let (code, message) = (status.code(), status.message());
    if answered || bracketed_code(message).is_some() {
        let header = |name| status.metadata().get(name).map(|text| text.to_str().unwrap_or_default());
        let details = (!status.details().is_empty()).then(|| BASE64.encode(status.details()));
        return refused(code, message, Hints { pushback: header(PUSHBACK), details: details.as_deref() });
    }
    if let Some(fault) = causes(status).find_map(|cause| cause.downcast_ref::<TransportFault>()) {
        return fault.clone().into();
    }
    let kind = match code {
        Code::Cancelled if message == TIMEOUT_EXPIRED => ErrorKind::DeadlineExceeded,
        // Nothing but a transport puts a cause below a status of its own making.
        Code::Unknown if status.source().is_some() => ErrorKind::Unavailable,
        // Nobody here gives up a call and then looks at what became of it: the other side broke off.
        Code::Cancelled => ErrorKind::Unavailable,
        code => kind_of(code, false),
    };
    Error::new(kind, text_with_causes(status)).with(|inner| inner.grpc_code = Some(code as i32))
}

/// What a server says besides code and message, by the headers named so.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hints<'a> {
    /// [`PUSHBACK`].
    pub(crate) pushback: Option<&'a str>,
    /// [`DETAILS`].
    pub(crate) details: Option<&'a str>,
}

/// The failure of a call that the server ended with a status of `code` and `message`.
pub(crate) fn refused(code: Code, message: &str, hints: Hints<'_>) -> Error {
    let error = match bracketed_code(message) {
        Some((code, message)) => from_code(code, message),
        // What tonic makes of `grpc-timeout` on either side, where others say "deadline exceeded".
        None if code == Code::Cancelled && message == TIMEOUT_EXPIRED => {
            Error::new(ErrorKind::DeadlineExceeded, message)
        }
        None => Error::new(kind_of(code, true), message),
    };
    error.with(|inner| {
        inner.grpc_code = Some(code as i32);
        inner.pushback = hints.pushback.map(Pushback::of);
        inner.details = hints.details.map(str::to_owned);
    })
}

/// The failure of a call whose answer is a page, of which [`Page`](crate::page::Page) says what it means.
pub(crate) fn of_page((code, message): (Code, String)) -> Error {
    Error::new(kind_of(code, false), message).with(|inner| inner.grpc_code = Some(code as i32))
}

fn from_code(code: u32, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::from_btrdb_code(code), message).with(|inner| inner.btrdb_code = Some(code))
}

/// Real servers report some BTrDB errors as the status of the call, as `[404] stream does not exist`.
fn bracketed_code(message: &str) -> Option<(u32, &str)> {
    let (code, text) = message.strip_prefix('[')?.split_once(']')?;
    let code = code.parse().ok().filter(|code| (400..600).contains(code))?;
    Some((code, text.trim_start()))
}

fn kind_of(code: Code, answered: bool) -> ErrorKind {
    match code {
        Code::Cancelled => ErrorKind::Cancelled,
        Code::DeadlineExceeded => ErrorKind::DeadlineExceeded,
        Code::Unavailable => ErrorKind::Unavailable,
        Code::Unauthenticated => ErrorKind::Unauthenticated,
        Code::PermissionDenied => ErrorKind::PermissionDenied,
        Code::Unimplemented => ErrorKind::Unimplemented,
        Code::InvalidArgument | Code::OutOfRange if answered => ErrorKind::InvalidValue,
        Code::NotFound | Code::AlreadyExists | Code::FailedPrecondition | Code::Aborted if answered => ErrorKind::Other,
        _ if answered => ErrorKind::Server,
        _ => ErrorKind::BadResponse,
    }
}

fn text_with_causes(status: &Status) -> String {
    let mut text = status.message().to_owned();
    for cause in causes(status).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
        }
    }
    text
}

/// What lies below `status`, topmost first.
fn causes(status: &Status) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(status.source(), |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_no_error() {
        assert!(from_reply(None).is_none());
        assert!(from_reply(Some(btrdb_proto::Status::default())).is_none());
    }

    #[test]
    fn both_channels_give_the_same_kind() {
        let text = "stream does not exist".to_owned();
        let in_band = from_reply(Some(btrdb_proto::Status { code: 404, msg: text, mash: None })).unwrap();
        let by_status = from_status(&Status::unknown("[404] stream does not exist"), true);
        for error in [&in_band, &by_status] {
            assert_eq!(error.kind(), ErrorKind::StreamNotFound);
            assert_eq!(error.btrdb_code(), Some(404));
            assert_eq!(error.message(), "stream does not exist");
        }
        assert_eq!((in_band.grpc_code(), by_status.grpc_code()), (None, Some(2)));
    }

    #[test]
    fn brackets_that_are_no_code() {
        for message in ["[12] twelve", "[404", "404] x", "[abc] x", "[-404] x", "[99999999999] x", ""] {
            assert_eq!(from_status(&Status::unknown(message), true).btrdb_code(), None, "{message}");
        }
    }

    #[test]
    fn a_made_up_status_is_a_bad_response_and_a_sent_one_is_not() {
        assert_eq!(from_status(&Status::internal("bad frame"), false).kind(), ErrorKind::BadResponse);
        assert_eq!(from_status(&Status::internal("disk full"), true).kind(), ErrorKind::Server);
        assert_eq!(from_status(&Status::unauthenticated("invalid api key"), true).kind(), ErrorKind::Unauthenticated);
    }

    #[test]
    fn details_are_kept_as_they_were_sent() {
        let status = Status::with_details(Code::NotFound, "gone", vec![8, 5].into());
        assert_eq!(from_status(&status, true).status_details(), Some("CAU"));
        assert_eq!(from_status(&Status::not_found("gone"), true).status_details(), None);
    }

    #[test]
    fn a_call_whose_time_is_up() {
        let ours = Status::from_error(Box::new(tonic::TimeoutExpired(())));
        let another = Status::deadline_exceeded("late");
        for status in [ours, another] {
            assert_eq!(from_status(&status, true).kind(), ErrorKind::DeadlineExceeded);
        }
        assert_eq!(from_status(&Status::cancelled("by you"), true).kind(), ErrorKind::Cancelled);
    }

    #[test]
    fn an_answer_broken_off_is_no_wish_of_ours() {
        assert_eq!(from_status(&Status::cancelled("stream no longer needed"), false).kind(), ErrorKind::Unavailable);
        assert_eq!(from_status(&Status::cancelled("by the server"), true).kind(), ErrorKind::Cancelled);
    }

    #[test]
    fn faults_of_the_transport_are_found_below_the_status() {
        let status = Status::from_error(Box::new(TransportFault::Unavailable("Failed to fetch".into())));
        let error = from_status(&status, false);
        assert_eq!((error.kind(), error.message()), (ErrorKind::Unavailable, "Failed to fetch"));
        assert!(error.is_retryable());
    }
}
