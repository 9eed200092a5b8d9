//! The band between minimum and maximum, and within a standard deviation of the mean.

use super::column::Column;
use super::edges::{self, Edges, NOTHING, PARTS, row, row_after};
use super::{Ink, to_byte};
use crate::Trace;
use crate::scale::Ruler;

/// Where the band is wider than this, in CSS pixels, it is as pale as asked for.
const NARROW: f32 = 5.0;
/// How many widths of the band up to that are told apart.
const LEVELS: usize = 3;
/// How far a spike must rise out of the band to be as opaque as it can be, in CSS pixels: noise stays pale.
const PROMINENT: f32 = 8.0;
/// How opaque the band of the thinnest data is, in parts of 256 of what it would be.
const THINNEST: i32 = 90;

/// What the band of a trace covers, and how opaque it is there.
#[derive(Debug, Default)]
pub(super) struct Band {
    edges: Edges<LEVELS>,
    alphas: Alphas,
    ruler: Option<Ruler>,
    height: usize,
}

impl Band {
    /// Finds out what the band of `trace` covers of a picture `height` pixels high.
    pub(super) fn measure(&mut self, trace: &Trace, ruler: Ruler, height: usize, ink: &Ink) {
        let widths = [1.0, 2.0 * ink.ratio, NARROW * ink.ratio].map(|width| width.round().max(1.0) as usize);
        self.edges.measure(trace, &ruler, height, widths);
        self.alphas = Alphas::new(ink, widths);
        self.ruler = Some(ruler).filter(|_| self.alphas.spread > 0);
        self.height = height;
    }

    /// From where to where it goes in a column, in parts of a pixel.
    pub(super) fn rows(&self, x: usize) -> (i32, i32) {
        self.edges.at(x, 0)
    }

    /// Lays the band over a column.
    pub(super) fn paint(&self, x: usize, trace: &Trace, column: &mut Column<'_>) {
        let full = trace.fullness.get(x).map_or(255, |&full| i32::from(full));
        let fade = THINNEST + (((256 - THINNEST) * (full + 1)) >> 8);
        self.paint_extent(x, fade, column);
        if let Some(ruler) = &self.ruler
            && let Some(extent) = trace.spread.get(x)
        {
            let (from, to) = edges::span(extent, ruler, self.height);
            column.add(from, to, (self.alphas.spread * fade) >> 8);
        }
    }

    /// From the outside inwards: what belongs to wider runs is paler.
    fn paint_extent(&self, x: usize, fade: i32, column: &mut Column<'_>) {
        let (from, to) = self.edges.at(x, 0);
        if from >= to {
            return;
        }
        let (core_from, core_to) = self.edges.at(x, LEVELS - 1);
        // Where nothing of the column goes on beside it, all of it is a spike.
        let alone = core_from >= core_to;
        let (above, below) = if alone { (i32::MAX, i32::MAX) } else { (core_from - from, to - core_to) };
        let alpha = |level, part| self.alphas.of(level, part, fade);
        let (mut upper, mut lower) = (alpha(0, above), alpha(0, below));
        // Only the outermost edges lie between pixels.
        let (mut first, mut last) = (row_after(from), row(to));
        if first > last {
            column.add(from, to, upper);
            return;
        }
        column.edge(from, upper);
        for level in 1..=LEVELS {
            let (inner_from, inner_to) = if level < LEVELS { self.edges.at(x, level) } else { NOTHING };
            if inner_from >= inner_to {
                column.step(i32::midpoint(first, last), lower - upper);
                break;
            }
            first = row(inner_from + PARTS / 2).clamp(first, last);
            last = row(inner_to + PARTS / 2).clamp(first, last);
            let (inner_upper, inner_lower) = (alpha(level, above), alpha(level, below));
            column.step(first, inner_upper - upper);
            column.step(last, lower - inner_lower);
            (upper, lower) = (inner_upper, inner_lower);
        }
        column.edge(to, -alpha(0, below));
    }
}

/// How opaque the parts of the band are, of 255.
#[derive(Debug, Default)]
struct Alphas {
    /// The band itself.
    band: i32,
    /// How much more opaque runs of the band are by their level, in parts of 65,536 for each part of a pixel that they rise
    /// out of it: nothing is divided in a column.
    slopes: [i32; LEVELS],
    spread: i32,
    /// How many parts of a pixel make a spike a prominent one.
    prominent: i32,
}

impl Alphas {
    fn new(ink: &Ink, widths: [usize; LEVELS]) -> Self {
        let run = |width: usize| ((width as f32 / ink.ratio - 1.0) / (NARROW - 1.0)).clamp(0.0, 1.0);
        let spike = ink.spike_alpha.max(ink.band_alpha);
        let runs = widths.map(|width| i32::from(to_byte(spike + (ink.band_alpha - spike) * run(width))));
        let spread = i32::from(to_byte(ink.spread_alpha)).min(255 - runs[0]);
        let prominent = ((PROMINENT * ink.ratio * PARTS as f32) as i32).max(1);
        let band = runs[LEVELS - 1];
        Self { band, slopes: runs.map(|run| ((run - band) << 16) / prominent), spread, prominent }
    }

    /// Of the run of a level that rises `part` parts of a pixel out of the band, faded to `fade` parts of 256.
    fn of(&self, level: usize, part: i32, fade: i32) -> i32 {
        let more = (self.slopes[level] * part.min(self.prominent) + (1 << 15)) >> 16;
        ((self.band + more) * fade) >> 8
    }
}
