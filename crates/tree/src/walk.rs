//! Going through a tree from left to right, as deep as needed, a step at a time.

use std::{ops::Range, sync::Arc};

use btrdb_core::{RawColumns, Stat, TimeRange, Timestamp};

use crate::{Node, NodeError, Nodes, Root, Slot, Span, node::open};

/// What to do with a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visit {
    /// Leave it and all below out.
    Skip,
    /// Take its summary; do not look below.
    Take,
    /// Look below.
    Descend,
}

/// What a walk comes upon.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A slot that was to be taken whole.
    Slot(Span, Slot),
    /// A leaf.
    Leaf(Arc<Node>),
}

/// A walk that stopped where it last found something: it holds one node a level and nothing else.
#[derive(Debug)]
pub(crate) struct Walk<N> {
    nodes: N,
    start: Option<(Span, Slot)>,
    path: Vec<(Span, Arc<Node>, usize)>,
}

impl<N: Nodes> Walk<N> {
    /// A walk through all that is below `root`.
    pub(crate) fn new(nodes: N, root: Option<Root>) -> Self {
        Self::below(nodes, Span::ROOT, root)
    }

    /// A walk through all that is below `slot`, which spans `span`.
    pub(crate) fn below(nodes: N, span: Span, slot: Option<Slot>) -> Self {
        Self { nodes, start: slot.map(|slot| (span, slot)), path: Vec::new() }
    }

    /// The next piece; `visit` decides slot by slot, in order of time.
    pub(crate) fn next(&mut self, mut visit: impl FnMut(TimeRange) -> Visit) -> Result<Option<Piece>, NodeError> {
        loop {
            let Some((span, slot)) = self.start.take().or_else(|| self.advance()) else { return Ok(None) };
            match visit(span.range()) {
                Visit::Skip => {}
                Visit::Take => return Ok(Some(Piece::Slot(span, slot))),
                Visit::Descend => {
                    let node = open(&self.nodes, &slot, span)?;
                    if matches!(*node, Node::Leaf(_)) {
                        return Ok(Some(Piece::Leaf(node)));
                    }
                    self.path.push((span, node, 0));
                }
            }
        }
    }

    /// Takes the slots that follow in the same node and end by `end`, and hands over their summaries: most of what a wide
    /// window covers, without the ceremony of [`next`](Self::next).
    pub(crate) fn take_until(&mut self, end: Timestamp) -> &[Stat] {
        let Some((span, node, next)) = self.path.last_mut() else { return &[] };
        let Node::Core(core) = &**node else { return &[] };
        let first = *next;
        *next = first.max(span.slots_before(end));
        core.stats_between(first, *next)
    }

    /// The next slot on the path, deepest level first.
    fn advance(&mut self) -> Option<(Span, Slot)> {
        while let Some((span, node, next)) = self.path.last_mut() {
            if let Node::Core(core) = &**node
                && let Some((number, slot)) = core.first_from(*next)
            {
                *next = number + 1;
                return Some((span.slot(number), slot));
            }
            self.path.pop();
        }
        None
    }
}

/// The points of a leaf; none of a core node.
pub(crate) fn points_of(node: &Node) -> &RawColumns {
    const NONE: &RawColumns = &RawColumns { time: Vec::new(), value: Vec::new() };
    match node {
        Node::Leaf(leaf) => &leaf.points,
        Node::Core(_) => NONE,
    }
}

/// Which of `times`, which ascend, lie in `range`.
pub(crate) fn within(times: &[Timestamp], range: TimeRange) -> Range<usize> {
    let start = first_from(times, range.start);
    start..first_from(times, range.end).max(start)
}

/// The place of the first of `times`, which ascend, at or after `time`; their number where there is none.
///
/// Times mostly keep an even pace, so it looks first where this one would then be: in a leaf that is not in the
/// processor's cache each place looked at costs a wait.
pub(crate) fn first_from(times: &[Timestamp], time: Timestamp) -> usize {
    let ([first, ..], [.., last]) = (times, times) else { return 0 };
    if time <= *first {
        return 0;
    }
    if time > *last {
        return times.len();
    }
    let share = time.abs_diff(*first) as f64 / last.abs_diff(*first) as f64;
    let guess = (share * (times.len() - 1) as f64) as usize;
    let is_before = |place: usize| times.get(place).is_some_and(|other| *other < time);
    // Where it is not, it goes away from there in steps that double, until the place lies between two of them.
    let (mut low, mut high, mut step) = (guess, guess, 1);
    while low > 0 && !is_before(low) {
        low = low.saturating_sub(step);
        step *= 2;
    }
    while is_before(high) {
        high += step;
        step *= 2;
    }
    let high = high.min(times.len());
    low + times[low..high].partition_point(|other| *other < time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_are_those_of_a_plain_search(
            mut times in prop::collection::vec(prop_oneof![-40..40_i64, any::<i64>()], 0..40),
            time in prop_oneof![-45..45_i64, any::<i64>()],
        ) {
            times.sort_unstable();
            for time in times.iter().copied().chain([time]) {
                prop_assert_eq!(first_from(&times, time), times.partition_point(|&other| other < time));
            }
        }
    }
}
