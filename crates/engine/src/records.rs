//! What the store's records hold and under which keys.
//!
//! | key | record |
//! |---|---|
//! | `f` | the format version, a little-endian u32 |
//! | `s` uuid | the stream's descriptor, as its protobuf message |
//! | `h` uuid | the stream's latest version, as a root |
//! | `r` uuid, version big-endian | the root of that version |
//! | `t` uuid | empty: the uuid was obliterated and stays taken |

use btrdb_core::Stat;
use btrdb_tree::{Address, Root};
use uuid::Uuid;

/// The format that this engine writes. It reads no other.
pub(crate) const FORMAT: u32 = 1;

pub(crate) const FORMAT_KEY: &[u8] = b"f";
pub(crate) const STREAMS: &[u8] = b"s";
pub(crate) const HEADS: &[u8] = b"h";
pub(crate) const TOMBSTONES: &[u8] = b"t";

pub(crate) fn stream_key(uuid: Uuid) -> Vec<u8> {
    key(b's', uuid)
}

pub(crate) fn head_key(uuid: Uuid) -> Vec<u8> {
    key(b'h', uuid)
}

pub(crate) fn tombstone_key(uuid: Uuid) -> Vec<u8> {
    key(b't', uuid)
}

/// The prefix of all root keys of a stream.
pub(crate) fn roots_key(uuid: Uuid) -> Vec<u8> {
    key(b'r', uuid)
}

pub(crate) fn root_key(uuid: Uuid, version: u64) -> Vec<u8> {
    let mut key = roots_key(uuid);
    key.extend_from_slice(&version.to_be_bytes());
    key
}

/// The uuid in a key that was made from one.
pub(crate) fn uuid_of(key: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(key.get(1..17)?).ok()
}

fn key(kind: u8, uuid: Uuid) -> Vec<u8> {
    let mut key = vec![kind];
    key.extend_from_slice(uuid.as_bytes());
    key
}

/// A version and its root: the version, then nothing more where it holds no points.
pub(crate) fn encode_root(version: u64, root: Option<Root>) -> Vec<u8> {
    let mut bytes = version.to_le_bytes().to_vec();
    if let Some(root) = root {
        let stat = root.stat;
        let floats = [stat.min, stat.mean, stat.max, stat.m2].map(f64::to_bits);
        for number in [root.address.get(), root.version, stat.count].into_iter().chain(floats) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
    }
    bytes
}

/// The inverse of [`encode_root`]; `None` for bytes that it did not make.
pub(crate) fn decode_root(bytes: &[u8]) -> Option<(u64, Option<Root>)> {
    let (words, rest) = bytes.as_chunks();
    if !rest.is_empty() {
        return None;
    }
    let words: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
    match words[..] {
        [version] => Some((version, None)),
        [version, address, changed, count, min, mean, max, m2] => {
            let [min, mean, max, m2] = [min, mean, max, m2].map(f64::from_bits);
            let stat = Stat { count, min, mean, max, m2 };
            Some((version, Some(Root { address: Address::new(address)?, version: changed, stat })))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_come_back() {
        let root = Root { address: Address::new(7).unwrap(), version: 11, stat: Stat::one(2.5) };
        assert_eq!(decode_root(&encode_root(12, Some(root))), Some((12, Some(root))));
        assert_eq!(decode_root(&encode_root(12, None)), Some((12, None)));
        assert_eq!(decode_root(&[1, 2, 3]), None);
        assert_eq!(decode_root(&[0; 16]), None);
    }

    #[test]
    fn keys_name_their_stream() {
        let uuid = Uuid::from_u128(1 << 100);
        assert_eq!(uuid_of(&root_key(uuid, 300)), Some(uuid));
        assert!(root_key(uuid, 300) > root_key(uuid, 255));
        assert_eq!(uuid_of(b"s"), None);
    }
}
