//! Paints traces into a picture of RGBA bytes. Without a GPU, writing pixels beats drawing paths about tenfold.
//!
//! Everything here counts in device pixels. Colours are not premultiplied, as `putImageData` of a canvas wants them. Some
//! columns are painted at a time, all layers of them, in memory that stays in the processor's nearest caches: first how
//! opaque each of their pixels is, column by column, and only where that changes from one row to the next; then the colour
//! is laid over the block row by row.

mod band;
mod block;
mod column;
mod edges;
mod four;
mod line;
mod points;
mod sixteen;

use self::band::Band;
use self::block::{BLOCK, Block};
use self::line::Line;
use crate::{Scale, Trace};

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
    /// not fade away. Up to five CSS pixels, it is in between.
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

/// A stream in a picture.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// What is painted, of as many columns as the picture has.
    pub trace: &'a Trace,
    /// From values to heights.
    pub scale: Scale,
    /// In which colours.
    pub ink: Ink,
}

/// What paints dense series: many points a pixel.
pub trait Painter {
    /// Makes the picture `width` by `height` pixels, all of the colour `ground`, or transparent without; and paints `layers`
    /// over it one after the other: band and mean line of each, then the points of all.
    fn paint(&mut self, size: (usize, usize), ground: Option<Rgb>, layers: &[Layer<'_>]);

    /// The picture: rows from the top, four bytes a pixel.
    fn pixels(&self) -> &[u8];
}

/// The [`Painter`] that measures fastest where there is no GPU. It is used again and again, in the memory that it has.
#[derive(Debug, Default)]
pub struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    shapes: Vec<Shape>,
    block: Block,
}

/// What a layer covers.
#[derive(Debug, Default)]
struct Shape {
    band: Band,
    line: Line,
}

impl Painter for Raster {
    fn paint(&mut self, (width, height): (usize, usize), ground: Option<Rgb>, layers: &[Layer<'_>]) {
        (self.width, self.height) = (width, height);
        self.pixels.resize(width * height * 4, 0);
        self.shapes.resize_with(layers.len(), Shape::default);
        for (shape, layer) in self.shapes.iter_mut().zip(layers) {
            shape.measure(layer, (width, height));
        }
        let picture = (&mut *self.pixels, width);
        match ground {
            Some(ground) => on_ground(picture, &mut self.block, ground, &mut self.shapes, layers),
            None => on_nothing(picture, &mut self.block, &mut self.shapes, layers),
        }
        for layer in layers {
            self.points(layer);
        }
    }

    fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// Paints over a ground that shows nowhere through: block by block, all layers of each.
fn on_ground(
    (pixels, width): (&mut [u8], usize),
    block: &mut Block,
    ground: Rgb,
    shapes: &mut [Shape],
    layers: &[Layer<'_>],
) {
    let rows = pixels.len() / (4 * width.max(1));
    for first in (0..width).step_by(BLOCK) {
        let columns = first..(first + BLOCK).min(width);
        block.fill(rows, ground);
        for (shape, layer) in shapes.iter_mut().zip(layers) {
            if shape.measure_block(block, columns.clone(), layer) {
                block.lay(layer.ink.colour);
            }
        }
        block.write((pixels, width), columns);
    }
}

/// Paints over nothing: what is seen through stays as it is.
fn on_nothing((pixels, width): (&mut [u8], usize), block: &mut Block, shapes: &mut [Shape], layers: &[Layer<'_>]) {
    pixels.fill(0);
    for (at, (shape, layer)) in shapes.iter_mut().zip(layers).enumerate() {
        for first in (0..width).step_by(BLOCK) {
            let columns = first..(first + BLOCK).min(width);
            if shape.measure_block(block, columns.clone(), layer) {
                block.lay_clear((pixels, width), columns, layer.ink.colour, at == 0);
            }
        }
    }
}

impl Shape {
    fn measure(&mut self, Layer { trace, scale, ink }: &Layer<'_>, (width, height): (usize, usize)) {
        let ruler = scale.ruler(height as f64);
        self.band.measure(trace, ruler, height, ink);
        self.line.measure(trace, &ruler, ink.line_width, (width, height));
        if let Some(dash) = ink.dash {
            self.line.break_up(dash);
        }
    }

    /// Finds out how opaque each pixel of some columns is; `false` where all are transparent.
    fn measure_block(&mut self, block: &mut Block, columns: std::ops::Range<usize>, layer: &Layer<'_>) -> bool {
        let (mut top, mut bottom) = edges::NOTHING;
        for x in columns.clone() {
            for (from, to) in [self.band.rows(x), self.line.rows(x)] {
                (top, bottom) = (top.min(from), bottom.max(to));
            }
        }
        if top >= bottom {
            return false;
        }
        block.begin(edges::row(top) as usize..edges::row_after(bottom) as usize);
        for (at, x) in columns.enumerate() {
            let (mut band, mut line) = block.column(at);
            self.band.paint(x, layer.trace, &mut band);
            self.line.paint(x, &mut line);
        }
        true
    }
}

impl Raster {
    /// Width and height.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Lays `colour` of opacity `alpha` over a pixel.
    fn blend(&mut self, x: usize, y: usize, colour: Rgb, alpha: u8) {
        if let Some(pixel) = self.pixels.as_chunks_mut::<4>().0.get_mut(y * self.width + x) {
            block::on_anything(pixel, alpha, colour);
        }
    }
}

fn to_byte(part: f32) -> u8 {
    (part.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests;
