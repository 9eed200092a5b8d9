//! How opaque the pixels of one column are, as steps from each row to the next.

use super::block::Steps;
use super::edges::{PARTS, row};

/// One column of a block.
pub(super) struct Column<'a> {
    pub(super) rows: &'a mut [Steps],
    /// Its place in the block.
    pub(super) x: usize,
    /// The row that the block begins with.
    pub(super) first: i32,
}

impl Column<'_> {
    /// Makes a row and those below more opaque.
    pub(super) fn step(&mut self, row: i32, by: i32) {
        // What ends with the block has nothing below.
        if let Some(step) = self.rows.get_mut((row - self.first) as usize).and_then(|steps| steps.get_mut(self.x)) {
            *step = step.wrapping_add(by as u8);
        }
    }

    /// Makes all below `height` parts of a pixel more opaque, and the row that it lies in as far as it is below.
    pub(super) fn edge(&mut self, height: i32, by: i32) {
        let first = row(height);
        let part = row(by * ((first + 1) * PARTS - height));
        self.step(first, part);
        self.step(first + 1, by - part);
    }

    /// Adds `alpha` to the rows from `from` to `to`.
    pub(super) fn fill(&mut self, from: i32, to: i32, alpha: i32) {
        self.step(from, alpha);
        self.step(to, -alpha);
    }

    /// Adds `alpha` from `from` to `to` parts of a pixel.
    pub(super) fn add(&mut self, from: i32, to: i32, alpha: i32) {
        if from < to {
            self.edge(from, alpha);
            self.edge(to, -alpha);
        }
    }
}
