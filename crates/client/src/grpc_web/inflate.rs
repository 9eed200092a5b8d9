//! Unpacking what was sent compressed.
//!
//! By `miniz_oxide` alone, 7 KB of the npm module: flate2 above it, with which tonic would do this, brings the other
//! direction too, and makes that 37 KB (both with Brotli).

use super::frames::bad;
use crate::transport::TransportFault;

#[cfg(not(feature = "gzip"))]
pub(super) fn inflated(_content: &[u8], _most: usize) -> Result<Vec<u8>, TransportFault> {
    Err(bad("a compressed answer, though none was asked for"))
}

/// What `content` was before gzip or deflate, if that is at most `most` bytes.
#[cfg(feature = "gzip")]
pub(super) fn inflated(content: &[u8], most: usize) -> Result<Vec<u8>, TransportFault> {
    use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

    let broken = || bad("a compressed answer that cannot be unpacked: neither gzip nor deflate, or damaged");
    let unpacked = if content.starts_with(&GZIP) {
        let (deflated, length) = gzip_parts(content).ok_or_else(broken)?;
        decompress_to_vec_with_limit(deflated, most)
            .map(|bytes| Some(bytes).filter(|bytes| bytes.len() == length as usize))
    } else {
        decompress_to_vec_zlib_with_limit(content, most).map(Some)
    };
    match unpacked {
        Ok(bytes) => bytes.ok_or_else(broken),
        Err(why) if why.status == TINFLStatus::HasMoreOutput => {
            Err(bad(&format!("a compressed answer that unpacks to more than the {most} bytes that are taken")))
        }
        Err(_) => Err(broken()),
    }
}

/// What gzip begins with; deflate never does.
#[cfg(feature = "gzip")]
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What lies between the head of gzip and its checksum, and the length that comes after that. The checksum is not
/// looked at: HTTP and what is below it have their own.
#[cfg(feature = "gzip")]
fn gzip_parts(content: &[u8]) -> Option<(&[u8], u32)> {
    const HAS_CHECKSUM: u8 = 1 << 1;
    const HAS_EXTRA: u8 = 1 << 2;
    const HAS_NAME: u8 = 1 << 3;
    const HAS_COMMENT: u8 = 1 << 4;

    let (head, mut rest) = content.split_first_chunk::<10>()?;
    let flags = head[3];
    if flags & HAS_EXTRA != 0 {
        let (length, extra) = rest.split_first_chunk::<2>()?;
        rest = extra.get(u16::from_le_bytes(*length).into()..)?;
    }
    for text in [HAS_NAME, HAS_COMMENT] {
        if flags & text != 0 {
            rest = &rest[rest.iter().position(|&byte| byte == 0)? + 1..];
        }
    }
    if flags & HAS_CHECKSUM != 0 {
        rest = rest.get(2..)?;
    }
    let (rest, length) = rest.split_last_chunk::<4>()?;
    let (deflated, _checksum) = rest.split_last_chunk::<4>()?;
    Some((deflated, u32::from_le_bytes(*length)))
}

#[cfg(all(test, feature = "gzip"))]
mod tests {
    use super::*;

    /// `echo hi | gzip -n`, with every part of a head that there can be.
    const HI: &[u8] = b"\x1f\x8b\x08\x1e\0\0\0\0\0\x03\x03\0abcname\0comment\0\x12\x34\
        \xcb\xc8\xe4\x02\x00\x7a\x7a\x6f\xed\x03\0\0\0";

    #[test]
    fn heads_of_gzip() {
        assert_eq!(inflated(HI, 3).unwrap(), b"hi\n");
        for length in 0..HI.len() {
            assert!(inflated(&HI[..length], 3).is_err(), "cut at {length}");
        }
        assert!(inflated(HI, 2).unwrap_err().to_string().contains("more than the 2 bytes"));
    }
}
