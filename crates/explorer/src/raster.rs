//! Paints traces into a picture of RGBA bytes. Without a GPU, writing pixels beats drawing paths about tenfold.
//!
//! Everything here counts in device pixels. Colours are not premultiplied, as `putImageData` of a canvas wants them. A few
//! dozen columns are painted at a time: first how opaque each of their pixels is, column by column, in memory that stays in
//! the processor's nearest cache; then the colour is laid over the picture row by row.

mod edges;
mod lay;
mod line;

use self::edges::{Edges, NOTHING, PARTS};
use self::line::Line;
use crate::{Scale, Trace};

/// How many columns are painted at a time: their pixels of a row fill whole cache lines.
const BLOCK: usize = 32;
/// Where the band is wider than this, in CSS pixels, it is as pale as asked for.
const NARROW: f32 = 5.0;
/// How many widths of the band up to that are told apart.
const LEVELS: usize = 3;
/// How far a spike must rise out of the band to be as opaque as it can be, in CSS pixels: noise stays pale.
const PROMINENT: f32 = 8.0;
/// How opaque the band of thin data is, as a part of what it would be.
const THINNEST: f32 = 0.35;

/// Red, green and blue.
pub type Rgb = [u8; 3];
/// A row of a block.
type Row = [u8; BLOCK];

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
    /// How opaque each pixel of a block is.
    alphas: Vec<Row>,
}

/// How opaque the parts of the band are.
struct Alphas {
    band: f32,
    spread: f32,
    /// Of runs of the band by their level.
    spikes: [f32; LEVELS],
    /// How many parts of a pixel make a spike a prominent one.
    prominent: f32,
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
        let run = |width: usize| ((width as f32 / ink.ratio - 1.0) / (NARROW - 1.0)).clamp(0.0, 1.0);
        let spike = ink.spike_alpha.max(ink.band_alpha);
        let alphas = Alphas {
            band: ink.band_alpha,
            spread: ink.spread_alpha,
            spikes: widths.map(|width| spike + (ink.band_alpha - spike) * run(width)),
            prominent: PROMINENT * ink.ratio * PARTS as f32,
        };
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
        self.alphas.clear();
        self.alphas.resize(rows.len(), [0; BLOCK]);
        for x in columns.clone() {
            let mut column = Column { rows: &mut self.alphas, x: x - first, first: rows.start as i32 };
            let full = trace.fullness.get(x).map_or(u8::MAX, |&full| full);
            let fade = if full == u8::MAX { 1.0 } else { THINNEST + (1.0 - THINNEST) * f32::from(full) / 255.0 };
            band(&mut column, &self.edges, x, alphas, fade);
            if alphas.spread > 0.0
                && let Some(extent) = trace.spread.get(x)
            {
                let (from, to) = edges::span(extent, ruler, self.height);
                column.add(from, to, to_byte(alphas.spread * fade));
            }
            self.line.paint(x, &mut column);
        }
        for (row, alphas) in rows.zip(&self.alphas) {
            let start = row * self.width;
            let Some(pixels) = self.pixels.get_mut((start + columns.start) * 4..(start + columns.end) * 4) else {
                break;
            };
            match self.below {
                Below::Nothing => lay::on_nothing(pixels, alphas.as_chunks().0, colour),
                Below::Ground => lay::on_ground(pixels, alphas.as_chunks().0, colour),
                Below::Anything => {
                    for (pixel, &alpha) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(alphas) {
                        lay::on_anything(pixel, alpha, colour);
                    }
                }
            }
        }
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
fn band(column: &mut Column<'_>, edges: &Edges, x: usize, alphas: &Alphas, fade: f32) {
    let (from, to) = edges.at(x, 0);
    if from >= to {
        return;
    }
    let (core_from, core_to) = edges.at(x, LEVELS - 1);
    // Where nothing of the column goes on beside it, all of it is a spike.
    let alone = core_from >= core_to;
    let weight = |part: i32| if alone { 1.0 } else { (part as f32 / alphas.prominent).min(1.0) };
    let (above, below) = (weight(core_from.saturating_sub(from)), weight(to.saturating_sub(core_to)));
    let alpha = |spike: f32, weight: f32| to_byte((alphas.band + (spike - alphas.band) * weight) * fade);
    // Only the outermost edges lie between pixels.
    let (mut first, mut last) = ((from + PARTS - 1) / PARTS, to / PARTS);
    if first > last {
        column.add(from, to, alpha(alphas.spikes[0], above));
        return;
    }
    column.add(from, first * PARTS, alpha(alphas.spikes[0], above));
    column.add(last * PARTS, to, alpha(alphas.spikes[0], below));
    for (level, &spike) in alphas.spikes.iter().enumerate() {
        let (inner_from, inner_to) = if level + 1 < LEVELS { edges.at(x, level + 1) } else { NOTHING };
        if inner_from >= inner_to {
            let middle = if above == below { last } else { i32::midpoint(first, last) };
            column.fill(first, middle, alpha(spike, above));
            column.fill(middle, last, alpha(spike, below));
            return;
        }
        let inner_first = ((inner_from + PARTS / 2) / PARTS).clamp(first, last);
        let inner_last = ((inner_to + PARTS / 2) / PARTS).clamp(inner_first, last);
        column.fill(first, inner_first, alpha(spike, above));
        column.fill(inner_last, last, alpha(spike, below));
        (first, last) = (inner_first, inner_last);
    }
}

/// One column of a block.
struct Column<'a> {
    rows: &'a mut [Row],
    x: usize,
    /// The row that the block begins with.
    first: i32,
}

