//! The status of a call, as lines of `name: value`.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::frames::bad;
use crate::transport::TransportFault;

/// The trailers in the content of their frame.
pub(super) fn parse(content: &[u8], is_compressed: bool) -> Result<HeaderMap, TransportFault> {
    if is_compressed { lines(&inflated(content)?) } else { lines(content) }
}

fn lines(content: &[u8]) -> Result<HeaderMap, TransportFault> {
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

#[cfg(not(feature = "gzip"))]
fn inflated(_content: &[u8]) -> Result<Vec<u8>, TransportFault> {
    Err(bad("a compressed status, though none was asked for"))
}

#[cfg(feature = "gzip")]
fn inflated(content: &[u8]) -> Result<Vec<u8>, TransportFault> {
    use std::io::Read;

    use flate2::read::{GzDecoder, ZlibDecoder};

    /// What gzip begins with; deflate never does.
    const GZIP: &[u8] = &[0x1f, 0x8b];
    /// The most that is unpacked, in bytes.
    const LARGEST: u64 = 256 << 10;

    let mut lines = Vec::new();
    let unpacked = if content.starts_with(GZIP) {
        GzDecoder::new(content).take(LARGEST).read_to_end(&mut lines)
    } else {
        ZlibDecoder::new(content).take(LARGEST).read_to_end(&mut lines)
    };
    unpacked.map_err(|why| bad(&format!("a status that cannot be unpacked: {why}")))?;
    Ok(lines)
}
