//! Some columns of a picture: how opaque their pixels are, and their colours. Sixteen are reckoned with at a time.

use std::ops::Range;

use super::Rgb;
use super::column::Column;
use super::sixteen::{self, Alphas, Pixels, SIXTEEN};

/// How many columns a block has. A row of it is a few cache lines: less would wait longer for each, more would fill up the
/// nearest caches.
pub(super) const BLOCK: usize = SIXTEEN * GROUPS;
const GROUPS: usize = 4;
/// By how much each column of a row is more opaque than the row above, wrapping.
pub(super) type Steps = [u8; BLOCK];

/// The columns at hand.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The first row that the layer at hand covers.
    top: usize,
    /// The opacity of its band and of the line over it.
    band: Vec<Steps>,
    line: Vec<Steps>,
    /// What is painted, where there is a ground.
    painted: Vec<[Pixels; GROUPS]>,
}

impl Block {
    /// Begins with the ground.
    pub(super) fn fill(&mut self, rows: usize, ground: Rgb) {
        self.painted.clear();
        self.painted.resize(rows, [sixteen::filled(ground); GROUPS]);
    }

    /// Begins a layer that covers `rows`.
    pub(super) fn begin(&mut self, rows: Range<usize>) {
        self.top = rows.start;
        for steps in [&mut self.band, &mut self.line] {
            steps.clear();
            steps.resize(rows.len(), [0; BLOCK]);
        }
    }

    /// The band and the line of the column `x` of the block.
    pub(super) fn column(&mut self, x: usize) -> (Column<'_>, Column<'_>) {
        let first = self.top as i32;
        (Column { rows: &mut self.band, x, first }, Column { rows: &mut self.line, x, first })
    }

    /// Lays the layer over what is painted.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn lay(&mut self, colour: Rgb) {
        let colour = sixteen::filled(colour);
        let painted = self.painted.get_mut(self.top..).unwrap_or_default();
        opacities((&self.band, &self.line), |row, group, alphas| {
            if let Some(painted) = painted.get_mut(row) {
                sixteen::lay(&mut painted[group], alphas, &colour);
            }
        });
    }

    /// Writes what is painted into the columns of `pixels`, a picture of `width`.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn write(&self, (pixels, width): (&mut [u8], usize), columns: Range<usize>) {
        for (row, painted) in pixels.chunks_exact_mut(4 * width).zip(&self.painted) {
            let row = &mut row[4 * columns.start..4 * columns.end];
            let (whole, rest) = row.as_chunks_mut::<{ 4 * SIXTEEN }>();
            let mut painted = painted.iter();
            for (pixels, painted) in whole.iter_mut().zip(&mut painted) {
                *pixels = sixteen::bytes(painted);
            }
            if let Some(painted) = painted.next() {
                let bytes = sixteen::bytes(painted);
                rest.copy_from_slice(&bytes[..rest.len()]);
            }
        }
    }

    /// Lays the layer over the columns of `pixels`, a picture of `width` with nothing in it but, unless it is `first`, layers
    /// before.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn lay_clear(
        &self,
        (pixels, width): (&mut [u8], usize),
        columns: Range<usize>,
        colour: Rgb,
        first: bool,
    ) {
        opacities((&self.band, &self.line), |row, group, alphas| {
            let start = columns.start + group * SIXTEEN;
            let end = columns.end.min(start + SIXTEEN);
            let row = (self.top + row) * width;
            let Some(pixels) = pixels.get_mut((row + start) * 4..(row + end) * 4) else { return };
            match <&mut [u8; 4 * SIXTEEN]>::try_from(&mut *pixels) {
                Ok(pixels) if first => *pixels = sixteen::coloured(alphas, colour),
                _ => {
                    for (pixel, alpha) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(sixteen::each(alphas)) {
                        on_anything(pixel, alpha, colour);
                    }
                }
            }
        });
    }
}

/// Calls `act` for every row and group of sixteen columns with anything in it: with the line over the band.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn opacities((band, line): (&[Steps], &[Steps]), mut act: impl FnMut(usize, usize, Alphas)) {
    let mut sums = [(sixteen::none(), sixteen::none()); GROUPS];
    for (row, (to_band, to_line)) in band.iter().zip(line).enumerate() {
        let steps = to_band.as_chunks::<SIXTEEN>().0.iter().zip(to_line.as_chunks::<SIXTEEN>().0);
        for (group, (sums, (to_band, to_line))) in sums.iter_mut().zip(steps).enumerate() {
            let (band, line) = (sixteen::add(sums.0, *to_band), sixteen::add(sums.1, *to_line));
            *sums = (band, line);
            let alphas = if sixteen::is_none(line) { band } else { sixteen::over(band, line) };
            if !sixteen::is_none(alphas) {
                act(row, group, alphas);
            }
        }
    }
}

/// Lays a colour over a pixel of which anything may have been drawn.
pub(super) fn on_anything(pixel: &mut [u8; 4], alpha: u8, colour: Rgb) {
    let [red, green, blue, below] = pixel;
    let [a, b] = [u32::from(alpha), u32::from(*below)];
    if a == 255 || b == 0 {
        [*red, *green, *blue] = colour;
        *below = alpha;
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
