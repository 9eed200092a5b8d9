//! Where the band begins and ends in each pixel column, and how wide it is there: integers, so that many columns are
//! compared in one go.

use crate::scale::Ruler;
use crate::{Extent, Trace};

/// Heights are counted in this many parts of a pixel.
pub(super) const PARTS: i32 = 1 << SHIFT;
const SHIFT: u32 = 8;
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
    /// The edges of what belongs to runs of at least so many columns, tops first; those of every column come first.
    levels: [(Vec<i32>, Vec<i32>); LEVELS],
    eroded: (Vec<i32>, Vec<i32>),
}

impl<const LEVELS: usize> Default for Edges<LEVELS> {
    fn default() -> Self {
        Self { levels: std::array::from_fn(|_| Default::default()), eroded: Default::default() }
    }
}

impl<const LEVELS: usize> Edges<LEVELS> {
    /// Measures the columns of `trace` on `height` pixels, for runs of `widths` columns: 1 first, ascending.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn measure(&mut self, trace: &Trace, ruler: &Ruler, height: usize, widths: [usize; LEVELS]) {
        let Some(((tops, bottoms), wider)) = self.levels.split_first_mut() else { return };
        tops.clear();
        bottoms.clear();
        for extent in &trace.columns {
            let (top, bottom) = span(extent, ruler, height);
            tops.push(top);
            bottoms.push(bottom);
        }
        let (lowest, highest) = &mut self.eroded;
        lowest.clone_from(tops);
        highest.clone_from(bottoms);
        let mut reached = 1;
        for (&wide, (tops_there, bottoms_there)) in widths.iter().skip(1).zip(wider) {
            // `lowest[x]` is the lowest top of the columns from x on. What lies beyond the picture may go on there.
            for ahead in reached..wide {
                erode(lowest, tops, ahead, larger);
                erode(highest, bottoms, ahead, smaller);
            }
            reached = wide;
            dilate(lowest, tops, tops_there, wide, smaller, larger);
            dilate(highest, bottoms, bottoms_there, wide, larger, smaller);
        }
    }

    /// The edges in column `x` of what belongs to runs of at least the width of `level`; nothing where the top is not above
    /// the bottom.
    pub(super) fn at(&self, x: usize, level: usize) -> (i32, i32) {
        let edges = self.levels.get(level);
        edges.and_then(|(tops, bottoms)| Some((*tops.get(x)?, *bottoms.get(x)?))).unwrap_or(NOTHING)
    }
}

fn smaller(a: i32, b: i32) -> i32 {
    if a < b { a } else { b }
}

fn larger(a: i32, b: i32) -> i32 {
    if a > b { a } else { b }
}

/// Top and bottom of `extent` in parts of a pixel, within the picture.
pub(super) fn span(extent: &Extent, ruler: &Ruler, height: usize) -> (i32, i32) {
    if extent.is_empty() {
        return NOTHING;
    }
    (part(ruler.y(extent.max), height), part(ruler.y(extent.min), height))
}

/// A height in parts of a pixel, within the picture.
pub(super) fn part(y: f64, height: usize) -> i32 {
    // Conversion saturates, and takes what is no number for 0.
    ((y * f64::from(PARTS)) as i32).clamp(0, height as i32 * PARTS)
}

/// Takes column `x + ahead` into what is known of the columns from `x` on.
fn erode(eroded: &mut [i32], edges: &[i32], ahead: usize, worse: impl Fn(i32, i32) -> i32) {
    let ahead = edges.get(ahead..).unwrap_or_default();
    for (here, &there) in eroded.iter_mut().zip(ahead) {
        *here = worse(*here, there);
    }
}

/// The best of the runs of `wide` columns that each column belongs to.
fn dilate(
    eroded: &[i32],
    edges: &[i32],
    out: &mut Vec<i32>,
    wide: usize,
    better: impl Fn(i32, i32) -> i32,
    worse: impl Fn(i32, i32) -> i32,
) {
    out.clear();
    out.extend_from_slice(eroded);
    for back in 1..wide {
        let Some(out) = out.get_mut(back..) else { break };
        for (here, &there) in out.iter_mut().zip(eroded) {
            *here = better(*here, there);
        }
    }
    // Runs that begin beyond the left edge.
    let mut cut = edges.first().copied().unwrap_or_default();
    for (here, &edge) in out.iter_mut().zip(edges).take(wide - 1) {
        cut = worse(cut, edge);
        *here = better(*here, cut);
    }
}
