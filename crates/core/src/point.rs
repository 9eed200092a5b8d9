//! One measurement.

use crate::Timestamp;

/// A value at an instant: what a stream is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When, in nanoseconds since 1970 UTC.
    pub time: Timestamp,
    /// How much, in the stream's unit.
    pub value: f64,
}

impl Point {
    /// A point at `time`.
    pub const fn new(time: Timestamp, value: f64) -> Self {
        Self { time, value }
    }

    /// Whether both are the same to the last bit, so that −0.0 differs from 0.0.
    pub fn is_identical(&self, other: &Self) -> bool {
        self.time == other.time && self.value.to_bits() == other.value.to_bits()
    }
}

/// What becomes of an inserted point whose time is taken, by a stored point or by an earlier one of the same insert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MergePolicy {
    /// Both stay: a stream may hold several points of one time.
    #[default]
    Never,
    /// It is dropped where a point of the same time has the same value to the last bit; else both stay.
    Equal,
    /// It is dropped: the older point stays.
    Retain,
    /// It takes the place of every older point of that time.
    Replace,
}
