//! What the store's records hold and under which keys.
//!
//! | key | record |
//! |---|---|
//! | `f` | the format version, a little-endian u32 |
//! | `s` uuid | the stream's descriptor, as its protobuf message |
//! | `h` uuid | the stream's latest checkpoint, without its journal |
//! | `r` uuid, version big-endian | the checkpoint of that version |
//! | `l` | from where on the log is replayed when it is opened, and how far it was whole, two little-endian u64 |
//! | `t` uuid | empty: the uuid was obliterated and stays taken |

use btrdb_core::Stat;
use btrdb_tree::{Address, Root, codec};
use uuid::Uuid;

/// The format of data folders that this engine writes. It reads no other.
pub const FORMAT: u32 = 4;

pub(crate) const FORMAT_KEY: &[u8] = b"f";
pub(crate) const REPLAY_KEY: &[u8] = b"l";
pub(crate) const STREAMS: &[u8] = b"s";
pub(crate) const HEADS: &[u8] = b"h";
pub(crate) const ROOTS: &[u8] = b"r";
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

/// From where on the log is replayed, and up to where all of it is known to be on disk.
pub(crate) fn encode_replay(from: u64, synced: u64) -> Vec<u8> {
    [from, synced].iter().flat_map(|position| position.to_le_bytes()).collect()
}

/// The inverse of [`encode_replay`]; `None` for bytes that it did not make.
pub(crate) fn decode_replay(bytes: &[u8]) -> Option<(u64, u64)> {
    let (from, synced) = bytes.split_first_chunk()?;
    Some((u64::from_le_bytes(*from), u64::from_le_bytes(synced.try_into().ok()?)))
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

/// A checkpoint: a version with its root in the log, and where the journalled inserts are that led to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Checkpoint {
    pub(crate) version: u64,
    pub(crate) root: Option<Root>,
    /// The first version that `journal` made, of the checkpoint before plus one.
    pub(crate) first: u64,
    /// Where the inserts are that made `first` and the versions after it, one each.
    pub(crate) journal: Vec<u64>,
}

impl Checkpoint {
    /// A checkpoint without a journal.
    pub(crate) const fn new(version: u64, root: Option<Root>) -> Self {
        Self { version, root, first: version, journal: Vec::new() }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut numbers = vec![self.version, u64::from(self.root.is_some())];
        if let Some(root) = self.root {
            let stat = root.stat;
            numbers.extend([root.address.get(), root.version, stat.count]);
            numbers.extend([stat.min, stat.mean, stat.max, stat.m2].map(f64::to_bits));
        }
        numbers.push(self.first);
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let positions: Vec<i64> = self.journal.iter().map(|position| *position as i64).collect();
        codec::encode_numbers(&positions, &mut bytes);
        bytes
    }

    /// The inverse of [`encode`](Self::encode); `None` for bytes that it did not make.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut next = || {
            let (number, after) = rest.split_first_chunk()?;
            rest = after;
            Some(u64::from_le_bytes(*number))
        };
        let version = next()?;
        let root = match next()? {
            0 => None,
            1 => {
                let (address, changed, count) = (Address::new(next()?)?, next()?, next()?);
                let mut float = || next().map(f64::from_bits);
                let stat = Stat { count, min: float()?, mean: float()?, max: float()?, m2: float()? };
                Some(Root { address, version: changed, stat })
            }
            _ => return None,
        };
        let first = next()?;
        let journal = codec::decode_numbers(rest).ok()?.into_iter().map(|position| position as u64).collect();
        Some(Self { version, root, first, journal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkpoints_come_back() {
        let root = Root { address: Address::new(7).unwrap(), version: 11, stat: Stat::one(2.5) };
        let checkpoint = Checkpoint { version: 12, root: Some(root), first: 11, journal: vec![100, 190, 285] };
        assert_eq!(Checkpoint::decode(&checkpoint.encode()), Some(checkpoint));
        let empty = Checkpoint::new(12, None);
        assert_eq!(Checkpoint::decode(&empty.encode()), Some(empty));
        assert_eq!(Checkpoint::decode(&[1, 2, 3]), None);
        assert_eq!(Checkpoint::decode(&[0; 16]), None);
    }

    #[test]
    fn keys_name_their_stream() {
        let uuid = Uuid::from_u128(1 << 100);
        assert_eq!(uuid_of(&root_key(uuid, 300)), Some(uuid));
        assert!(root_key(uuid, 300) > root_key(uuid, 255));
        assert_eq!(uuid_of(b"s"), None);
    }
}
