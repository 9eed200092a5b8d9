//! What every room of btrdb-web counts in: points, stat points and their merge, time ranges and point widths.
//!
//! Time is a signed 64-bit number of nanoseconds since 1970-01-01T00:00:00Z, everywhere. Ranges are half-open: `start`
//! belongs to them, `end` does not. No float ever holds an absolute time.

mod columns;
mod point;
mod point_width;
mod stat;
mod time;

pub use columns::{RawColumns, StatColumns};
pub use point::{MergePolicy, Point};
pub use point_width::PointWidth;
pub use stat::{Stat, StatPoint};
pub use time::{LAST_TIME, MAX_TIME, MIN_TIME, TimeRange, Timestamp};
