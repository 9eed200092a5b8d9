//! Going through a tree from left to right, as deep as needed, a step at a time.

use std::{ops::Range, sync::Arc};

use btrdb_core::{Point, TimeRange, Timestamp};

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

    /// Takes the summaries of the slots that follow in the same node and end by `end`: most of what a wide window covers,
    /// without the ceremony of [`next`](Self::next).
    pub(crate) fn take_until(&mut self, end: Timestamp, mut take: impl FnMut(&Slot)) {
        let Some((span, node, next)) = self.path.last_mut() else { return };
        let Node::Core(core) = &**node else { return };
        while let Some((number, slot)) = core.first_from(*next)
            && span.slot(number).range().end <= end
        {
            take(slot);
            *next = number + 1;
        }
    }

    /// The next slot on the path, deepest level first.
    fn advance(&mut self) -> Option<(Span, Slot)> {
        while let Some((span, node, next)) = self.path.last_mut() {
            if let Node::Core(core) = &**node
                && let Some((number, slot)) = core.first_from(*next)
            {
                *next = number + 1;
                return Some((span.slot(number), *slot));
            }
            self.path.pop();
        }
        None
    }
}

/// The points of a leaf; none of a core node.
pub(crate) fn points_of(node: &Node) -> &[Point] {
    match node {
        Node::Leaf(leaf) => &leaf.points,
        Node::Core(_) => &[],
    }
}

/// Which of `points` lie in `range`.
pub(crate) fn within(points: &[Point], range: TimeRange) -> Range<usize> {
    let start = points.partition_point(|point| point.time < range.start);
    let end = points.partition_point(|point| point.time < range.end);
    start..end.max(start)
}
