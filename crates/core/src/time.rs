//! Instants and half-open ranges of them, in integer nanoseconds.

/// Nanoseconds since 1970-01-01T00:00:00Z; negative before.
pub type Timestamp = i64;

/// The first time that BTrDB can store, −2^60: a day in June 1933. The root of every tree starts here.
pub const MIN_TIME: Timestamp = -(16 << 56);

/// The exclusive end of time in BTrDB, 3·2^60: a day in August 2079. The root of every tree ends here.
pub const MAX_TIME: Timestamp = 48 << 56;

/// The last time at which a point can be stored. One before [`MAX_TIME`] could be stored but never be asked for, since
/// the ends of queries are exclusive and at most `MAX_TIME - 1`.
pub const LAST_TIME: Timestamp = MAX_TIME - 2;

/// A half-open span of time, `start <= t < end`. An `end` at or before `start` makes it empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// The first nanosecond inside.
    pub start: Timestamp,
    /// The first nanosecond outside.
    pub end: Timestamp,
}

impl TimeRange {
    /// All of time that BTrDB knows.
    pub const ALL: Self = Self { start: MIN_TIME, end: MAX_TIME };

    /// The range from `start` up to, and without, `end`.
    pub const fn new(start: Timestamp, end: Timestamp) -> Self {
        Self { start, end }
    }

    /// Whether no nanosecond is inside.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// How many nanoseconds are inside; exact for any two ends.
    pub const fn width(self) -> u64 {
        if self.is_empty() { 0 } else { self.end.wrapping_sub(self.start) as u64 }
    }

    /// Whether `time` is inside.
    pub const fn contains(self, time: Timestamp) -> bool {
        self.start <= time && time < self.end
    }

    /// Whether all of `other` is inside.
    pub const fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether any nanosecond is inside both.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end && !self.is_empty() && !other.is_empty()
    }

    /// What is inside both; empty where nothing is.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_protocol() {
        assert_eq!(MIN_TIME, -1_152_921_504_606_846_976);
        assert_eq!(MAX_TIME, 3_458_764_513_820_540_928);
        assert_eq!(TimeRange::ALL.width(), 1 << 62);
    }

    #[test]
    fn widths_are_exact_at_the_edges_of_i64() {
        assert_eq!(TimeRange::new(i64::MIN, i64::MAX).width(), u64::MAX);
        assert_eq!(TimeRange::new(5, 5).width(), 0);
        assert_eq!(TimeRange::new(6, 5).width(), 0);
    }

    #[test]
    fn ends_are_exclusive() {
        let range = TimeRange::new(10, 20);
        assert!(range.contains(10) && range.contains(19) && !range.contains(20));
        assert!(!range.overlaps(TimeRange::new(20, 30)));
        assert!(range.overlaps(TimeRange::new(19, 30)));
        assert!(range.intersect(TimeRange::new(20, 30)).is_empty());
        assert!(!range.overlaps(TimeRange::new(15, 15)));
    }
}
