//! How finely a stream is asked for: windows of a power of two, or the raw points.

use btrdb_core::PointWidth;

use crate::Viewport;

/// The point widths whose windows the tree keeps ready, coarse to fine. Others are merged from up to 32 of these.
pub const STORED_LEVELS: [u8; 9] = [56, 50, 44, 38, 32, 26, 20, 14, 8];

/// The coarsest windows ever asked for, 2.28 years: 64 of them are all of time.
const COARSEST: u8 = STORED_LEVELS[0];

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// Stat points of aligned windows of this width.
    Windows(PointWidth),
    /// Raw points, in tiles as wide as 512 windows of this width.
    Raw(PointWidth),
}

impl Resolution {
    /// The point width that sets the tile grid.
    pub const fn point_width(self) -> PointWidth {
        match self {
            Self::Windows(width) | Self::Raw(width) => width,
        }
    }

    /// Whether raw points are meant.
    pub const fn is_raw(self) -> bool {
        matches!(self, Self::Raw(_))
    }
}

/// A point width from its exponent, which is cut at the coarsest in use.
pub(crate) fn level(exponent: u8) -> PointWidth {
    PointWidth::new(exponent.min(COARSEST)).unwrap_or(PointWidth::MIN)
}

/// The widest windows of which none is wider than one of `width` device pixels: one to two windows a pixel.
pub fn point_width_for(view: &Viewport, width: f64) -> PointWidth {
    level(PointWidth::at_most(view.nanos_per_pixel(width) as u64).exponent())
}

/// The next stored level strictly above `wanted`: 2 to 64 times fewer windows that need no merging, hence the cheapest
/// first answer. The coarsest level stands for itself.
pub fn stored_above(wanted: PointWidth) -> PointWidth {
    let above = STORED_LEVELS.iter().rev().copied().find(|&exponent| exponent > wanted.exponent());
    level(above.unwrap_or(COARSEST))
}

#[cfg(test)]
mod tests {
    use btrdb_core::TimeRange;

    use super::*;

    #[test]
    fn one_to_two_windows_a_pixel() {
        for span in [1 << 12, 86_400_000_000_000, 1 << 50, 1_i64 << 61] {
            let view = Viewport::new(TimeRange::new(0, span));
            let nanos = view.nanos_per_pixel(1600.0);
            let width = point_width_for(&view, 1600.0).nanos() as f64;
            assert!(width <= nanos && nanos < 2.0 * width, "{span}: {width} for {nanos}");
        }
    }

    #[test]
    fn closer_than_a_nanosecond_per_pixel_asks_for_single_nanoseconds() {
        let view = Viewport::new(TimeRange::new(0, 160));
        assert_eq!(point_width_for(&view, 1600.0), level(0));
    }

    #[test]
    fn all_of_time_on_few_pixels_asks_for_no_more_than_the_top_level() {
        assert_eq!(point_width_for(&Viewport::ALL, 8.0), level(56));
    }

    #[test]
    fn first_answers_come_from_the_next_stored_level() {
        for (wanted, above) in [(0, 8), (7, 8), (8, 14), (33, 38), (38, 44), (55, 56), (56, 56)] {
            assert_eq!(stored_above(level(wanted)), level(above), "{wanted}");
        }
    }
}
