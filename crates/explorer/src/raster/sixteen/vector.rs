//! All at once.

use core::arch::wasm32::{
    i8x16_add, i8x16_shuffle, i8x16_splat, i8x16_sub, i16x8_add, i16x8_q15mulr_sat, i16x8_splat, i16x8_sub,
    u8x16_narrow_i16x8, u16x8_extmul_high_u8x16, u16x8_extmul_low_u8x16, u16x8_shr, u32x4_splat, u64x2,
    u64x2_extract_lane, v128, v128_any_true, v128_or,
};

use super::{BITS, SIXTEEN};
use crate::raster::Rgb;

/// How opaque each is, of 255.
pub(in crate::raster) type Alphas = v128;

/// Their colours: red, green and blue, eight and eight.
#[derive(Clone, Copy, Debug)]
pub(in crate::raster) struct Pixels([[v128; 2]; 3]);

#[target_feature(enable = "simd128")]
pub(in crate::raster) fn none() -> Alphas {
    i8x16_splat(0)
}

#[target_feature(enable = "simd128")]
pub(in crate::raster) fn is_none(alphas: Alphas) -> bool {
    !v128_any_true(alphas)
}

#[target_feature(enable = "simd128")]
pub(in crate::raster) fn each(alphas: Alphas) -> [u8; SIXTEEN] {
    let (low, high) = (u64x2_extract_lane::<0>(alphas), u64x2_extract_lane::<1>(alphas));
    (u128::from(low) | u128::from(high) << 64).to_le_bytes()
}

/// Each more opaque by a step, wrapping.
#[target_feature(enable = "simd128")]
pub(in crate::raster) fn add(alphas: Alphas, steps: [u8; SIXTEEN]) -> Alphas {
    let both = u128::from_le_bytes(steps);
    i8x16_add(alphas, u64x2(both as u64, (both >> 64) as u64))
}

/// How opaque one colour over itself is.
#[target_feature(enable = "simd128")]
pub(in crate::raster) fn over(below: Alphas, above: Alphas) -> Alphas {
    let rest = i8x16_sub(i8x16_splat(-1), above);
    let seen = |product: v128| {
        let product = i16x8_add(product, i16x8_splat(128));
        u16x8_shr(i16x8_add(product, u16x8_shr(product, 8)), 8)
    };
    let (low, high) = (u16x8_extmul_low_u8x16(below, rest), u16x8_extmul_high_u8x16(below, rest));
    i8x16_add(above, u8x16_narrow_i16x8(seen(low), seen(high)))
}

/// All of one colour.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(in crate::raster) fn filled(colour: Rgb) -> Pixels {
    Pixels(colour.map(|part| [i16x8_splat(i16::from(part) << BITS); 2]))
}

/// Lays a colour over pixels.
#[target_feature(enable = "simd128")]
pub(in crate::raster) fn lay(pixels: &mut Pixels, alphas: Alphas, colour: &Pixels) {
    // Each twice, which is 257 times as much; 255 becomes 2^15 - 1.
    let low = i8x16_shuffle::<0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7>(alphas, alphas);
    let high = i8x16_shuffle::<8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15>(alphas, alphas);
    let (low, high) = (u16x8_shr(low, 1), u16x8_shr(high, 1));
    for (pixels, colour) in pixels.0.iter_mut().zip(&colour.0) {
        for ((pixels, colour), alphas) in pixels.iter_mut().zip(colour).zip([low, high]) {
            *pixels = i16x8_add(*pixels, i16x8_q15mulr_sat(i16x8_sub(*colour, *pixels), alphas));
        }
    }
}

/// Red, green, blue and 255 of each.
#[target_feature(enable = "simd128")]
pub(in crate::raster) fn bytes(Pixels(planes): &Pixels) -> [u8; 4 * SIXTEEN] {
    let byte = |values: v128| u16x8_shr(i16x8_add(values, i16x8_splat(1 << (BITS - 1))), BITS);
    let [red, green, blue] = planes.map(|[low, high]| u8x16_narrow_i16x8(byte(low), byte(high)));
    interleaved([red, green, blue, i8x16_splat(-1)])
}

/// Red, green, blue and opacity of each, over nothing.
#[target_feature(enable = "simd128")]
pub(in crate::raster) fn coloured(alphas: Alphas, [red, green, blue]: Rgb) -> [u8; 4 * SIXTEEN] {
    let colour = u32x4_splat(u32::from_le_bytes([red, green, blue, 0]));
    let none = none();
    joined(
        [
            i8x16_shuffle::<16, 16, 16, 0, 16, 16, 16, 1, 16, 16, 16, 2, 16, 16, 16, 3>(alphas, none),
            i8x16_shuffle::<16, 16, 16, 4, 16, 16, 16, 5, 16, 16, 16, 6, 16, 16, 16, 7>(alphas, none),
            i8x16_shuffle::<16, 16, 16, 8, 16, 16, 16, 9, 16, 16, 16, 10, 16, 16, 16, 11>(alphas, none),
            i8x16_shuffle::<16, 16, 16, 12, 16, 16, 16, 13, 16, 16, 16, 14, 16, 16, 16, 15>(alphas, none),
        ]
        .map(|alphas| v128_or(colour, alphas)),
    )
}

/// From a vector of each part of the colour to pixels.
#[target_feature(enable = "simd128")]
fn interleaved([red, green, blue, alpha]: [v128; 4]) -> [u8; 4 * SIXTEEN] {
    let low = |a, b| i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(a, b);
    let high = |a, b| i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(a, b);
    let pairs_low = |a, b| i8x16_shuffle::<0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23>(a, b);
    let pairs_high = |a, b| i8x16_shuffle::<8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31>(a, b);
    let (first, second) = ((low(red, green), low(blue, alpha)), (high(red, green), high(blue, alpha)));
    joined([
        pairs_low(first.0, first.1),
        pairs_high(first.0, first.1),
        pairs_low(second.0, second.1),
        pairs_high(second.0, second.1),
    ])
}

#[target_feature(enable = "simd128")]
fn joined(vectors: [v128; 4]) -> [u8; 4 * SIXTEEN] {
    let mut bytes = [0; 4 * SIXTEEN];
    for (bytes, vector) in bytes.as_chunks_mut::<SIXTEEN>().0.iter_mut().zip(vectors) {
        *bytes = each(vector);
    }
    bytes
}
