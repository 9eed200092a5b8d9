//! The status of a call, as lines of `name: value`.

use percent_encoding::percent_decode;
use tonic::Code;

use super::frames::bad;
use crate::error::{DETAILS, PUSHBACK};
use crate::transport::TransportFault;

/// What a call ended with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trailers {
    /// The code, if one was named; one that nobody knows is [`Code::Unknown`].
    pub status: Option<Code>,
    /// The message, as it was meant.
    pub message: String,
    /// When to ask again, if that was said.
    pub pushback: Option<String>,
    /// What else was said of a failure: a `google.rpc.Status` in base64.
    pub details: Option<String>,
}

impl Trailers {
    /// The trailers in the content of their frame.
    pub(super) fn parse(content: &[u8]) -> Result<Self, TransportFault> {
        let mut trailers = Self::default();
        // Some proxies leave out the space after the colon, others the last end of a line.
        for line in content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
            let (name, value) = parts(line).ok_or_else(|| bad("a status that makes no sense"))?;
            if name.eq_ignore_ascii_case(b"grpc-status") {
                trailers.status = Some(Code::from_bytes(value));
            } else if name.eq_ignore_ascii_case(b"grpc-message") {
                trailers.message = decoded(value);
            } else if name.eq_ignore_ascii_case(PUSHBACK.as_bytes()) {
                trailers.pushback = Some(decoded(value));
            } else if name.eq_ignore_ascii_case(DETAILS.as_bytes()) {
                trailers.details = Some(String::from_utf8_lossy(value).into_owned());
            }
        }
        Ok(trailers)
    }
}

fn parts(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some((name, value))
}

/// A message as it was before it went into a header.
pub(super) fn decoded(message: &[u8]) -> String {
    percent_decode(message).decode_utf8_lossy().into_owned()
}
