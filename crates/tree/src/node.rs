//! Nodes and how they are reached.

use std::{num::NonZeroU64, sync::Arc};

use btrdb_core::{Point, RawColumns, Stat};

use crate::{NodeError, Span};

/// How many points a leaf holds before it is divided. Only a leaf of 4 ns may hold more.
pub const LEAF_POINTS: usize = 1024;

/// The name of a node in its store; never used again for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(NonZeroU64);

impl Address {
    /// The address numbered `number`, unless that is 0.
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Points.
    Leaf(Leaf),
    /// Slots.
    Core(Core),
}

/// Points, ascending in time; those of one time in the order of their arrival. Times and values stand apart: a summary
/// needs hardly any of the times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leaf {
    /// The points; never empty in a stored leaf.
    pub points: RawColumns,
}

/// 64 slots, of which only those with points below are kept. Summaries stand apart from the children: a wide window
/// needs nothing else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Core {
    /// Bit `i` is set where slot `i` has points.
    present: u64,
    /// The children in the slots of the set bits, in order.
    children: Vec<Child>,
    /// The summaries of all points below each of them.
    stats: Vec<Stat>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Child {
    address: Address,
    version: u64,
}

/// What a core node knows of one child.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// The child.
    pub address: Address,
    /// The version of the stream that last changed anything below.
    pub version: u64,
    /// The summary of all points below.
    pub stat: Stat,
}

/// The slot that no core node holds: the root of one version.
pub type Root = Slot;

impl Leaf {
    /// Whether the first and the last point are of times inside `span`.
    fn lies_in(&self, span: Span) -> bool {
        let times = &self.points.time;
        [times.first(), times.last()].into_iter().flatten().all(|time| span.range().contains(*time))
    }
}

impl Core {
    /// The slot numbered `slot`, from 0 to 63, if it has points.
    #[inline]
    pub fn get(&self, slot: usize) -> Option<Slot> {
        if self.present >> slot & 1 == 0 { None } else { self.at(self.rank(slot)) }
    }

    /// Sets or empties the slot numbered `slot`, from 0 to 63.
    pub fn set(&mut self, slot: usize, value: Option<Slot>) {
        let rank = self.rank(slot);
        if self.present >> slot & 1 == 1 {
            self.children.remove(rank);
            self.stats.remove(rank);
        }
        if let Some(Slot { address, version, stat }) = value {
            self.children.insert(rank, Child { address, version });
            self.stats.insert(rank, stat);
        }
        self.present = self.present & !(1 << slot) | u64::from(value.is_some()) << slot;
    }

    /// The slots that have points, in order, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Slot)> {
        let numbers = (0..Span::SLOTS).filter(|slot| self.present >> slot & 1 == 1);
        numbers.enumerate().filter_map(|(rank, number)| Some((number, self.at(rank)?)))
    }

    /// The first slot at or after `slot` that has points, with its number.
    #[inline]
    pub fn first_from(&self, slot: usize) -> Option<(usize, Slot)> {
        let ahead = self.present.checked_shr(slot as u32).unwrap_or(0);
        if ahead == 0 {
            return None;
        }
        let slot = slot + ahead.trailing_zeros() as usize;
        Some((slot, self.get(slot)?))
    }

    /// The last slot before `slot` that has points, with its number.
    pub fn last_before(&self, slot: usize) -> Option<(usize, Slot)> {
        let behind = if slot >= Span::SLOTS { self.present } else { self.present & ((1 << slot) - 1) };
        let slot = behind.checked_ilog2()? as usize;
        Some((slot, self.get(slot)?))
    }

    /// The summaries of the slots numbered from `start` up to and without `end`, at most 64, that have points, in order.
    #[inline]
    pub fn stats_between(&self, start: usize, end: usize) -> &[Stat] {
        self.stats.get(self.rank(start)..self.rank(end)).unwrap_or_default()
    }

    /// Gives children other names: what `name` says to the one that each has.
    pub fn rename(&mut self, name: impl Fn(Address) -> Address) {
        self.children.iter_mut().for_each(|child| child.address = name(child.address));
    }

    /// Whether no slot has points.
    pub const fn is_empty(&self) -> bool {
        self.present == 0
    }

    /// The summary of all points below.
    pub fn stat(&self) -> Stat {
        Stat::merged(self.stats.iter().copied())
    }

    /// The slot of the set bit that `rank` others come before.
    #[inline]
    fn at(&self, rank: usize) -> Option<Slot> {
        let Child { address, version } = *self.children.get(rank)?;
        Some(Slot { address, version, stat: *self.stats.get(rank)? })
    }

    /// How many slots before the one numbered `slot`, from 0 to 64, have points.
    #[inline]
    fn rank(&self, slot: usize) -> usize {
        let before = 1_u64.checked_shl(slot as u32).map_or(u64::MAX, |bit| bit - 1);
        (self.present & before).count_ones() as usize
    }
}

