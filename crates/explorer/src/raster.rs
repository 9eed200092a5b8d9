//! Paints traces into a picture of RGBA bytes. Without a GPU, writing pixels beats drawing paths about tenfold.
//!
//! Everything here counts in device pixels. Colours are not premultiplied, as `putImageData` of a canvas wants them. Some
//! columns are painted at a time: first how opaque each of their pixels is, column by column, in memory that stays in
//! the processor's nearest cache, and only where that changes from one row to the next; then the colour is laid over the
//! picture row by row.

mod edges;
mod lay;
mod line;

use self::edges::{Edges, NOTHING, PARTS};
use self::lay::{BLOCK, Layers, Steps};
use self::line::Line;
use crate::{Scale, Trace};

/// Where the band is wider than this, in CSS pixels, it is as pale as asked for.
const NARROW: f32 = 5.0;
/// How many widths of the band up to that are told apart.
const LEVELS: usize = 3;
/// How far a spike must rise out of the band to be as opaque as it can be, in CSS pixels: noise stays pale.
const PROMINENT: f32 = 8.0;
/// How opaque the band of the thinnest data is, in parts of 256 of what it would be.
const THINNEST: i32 = 90;

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// How a trace is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    /// The colour of band, line and points.
    pub colour: Rgb,
    /// The ground, which shows as a halo around points.
    pub ground: Rgb,
    /// How opaque the band between minimum and maximum is, 0 to 1; thin data, less.
    pub band_alpha: f32,
    /// How much more opaque it is within a standard deviation of the mean; 0 where that is not wanted.
    pub spread_alpha: f32,
    /// How opaque the band is where it is no wider than a CSS pixel and rises out of what is beside it: a lone spike must
    /// not fade away. Up to [`NARROW`] CSS pixels, it is in between.
    pub spike_alpha: f32,
    /// Device pixels per CSS pixel.
    pub ratio: f32,
    /// The width of the mean line.
    pub line_width: f32,
    /// The radius of points; `None` where they are too close to be told apart.
    pub point_radius: Option<f32>,
    /// How the mean line is broken up, if it is: colours come again after the first six streams.
    pub dash: Option<Dash>,
}

/// A broken line, in pixels across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dash {
    /// How long it is there, and how long it is not.
    pub on: usize,
    /// See `on`.
    pub off: usize,
    /// How far into the pattern the left edge is: that it moves with the data is for the caller to say.
    pub shift: usize,
}

/// What paints dense series: many points a pixel.
pub trait Painter {
    /// Makes the picture `width` by `height` pixels: all of the colour `ground`, or transparent without.
    fn reset(&mut self, width: usize, height: usize, ground: Option<Rgb>);

    /// Paints the band, the mean line and the points of `trace`, over what is there.
    fn paint(&mut self, trace: &Trace, scale: &Scale, ink: &Ink);

    /// The picture: rows from the top, four bytes a pixel.
    fn pixels(&self) -> &[u8];
}

/// What has been drawn below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Below {
    #[default]
    Nothing,
    Ground,
    Anything,
}

/// The [`Painter`] that measures fastest where there is no GPU. It is used again and again, in the memory that it has.
#[derive(Debug, Default)]
pub struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    below: Below,
    edges: Edges,
    line: Line,
    layers: Layers,
}

/// How opaque the parts of the band are, of 255.
struct Alphas {
    /// Of runs of the band by their level; the last is that of the band itself.
    runs: [i32; LEVELS],
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
        Self { runs, spread, prominent: (PROMINENT * ink.ratio * PARTS as f32) as i32 }
    }

    /// Of the run of a level that rises `part` parts of a pixel out of the band, faded to `fade` parts of 256.
    fn of(&self, level: usize, part: i32, fade: i32) -> i32 {
        let (run, band) = (self.runs[level], self.runs[LEVELS - 1]);
        (band + (run - band) * part.min(self.prominent) / self.prominent.max(1)) * fade / 256
    }
}

impl Painter for Raster {
    fn reset(&mut self, width: usize, height: usize, ground: Option<Rgb>) {
        (self.width, self.height) = (width, height);
        self.pixels.resize(width * height * 4, 0);
        match ground {
            None => self.pixels.fill(0),
            Some([red, green, blue]) => {
                self.pixels.as_chunks_mut::<4>().0.fill([red, green, blue, u8::MAX]);
            }
        }
        self.below = if ground.is_some() { Below::Ground } else { Below::Nothing };
    }

