//! Raw values of a range.

use btrdb_core::{RawColumns, TimeRange};

use crate::{
    NodeError, Nodes, Root,
    walk::{Piece, Visit, Walk, points_of, within},
};

/// The points of a range, leaf by leaf.
#[derive(Debug)]
pub struct Points<N> {
    walk: Walk<N>,
    range: TimeRange,
}

impl<N: Nodes> Points<N> {
    pub(crate) fn new(nodes: N, root: Option<Root>, range: TimeRange) -> Self {
        Self { walk: Walk::new(nodes, root), range }
    }

    /// Appends the points of the next leaf to `points` and says whether there was one.
    ///
    /// # Errors
    /// A node that cannot be read.
    pub fn next_into(&mut self, points: &mut RawColumns) -> Result<bool, NodeError> {
        let range = self.range;
        let piece = self.walk.next(|slot| if range.overlaps(slot) { Visit::Descend } else { Visit::Skip })?;
        let Some(Piece::Leaf(leaf)) = piece else { return Ok(false) };
        let found = points_of(&leaf);
        points.extend_from_rows(found, within(&found.time, range));
        Ok(true)
    }
}
