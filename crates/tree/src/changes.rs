//! What differs between two versions.

use btrdb_core::{Point, PointWidth, TimeRange, Timestamp};

use crate::{
    Node, NodeError, Nodes, Root, Slot, Span,
    walk::{Piece, Visit, Walk, points_of},
};

/// Ranges in ascending order, none touching the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeSet {
    ranges: Vec<TimeRange>,
}

impl RangeSet {
    /// Adds `range`, which must not start before the last one does.
    pub fn push(&mut self, range: TimeRange) {
        match self.ranges.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => self.ranges.push(range),
        }
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all: Vec<TimeRange> = self.ranges.iter().chain(&other.ranges).copied().collect();
        all.sort_by_key(|range| range.start);
        let mut union = Self::default();
        for range in all {
            union.push(range);
        }
        union
    }

    /// The ranges.
    pub fn as_slice(&self) -> &[TimeRange] {
        &self.ranges
    }
}

pub(crate) fn changes<N: Nodes>(
    nodes: &N,
    old: Option<Root>,
    new: Option<Root>,
    resolution: PointWidth,
) -> Result<RangeSet, NodeError> {
    let mut changes = Changes { nodes, resolution, found: RangeSet::default() };
    changes.compare(Span::ROOT, old, new)?;
    Ok(changes.found)
}

struct Changes<'a, N> {
    nodes: &'a N,
    resolution: PointWidth,
    found: RangeSet,
}

impl<N: Nodes> Changes<'_, N> {
    fn compare(&mut self, span: Span, old: Option<Slot>, new: Option<Slot>) -> Result<(), NodeError> {
        let (old, new) = match (old, new) {
            (None, None) => return Ok(()),
            (Some(old), Some(new)) if old.address == new.address => return Ok(()),
            (old, new) => (old, new),
        };
        // A write copies a node only if something below it changed: in a span inside one cell no more need be known.
        if self.cell(span.range().start).covers(span.range()) {
            self.found.push(self.cell(span.range().start));
            return Ok(());
        }
        let (old_node, new_node) = (self.open(span, old)?, self.open(span, new)?);
        if let (Some(Node::Core(old)), Some(Node::Core(new))) = (old_node.as_deref(), new_node.as_deref()) {
            for number in 0..Span::SLOTS {
                self.compare(span.slot(number), old.get(number).copied(), new.get(number).copied())?;
            }
            return Ok(());
        }
        let (old, new) = (self.all_points(span, old)?, self.all_points(span, new)?);
        self.compare_points(&old, &new);
        Ok(())
    }

    fn compare_points(&mut self, mut old: &[Point], mut new: &[Point]) {
        while let Some(time) = [old.first(), new.first()].into_iter().flatten().map(|point| point.time).min() {
            let (old_here, old_later) = old.split_at(old.partition_point(|point| point.time <= time));
            let (new_here, new_later) = new.split_at(new.partition_point(|point| point.time <= time));
            let is_same =
                old_here.len() == new_here.len() && old_here.iter().zip(new_here).all(|(a, b)| a.is_identical(b));
            if !is_same {
                self.found.push(self.cell(time));
            }
            (old, new) = (old_later, new_later);
        }
    }

    fn open(&self, span: Span, slot: Option<Slot>) -> Result<Option<std::sync::Arc<Node>>, NodeError> {
        slot.map(|slot| self.nodes.read(slot.address, span)).transpose()
    }

    fn all_points(&self, span: Span, slot: Option<Slot>) -> Result<Vec<Point>, NodeError> {
        let mut points = Vec::new();
        let mut walk = Walk::below(self.nodes, span, slot);
        while let Some(Piece::Leaf(leaf)) = walk.next(|_| Visit::Descend)? {
            points.extend_from_slice(points_of(&leaf));
        }
        Ok(points)
    }

    /// The cell that `time` lies in, within the limits of time.
    fn cell(&self, time: Timestamp) -> TimeRange {
        let start = self.resolution.floor(time);
        let end = i128::from(start) + (1_i128 << self.resolution.exponent());
        TimeRange::new(start, i64::try_from(end).unwrap_or(i64::MAX)).intersect(TimeRange::ALL)
    }
}
