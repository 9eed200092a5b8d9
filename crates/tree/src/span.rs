//! Where a node stands: the fixed grid of powers of 64.

use btrdb_core::{MIN_TIME, TimeRange, Timestamp};

/// The part of time that a node is responsible for: 2^exponent ns from `start`, with exponents 62, 56, 50 … 8, 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    start: Timestamp,
    exponent: u8,
}

impl Span {
    /// All of time: the span of every root.
    pub const ROOT: Self = Self { start: MIN_TIME, exponent: 62 };

    /// How many slots a core node has.
    pub const SLOTS: usize = 64;

    /// The exponent of the width of one slot.
    const fn slot_exponent(self) -> u8 {
        self.exponent - 6
    }

    /// Whether it is too narrow, 4 ns, to be divided into slots: only a leaf fits.
    pub const fn is_narrowest(self) -> bool {
        self.exponent < 6
    }

    /// The times inside.
    pub const fn range(self) -> TimeRange {
        TimeRange::new(self.start, self.start + (1 << self.exponent))
    }

    /// The slot that holds `time`, which must lie inside.
    pub const fn slot_of(self, time: Timestamp) -> usize {
        ((time - self.start) >> self.slot_exponent()) as usize
    }

    /// How many slots end by `time`.
    pub fn slots_before(self, time: Timestamp) -> usize {
        (time.max(self.start).saturating_sub(self.start) >> self.slot_exponent()).min(Self::SLOTS as i64) as usize
    }

    /// The span of slot `slot`, from 0 to 63.
    #[must_use]
    pub const fn slot(self, slot: usize) -> Self {
        let exponent = self.slot_exponent();
        Self { start: self.start + ((slot as i64) << exponent), exponent }
    }
}

#[cfg(test)]
mod tests {
    use btrdb_core::MAX_TIME;

    use super::*;

    #[test]
    fn slots_tile_all_of_time() {
        assert_eq!(Span::ROOT.range(), TimeRange::ALL);
        assert_eq!(Span::ROOT.slot(63).range().end, MAX_TIME);
        assert_eq!(Span::ROOT.slot(16).range().start, 0);
        assert_eq!(Span::ROOT.slot_of(-1), 15);
        assert_eq!(Span::ROOT.slot_of(MAX_TIME - 1), 63);
    }

    #[test]
    fn ten_levels_down_is_the_narrowest() {
        let mut span = Span::ROOT;
        for _ in 0..10 {
            assert!(!span.is_narrowest());
            span = span.slot(span.slot_of(1_283_326_416_040_000_000));
        }
        assert!(span.is_narrowest());
        assert_eq!(span.range(), TimeRange::new(1_283_326_416_040_000_000, 1_283_326_416_040_000_004));
    }
}
