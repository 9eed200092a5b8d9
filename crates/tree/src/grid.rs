//! Which windows a query asks for: rounding and limits, as the protocol defines them.

use btrdb_core::{MAX_TIME, MIN_TIME, PointWidth, TimeRange, Timestamp};

use crate::QueryError;

/// `count` windows of `width` ns side by side from `start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowGrid {
    start: Timestamp,
    width: u64,
    count: u64,
}

impl WindowGrid {
    /// The windows of `AlignedWindows`: both ends are lowered to multiples of 2^pw since the epoch (from pw 61 on, since
    /// the start of time), so the first window may begin before `start` and a partial last one is not asked for. No
    /// windows is a valid answer; a backward range is not.
    ///
    /// # Errors
    /// [`QueryError::TimeRange`] where `start >= end` or either end, once lowered, is out of bounds.
    pub fn aligned(range: TimeRange, width: PointWidth) -> Result<Self, QueryError> {
        if range.start >= range.end {
            return Err(QueryError::TimeRange("start time >= end time"));
        }
        if range.start < MIN_TIME || range.end > MAX_TIME {
            return Err(QueryError::TimeRange("time range out of bounds"));
        }
        // Up to 2^60 both grids are the same, because time starts at a multiple of 2^60.
        let floor = |time: Timestamp| {
            if width > PointWidth::ALL { MIN_TIME } else { MIN_TIME + width.floor(time - MIN_TIME) }
        };
        let (start, end) = (floor(range.start), floor(range.end));
        Ok(Self { start, width: width.nanos(), count: TimeRange::new(start, end).width() / width.nanos() })
    }

    /// The windows of `Windows`: as many whole ones as fit from `start` on; the rest of the range is left out.
    ///
    /// # Errors
    /// [`QueryError::PointWidth`] where `width` is 0 or over 2^63, [`QueryError::TimeRange`] where `start >= end` or the
    /// windows leave the bounds of time.
    pub fn from_start(range: TimeRange, width: u64) -> Result<Self, QueryError> {
        if width == 0 {
            return Err(QueryError::PointWidth("window width must be at least 1 ns"));
        }
        if width > 1 << 63 {
            return Err(QueryError::PointWidth("window width must be at most 2^63 ns"));
        }
        if range.start >= range.end {
            return Err(QueryError::TimeRange("start time >= end time"));
        }
        let count = range.width() / width;
        let end = i128::from(range.start) + i128::from(count) * i128::from(width);
        if range.start < MIN_TIME || end >= i128::from(MAX_TIME) {
            return Err(QueryError::TimeRange("time range out of bounds"));
        }
        Ok(Self { start: range.start, width, count })
    }

    /// How many windows there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The windows from `index` on, which become those from 0 on.
    #[must_use]
    pub const fn after(&self, index: u64) -> Self {
        let index = if index < self.count { index } else { self.count };
        Self { start: self.window_start(index), width: self.width, count: self.count - index }
    }

    /// The start of window `index`, which must be below `count`.
    pub const fn window_start(&self, index: u64) -> Timestamp {
        // Within the bounds of time, so the sum fits although a factor alone may not look it.
        self.start.wrapping_add(index.wrapping_mul(self.width) as i64)
    }

    /// All times that any window covers.
    pub const fn range(&self) -> TimeRange {
        TimeRange::new(self.start, self.window_start(self.count))
    }

    /// The window that holds `time`, which must lie in [`range`](Self::range).
    pub(crate) const fn index_of(&self, time: Timestamp) -> u64 {
        (time.wrapping_sub(self.start) as u64) / self.width
    }

    /// The times that window `index` covers.
    pub(crate) const fn window(&self, index: u64) -> TimeRange {
        TimeRange::new(self.window_start(index), self.window_start(index + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(start: i64, end: i64, exponent: u8) -> Result<(i64, u64), QueryError> {
        WindowGrid::aligned(TimeRange::new(start, end), PointWidth::new(exponent).unwrap())
            .map(|grid| (grid.start, grid.count))
    }

    fn from_start(start: i64, end: i64, width: u64) -> Result<u64, QueryError> {
        WindowGrid::from_start(TimeRange::new(start, end), width).map(|grid| grid.count)
    }

    const BACKWARD: QueryError = QueryError::TimeRange("start time >= end time");
    const BOUNDS: QueryError = QueryError::TimeRange("time range out of bounds");

    #[test]
    fn aligned_windows_of_the_protocol() {
        assert_eq!(aligned(11136, 11647, 6), Ok((11136, 7)));
        assert_eq!(aligned(11199, 11584, 6), Ok((11136, 7)));
        assert_eq!(aligned(11199, 11200, 6), Ok((11136, 1)));
        assert_eq!(aligned(11136, 11199, 6), Ok((11136, 0)));
        assert_eq!(aligned(-5, 9, 3), Ok((-8, 2)));
        assert_eq!(aligned(5, 6, 0), Ok((5, 1)));
        assert_eq!(aligned(5, 5, 0), Err(BACKWARD));
    }

    #[test]
    fn aligned_windows_at_the_edges_of_time() {
        assert_eq!(aligned(MIN_TIME, MAX_TIME, 62), Ok((MIN_TIME, 1)));
        assert_eq!(aligned(MIN_TIME, MAX_TIME, 61), Ok((MIN_TIME, 2)));
        assert_eq!(aligned(MIN_TIME, MAX_TIME, 60), Ok((MIN_TIME, 4)));
        assert_eq!(aligned(MIN_TIME, MAX_TIME, 63), Ok((MIN_TIME, 0)));
        assert_eq!(aligned(MIN_TIME, MAX_TIME - 1, 62), Ok((MIN_TIME, 0)));
        assert_eq!(aligned(MIN_TIME, MAX_TIME - 1, 0), Ok((MIN_TIME, (1 << 62) - 1)));
        assert_eq!(aligned(MIN_TIME - 1, 0, 0), Err(BOUNDS));
        assert_eq!(aligned(0, MAX_TIME + 1, 0), Err(BOUNDS));
    }

    #[test]
    fn windows_of_the_protocol() {
        assert_eq!(from_start(1_500_000_000_000_000_000, 1_500_000_001_000_000_000, 300_000_000), Ok(3));
        assert_eq!(from_start(100, 121, 10), Ok(2));
        assert_eq!(from_start(11136, 11647, 64), Ok(7));
        assert_eq!(from_start(11136, 11584, 64), Ok(7));
        assert_eq!(from_start(11137, 11201, 64), Ok(1));
        assert_eq!(from_start(-18864, -18353, 64), Ok(7));
        assert_eq!(from_start(0, 9, 10), Ok(0));
        assert_eq!(from_start(MIN_TIME, MAX_TIME - 1, (1 << 62) - 1), Ok(1));
    }

    #[test]
    fn windows_that_are_refused() {
        assert!(matches!(from_start(0, 10, 0), Err(QueryError::PointWidth(_))));
        assert!(matches!(from_start(0, 10, (1 << 63) + 1), Err(QueryError::PointWidth(_))));
        assert_eq!(from_start(10, 10, 1), Err(BACKWARD));
        assert_eq!(from_start(MIN_TIME - 1, 10, 1), Err(BOUNDS));
        assert_eq!(from_start(0, MAX_TIME, 1), Err(BOUNDS));
        assert_eq!(from_start(i64::MIN, i64::MAX, 1), Err(BOUNDS));
    }
}
