//! Places in streams that hold next to nothing: for tables of thousands of streams.
//!
//! A walk holds the nodes on its way down, tens of kilobytes. With thousands of streams side by side that would be memory
//! outside the cache, so a place holds only what it has read ahead, and finds its way from the root again, through the
//! cache, when that is used up.

use btrdb_core::{Point, RawColumns, TimeRange};
use btrdb_tree::{LEAF_POINTS, NodeError, Tree, Window, WindowGrid};

use crate::{
    TABLE_READ_AHEAD,
    fresh::View,
    turn::{LEAF, ROW, Step, Turn},
};

/// How many points or windows each of `streams` may read ahead.
pub(crate) fn read_ahead(streams: usize) -> usize {
    (TABLE_READ_AHEAD / streams.max(1)).clamp(16, LEAF_POINTS)
}

/// A place among the points of one version.
pub(crate) struct PointPlace {
    tree: Tree<View>,
    /// What is still to be read.
    range: TimeRange,
    /// How many points of the first time in `range` have been read.
    skip: usize,
    read: std::vec::IntoIter<Point>,
    most: usize,
}

impl PointPlace {
    pub(crate) fn new(tree: Tree<View>, range: TimeRange, most: usize) -> Self {
        Self { tree, range, skip: 0, read: Vec::new().into_iter(), most }
    }

    /// The next point.
    pub(crate) fn next(&mut self, turn: &mut Turn) -> Result<Step<Point>, NodeError> {
        loop {
            if let Some(point) = self.read.next() {
                return Ok(Step::Item(point));
            }
            if self.range.is_empty() {
                return Ok(Step::End);
            }
            if turn.is_over() {
                return Ok(Step::Working);
            }
            self.read_ahead(turn)?;
        }
    }

    fn read_ahead(&mut self, turn: &mut Turn) -> Result<(), NodeError> {
        let (mut points, mut leaf) = (self.tree.clone().points(self.range), RawColumns::default());
        // All points of one time are in one leaf, so there is at most one of which everything has been read.
        while leaf.len() <= self.skip {
            if !leaf.is_empty() {
                (self.skip, leaf) = (0, RawColumns::default());
            }
            turn.spend(LEAF);
            if !points.next_into(&mut leaf)? {
                self.range.end = self.range.start;
                return Ok(());
            }
        }
        let end = leaf.len().min(self.skip + self.most);
        let last = leaf.time[end - 1];
        // A list of its own, no longer than it need be: the leaf's would be kept whole.
        let read: Vec<Point> = leaf.iter().take(end).skip(self.skip).collect();
        self.read = read.into_iter();
        self.range.start = last;
        self.skip = leaf.time[..end].iter().rev().take_while(|time| **time == last).count();
        Ok(())
    }
}

/// A place among the windows of one version that hold points.
pub(crate) struct WindowPlace {
    tree: Tree<View>,
    grid: WindowGrid,
    /// The first window that has not been read.
    next: u64,
    read: std::vec::IntoIter<Window>,
    most: usize,
}

impl WindowPlace {
    pub(crate) fn new(tree: Tree<View>, grid: WindowGrid, most: usize) -> Self {
        Self { tree, grid, next: 0, read: Vec::new().into_iter(), most }
    }

    /// The next window.
    pub(crate) fn next(&mut self, turn: &mut Turn) -> Result<Step<Window>, NodeError> {
        loop {
            if let Some(window) = self.read.next() {
                return Ok(Step::Item(window));
            }
            if self.next >= self.grid.count() {
                return Ok(Step::End);
            }
            if turn.is_over() {
                return Ok(Step::Working);
            }
            self.read_ahead(turn)?;
        }
    }

    fn read_ahead(&mut self, turn: &mut Turn) -> Result<(), NodeError> {
        let (from, mut read) = (self.next, Vec::new());
        let mut windows = self.tree.clone().windows(self.grid.after(from));
        self.next = self.grid.count();
        while let Some(window) = windows.next().transpose()? {
            read.push(Window { index: from + window.index, ..window });
            turn.spend(ROW);
            if read.len() == self.most {
                self.next = from + window.index + 1;
                break;
            }
        }
        turn.spend(LEAF);
        self.read = read.into_iter();
        Ok(())
    }
}
