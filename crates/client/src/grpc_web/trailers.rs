//! The status of a call, as lines of `name: value`.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::frames::bad;
use crate::transport::TransportFault;

/// The trailers in the content of their frame.
pub(super) fn parse(content: &[u8]) -> Result<HeaderMap, TransportFault> {
    let mut trailers = HeaderMap::new();
    // Some proxies leave out the space after the colon, others the last end of a line.
    for line in content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
        let (name, value) = parts(line).ok_or_else(|| bad("a status that makes no sense"))?;
        trailers.append(name, value);
    }
    Ok(trailers)
}

fn parts(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let name = HeaderName::from_bytes(line[..colon].trim_ascii()).ok()?;
    Some((name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?))
}
