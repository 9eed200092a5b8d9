//! Which rows of a long list are on screen.

use std::ops::Range;

/// Rows beyond either edge that are there too, so that a flick does not outrun them.
const SPARE_ROWS: usize = 12;

/// The rows to have ready of `count` rows, each `row` pixels high, when the list is scrolled down by `scroll` pixels and
/// `height` pixels of it are in sight.
pub fn rows_in_sight(scroll: f64, height: f64, row: f64, count: usize) -> Range<usize> {
    let row = row.max(1.0);
    let first = (scroll.max(0.0) / row) as usize;
    let last = ((scroll.max(0.0) + height.max(0.0)) / row).ceil() as usize;
    first.saturating_sub(SPARE_ROWS).min(count)..(last + SPARE_ROWS).min(count)
}

/// How far to scroll a list so that the row at `place` is wholly in sight; where it is already, as far as it is.
pub fn scroll_to_row(place: usize, scroll: f64, height: f64, row: f64) -> f64 {
    let (top, bottom) = (place as f64 * row, (place + 1) as f64 * row);
    scroll.min(top).max(bottom - height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_stand_for_many() {
        assert_eq!(rows_in_sight(0.0, 700.0, 28.0, 100_000), 0..37);
        assert_eq!(rows_in_sight(28_000.0, 700.0, 28.0, 100_000), 988..1037);
        assert_eq!(rows_in_sight(1e9, 700.0, 28.0, 100), 100..100, "scrolled further than there is");
        assert_eq!(rows_in_sight(-30.0, 700.0, 28.0, 5), 0..5);
    }

    #[test]
    fn a_row_comes_into_sight_by_the_shortest_way() {
        assert_eq!(scroll_to_row(3, 0.0, 280.0, 28.0), 0.0);
        assert_eq!(scroll_to_row(10, 0.0, 280.0, 28.0), 28.0);
        assert_eq!(scroll_to_row(2, 280.0, 280.0, 28.0), 56.0);
    }
}
