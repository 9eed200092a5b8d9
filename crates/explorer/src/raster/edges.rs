//! Where the band begins and ends in each pixel column, and how wide it is there: integers, so that many columns are
//! compared in one go.

use super::four;
use crate::scale::Ruler;
use crate::{Extent, Trace};

/// Heights are counted in this many parts of a pixel.
pub(super) const PARTS: i32 = 1 << SHIFT;
const SHIFT: u32 = 8;
/// What ends above where it begins.
pub(super) const NOTHING: (i32, i32) = (i32::MAX, i32::MIN);

/// The row that a height lies in; also a 256th of anything else.
pub(super) fn row(part: i32) -> i32 {
    part >> SHIFT
}

/// The first row that begins at a height or below it.
pub(super) fn row_after(part: i32) -> i32 {
    row(part + PARTS - 1)
}

/// The edges of every column, and of what is left of the band where it must be several columns wide.
#[derive(Debug)]
pub(super) struct Edges<const LEVELS: usize> {
    /// The edges of what belongs to runs of at least so many columns; those of every column come first.
    levels: [Level; LEVELS],
    eroded: Level,
}

/// An upper and a lower edge per column. The lower one is negative: then the larger is further inside for both.
#[derive(Clone, Debug, Default)]
struct Level {
    upper: Vec<i32>,
    lower: Vec<i32>,
}

impl Level {
    fn both(&mut self) -> [&mut Vec<i32>; 2] {
        [&mut self.upper, &mut self.lower]
    }
}

impl<const LEVELS: usize> Default for Edges<LEVELS> {
    fn default() -> Self {
        Self { levels: std::array::from_fn(|_| Level::default()), eroded: Level::default() }
    }
}

impl<const LEVELS: usize> Edges<LEVELS> {
    /// Measures the columns of `trace` on `height` pixels, for runs of `widths` columns: 1 first, ascending.
    pub(super) fn measure(&mut self, trace: &Trace, ruler: &Ruler, height: usize, widths: [usize; LEVELS]) {
        let Some((every, wider)) = self.levels.split_first_mut() else { return };
        every.both().into_iter().for_each(Vec::clear);
        for extent in &trace.columns {
            let (top, bottom) = span(extent, ruler, height);
            every.upper.push(top);
            every.lower.push(-bottom);
        }
        for ((edges, eroded), at) in every.both().into_iter().zip(self.eroded.both()).zip([0, 1]) {
            eroded.clone_from(edges);
            let mut reached = 1;
            for (&wide, level) in widths.iter().skip(1).zip(&mut *wider) {
                // `eroded[x]` is the innermost edge of the columns from x on. What lies beyond the picture may go on there.
                for ahead in reached..wide {
                    four::raise(eroded, edges.get(ahead..).unwrap_or_default());
                }
                reached = wide;
                let [upper, lower] = level.both();
                dilate(eroded, edges, if at == 0 { upper } else { lower }, wide);
            }
        }
    }

    /// The edges in column `x` of what belongs to runs of at least the width of `level`; nothing where the top is not above
    /// the bottom.
    pub(super) fn at(&self, x: usize, level: usize) -> (i32, i32) {
        let edges = self.levels.get(level);
        edges.and_then(|edges| Some((*edges.upper.get(x)?, -*edges.lower.get(x)?))).unwrap_or(NOTHING)
    }
}

/// Top and bottom of `extent` in parts of a pixel, within the picture; that of nothing ends above where it begins.
pub(super) fn span(extent: &Extent, ruler: &Ruler, height: usize) -> (i32, i32) {
    (part(ruler.y(extent.max), height), part(ruler.y(extent.min), height))
}

/// A height in parts of a pixel, within the picture.
pub(super) fn part(y: f64, height: usize) -> i32 {
    // Conversion saturates, and takes what is no number for 0.
    ((y * f64::from(PARTS)) as i32).clamp(0, height as i32 * PARTS)
}

/// The outermost of the runs of `wide` columns that each column belongs to.
fn dilate(eroded: &[i32], edges: &[i32], out: &mut Vec<i32>, wide: usize) {
    out.clear();
    out.extend_from_slice(eroded);
    for back in 1..wide {
        four::lower(out.get_mut(back..).unwrap_or_default(), eroded);
    }
    // Runs that begin beyond the left edge.
    let mut cut = edges.first().copied().unwrap_or_default();
    for (here, &edge) in out.iter_mut().zip(edges).take(wide - 1) {
        cut = cut.max(edge);
        *here = cut.min(*here);
    }
}
