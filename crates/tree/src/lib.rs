//! The tree that holds a stream: time-partitioned, 64-way, copy-on-write.
//!
//! The root spans all of time, 2^62 ns from [`MIN_TIME`](btrdb_core::MIN_TIME). Every node is either a *leaf* with up to
//! 1,024 points in order, or a *core* with 64 slots of equal width; a slot names its child, summarises all points below
//! it and remembers the version that last changed it. A window that covers a slot takes the summary and never looks
//! below, so a window query costs its edges times the depth, whatever the number of points.
//!
//! Nothing is changed in place: a write makes new nodes up to a new root and shares the rest, so the root of an older
//! version keeps showing what it showed. The tree does no input or output itself; it reads through [`Nodes`] and writes
//! through [`NodesMut`].

mod batch;
mod changes;
pub mod codec;
mod delete;
mod error;
mod grid;
mod insert;
mod nearest;
mod node;
mod points;
mod span;
mod walk;
mod windows;

use btrdb_core::{MergePolicy, Point, PointWidth, TimeRange, Timestamp};

pub use changes::{Changes, RangeSet};
pub use error::{NodeError, QueryError};
pub use grid::WindowGrid;
pub use nearest::Direction;
pub use node::{Address, Core, LEAF_POINTS, Leaf, Node, Nodes, NodesMut, Root, Slot};
pub use points::Points;
pub use span::Span;
pub use windows::{Window, Windows};

/// One version of a stream: a root and the place its nodes are read from.
#[derive(Clone, Debug)]
pub struct Tree<N> {
    nodes: N,
    root: Option<Root>,
}

impl<N: Nodes> Tree<N> {
    /// The tree below `root`; without one, the tree without points.
    pub const fn new(nodes: N, root: Option<Root>) -> Self {
        Self { nodes, root }
    }

    /// The root, absent where there are no points.
    pub const fn root(&self) -> Option<Root> {
        self.root
    }

    /// The points in `range`, ascending in time, those of one time in the order of their arrival.
    pub fn points(self, range: TimeRange) -> Points<N> {
        Points::new(self.nodes, self.root, range)
    }

    /// The windows of `grid` that hold points, ascending in time. Empty windows are left out.
    pub fn windows(self, grid: WindowGrid) -> Windows<N> {
        Windows::new(self.nodes, self.root, grid)
    }

    /// The first point at or after `time` (forward), or the last one before it (backward).
    ///
    /// # Errors
    /// A node on the way that cannot be read.
    pub fn nearest(&self, time: Timestamp, direction: Direction) -> Result<Option<Point>, NodeError> {
        nearest::nearest(&self.nodes, self.root, time, direction)
    }

    /// The cells of width `resolution`, on the grid of the epoch, in which the points of `self` differ from those of
    /// `older`, of times from `from` on; coalesced where they touch. After opening about `most_nodes` nodes (64 at least)
    /// it stops and says where to go on.
    ///
    /// # Errors
    /// A node of either tree that cannot be read.
    pub fn changes(
        &self,
        older: Option<Root>,
        resolution: PointWidth,
        from: Timestamp,
        most_nodes: usize,
    ) -> Result<Changes, NodeError> {
        changes::changes(&self.nodes, (older, self.root), resolution, from, most_nodes)
    }

    /// The root after `points`, in any order, have been added under `policy`. Where the policy drops them all it is the
    /// root as it was. `version` marks every slot that changes.
    ///
    /// Times must lie between `MIN_TIME` and `LAST_TIME` and values be finite: whoever takes points in sees to that.
    ///
    /// # Errors
    /// A node on the way that cannot be read; nodes already written to `out` are then of no use to anyone.
    pub fn insert(
        &self,
        out: &mut impl NodesMut,
        points: Vec<Point>,
        policy: MergePolicy,
        version: u64,
    ) -> Result<Option<Root>, NodeError> {
        insert::insert(&self.nodes, out, self.root, points, policy, version)
    }

    /// The root after all points in `range` have been removed.
    ///
    /// # Errors
    /// A node on the way that cannot be read.
    pub fn delete(&self, out: &mut impl NodesMut, range: TimeRange, version: u64) -> Result<Option<Root>, NodeError> {
        delete::delete(&self.nodes, out, self.root, range, version)
    }
}