impl Node {
    /// Roughly how many bytes it takes in memory.
    pub fn memory(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Leaf(leaf) => leaf.points.len() * size_of::<Point>(),
                Self::Core(core) => core.stats.len() * size_of::<Slot>(),
            }
    }
}

/// A place that nodes are read from.
pub trait Nodes {
    /// The node named `address`; `span` says which times it stands for, so that a failure can name them.
    ///
    /// # Errors
    /// When the node is missing, damaged or out of reach.
    fn read(&self, address: Address, span: Span) -> Result<Arc<Node>, NodeError>;
}

/// The node of `slot`, which stands for `span`. A node that cannot stand there is damage, whatever its checksum says:
/// following it could lead round in a circle.
pub(crate) fn open<N: Nodes>(nodes: &N, slot: &Slot, span: Span) -> Result<Arc<Node>, NodeError> {
    let node = nodes.read(slot.address, span)?;
    let reason = match &*node {
        Node::Core(_) if span.is_narrowest() => "a node with slots where the smallest leaf belongs",
        Node::Leaf(leaf) if !leaf.lies_in(span) => "points of another time",
        _ => return Ok(node),
    };
    Err(NodeError { address: slot.address, range: span.range(), reason: reason.to_owned() })
}

/// A place that new nodes are written to.
pub trait NodesMut {
    /// Keeps `node` and names it.
    fn write(&mut self, node: Node) -> Address;
}

impl<N: Nodes + ?Sized> Nodes for &N {
    fn read(&self, address: Address, span: Span) -> Result<Arc<Node>, NodeError> {
        (**self).read(address, span)
    }
}

impl<N: Nodes + ?Sized> Nodes for Arc<N> {
    fn read(&self, address: Address, span: Span) -> Result<Arc<Node>, NodeError> {
        (**self).read(address, span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(number: u64) -> Slot {
        Slot { address: Address::new(number).unwrap(), version: 11, stat: Stat::one(1.0) }
    }

    #[test]
    fn core_keeps_slots_in_order_however_they_are_set() {
        let mut core = Core::default();
        for number in [63, 0, 17, 5] {
            core.set(number, Some(slot(number as u64 + 1)));
        }
        core.set(17, None);
        core.set(18, None);
        let found: Vec<_> = core.iter().map(|(number, slot)| (number, slot.address.get())).collect();
        assert_eq!(found, [(0, 1), (5, 6), (63, 64)]);
        assert_eq!(core.first_from(6).map(|(number, _)| number), Some(63));
        assert_eq!(core.first_from(64).map(|(number, _)| number), None);
        assert_eq!(core.last_before(63).map(|(number, _)| number), Some(5));
        assert_eq!(core.last_before(64).map(|(number, _)| number), Some(63));
        let between = |start, end| core.stats_between(start, end).len();
        assert_eq!([between(1, 63), between(0, 64), between(5, 5), between(64, 64)], [1, 3, 0, 0]);
        assert_eq!(core.last_before(0).map(|(number, _)| number), None);
        assert_eq!(core.stat().count, 3);
    }
}
