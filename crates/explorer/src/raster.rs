//! Paints traces into a picture of RGBA bytes. Without a GPU, writing pixels beats drawing paths about tenfold.
//!
//! Everything here counts in device pixels. Colours are not premultiplied, as `putImageData` of a canvas wants them.

use crate::{Scale, Trace};

/// How far a line may rise from one column to the next before it is drawn as upright strokes.
const STEEP_PIXELS: f64 = 6.0;
/// Where the band is wider than this, in CSS pixels, it is as pale as asked for.
const NARROW: f32 = 5.0;

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// How a trace is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    /// The colour of band, line and points.
    pub colour: Rgb,
    /// The ground, which shows as a halo around points.
    pub ground: Rgb,
    /// How opaque the band between minimum and maximum is, 0 to 1.
    pub band_alpha: f32,
    /// How opaque the band is where it is no wider than a CSS pixel: a lone spike must not fade away. In between, up to
    /// [`NARROW`] CSS pixels, it is in between.
    pub spike_alpha: f32,
    /// Device pixels per CSS pixel.
    pub ratio: f32,
    /// The width of the mean line.
    pub line_width: f32,
    /// The radius of points; `None` where they are too close to be told apart.
    pub point_radius: Option<f32>,
}

impl Ink {
    /// How opaque `run` neighbouring pixels of the band are.
    fn alpha_of_run(&self, run: usize) -> f32 {
        let wide = ((run as f32 / self.ratio - 1.0) / (NARROW - 1.0)).clamp(0.0, 1.0);
        self.spike_alpha.max(self.band_alpha) * (1.0 - wide) + self.band_alpha * wide
    }
}

/// A picture that is used again and again.
#[derive(Debug, Default)]
pub struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    /// How much of each pixel the line covers, and per column which rows it touches.
    coverage: Vec<u8>,
    touched: Vec<(u32, u32)>,
    /// Per column where the band begins and ends.
    edges: Vec<(f32, f32)>,
}

impl Raster {
    /// Makes the picture `width` by `height` pixels and fully transparent.
    pub fn reset(&mut self, width: usize, height: usize) {
        self.width = width;
        self.height = height;
        self.pixels.clear();
        self.pixels.resize(width * height * 4, 0);
        self.coverage.resize(width * height, 0);
        self.touched.clear();
        self.touched.resize(width, (u32::MAX, 0));
    }

    /// The picture: rows from the top, four bytes a pixel.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Width and height.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Paints the band, the mean line and the points of `trace`.
    pub fn paint(&mut self, trace: &Trace, scale: &Scale, ink: &Ink) {
        self.band(trace, scale, ink);
        self.cover_line(trace, scale, ink.line_width);
        self.blend_line(ink.colour);
        if let Some(radius) = ink.point_radius {
            self.points(trace, scale, ink, radius);
        }
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
    }

    /// Row by row, because how opaque a pixel is depends on how many beside it are in the band too.
    fn band(&mut self, trace: &Trace, scale: &Scale, ink: &Ink) {
        let height = self.height as f64;
        let mut edges = std::mem::take(&mut self.edges);
        edges.clear();
        edges.extend(trace.columns.iter().take(self.width).map(|extent| {
            if extent.is_empty() {
                return (f32::INFINITY, f32::NEG_INFINITY);
            }
            let top = scale.y(extent.max, height).clamp(0.0, height) as f32;
            (top, scale.y(extent.min, height).clamp(0.0, height) as f32)
        }));
        let first = edges.iter().fold(f32::INFINITY, |first, &(top, _)| first.min(top));
        let last = edges.iter().fold(0.0_f32, |last, &(_, bottom)| last.max(bottom));
        for y in first.floor() as usize..(last.ceil() as usize).min(self.height) {
            let mut from = 0;
            while from < edges.len() {
                let (above, below) = (y as f32, y as f32 + 1.0);
                let inside = |&(top, bottom): &(f32, f32)| top < below && bottom > above;
                let Some(skipped) = edges[from..].iter().position(inside) else { break };
                from += skipped;
                let run = edges[from..].iter().position(|edge| !inside(edge)).unwrap_or(edges.len() - from);
                // What is cut off by the edge of the picture may go on there.
                let is_cut = from == 0 || from + run == edges.len();
                let alpha = if is_cut { ink.band_alpha } else { ink.alpha_of_run(run) };
                for (x, &(top, bottom)) in edges.iter().enumerate().skip(from).take(run) {
                    let part = (bottom.min(below) - top.max(above)).clamp(0.0, 1.0);
                    self.blend(x, y, ink.colour, to_byte(alpha * part));
                }
                from += run;
            }
        }
        self.edges = edges;
    }

    /// Marks what the mean line covers. Each pixel keeps its strongest mark, so that joints do not darken.
    fn cover_line(&mut self, trace: &Trace, scale: &Scale, line_width: f32) {
        let height = self.height as f64;
        let half = line_width * 0.5;
        let (left, right) = (-4.0, self.width as f64 + 4.0);
        for (at, vertex) in trace.line.iter().enumerate() {
            let here = (vertex.x, scale.y(vertex.value, height));
            let before = vertex.joined.then(|| at.checked_sub(1).and_then(|at| trace.line.get(at))).flatten();
            let leads_on = trace.line.get(at + 1).is_some_and(|next| next.joined);
            if let Some(before) = before {
                let there = (before.x, scale.y(before.value, height));
                // Points may lie millions of pixels away: cut in double precision before drawing in single.
                let Some(((x0, y0), (x1, y1))) = cut(there, here, left, right) else { continue };
                let (from, to) = ((x0 as f32, y0 as f32), (x1 as f32, y1 as f32));
                let (wide, tall) = (here.0 - there.0, (here.1 - there.1).abs());
                // Measuring distances is dear where lines run up and down from column to column, and not needed there.
                let is_steep = wide < 0.5 || (wide <= 2.0 && tall > STEEP_PIXELS);
                if is_steep { self.steep(from, to, half) } else { self.slanted(from, to, half) }
            } else if !leads_on {
                // Data on its own, one pixel wide: without this it would not be seen at all.
                let (x, y) = (here.0.clamp(left, right) as f32, here.1 as f32);
                self.column(x.floor(), y, y, half.max(0.75));
            }
        }
    }

