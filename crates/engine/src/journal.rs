//! Small inserts, which go to the log as they are and into the log's tree only later, many at once.
//!
//! A tree node is rewritten whenever a point joins it, with the path above it. For a batch of a hundred points that would
//! be many times what the points take. So a small insert is written to the log as one entry, which makes it last, while the
//! nodes that show it are kept in memory. Once enough points have come together, the stream's nodes go to the log: a
//! *checkpoint*. The entries stay where they are, so that every version between two checkpoints can be shown again by
//! replaying them on top of the former.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use btrdb_core::{MergePolicy, Point};
use btrdb_tree::{Leaf, Node, NodeError, Tree, codec};
use uuid::Uuid;

use crate::{
    blocks::Blocks,
    frame,
    fresh::{Fresh, View},
    limits::JOURNALLED_INSERT,
    store::{Store, StoreError},
    stream::Head,
};

/// Tells an entry from a node, whose first bytes are smaller.
const ENTRY: u8 = 16;

/// An insert as it was called for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) uuid: Uuid,
    /// The version that it made.
    pub(crate) version: u64,
    pub(crate) policy: MergePolicy,
    /// In order of time, those of one time in the order in which they came.
    pub(crate) points: Vec<Point>,
}

const POLICIES: [MergePolicy; 4] = [MergePolicy::Never, MergePolicy::Equal, MergePolicy::Retain, MergePolicy::Replace];

impl Entry {
    pub(crate) fn new(uuid: Uuid, version: u64, policy: MergePolicy, mut points: Vec<Point>) -> Self {
        points.sort_by_key(|point| point.time);
        Self { uuid, version, policy, points }
    }

    /// Appends it to `out`. Beside it stands up to where the log was `synced` when it was written: what tells damage from
    /// a torn end.
    fn encode(&self, synced: u64, out: &mut Vec<u8>) {
        out.push(ENTRY);
        out.extend_from_slice(&synced.to_le_bytes());
        out.extend_from_slice(self.uuid.as_bytes());
        out.extend_from_slice(&self.version.to_le_bytes());
        out.push(POLICIES.iter().position(|policy| *policy == self.policy).unwrap_or_default() as u8);
        codec::encode(&Node::Leaf(Leaf { points: self.points.iter().copied().collect() }), out);
    }

    /// The entry that `body` holds, and up to where the log was synced then; `None` where it holds something else.
    fn decode(body: &[u8]) -> Option<(u64, Self)> {
        let (kind, rest) = body.split_first()?;
        let (synced, rest) = rest.split_first_chunk()?;
        let (uuid, rest) = rest.split_first_chunk()?;
        let (version, rest) = rest.split_first_chunk()?;
        let (policy, points) = rest.split_first()?;
        let Ok(Node::Leaf(Leaf { points })) = codec::decode(points) else { return None };
        let entry = Self {
            uuid: Uuid::from_bytes(*uuid),
            version: u64::from_le_bytes(*version),
            policy: *POLICIES.get(usize::from(*policy))?,
            points: points.iter().collect(),
        };
        (*kind == ENTRY).then_some((u64::from_le_bytes(*synced), entry))
    }

    /// Reads the entry at `position`.
    ///
    /// # Errors
    /// In words, where there is none.
    pub(crate) fn read(store: &dyn Store, position: u64) -> Result<Self, String> {
        let (_, entry) = Self::decode(&frame::read(store, position)?).ok_or("it is no journalled insert")?;
        Ok(entry)
    }

    /// What `head` becomes with it.
    pub(crate) fn apply(self, blocks: &Arc<Blocks>, head: &Head) -> Result<Head, NodeError> {
        let overlay = head.overlay.clone();
        let view = View { uuid: self.uuid, blocks: Arc::clone(blocks), overlay, older: None };
        let mut fresh = Fresh::default();
        let root = Tree::new(view, head.root).insert(&mut fresh, self.points, self.policy, self.version)?;
        Ok(head.next(self.version, root, &fresh))
    }
}

/// Goes through the log from `from` on: `found` gets every entry with its position. Where the log ends, or from where it is
/// torn.
pub(crate) fn scan<E>(
    store: &dyn Store,
    from: u64,
    mut found: impl FnMut(u64, Entry) -> Result<(), E>,
) -> Result<u64, E> {
    let mut position = from;
    while let Ok(body) = frame::read(store, position) {
        if let Some((_, entry)) = Entry::decode(&body) {
            found(position, entry)?;
        }
        position = frame::next(position, &body);
    }
    Ok(position)
}

/// Up to where the log was on disk once, as the entries that can still be found behind `end` say. More than `end` where the
/// frame there is damaged, and not the first that a loss of power tore off.
///
/// # Errors
/// When the log cannot be read.
pub(crate) fn synced_behind(store: &dyn Store, end: u64) -> Result<u64, StoreError> {
    let tail = store.log(end, LONGEST_TAIL)?;
    let entry_at = |offset| frame::within(end, &tail, offset, LONGEST_ENTRY).and_then(Entry::decode);
    let is_kind = |offset: usize| tail.get(offset + frame::HEADER) == Some(&ENTRY);
    let synced = (1..tail.len()).filter(|offset| is_kind(*offset)).filter_map(entry_at).map(|(synced, _)| synced);
    Ok(synced.max().unwrap_or(0))
}

/// No entry takes more bytes: its points pack to at most 18 each.
const LONGEST_ENTRY: usize = 64 + JOURNALLED_INSERT * 24;

/// As much of a log behind damage is looked at.
const LONGEST_TAIL: usize = 64 << 20;

/// Which streams have entries that no checkpoint holds.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    streams: Mutex<Streams>,
    /// Up to where the log is known to be on disk.
    synced: AtomicU64,
}

