//! The point next to a time.

use btrdb_core::{Point, Timestamp};

use crate::{Node, NodeError, Nodes, Root, Slot, Span, node::open, walk::first_from};

/// Which way to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The first point at or after the time.
    Forward,
    /// The last point before the time, never at it.
    Backward,
}

pub(crate) fn nearest<N: Nodes>(
    nodes: &N,
    root: Option<Root>,
    time: Timestamp,
    direction: Direction,
) -> Result<Option<Point>, NodeError> {
    match root {
        None => Ok(None),
        Some(root) => find(nodes, Span::ROOT, &root, time, direction),
    }
}

fn find<N: Nodes>(
    nodes: &N,
    span: Span,
    slot: &Slot,
    time: Timestamp,
    direction: Direction,
) -> Result<Option<Point>, NodeError> {
    match &*open(nodes, slot, span)? {
        Node::Leaf(leaf) => {
            let from = first_from(&leaf.points.time, time);
            Ok(match direction {
                Direction::Forward => leaf.points.get(from),
                Direction::Backward => from.checked_sub(1).and_then(|before| leaf.points.get(before)),
            })
        }
        Node::Core(core) => {
            // Only the slot of `time` may disappoint; every other one has points, all on the side looked for.
            let range = span.range();
            if direction == Direction::Backward && time <= range.start {
                return Ok(None);
            }
            let mut next = match direction {
                Direction::Forward => core.first_from(span.slot_of(time.max(range.start))),
                Direction::Backward => core.last_before(span.slot_of(time.min(range.end) - 1) + 1),
            };
            while let Some((number, child)) = next {
                if let Some(point) = find(nodes, span.slot(number), &child, time, direction)? {
                    return Ok(Some(point));
                }
                next = match direction {
                    Direction::Forward => core.first_from(number + 1),
                    Direction::Backward => core.last_before(number),
                };
            }
            Ok(None)
        }
    }
}
