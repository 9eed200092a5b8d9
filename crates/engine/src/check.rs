//! Reading all that a store holds, to see whether it is what was written.

use std::{collections::HashSet, fmt, sync::Arc};

use btrdb_core::{Stat, TimeRange};
use btrdb_tree::{Address, Node, Slot, Span};
use uuid::Uuid;

use crate::{
    Engine, Options, Result,
    engine::damaged,
    journal::Entry,
    records::{self, Checkpoint},
    store::Store,
};

/// How much of a store was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Streams that are done.
    pub streams: u64,
    /// Streams in all.
    pub of_streams: u64,
    /// Versions that can be read, besides the first of each stream.
    pub versions: u64,
    /// Nodes of trees.
    pub nodes: u64,
    /// Points in all nodes, of all versions.
    pub points: u64,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The stream.
    pub uuid: Uuid,
    /// The first version in which it was found.
    pub version: u64,
    /// The times whose points cannot be read any more, or whose statistics are wrong.
    pub range: TimeRange,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uuid, version, range, reason } = self;
        write!(f, "stream {uuid}, version {version}, from {} to {} ns: {reason}", range.start, range.end)
    }
}

/// Reads every node of every version and every journalled insert: checksums, order, statistics, versions. Tells `found` of
/// each damage and `progress` of each stream that is done.
///
/// # Errors
/// 432 when the store cannot be opened at all.
pub fn check(
    store: &Arc<dyn Store>,
    found: &mut dyn FnMut(Damage),
    progress: &mut dyn FnMut(&Checked),
) -> Result<Checked> {
    let engine = Engine::open(Arc::clone(store), Options::default())?;
    let streams: Vec<_> = engine.catalog().below("").cloned().collect();
    let mut checked = Checked { of_streams: streams.len() as u64, ..Checked::default() };
    for stream in streams {
        let (uuid, state) = (stream.with_descriptor(|descriptor| descriptor.uuid), stream.state());
        let mut check = Check { engine: &engine, uuid, seen: HashSet::new(), checked, found: &mut *found };
        for (_, record) in store.records(&records::roots_key(uuid))? {
            check.checkpoint(&Checkpoint::decode(&record).ok_or_else(|| damaged("root", uuid))?);
        }
        check.journal(state.base.version + 1, &state.journal);
        checked = check.checked;
        checked.streams += 1;
        progress(&checked);
    }
    Ok(checked)
}

struct Check<'a> {
    engine: &'a Engine,
    uuid: Uuid,
    /// Nodes that another version has shown already.
    seen: HashSet<Address>,
    checked: Checked,
    found: &'a mut dyn FnMut(Damage),
}

impl Check<'_> {
    fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        // The last of the journal made the checkpoint itself, or the write after it did.
        self.journal(checkpoint.first, &checkpoint.journal);
        let last_journalled = checkpoint.first + checkpoint.journal.len() as u64;
        self.checked.versions += u64::from(last_journalled <= checkpoint.version);
        if let Some(root) = checkpoint.root {
            self.slot(checkpoint.version, root.version.max(checkpoint.version), Span::ROOT, root);
        }
    }

    fn journal(&mut self, first: u64, journal: &[u64]) {
        for (version, position) in (first..).zip(journal) {
            self.checked.versions += 1;
            let reason = match Entry::read(&**self.engine.store(), *position) {
                Ok(entry) if (entry.uuid, entry.version) == (self.uuid, version) => continue,
                Ok(_) => "its insert is in another one's place".to_owned(),
                Err(reason) => format!("its insert: {reason}"),
            };
            (self.found)(Damage { uuid: self.uuid, version, range: TimeRange::ALL, reason });
        }
    }

    /// Looks at what `slot`, which stands for `span`, names, and at all below. No slot is newer than the one above it.
    fn slot(&mut self, version: u64, newest: u64, span: Span, slot: Slot) {
        if !self.seen.insert(slot.address) {
            return;
        }
        self.checked.nodes += 1;
        let found = match self.engine.blocks().load(slot.address, span) {
            Err(error) => Some(error.reason),
            Ok(_) if slot.version > newest => Some("it is newer than what is above it".into()),
            Ok(Node::Leaf(leaf)) => {
                self.checked.points += leaf.points.len() as u64;
                let is_inside = leaf.points.time.iter().all(|time| span.range().contains(*time));
                wrong(is_inside, slot.stat, Stat::of(&leaf.points.value))
            }
            Ok(Node::Core(core)) => {
                core.iter().for_each(|(number, child)| self.slot(version, slot.version, span.slot(number), child));
                wrong(!core.is_empty(), slot.stat, core.stat())
            }
        };
        if let Some(reason) = found {
            (self.found)(Damage { uuid: self.uuid, version, range: span.range(), reason });
        }
    }
}

fn wrong(is_inside: bool, kept: Stat, found: Stat) -> Option<String> {
    if !is_inside {
        return Some("it holds what belongs elsewhere".into());
    }
    (!is_same(kept, found)).then(|| "its statistics are not those of what it holds".into())
}

/// Whether two summaries are of the same points, but for rounding: another release may add up in another order.
fn is_same(a: Stat, b: Stat) -> bool {
    let is_close = |a: f64, b: f64, scale: f64| a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * scale;
    let reach = a.min.abs().max(a.max.abs());
    (a.count, a.min, a.max) == (b.count, b.min, b.max)
        && is_close(a.mean, b.mean, reach)
        && is_close(a.m2, b.m2, reach * reach * a.count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_the_same_but_for_rounding() {
        let values = [0.1, 0.2, 0.7, 1e9];
        let whole = Stat::of(&values);
        let parts = values.iter().map(|&value| Stat::one(value)).fold(Stat::EMPTY, Stat::merge);
        assert!(is_same(whole, parts));
        for other in [
            Stat { count: 5, ..whole },
            Stat { min: 0.2, ..whole },
            Stat { mean: whole.mean + 10.0, ..whole },
            Stat { m2: whole.m2 * 1.001, ..whole },
        ] {
            assert!(!is_same(whole, other), "{other:?}");
        }
    }
}
