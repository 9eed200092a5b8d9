//! Power-of-two window widths.

use std::fmt;

use crate::Timestamp;

/// The exponent of a window width: a window of point width `pw` is `2^pw` nanoseconds wide. From 0 (one nanosecond) to
/// 63; nothing wider than 62 (146 years, all of time) holds data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointWidth(u8);

impl PointWidth {
    /// One nanosecond.
    pub const MIN: Self = Self(0);
    /// All of time in one window, 2^62 ns.
    pub const ALL: Self = Self(62);
    /// The largest that a request may name.
    pub const MAX: Self = Self(63);

    /// The point width of exponent `exponent`, if that is at most 63.
    pub const fn new(exponent: u8) -> Option<Self> {
        if exponent <= 63 { Some(Self(exponent)) } else { None }
    }

    /// The widest point width up to `ALL` whose windows are at most `nanos` wide; one nanosecond for 0.
    pub const fn at_most(nanos: u64) -> Self {
        match nanos.checked_ilog2() {
            None => Self::MIN,
            Some(exponent) if exponent > 62 => Self::ALL,
            Some(exponent) => Self(exponent as u8),
        }
    }

    /// The exponent.
    pub const fn exponent(self) -> u8 {
        self.0
    }

    /// How wide a window is, in nanoseconds.
    pub const fn nanos(self) -> u64 {
        1 << self.0
    }

    /// The start of the window that `time` lies in, on the grid of the epoch: the low bits cleared, so downwards for
    /// negative times too.
    pub const fn floor(self, time: Timestamp) -> Timestamp {
        time & (-1_i64).wrapping_shl(self.0 as u32)
    }

    /// The next finer one, where there is one.
    pub const fn finer(self) -> Option<Self> {
        if self.0 == 0 { None } else { Some(Self(self.0 - 1)) }
    }

    /// The next coarser one up to `ALL`, where there is one.
    pub const fn coarser(self) -> Option<Self> {
        if self.0 >= 62 { None } else { Some(Self(self.0 + 1)) }
    }
}

impl fmt::Display for PointWidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "2^{} ns", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pw(exponent: u8) -> PointWidth {
        PointWidth::new(exponent).unwrap()
    }

    #[test]
    fn floors_negative_times_downwards() {
        assert_eq!(pw(3).floor(-5), -8);
        assert_eq!(pw(3).floor(-8), -8);
        assert_eq!(pw(3).floor(7), 0);
        assert_eq!(pw(0).floor(-5), -5);
        assert_eq!(pw(63).floor(-1), i64::MIN);
        assert_eq!(pw(63).floor(1), 0);
    }

    #[test]
    fn picks_the_widest_that_fits() {
        assert_eq!(PointWidth::at_most(0), pw(0));
        assert_eq!(PointWidth::at_most(1), pw(0));
        assert_eq!(PointWidth::at_most(10), pw(3));
        assert_eq!(PointWidth::at_most(1_000_000_000), pw(29));
        assert_eq!(PointWidth::at_most(u64::MAX), PointWidth::ALL);
    }

    #[test]
    fn refuses_exponents_past_63() {
        assert!(PointWidth::new(63).is_some());
        assert!(PointWidth::new(64).is_none());
    }
}
