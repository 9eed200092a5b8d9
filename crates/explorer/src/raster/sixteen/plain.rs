//! One after the other.

use super::{BITS, SIXTEEN};
use crate::raster::Rgb;

/// How opaque each is, of 255.
pub(in crate::raster) type Alphas = [u8; SIXTEEN];

/// Their colours: red, green and blue.
#[derive(Clone, Copy, Debug)]
pub(in crate::raster) struct Pixels([[i16; SIXTEEN]; 3]);

pub(in crate::raster) fn none() -> Alphas {
    [0; SIXTEEN]
}

pub(in crate::raster) fn is_none(alphas: Alphas) -> bool {
    alphas == none()
}

pub(in crate::raster) fn each(alphas: Alphas) -> [u8; SIXTEEN] {
    alphas
}

/// Each more opaque by a step, wrapping.
pub(in crate::raster) fn add(alphas: Alphas, steps: [u8; SIXTEEN]) -> Alphas {
    std::array::from_fn(|at| alphas[at].wrapping_add(steps[at]))
}

/// How opaque one colour over itself is.
pub(in crate::raster) fn over(below: Alphas, above: Alphas) -> Alphas {
    std::array::from_fn(|at| {
        let seen = u16::from(below[at]) * u16::from(255 - above[at]) + 128;
        above[at] + ((seen + (seen >> 8)) >> 8) as u8
    })
}

/// All of one colour.
pub(in crate::raster) fn filled(colour: Rgb) -> Pixels {
    Pixels(colour.map(|part| [i16::from(part) << BITS; SIXTEEN]))
}

/// Lays a colour over pixels.
pub(in crate::raster) fn lay(pixels: &mut Pixels, alphas: Alphas, colour: &Pixels) {
    for (pixels, colour) in pixels.0.iter_mut().zip(&colour.0) {
        for ((pixel, colour), alpha) in pixels.iter_mut().zip(colour).zip(alphas) {
            // 255 becomes 2^15 - 1.
            let alpha = i32::from((u16::from(alpha) * 257) >> 1);
            let more = i32::from(*colour - *pixel) * alpha;
            *pixel += ((more + (1 << 14)) >> 15) as i16;
        }
    }
}

/// Red, green, blue and 255 of each.
pub(in crate::raster) fn bytes(Pixels([red, green, blue]): &Pixels) -> [u8; 4 * SIXTEEN] {
    let byte = |value: i16| ((value + (1 << (BITS - 1))) >> BITS) as u8;
    let pixel = |at: usize| [byte(red[at]), byte(green[at]), byte(blue[at]), u8::MAX];
    std::array::from_fn(|at| pixel(at / 4)[at % 4])
}

/// Red, green, blue and opacity of each, over nothing.
pub(in crate::raster) fn coloured(alphas: Alphas, [red, green, blue]: Rgb) -> [u8; 4 * SIXTEEN] {
    std::array::from_fn(|at| [red, green, blue, alphas[at / 4]][at % 4])
}
