//! Lays a colour over a block of pixels: sixteen at a time where there are vectors.

use super::{Below, Rgb};

/// How many columns a block has. A row of it is a few cache lines: less would wait longer for each, more would fill up the
/// nearest cache.
pub(super) const BLOCK: usize = GROUP * GROUPS;
const GROUP: usize = 16;
const GROUPS: usize = 4;
/// By how much each column of a row is more opaque than the row above, wrapping.
pub(super) type Steps = [u8; BLOCK];

/// What is laid over a block: steps from row to row of the opacity of the band, and of the line over it.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) band: Vec<Steps>,
    pub(super) line: Vec<Steps>,
}

/// Lays `layers` over the columns of `pixels` from `columns.start` and the rows from `row` on, in a picture of `width`.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(super) fn block(
    (pixels, width): (&mut [u8], usize),
    columns: std::ops::Range<usize>,
    row: usize,
    layers: &Layers,
    below: Below,
    colour: Rgb,
) {
    let mut sums = [(sixteen::none(), sixteen::none()); GROUPS];
    for (row, (to_band, to_line)) in (row..).zip(layers.band.iter().zip(&layers.line)) {
        let steps = to_band.as_chunks::<GROUP>().0.iter().zip(to_line.as_chunks::<GROUP>().0);
        let starts = columns.clone().step_by(GROUP);
        for (start, (sums, (to_band, to_line))) in starts.zip(sums.iter_mut().zip(steps)) {
            let (band, line) = (sixteen::add(sums.0, *to_band), sixteen::add(sums.1, *to_line));
            *sums = (band, line);
            let alphas = if sixteen::is_none(line) { band } else { sixteen::over(band, line) };
            if sixteen::is_none(alphas) {
                continue;
            }
            let end = columns.end.min(start + GROUP);
            let Some(pixels) = pixels.get_mut((row * width + start) * 4..(row * width + end) * 4) else { return };
            match (below, <&mut [u8; 4 * GROUP]>::try_from(&mut *pixels)) {
                (Below::Nothing, Ok(pixels)) => sixteen::on_nothing(pixels, alphas, colour),
                (Below::Ground, Ok(pixels)) => sixteen::on_ground(pixels, alphas, colour),
                _ => {
                    for (pixel, alpha) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(sixteen::bytes(alphas)) {
                        on_anything(pixel, alpha, colour);
                    }
                }
            }
        }
    }
}

/// Over a pixel of which anything may have been drawn.
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

#[cfg(not(target_arch = "wasm32"))]
mod sixteen {
    use super::{GROUP, Rgb};

    type Sixteen = [u8; GROUP];

    pub(super) fn none() -> Sixteen {
        [0; GROUP]
    }

    pub(super) fn is_none(alphas: Sixteen) -> bool {
        alphas == [0; GROUP]
    }

    pub(super) fn bytes(alphas: Sixteen) -> [u8; GROUP] {
        alphas
    }

    pub(super) fn add(alphas: Sixteen, steps: [u8; GROUP]) -> Sixteen {
        std::array::from_fn(|at| alphas[at].wrapping_add(steps[at]))
    }

    pub(super) fn over(below: Sixteen, above: Sixteen) -> Sixteen {
        std::array::from_fn(|at| {
            let seen = u16::from(below[at]) * u16::from(255 - above[at]) + 128;
            above[at] + ((seen + (seen >> 8)) >> 8) as u8
        })
    }

    pub(super) fn on_nothing(pixels: &mut [u8; 4 * GROUP], alphas: Sixteen, [red, green, blue]: Rgb) {
        for (pixel, alpha) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(alphas) {
            *pixel = [red, green, blue, alpha];
        }
    }

    pub(super) fn on_ground(pixels: &mut [u8; 4 * GROUP], alphas: Sixteen, [red, green, blue]: Rgb) {
        for (pixel, alpha) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(alphas) {
            // 255 becomes 256, so that a shift divides.
            let alpha = u16::from(alpha) + u16::from(alpha >> 7);
            for (below, colour) in pixel.iter_mut().zip([red, green, blue, u8::MAX]) {
                *below = ((u16::from(*below) * (256 - alpha) + u16::from(colour) * alpha + 128) >> 8) as u8;
            }
        }
    }
}

/// The same in vectors: the compiler makes none by itself where all else is to be small.
#[cfg(target_arch = "wasm32")]
mod sixteen {
    use core::arch::wasm32::{
        i8x16_add, i8x16_shuffle, i8x16_splat, i8x16_sub, i16x8_add, i16x8_mul, i16x8_splat, i16x8_sub,
        u8x16_narrow_i16x8, u16x8_extend_high_u8x16, u16x8_extend_low_u8x16, u16x8_extmul_high_u8x16,
        u16x8_extmul_low_u8x16, u16x8_shr, u32x4_splat, u64x2, u64x2_extract_lane, v128, v128_any_true, v128_or,
    };

