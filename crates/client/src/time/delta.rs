//! Spans of time in everyday units.

use crate::error::{Error, ErrorKind, Result};

/// A span of time as a sum of units, each of which may be a fraction or negative, but for nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delta {
    /// Days of 24 hours.
    pub days: f64,
    /// Hours.
    pub hours: f64,
    /// Minutes.
    pub minutes: f64,
    /// Seconds.
    pub seconds: f64,
    /// Thousandths of a second.
    pub milliseconds: f64,
    /// Millionths of a second.
    pub microseconds: f64,
    /// Nanoseconds.
    pub nanoseconds: i64,
}

/// How many nanoseconds `delta` is, each unit without what is left of it below a nanosecond.
///
/// # Errors
/// `InvalidValue` for what is not finite, and for more than 64 bits of nanoseconds: 292 years.
pub fn ns_delta(delta: &Delta) -> Result<i64> {
    let units = [
        (delta.days, 86_400_000_000_000),
        (delta.hours, 3_600_000_000_000),
        (delta.minutes, 60_000_000_000),
        (delta.seconds, 1_000_000_000),
        (delta.milliseconds, 1_000_000),
        (delta.microseconds, 1_000),
    ];
    let parts: Option<i128> = units.iter().map(|&(count, nanos)| whole_and_fraction(count, nanos)).sum();
    let whole = parts.and_then(|parts| i128::from(delta.nanoseconds).checked_add(parts));
    whole
        .and_then(|nanos| i64::try_from(nanos).ok())
        .ok_or_else(|| Error::new(ErrorKind::InvalidValue, format!("{delta:?} is not within 292 years")))
}

/// `count` units of `nanos` nanoseconds.
fn whole_and_fraction(count: f64, nanos: i64) -> Option<i128> {
    if !count.is_finite() || count.abs() > 1e19 {
        return None;
    }
    let fraction = (count.fract() * nanos as f64) as i128;
    (count.trunc() as i128).checked_mul(nanos.into())?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        let none = Delta::default();
        for (delta, expected) in [
            (none, 0),
            (Delta { minutes: 1.0, ..none }, 60_000_000_000),
            (Delta { days: 1.0, hours: -1.0, nanoseconds: -1, ..none }, 82_799_999_999_999),
            (Delta { hours: 0.5, microseconds: 1.5, ..none }, 1_800_000_001_500),
            (Delta { seconds: -1.25, milliseconds: 3.0, ..none }, -1_247_000_000),
            (Delta { days: 106_751.0, ..none }, 9_223_286_400_000_000_000),
            (Delta { microseconds: 0.0001, ..none }, 0),
        ] {
            assert_eq!(ns_delta(&delta).unwrap(), expected, "{delta:?}");
        }
        for odd in
            [Delta { days: 106_752.0, ..none }, Delta { hours: f64::NAN, ..none }, Delta { hours: 1e300, ..none }]
        {
            assert!(ns_delta(&odd).is_err(), "{odd:?}");
        }
    }
}
