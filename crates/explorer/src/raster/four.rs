//! The larger or the smaller of many numbers: four at a time where there are vectors, for the compiler makes none by itself where
//! all else is to be small.

/// Makes each of `here` as large as its counterpart in `there`, for as many as there are of both.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(super) fn raise(here: &mut [i32], there: &[i32]) {
    #[cfg(target_arch = "wasm32")]
    let (here, there) = vector::by_four(here, there, |a, b| core::arch::wasm32::i32x4_max(a, b));
    for (here, &there) in here.iter_mut().zip(there) {
        *here = there.max(*here);
    }
}

/// Makes each of `here` as small as its counterpart in `there`, for as many as there are of both.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(super) fn lower(here: &mut [i32], there: &[i32]) {
    #[cfg(target_arch = "wasm32")]
    let (here, there) = vector::by_four(here, there, |a, b| core::arch::wasm32::i32x4_min(a, b));
    for (here, &there) in here.iter_mut().zip(there) {
        *here = there.min(*here);
    }
}

#[cfg(target_arch = "wasm32")]
mod vector {
    use core::arch::wasm32::{u64x2, u64x2_extract_lane, v128};

    /// Puts what `of` makes of both in place of `here`, four by four, and returns those that are left.
    #[target_feature(enable = "simd128")]
    pub(super) fn by_four<'a>(
        here: &'a mut [i32],
        there: &'a [i32],
        of: impl Fn(v128, v128) -> v128,
    ) -> (&'a mut [i32], &'a [i32]) {
        let both = here.len().min(there.len());
        let ((fours, here), (other, there)) = (here[..both].as_chunks_mut::<4>(), there[..both].as_chunks::<4>());
        for (here, there) in fours.iter_mut().zip(other) {
            *here = numbers(of(load(here), load(there)));
        }
        (here, there)
    }

    #[target_feature(enable = "simd128")]
    fn load([a, b, c, d]: &[i32; 4]) -> v128 {
        let pair = |low: i32, high: i32| u64::from(low.cast_unsigned()) | u64::from(high.cast_unsigned()) << 32;
        u64x2(pair(*a, *b), pair(*c, *d))
    }

    #[target_feature(enable = "simd128")]
    fn numbers(vector: v128) -> [i32; 4] {
        let (low, high) = (u64x2_extract_lane::<0>(vector), u64x2_extract_lane::<1>(vector));
        [low as i32, (low >> 32) as i32, high as i32, (high >> 32) as i32]
    }
}
