//! Sixteen pixels side by side: once as anybody would write it, and once in vectors. The compiler makes none of these by itself
//! where all else is to be small. Both give the same bytes, which `tests/e2e/raster.test.js` sees to.

#[cfg(not(target_arch = "wasm32"))]
mod plain;
#[cfg(target_arch = "wasm32")]
mod vector;

#[cfg(not(target_arch = "wasm32"))]
pub(super) use self::plain::*;
#[cfg(target_arch = "wasm32")]
pub(super) use self::vector::*;

/// As many as a vector has bytes.
pub(super) const SIXTEEN: usize = 16;
/// Colours are kept in so many bits more than a byte: what many layers lose in rounding is not seen.
const BITS: u32 = 7;
