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

/// How many nanoseconds `delta` is, without what is left of it below a nanosecond.
///
/// Fractions count for exactly what a double makes of them, as in the official Python client: 0.7 hours are a little less
/// than 42 minutes, since the double nearest to 0.7 is.
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
    let parts: Option<i128> = units.iter().map(|&(count, nanos)| fixed(count, nanos)).sum();
    let sum = parts.and_then(|parts| (i128::from(delta.nanoseconds) << FRACTION_BITS).checked_add(parts));
    // Division cuts towards zero, where a shift would not.
    sum.and_then(|sum| i64::try_from(sum / (1 << FRACTION_BITS)).ok())
        .ok_or_else(|| Error::new(ErrorKind::InvalidValue, format!("{delta:?} is not within 292 years")))
}

/// How many bits below a nanosecond are kept while units are added up. Six sums of 2^64 ns still fit.
const FRACTION_BITS: i32 = 60;

/// `count` units of `nanos` nanoseconds, in 2^60ths of a nanosecond; `None` where that is more than 2^64 ns.
fn fixed(count: f64, nanos: i64) -> Option<i128> {
    if !count.is_finite() || count.abs() * nanos as f64 > 18_446_744_073_709_551_616.0 {
        return None;
    }
    let bits = count.to_bits();
    let (fraction, exponent) = (bits & ((1 << 52) - 1), (bits >> 52 & 0x7ff) as i32);
    // Below the smallest normal double everything is far below a nanosecond.
    let (mantissa, exponent) = if exponent == 0 { (0, 0) } else { (fraction | 1 << 52, exponent - 1075) };
    let product = i128::from(mantissa) * i128::from(nanos);
    let shift = exponent + FRACTION_BITS;
    let magnitude = if shift >= 0 { product << shift } else { product.checked_shr(shift.unsigned_abs()).unwrap_or(0) };
    Some(if count < 0.0 { -magnitude } else { magnitude })
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
            (Delta { hours: 0.7, ..none }, 2_519_999_999_999),
            (Delta { hours: -0.7, ..none }, -2_519_999_999_999),
            (Delta { seconds: 0.3, ..none }, 299_999_999),
            (Delta { seconds: 1e-300, days: f64::MIN_POSITIVE / 4.0, ..none }, 0),
            (Delta { days: -106_751.0, hours: 24.0 * 106_751.0, ..none }, 0),
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
