//! gRPC-web for transports that speak HTTP but not HTTP/2, such as a browser's `fetch`: what comes back, as messages.
//!
//! An answer's body is frames: a byte of flags, four of length, and so many bytes. Most hold messages, as in gRPC; the
//! last holds what HTTP/2 would have sent as trailers, with the status of the call. Nothing here waits or asks: bytes
//! come in, and messages or an error come out.

mod frames;
mod inflate;
mod messages;
mod trailers;

use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use tonic::Code;

pub use self::frames::Frames;
use self::messages::Messages;
pub use self::trailers::Trailers;
use crate::error::{Hints, Result, of_page, refused};
use crate::page::Page;
use crate::transport::{Answers, TransportFault};

/// The media type of requests, and of the answers wanted.
pub const MEDIA_TYPE: &str = "application/grpc-web+proto";

/// What comes before the body of an answer: those of its headers that mean something, as far as a page may see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The status of HTTP.
    pub status: u16,
    /// `content-type`.
    pub media_type: Option<String>,
    /// `grpc-status`.
    pub grpc_status: Option<String>,
    /// `grpc-message`.
    pub grpc_message: Option<String>,
    /// `grpc-retry-pushback-ms`.
    pub pushback: Option<String>,
    /// `grpc-status-details-bin`.
    pub details: Option<String>,
}

/// The body of a request: `message`, of less than 4 GiB, in a frame.
pub fn body(message: &[u8]) -> Vec<u8> {
    [&[0][..], &(message.len() as u32).to_be_bytes(), message].concat()
}

/// The answer to a call, from its head and the chunks of its body as they come. Nothing is asked of the chunks that is
/// not waited for, and they are read to their end before the answer ends, so that whoever brings them can use the line
/// again.
///
/// # Errors
/// What the server refused the call with, and what a page says that comes instead of an answer.
pub async fn answers<S>(head: Head, mut chunks: S) -> Result<Answers>
where
    S: Stream<Item = Result<Bytes, TransportFault>> + Send + Unpin + 'static,
{
    if let Some(mut page) = Page::of(head.status, head.media_type.as_deref(), head.grpc_status.is_some()) {
        while let Some(Ok(chunk)) = chunks.next().await
            && page.takes_more_after(&chunk)
        {}
        return Err(of_page(page.status()));
    }
    let early = head.grpc_status.map(|status| Code::from_bytes(status.as_bytes()));
    match early {
        None | Some(Code::Ok) => Ok(Box::pin(Messages::new(chunks, early.is_some()))),
        Some(code) => {
            let message = trailers::decoded(head.grpc_message.unwrap_or_default().as_bytes());
            let hints = Hints { pushback: head.pushback.as_deref(), details: head.details.as_deref() };
            Err(refused(code, &message, hints))
        }
    }
}

/// The header `grpc-timeout`: at most eight digits and a unit, as fine as that allows.
pub fn timeout(limit: Duration) -> String {
    const MOST: u128 = 99_999_999;
    let nanos = limit.as_nanos();
    let units = [("n", 1), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000), ("M", 60_000_000_000)];
    let fitting = units.into_iter().find(|(_, unit)| nanos / unit <= MOST);
    let (name, unit) = fitting.unwrap_or(("H", 3_600_000_000_000));
    format!("{}{name}", (nanos / unit).min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_have_eight_digits_at_most() {
        for (limit, header) in [
            (Duration::from_nanos(1), "1n"),
            (Duration::from_millis(99), "99000000n"),
            (Duration::from_millis(100), "100000u"),
            (Duration::from_secs(100), "100000m"),
            (Duration::from_secs(100_000), "100000S"),
            (Duration::from_secs(200_000_000), "3333333M"),
            (Duration::MAX, "99999999H"),
        ] {
            assert_eq!(timeout(limit), header);
        }
    }
}
