//! Lays a colour over pixels, some opacity each: sixteen at a time where there are vectors.

use super::Rgb;

/// How many pixels are laid at a time.
pub(super) const STEP: usize = 16;

/// Over pixels of which nothing has been drawn yet.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(super) fn on_nothing(pixels: &mut [u8], alphas: &[[u8; STEP]], colour: Rgb) {
    let (whole, rest) = pixels.as_chunks_mut::<{ 4 * STEP }>();
    for (pixels, alphas) in whole.iter_mut().zip(alphas) {
        if *alphas != [0; STEP] {
            sixteen::on_nothing(pixels, alphas, colour);
        }
    }
    let alphas = alphas.get(whole.len()).into_iter().flatten();
    for (pixel, &alpha) in rest.as_chunks_mut::<4>().0.iter_mut().zip(alphas) {
        *pixel = [colour[0], colour[1], colour[2], alpha];
    }
}

/// Over pixels that are opaque, and stay so.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(super) fn on_ground(pixels: &mut [u8], alphas: &[[u8; STEP]], colour: Rgb) {
    let (whole, rest) = pixels.as_chunks_mut::<{ 4 * STEP }>();
    for (pixels, alphas) in whole.iter_mut().zip(alphas) {
        if *alphas != [0; STEP] {
            sixteen::on_ground(pixels, alphas, colour);
        }
    }
    let alphas = alphas.get(whole.len()).into_iter().flatten();
    for (pixel, &alpha) in rest.as_chunks_mut::<4>().0.iter_mut().zip(alphas) {
        mix(pixel, alpha, colour);
    }
}

/// Over one pixel that is opaque.
fn mix(pixel: &mut [u8; 4], alpha: u8, colour: Rgb) {
    // 255 becomes 256, so that a shift divides.
    let alpha = u16::from(alpha) + u16::from(alpha >> 7);
    for (below, colour) in pixel.iter_mut().zip(colour) {
        *below = ((u16::from(*below) * (256 - alpha) + u16::from(colour) * alpha + 128) >> 8) as u8;
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
    use super::{Rgb, STEP, mix};

    pub(super) fn on_nothing(pixels: &mut [u8; 4 * STEP], alphas: &[u8; STEP], [red, green, blue]: Rgb) {
        for (pixel, &alpha) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(alphas) {
            *pixel = [red, green, blue, alpha];
        }
    }

    pub(super) fn on_ground(pixels: &mut [u8; 4 * STEP], alphas: &[u8; STEP], colour: Rgb) {
        for (pixel, &alpha) in pixels.as_chunks_mut::<4>().0.iter_mut().zip(alphas) {
            mix(pixel, alpha, colour);
        }
    }
}

/// The same in vectors. The compiler makes none by itself where all else is to be small.
#[cfg(target_arch = "wasm32")]
mod sixteen {
    use core::arch::wasm32::{
        i8x16_shuffle, i8x16_splat, i16x8_add, i16x8_mul, i16x8_splat, i16x8_sub, u8x16_narrow_i16x8,
        u16x8_extend_high_u8x16, u16x8_extend_low_u8x16, u16x8_shr, u32x4_splat, u64x2, u64x2_extract_lane, v128,
        v128_or,
    };

    use super::{Rgb, STEP};

    #[target_feature(enable = "simd128")]
    fn load(bytes: [u8; STEP]) -> v128 {
        let both = u128::from_le_bytes(bytes);
        u64x2(both as u64, (both >> 64) as u64)
    }

    #[target_feature(enable = "simd128")]
    fn store(vector: v128) -> [u8; STEP] {
        let (low, high) = (u64x2_extract_lane::<0>(vector), u64x2_extract_lane::<1>(vector));
        (u128::from(low) | u128::from(high) << 64).to_le_bytes()
    }

    #[target_feature(enable = "simd128")]
    pub(super) fn on_nothing(pixels: &mut [u8; 4 * STEP], alphas: &[u8; STEP], [red, green, blue]: Rgb) {
        let colour = u32x4_splat(u32::from_le_bytes([red, green, blue, 0]));
        let (alphas, none) = (load(*alphas), i8x16_splat(0));
        let spread = [
            i8x16_shuffle::<16, 16, 16, 0, 16, 16, 16, 1, 16, 16, 16, 2, 16, 16, 16, 3>(alphas, none),
            i8x16_shuffle::<16, 16, 16, 4, 16, 16, 16, 5, 16, 16, 16, 6, 16, 16, 16, 7>(alphas, none),
            i8x16_shuffle::<16, 16, 16, 8, 16, 16, 16, 9, 16, 16, 16, 10, 16, 16, 16, 11>(alphas, none),
            i8x16_shuffle::<16, 16, 16, 12, 16, 16, 16, 13, 16, 16, 16, 14, 16, 16, 16, 15>(alphas, none),
        ];
        for (four, alphas) in pixels.as_chunks_mut::<STEP>().0.iter_mut().zip(spread) {
            *four = store(v128_or(colour, alphas));
        }
    }

    #[target_feature(enable = "simd128")]
    pub(super) fn on_ground(pixels: &mut [u8; 4 * STEP], alphas: &[u8; STEP], [red, green, blue]: Rgb) {
        let colour = u16x8_extend_low_u8x16(u32x4_splat(u32::from_le_bytes([red, green, blue, u8::MAX])));
        let alphas = load(*alphas);
        let spread = [
            i8x16_shuffle::<0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3>(alphas, alphas),
            i8x16_shuffle::<4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7>(alphas, alphas),
            i8x16_shuffle::<8, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 11>(alphas, alphas),
            i8x16_shuffle::<12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15>(alphas, alphas),
        ];
        for (four, alphas) in pixels.as_chunks_mut::<STEP>().0.iter_mut().zip(spread) {
            let below = load(*four);
            let low = mix(u16x8_extend_low_u8x16(below), u16x8_extend_low_u8x16(alphas), colour);
            let high = mix(u16x8_extend_high_u8x16(below), u16x8_extend_high_u8x16(alphas), colour);
            *four = store(u8x16_narrow_i16x8(low, high));
        }
    }

    /// Two pixels, a channel in each lane.
    #[target_feature(enable = "simd128")]
    fn mix(below: v128, alpha: v128, colour: v128) -> v128 {
        let alpha = i16x8_add(alpha, u16x8_shr(alpha, 7));
        let rest = i16x8_sub(i16x8_splat(256), alpha);
        let sum = i16x8_add(i16x8_mul(below, rest), i16x8_mul(colour, alpha));
        u16x8_shr(i16x8_add(sum, i16x8_splat(128)), 8)
    }
}