    fn paint(&mut self, trace: &Trace, scale: &Scale, ink: &Ink) {
        let ruler = scale.ruler(self.height as f64);
        let widths = widths(ink.ratio);
        self.edges.measure(trace, &ruler, self.height, &widths);
        self.line.measure(trace, &ruler, ink.line_width, (self.width, self.height));
        if let Some(dash) = ink.dash {
            self.line.break_up(dash);
        }
        let alphas = Alphas::new(ink, widths);
        for first in (0..self.width).step_by(BLOCK) {
            self.block(first, trace, &ruler, &alphas, ink.colour);
        }
        if self.below == Below::Nothing {
            self.below = Below::Anything;
        }
        if let Some(radius) = ink.point_radius {
            self.points(trace, scale, ink, radius);
        }
    }

    fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// The widths of runs that are told apart, in device pixels.
fn widths(ratio: f32) -> [usize; LEVELS] {
    [1.0, 2.0 * ratio, NARROW * ratio].map(|width| width.round().max(1.0) as usize)
}

impl Raster {
    /// Width and height.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Hatches the columns from `from` to `to`: thin still diagonals, `spacing` pixels apart.
    pub fn hatch(&mut self, from: f64, to: f64, colour: Rgb, alpha: f32, spacing: usize) {
        let first = from.floor().clamp(0.0, self.width as f64) as usize;
        let last = to.ceil().clamp(0.0, self.width as f64) as usize;
        let spacing = spacing.max(2);
        let alpha = to_byte(alpha);
        for y in 0..self.height {
            // The diagonals of a whole picture meet across its spans: they hang on x + y alone.
            let skip = (spacing - (first + y) % spacing) % spacing;
            for x in (first + skip..last).step_by(spacing) {
                self.blend(x, y, colour, alpha);
            }
        }
        if self.below == Below::Nothing {
            self.below = Below::Anything;
        }
    }

    /// Paints a block of columns.
    fn block(&mut self, first: usize, trace: &Trace, ruler: &crate::scale::Ruler, alphas: &Alphas, colour: Rgb) {
        let columns = first..(first + BLOCK).min(self.width);
        let (mut top, mut bottom) = NOTHING;
        for x in columns.clone() {
            for (from, to) in [self.edges.at(x, 0), self.line.rows(x)] {
                (top, bottom) = (top.min(from), bottom.max(to));
            }
        }
        if top >= bottom {
            return;
        }
        let rows = (top / PARTS) as usize..((bottom + PARTS - 1) / PARTS) as usize;
        for layer in [&mut self.layers.band, &mut self.layers.line] {
            layer.clear();
            layer.resize(rows.len(), [0; BLOCK]);
        }
        for x in columns.clone() {
            let place = (x - first, rows.start as i32);
            let full = trace.fullness.get(x).map_or(255, |&full| i32::from(full));
            let fade = THINNEST + (256 - THINNEST) * (full + 1) / 256;
            let mut column = Column::new(&mut self.layers.band, place);
            band(&mut column, &self.edges, x, alphas, fade);
            if alphas.spread > 0
                && let Some(extent) = trace.spread.get(x)
            {
                let (from, to) = edges::span(extent, ruler, self.height);
                column.add(from, to, alphas.spread * fade / 256);
            }
            self.line.paint(x, &mut Column::new(&mut self.layers.line, place));
        }
        lay::block((&mut self.pixels, self.width), columns, rows.start, &self.layers, self.below, colour);
    }

    fn points(&mut self, trace: &Trace, scale: &Scale, ink: &Ink, radius: f32) {
        let height = self.height as f64;
        let reach = f64::from(radius) + 2.0;
        let visible = -reach..self.width as f64 + reach;
        for vertex in trace.line.iter().filter(|vertex| vertex.point && visible.contains(&vertex.x)) {
            let (x, y) = (vertex.x as f32, scale.y(vertex.value, height) as f32);
            self.disc(x, y, radius + 1.0, ink.ground);
            self.disc(x, y, radius, ink.colour);
        }
    }

