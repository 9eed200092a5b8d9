//! Between nanoseconds and the ways in which people write times.

mod calendar;
mod delta;
mod parse;

pub use self::calendar::{DateTime, datetime_to_ns, ns_to_datetime};
pub use self::delta::{Delta, ns_delta};
pub use self::parse::{to_nanoseconds, whole_nanoseconds};
