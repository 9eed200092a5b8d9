//! Summaries of windows.

use std::{ops::Range, sync::Arc};

use btrdb_core::{RawColumns, Stat, TimeRange, Timestamp};

use crate::{
    Node, NodeError, Nodes, Root, WindowGrid,
    walk::{Piece, Visit, Walk, first_from, points_of, within},
};

/// A window that holds points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Its place in the grid, from 0.
    pub index: u64,
    /// The summary of its points.
    pub stat: Stat,
}

/// The windows of a grid that hold points, in order.
///
/// A slot that lies in one window gives its stored summary; only what a window's edge cuts is opened.
#[derive(Debug)]
pub struct Windows<N> {
    walk: Walk<N>,
    grid: WindowGrid,
    /// The window in work.
    current: Option<Window>,
    /// The times of the window in work; empty at first.
    edges: TimeRange,
    /// Points of the leaf in work that are still to be summed up.
    leaf: Option<(Arc<Node>, Range<usize>)>,
}

impl<N: Nodes> Windows<N> {
    pub(crate) fn new(nodes: N, root: Option<Root>, grid: WindowGrid) -> Self {
        let start = grid.range().start;
        Self { walk: Walk::new(nodes, root), grid, current: None, edges: TimeRange::new(start, start), leaf: None }
    }

    fn step(&mut self) -> Result<Option<Window>, NodeError> {
        loop {
            while let Some((points, left)) = self.leaf.take() {
                let RawColumns { time, value } = points_of(&points);
                let Some(first) = time[left.clone()].first() else { break };
                let finished = self.enter(*first);
                let end = left.start + first_from(&time[left.clone()], self.edges.end);
                self.add(Stat::of(&value[left.start..end]));
                self.leaf = Some((points, end..left.end));
                if finished.is_some() {
                    return Ok(finished);
                }
            }
            let (grid, range, mut edges) = (self.grid, self.grid.range(), self.edges);
            let piece = self.walk.next(|slot| {
                if !range.overlaps(slot) {
                    return Visit::Skip;
                }
                if slot.end > edges.end && slot.start >= edges.end {
                    edges = grid.window(grid.index_of(slot.start));
                }
                if edges.covers(slot) { Visit::Take } else { Visit::Descend }
            })?;
            match piece {
                None => return Ok(self.current.take()),
                Some(Piece::Leaf(leaf)) => {
                    let inside = within(&points_of(&leaf).time, range);
                    self.leaf = Some((leaf, inside));
                }
                Some(Piece::Slot(span, slot)) => {
                    let finished = self.enter(span.range().start);
                    self.add(slot.stat);
                    let (walk, end) = (&mut self.walk, self.edges.end);
                    if let Some(window) = &mut self.current {
                        let rest = walk.take_until(end).iter().copied();
                        window.stat = window.stat.merge(Stat::merged(rest));
                    }
                    if finished.is_some() {
                        return Ok(finished);
                    }
                }
            }
        }
    }

    /// Makes the window of `time` the one in work and hands over the one before it, if that is another.
    fn enter(&mut self, time: Timestamp) -> Option<Window> {
        if self.edges.contains(time) && self.current.is_some() {
            return None;
        }
        let index = self.grid.index_of(time);
        self.edges = self.grid.window(index);
        self.current.replace(Window { index, stat: Stat::EMPTY })
    }

    fn add(&mut self, stat: Stat) {
        if let Some(window) = &mut self.current {
            window.stat = window.stat.merge(stat);
        }
    }
}

impl<N: Nodes> Iterator for Windows<N> {
    type Item = Result<Window, NodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}