impl Column<'_> {
    /// The pixels of the rows from `from` to `to`.
    fn pixels(&mut self, from: i32, to: i32) -> impl Iterator<Item = &mut u8> {
        let (from, to) = ((from - self.first) as usize, (to - self.first) as usize);
        let x = self.x % BLOCK;
        self.rows.get_mut(from..to).unwrap_or_default().iter_mut().map(move |row| &mut row[x])
    }

    /// Makes whole pixels as opaque as `alpha`.
    fn fill(&mut self, from: i32, to: i32, alpha: u8) {
        self.pixels(from, to).for_each(|pixel| *pixel = alpha);
    }

    /// Adds to the opacity from `from` to `to` parts of a pixel.
    fn add(&mut self, from: i32, to: i32, alpha: u8) {
        self.change(from, to, |below, part| {
            (i32::from(below) + i32::from(alpha) * part / PARTS).min(i32::from(u8::MAX)) as u8
        });
    }

    /// Lays something opaque over it.
    fn cover(&mut self, from: i32, to: i32) {
        self.change(from, to, |below, part| if part == PARTS { u8::MAX } else { over(below, part as u8) });
    }

    /// Changes how opaque pixels are, told how much of each is meant, of [`PARTS`].
    fn change(&mut self, from: i32, to: i32, change: impl Fn(u8, i32) -> u8) {
        if from >= to {
            return;
        }
        let (first, last) = (from / PARTS, (to - 1) / PARTS);
        let mut one = |row, part| self.pixels(row, row + 1).for_each(|pixel| *pixel = change(*pixel, part));
        if first == last {
            one(first, to - from);
            return;
        }
        one(first, (first + 1) * PARTS - from);
        one(last, to - last * PARTS);
        self.pixels(first + 1, last).for_each(|pixel| *pixel = change(*pixel, PARTS));
    }

    /// Lays something over one pixel.
    fn lay(&mut self, row: i32, alpha: u8) {
        self.pixels(row, row + 1).for_each(|pixel| *pixel = over(*pixel, alpha));
    }
}

/// How opaque two layers are together.
fn over(below: u8, alpha: u8) -> u8 {
    let [below, alpha] = [u32::from(below), u32::from(alpha)];
    (alpha + (below * (255 - alpha) + 127) / 255) as u8
}

fn to_byte(part: f32) -> u8 {
    (part.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests;