    use super::{GROUP, Rgb};

    #[target_feature(enable = "simd128")]
    pub(super) fn none() -> v128 {
        i8x16_splat(0)
    }

    #[target_feature(enable = "simd128")]
    pub(super) fn is_none(alphas: v128) -> bool {
        !v128_any_true(alphas)
    }

    #[target_feature(enable = "simd128")]
    fn load(bytes: [u8; GROUP]) -> v128 {
        let both = u128::from_le_bytes(bytes);
        u64x2(both as u64, (both >> 64) as u64)
    }

    #[target_feature(enable = "simd128")]
    pub(super) fn bytes(vector: v128) -> [u8; GROUP] {
        let (low, high) = (u64x2_extract_lane::<0>(vector), u64x2_extract_lane::<1>(vector));
        (u128::from(low) | u128::from(high) << 64).to_le_bytes()
    }

    #[target_feature(enable = "simd128")]
    pub(super) fn add(alphas: v128, steps: [u8; GROUP]) -> v128 {
        i8x16_add(alphas, load(steps))
    }

    #[target_feature(enable = "simd128")]
    pub(super) fn over(below: v128, above: v128) -> v128 {
        let rest = i8x16_sub(i8x16_splat(-1), above);
        let seen = |product: v128| {
            let product = i16x8_add(product, i16x8_splat(128));
            u16x8_shr(i16x8_add(product, u16x8_shr(product, 8)), 8)
        };
        let (low, high) = (u16x8_extmul_low_u8x16(below, rest), u16x8_extmul_high_u8x16(below, rest));
        i8x16_add(above, u8x16_narrow_i16x8(seen(low), seen(high)))
    }

    #[target_feature(enable = "simd128")]
    pub(super) fn on_nothing(pixels: &mut [u8; 4 * GROUP], alphas: v128, [red, green, blue]: Rgb) {
        let colour = u32x4_splat(u32::from_le_bytes([red, green, blue, 0]));
        let none = none();
        let spread = [
            i8x16_shuffle::<16, 16, 16, 0, 16, 16, 16, 1, 16, 16, 16, 2, 16, 16, 16, 3>(alphas, none),
            i8x16_shuffle::<16, 16, 16, 4, 16, 16, 16, 5, 16, 16, 16, 6, 16, 16, 16, 7>(alphas, none),
            i8x16_shuffle::<16, 16, 16, 8, 16, 16, 16, 9, 16, 16, 16, 10, 16, 16, 16, 11>(alphas, none),
            i8x16_shuffle::<16, 16, 16, 12, 16, 16, 16, 13, 16, 16, 16, 14, 16, 16, 16, 15>(alphas, none),
        ];
        for (four, alphas) in pixels.as_chunks_mut::<GROUP>().0.iter_mut().zip(spread) {
            *four = bytes(v128_or(colour, alphas));
        }
    }

    #[target_feature(enable = "simd128")]
    pub(super) fn on_ground(pixels: &mut [u8; 4 * GROUP], alphas: v128, [red, green, blue]: Rgb) {
        let colour = u16x8_extend_low_u8x16(u32x4_splat(u32::from_le_bytes([red, green, blue, u8::MAX])));
        let spread = [
            i8x16_shuffle::<0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3>(alphas, alphas),
            i8x16_shuffle::<4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7>(alphas, alphas),
            i8x16_shuffle::<8, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 11>(alphas, alphas),
            i8x16_shuffle::<12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15>(alphas, alphas),
        ];
        for (four, alphas) in pixels.as_chunks_mut::<GROUP>().0.iter_mut().zip(spread) {
            let below = load(*four);
            let low = mix(u16x8_extend_low_u8x16(below), u16x8_extend_low_u8x16(alphas), colour);
            let high = mix(u16x8_extend_high_u8x16(below), u16x8_extend_high_u8x16(alphas), colour);
            *four = bytes(u8x16_narrow_i16x8(low, high));
        }
    }

    /// Two pixels, a channel in each lane.
    #[target_feature(enable = "simd128")]
    fn mix(below: v128, alpha: v128, colour: v128) -> v128 {
        // 255 becomes 256, so that a shift divides.
        let alpha = i16x8_add(alpha, u16x8_shr(alpha, 7));
        let rest = i16x8_sub(i16x8_splat(256), alpha);
        let sum = i16x8_add(i16x8_mul(below, rest), i16x8_mul(colour, alpha));
        u16x8_shr(i16x8_add(sum, i16x8_splat(128)), 8)
    }
}