#[derive(Debug, Default)]
struct Streams {
    /// Streams by the position of their first such entry.
    by_position: BTreeMap<u64, Uuid>,
    /// That position again, and the memory that the stream's nodes take.
    by_stream: HashMap<Uuid, (u64, u64)>,
    memory: u64,
}

impl Pending {
    /// Appends `entry` to the log.
    pub(crate) fn append(&self, store: &dyn Store, entry: &Entry) -> Result<u64, StoreError> {
        // Held over both, so that `replay_from` never misses an entry.
        let mut streams = self.lock();
        let position = store.append(&mut |start, out| {
            frame::write(start, out, |out| entry.encode(self.synced.load(Ordering::Relaxed), out));
        })?;
        streams.note(entry.uuid, position);
        Ok(position)
    }

    /// Takes note that the log is on disk up to `end`.
    pub(crate) fn is_synced(&self, end: u64) {
        self.synced.fetch_max(end, Ordering::Relaxed);
    }

    /// Takes note of an entry that was found in the log.
    pub(crate) fn note(&self, uuid: Uuid, position: u64) {
        self.lock().note(uuid, position);
    }

    /// Says how much memory the nodes of a stream take.
    pub(crate) fn weigh(&self, uuid: Uuid, memory: u64) {
        let mut streams = self.lock();
        if let Some((_, known)) = streams.by_stream.get_mut(&uuid) {
            let known = std::mem::replace(known, memory);
            streams.memory = streams.memory - known + memory;
        }
    }

    /// A checkpoint holds all entries of a stream, or it is no more.
    pub(crate) fn settle(&self, uuid: Uuid) {
        let mut streams = self.lock();
        if let Some((position, memory)) = streams.by_stream.remove(&uuid) {
            streams.by_position.remove(&position);
            streams.memory -= memory;
        }
    }

    /// From where on the log must be replayed when it is opened again.
    pub(crate) fn replay_from(&self, store: &dyn Store) -> u64 {
        let streams = self.lock();
        streams.by_position.keys().next().copied().unwrap_or_else(|| store.log_end())
    }

    /// The stream that has waited longest, where the streams take more memory than `most` or reach back further than
    /// `reach` bytes of the log.
    pub(crate) fn overdue(&self, store: &dyn Store, most: u64, reach: u64) -> Option<Uuid> {
        let streams = self.lock();
        let (position, uuid) = streams.by_position.iter().next()?;
        (streams.memory > most || store.log_end() - position > reach).then_some(*uuid)
    }

    fn lock(&self) -> MutexGuard<'_, Streams> {
        // The maps agree between any two calls.
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    fn note(&mut self, uuid: Uuid, position: u64) {
        self.by_stream.entry(uuid).or_insert_with(|| {
            self.by_position.insert(position, uuid);
            (position, 0)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Memory;

    fn entry(number: u128, version: u64) -> Entry {
        let points = [(7, 1.5), (5, -0.0), (5, 2.0)].map(|(time, value)| Point { time, value });
        Entry::new(Uuid::from_u128(number), version, MergePolicy::Retain, points.to_vec())
    }

    #[test]
    fn entries_are_found_again_up_to_where_the_log_is_torn() {
        let (store, pending) = (Memory::default(), Pending::default());
        let from = pending.replay_from(&store);
        let entries = [entry(1, 11), entry(2, 11), entry(1, 12)];
        let positions: Vec<u64> = entries.iter().map(|entry| pending.append(&store, entry).unwrap()).collect();
        assert_eq!(Entry::read(&store, positions[1]).as_ref(), Ok(&entries[1]));
        store.cut_log(store.log_end() - 1).unwrap();
        let mut found = Vec::new();
        let end = scan::<()>(&store, from, |position, entry| {
            found.push((position, entry));
            Ok(())
        });
        assert_eq!(end, Ok(positions[2]));
        assert_eq!(found, positions.into_iter().zip(entries).take(2).collect::<Vec<_>>());
    }

    #[test]
    fn what_comes_behind_damage_tells_it_from_a_torn_end() {
        for is_synced in [true, false] {
            let (store, pending) = (Memory::default(), Pending::default());
            let first = pending.append(&store, &entry(1, 11)).unwrap();
            let damaged = pending.append(&store, &entry(2, 11)).unwrap();
            if is_synced {
                pending.is_synced(store.log_end());
            }
            let end = store.log_end();
            let looks_alike = |start: u64, out: &mut Vec<u8>| {
                frame::write(start, out, |out| out.extend([ENTRY; 99]));
            };
            store.append(&mut { looks_alike }).unwrap();
            pending.append(&store, &entry(1, 12)).unwrap();
            assert_eq!(synced_behind(&store, damaged), Ok(if is_synced { end } else { 0 }));
            assert_eq!(synced_behind(&store, first), Ok(if is_synced { end } else { 0 }));
            assert_eq!(synced_behind(&store, store.log_end()), Ok(0));
        }
    }

    #[test]
    fn the_stream_that_waited_longest_is_due_first() {
        let (store, pending) = (Memory::default(), Pending::default());
        for (number, version) in [(1, 11), (2, 11), (1, 12)] {
            pending.append(&store, &entry(number, version)).unwrap();
        }
        assert_eq!(pending.overdue(&store, 100, 1 << 20), None);
        pending.weigh(Uuid::from_u128(2), 101);
        assert_eq!(pending.overdue(&store, 100, 1 << 20), Some(Uuid::from_u128(1)));
        pending.settle(Uuid::from_u128(1));
        assert_eq!(pending.overdue(&store, 100, 1 << 20), Some(Uuid::from_u128(2)));
        pending.settle(Uuid::from_u128(2));
        assert_eq!(pending.overdue(&store, 0, 0), None);
        assert_eq!(pending.replay_from(&store), store.log_end());
    }
}