    /// A short step from one pixel column to the next: half of it is drawn in either column, as an upright stroke.
    fn steep(&mut self, (x0, y0): (f32, f32), (x1, y1): (f32, f32), half: f32) {
        let middle = f32::midpoint(y0, y1);
        let (left, right) = (x0.floor(), x1.floor());
        if left == right {
            self.column(left, y0, y1, half);
            return;
        }
        self.column(left, y0, middle, half);
        if right - left > 1.5 {
            self.column(left + 1.0, middle, middle, half);
        }
        self.column(right, middle, y1, half);
    }

    fn column(&mut self, x: f32, y0: f32, y1: f32, half: f32) {
        if x < 0.0 || x >= self.width as f32 {
            return;
        }
        let (top, bottom) = (y0.min(y1) - half, y0.max(y1) + half);
        let first = top.floor().max(0.0) as usize;
        let last = (bottom.ceil().max(0.0) as usize).min(self.height);
        for y in first..last {
            let part = bottom.min(y as f32 + 1.0) - top.max(y as f32);
            self.mark(x as usize, y, part);
        }
    }

    /// A longer stretch: pixels are covered by how close they are to it.
    fn slanted(&mut self, (x0, y0): (f32, f32), (x1, y1): (f32, f32), half: f32) {
        let (dx, dy) = (x1 - x0, y1 - y0);
        let length = dx.hypot(dy).max(f32::MIN_POSITIVE);
        let slope = dy / dx;
        let reach = half + 0.5;
        // Along a column the line is as thick as it is steep, up to what its ends allow.
        let upright = (reach * length / dx.abs()).min(dy.abs() + 2.0 * reach);
        let first = (x0 - reach).floor().max(0.0) as usize;
        let last = ((x1 + reach).ceil().max(0.0) as usize).min(self.width);
        for x in first..last {
            let centre = x as f32 + 0.5;
            let middle = y0 + slope * (centre.clamp(x0, x1) - x0);
            let top = (middle - upright).floor().max(0.0) as usize;
            let bottom = ((middle + upright).ceil().max(0.0) as usize).min(self.height);
            for y in top..bottom {
                let (px, py) = (centre - x0, y as f32 + 0.5 - y0);
                let along = ((px * dx + py * dy) / (length * length)).clamp(0.0, 1.0);
                let distance = (px - along * dx).hypot(py - along * dy);
                self.mark(x, y, reach - distance);
            }
        }
    }

    fn mark(&mut self, x: usize, y: usize, part: f32) {
        let part = to_byte(part);
        if part == 0 {
            return;
        }
        let at = y * self.width + x;
        self.coverage[at] = self.coverage[at].max(part);
        let (first, last) = &mut self.touched[x];
        *first = (*first).min(y as u32);
        *last = (*last).max(y as u32 + 1);
    }

    /// Paints what has been marked and wipes the marks.
    fn blend_line(&mut self, colour: Rgb) {
        for x in 0..self.width {
            let (first, last) = std::mem::replace(&mut self.touched[x], (u32::MAX, 0));
            for y in first..last {
                let at = y as usize * self.width + x;
                let part = std::mem::take(&mut self.coverage[at]);
                if part > 0 {
                    self.blend(x, y as usize, colour, part);
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
                let distance = (column as f32 + 0.5 - x).hypot(row as f32 + 0.5 - y);
                self.blend(column, row, colour, to_byte(reach - distance));
            }
        }
    }

    /// Lays `colour` of opacity `alpha` over a pixel.
    fn blend(&mut self, x: usize, y: usize, colour: Rgb, alpha: u8) {
        let at = (y * self.width + x) * 4;
        let Some([red, green, blue, below]) = self.pixels.get_mut(at..at + 4) else { return };
        let [a, b] = [u32::from(alpha), u32::from(*below)];
        if a == 255 || b == 0 {
            [*red, *green, *blue] = colour;
            *below = (*below).max(alpha);
            return;
        }
        let seen = (b * (255 - a) + 127) / 255;
        let both = a + seen;
        if both == 0 {
            return;
        }
        for (old, new) in [(red, colour[0]), (green, colour[1]), (blue, colour[2])] {
            *old = ((u32::from(new) * a + u32::from(*old) * seen + both / 2) / both) as u8;
        }
        *below = both as u8;
    }
}

/// The part of a stretch from left to right that lies between `left` and `right`.
fn cut((x0, y0): (f64, f64), (x1, y1): (f64, f64), left: f64, right: f64) -> Option<((f64, f64), (f64, f64))> {
    if !(x0 <= x1 && x1 >= left && x0 <= right) {
        return None;
    }
    let at = |x: f64| (x, if x1 > x0 { y0 + (y1 - y0) * ((x - x0) / (x1 - x0)) } else { y0 });
    let from = if x0 < left { at(left) } else { (x0, y0) };
    let to = if x1 > right { at(right) } else { (x1, y1) };
    Some((from, to))
}

fn to_byte(part: f32) -> u8 {
    (part.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests;