    fn disc(&mut self, x: f32, y: f32, radius: f32, colour: Rgb) {
        let reach = radius + 0.5;
        let rows = (y - reach).floor().max(0.0) as usize..((y + reach).ceil().max(0.0) as usize).min(self.height);
        let columns = (x - reach).floor().max(0.0) as usize..((x + reach).ceil().max(0.0) as usize).min(self.width);
        for row in rows {
            for column in columns.clone() {
                let (wide, high) = (column as f32 + 0.5 - x, row as f32 + 0.5 - y);
                self.blend(column, row, colour, to_byte(reach - (wide * wide + high * high).sqrt()));
            }
        }
    }

    /// Lays `colour` of opacity `alpha` over a pixel.
    fn blend(&mut self, x: usize, y: usize, colour: Rgb, alpha: u8) {
        if let Some(pixel) = self.pixels.as_chunks_mut::<4>().0.get_mut(y * self.width + x) {
            lay::on_anything(pixel, alpha, colour);
        }
    }
}

/// The band in one column, from the outside inwards: what belongs to wider runs is paler.
fn band(column: &mut Column<'_>, edges: &Edges, x: usize, alphas: &Alphas, fade: i32) {
    let (from, to) = edges.at(x, 0);
    if from >= to {
        return;
    }
    let (core_from, core_to) = edges.at(x, LEVELS - 1);
    // Where nothing of the column goes on beside it, all of it is a spike.
    let alone = core_from >= core_to;
    let (above, below) = if alone { (i32::MAX, i32::MAX) } else { (core_from - from, to - core_to) };
    // Only the outermost edges lie between pixels.
    let (mut first, mut last) = ((from + PARTS - 1) / PARTS, to / PARTS);
    if first > last {
        column.add(from, to, alphas.of(0, above, fade));
        return;
    }
    column.add(from, first * PARTS, alphas.of(0, above, fade));
    column.add(last * PARTS, to, alphas.of(0, below, fade));
    for level in 0..LEVELS {
        let (inner_from, inner_to) = if level + 1 < LEVELS { edges.at(x, level + 1) } else { NOTHING };
        if inner_from >= inner_to {
            let middle = if above == below { last } else { i32::midpoint(first, last) };
            column.fill(first, middle, alphas.of(level, above, fade));
            column.fill(middle, last, alphas.of(level, below, fade));
            return;
        }
        let inner_first = ((inner_from + PARTS / 2) / PARTS).clamp(first, last);
        let inner_last = ((inner_to + PARTS / 2) / PARTS).clamp(inner_first, last);
        if first < inner_first {
            column.fill(first, inner_first, alphas.of(level, above, fade));
        }
        if inner_last < last {
            column.fill(inner_last, last, alphas.of(level, below, fade));
        }
        (first, last) = (inner_first, inner_last);
    }
}

/// One column of a layer.
struct Column<'a> {
    rows: &'a mut [Steps],
    x: usize,
    /// The row that the block begins with.
    first: i32,
}

impl<'a> Column<'a> {
    fn new(rows: &'a mut [Steps], (x, first): (usize, i32)) -> Self {
        Self { rows, x: x % BLOCK, first }
    }

    /// Makes a row and those below more opaque.
    fn step(&mut self, row: i32, by: i32) {
        // What ends with the block has nothing below.
        if let Some(steps) = self.rows.get_mut((row - self.first) as usize) {
            steps[self.x] = steps[self.x].wrapping_add(by as u8);
        }
    }

    /// Adds `alpha` to the rows from `from` to `to`.
    fn fill(&mut self, from: i32, to: i32, alpha: i32) {
        self.step(from, alpha);
        self.step(to, -alpha);
    }

    /// Adds `alpha` from `from` to `to` parts of a pixel.
    fn add(&mut self, from: i32, to: i32, alpha: i32) {
        if from >= to {
            return;
        }
        let (first, last) = (from / PARTS, (to - 1) / PARTS);
        if first == last {
            self.fill(first, first + 1, alpha * (to - from) / PARTS);
            return;
        }
        let above = alpha * ((first + 1) * PARTS - from) / PARTS;
        let below = alpha * (to - last * PARTS) / PARTS;
        self.step(first, above);
        self.step(first + 1, alpha - above);
        self.step(last, below - alpha);
        self.step(last + 1, -below);
    }
}

fn to_byte(part: f32) -> u8 {
    (part.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests;
