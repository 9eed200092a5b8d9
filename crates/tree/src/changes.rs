//! What differs between two versions.

use std::sync::Arc;

use btrdb_core::{Point, PointWidth, TimeRange, Timestamp};

use crate::{Core, Node, NodeError, Nodes, Root, Slot, Span, node::open, walk::points_of};

/// What a look for changes found before it was done or had done enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The cells that changed.
    pub found: RangeSet,
    /// Where to go on; absent where nothing is left to look at. Cells at and after it may be missing from `found`.
    pub until: Option<Timestamp>,
    /// How many nodes were opened.
    pub opened: usize,
}

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
        let (mut left, mut right) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        let mut union = Self::default();
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if a.start <= b.start => left.next(),
                (Some(_), None) => left.next(),
                _ => right.next(),
            };
            let Some(next) = next else { return union };
            union.push(*next);
        }
    }

    /// The ranges.
    pub fn as_slice(&self) -> &[TimeRange] {
        &self.ranges
    }
}

/// However little work is allowed, one path in either tree and the next step must be in it.
const LEAST_NODES: usize = 64;

pub(crate) fn changes<N: Nodes>(
    nodes: &N,
    (old, new): (Option<Root>, Option<Root>),
    resolution: PointWidth,
    from: Timestamp,
    most_nodes: usize,
) -> Result<Changes, NodeError> {
    let most_nodes = most_nodes.max(LEAST_NODES);
    let mut search = Search { nodes, resolution, from, left: most_nodes, found: RangeSet::default(), until: None };
    search.compare(Span::ROOT, Side::of(old), Side::of(new))?;
    Ok(Changes { found: search.found, until: search.until, opened: most_nodes - search.left })
}

struct Search<'a, N> {
    nodes: &'a N,
    resolution: PointWidth,
    from: Timestamp,
    /// How many nodes may still be opened.
    left: usize,
    found: RangeSet,
    until: Option<Timestamp>,
}

/// What one version has in a span: a slot, or some of the points of a leaf further up; none, where it has nothing.
#[derive(Clone, Copy)]
enum Side<'a> {
    Slot(Slot),
    Points(&'a [Point]),
}

impl Side<'_> {
    const fn of(slot: Option<Slot>) -> Self {
        match slot {
            Some(slot) => Side::Slot(slot),
            None => Side::Points(&[]),
        }
    }

    const fn is_empty(self) -> bool {
        matches!(self, Side::Points([]))
    }
}

/// A side with its node open.
#[derive(Clone, Copy)]
enum View<'a> {
    Core(&'a Core),
    Points(&'a [Point]),
}

impl<'a> View<'a> {
    fn of(side: Side<'a>, opened: &'a Opened) -> Self {
        match (opened, side) {
            (Some((node, points)), _) => match &**node {
                Node::Core(core) => View::Core(core),
                Node::Leaf(_) => View::Points(points),
            },
            (None, Side::Points(points)) => View::Points(points),
            (None, Side::Slot(_)) => View::Points(&[]),
        }
    }

    /// What lies in the slot numbered `number`, which spans `span`.
    fn part(self, number: usize, span: Span) -> Side<'a> {
        match self {
            View::Core(core) => Side::of(core.get(number)),
            View::Points(points) => {
                let before = |time: Timestamp| points.partition_point(|point| point.time < time);
                Side::Points(&points[before(span.range().start)..before(span.range().end)])
            }
        }
    }
}

/// The node of a side that has one, with the points if it is a leaf.
type Opened = Option<(Arc<Node>, Vec<Point>)>;

impl<N: Nodes> Search<'_, N> {
    fn compare(&mut self, span: Span, old: Side<'_>, new: Side<'_>) -> Result<(), NodeError> {
        let is_done = self.until.is_some() || span.range().end <= self.from;
        if is_done || old.is_empty() && new.is_empty() {
            return Ok(());
        }
        let slots = match (old, new) {
            // The same node; or one that was written again elsewhere, with nothing below it changed since.
            (Side::Slot(old), Side::Slot(new)) if old.address == new.address || old.version == new.version => {
                return Ok(());
            }
            // Points of a leaf that has been divided may be the same as those of the new slot.
            (Side::Slot(_), Side::Points([_, ..])) | (Side::Points([_, ..]), Side::Slot(_)) => 1,
            (Side::Points(_), Side::Points(_)) => 0,
            // A write copies a node only if something below it changed: in a span inside one cell no more need be known.
            _ if self.cell(span.range().start).covers(span.range()) => {
                self.found.push(self.cell(span.range().start));
                return Ok(());
            }
            _ => 2,
        };
        if slots > 0 && self.left == 0 {
            self.until = Some(span.range().start);
            return Ok(());
        }
        self.left = self.left.saturating_sub(slots);
        let (old_node, new_node) = (self.open(span, old)?, self.open(span, new)?);
        match (View::of(old, &old_node), View::of(new, &new_node)) {
            (View::Points(old), View::Points(new)) => self.compare_points(old, new),
            (old, new) => {
                for number in 0..Span::SLOTS {
                    let slot = span.slot(number);
                    self.compare(slot, old.part(number, slot), new.part(number, slot))?;
                }
            }
        }
        Ok(())
    }

    fn compare_points(&mut self, mut old: &[Point], mut new: &[Point]) {
        while let Some(time) = [old.first(), new.first()].into_iter().flatten().map(|point| point.time).min() {
            let (old_here, old_later) = old.split_at(old.partition_point(|point| point.time <= time));
            let (new_here, new_later) = new.split_at(new.partition_point(|point| point.time <= time));
            let is_same =
                old_here.len() == new_here.len() && old_here.iter().zip(new_here).all(|(a, b)| a.is_identical(b));
            if !is_same && time >= self.from {
                self.found.push(self.cell(time));
            }
            (old, new) = (old_later, new_later);
        }
    }

    fn open(&self, span: Span, side: Side<'_>) -> Result<Opened, NodeError> {
        let Side::Slot(slot) = side else { return Ok(None) };
        let node = open(self.nodes, &slot, span)?;
        let points = points_of(&node).iter().collect();
        Ok(Some((node, points)))
    }

    /// The cell that `time` lies in, within the limits of time.
    fn cell(&self, time: Timestamp) -> TimeRange {
        let start = self.resolution.floor(time);
        let end = i128::from(start) + (1_i128 << self.resolution.exponent());
        TimeRange::new(start, i64::try_from(end).unwrap_or(i64::MAX)).intersect(TimeRange::ALL)
    }
}
