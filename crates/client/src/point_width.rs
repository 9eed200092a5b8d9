//! Which windows a point width makes, and how long they are in everyday units.

use std::time::Duration;

use btrdb_core::{PointWidth, TimeRange, Timestamp};

/// The widest point width whose windows are at most `nanos` wide, up to 2^61 ns as the official Python client has it; one
/// nanosecond for 0.
pub fn from_nanoseconds(nanos: u64) -> PointWidth {
    let widest = PointWidth::at_most(nanos);
    if widest == PointWidth::ALL { widest.finer().unwrap_or(widest) } else { widest }
}

/// The widest point width whose windows are at most `duration` long, up to 2^61 ns.
pub fn from_duration(duration: Duration) -> PointWidth {
    from_nanoseconds(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

/// How long a window is.
pub fn to_duration(width: PointWidth) -> Duration {
    Duration::from_nanos(width.nanos())
}

/// The aligned windows of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlignedWindows {
    /// The start of the first window, which may be before the range.
    pub first: Timestamp,
    /// The start of the last window; before `first` where there is no window.
    pub last: Timestamp,
    /// How many windows there are; a read reports those that hold points.
    pub count: u64,
}

/// The windows that an aligned read of `range` covers. Times that 64 bits do not reach are cut off at their ends.
pub fn for_aligned_windows(width: PointWidth, range: TimeRange) -> AlignedWindows {
    let nanos = i128::from(width.nanos());
    let first = i128::from(range.start).div_euclid(nanos) * nanos;
    let count = (i128::from(range.end) - first).div_euclid(nanos).max(0);
    let last = first + nanos * (count - 1);
    let time = |time: i128| time.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    AlignedWindows { first: time(first), last: time(last), count: count as u64 }
}

/// How long a window is, in the largest unit that is not too large, with two decimals: `1.07 seconds`.
pub fn describe(width: PointWidth) -> String {
    // Years of 365.04 days and months a twelfth of 365 days long, as BTrDB's documents count them.
    let (unit, nanos) = match width.exponent() {
        55.. => ("years", 3.154e16),
        52.. => ("months", 2.628e15),
        50.. => ("weeks", 6.048e14),
        47.. => ("days", 8.64e13),
        42.. => ("hours", 3.6e12),
        36.. => ("minutes", 6e10),
        30.. => ("seconds", 1e9),
        20.. => ("milliseconds", 1e6),
        10.. => ("microseconds", 1e3),
        _ => return format!("{} nanoseconds", width.nanos()),
    };
    format!("{:.2} {unit}", width.nanos() as f64 / nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pw(exponent: u8) -> PointWidth {
        PointWidth::new(exponent).unwrap()
    }

    #[test]
    fn widths_of_everyday_spans() {
        const SECOND: u64 = 1_000_000_000;
        for (nanos, exponent) in [
            (0, 0),
            (1, 0),
            (10, 3),
            (SECOND, 29),
            (43_200 * SECOND, 45),
            (86_400 * SECOND, 46),
            (31_536_000 * SECOND, 54),
            (u64::MAX, 61),
        ] {
            assert_eq!(from_nanoseconds(nanos), pw(exponent), "{nanos}");
            assert_eq!(from_duration(Duration::from_nanos(nanos)), pw(exponent), "{nanos}");
        }
        assert_eq!(to_duration(pw(30)), Duration::from_nanos(1_073_741_824));
    }

    // What the official Python client says.
    #[test]
    fn windows_of_a_day() {
        let day = TimeRange::new(1_456_790_400_000_000_000, 1_456_876_800_000_000_000);
        let windows = for_aligned_windows(pw(30), day);
        let (first, last) = (1_456_790_399_996_657_664, 1_456_876_798_632_525_824);
        assert_eq!(windows, AlignedWindows { first, last, count: 80_466 });
        assert_eq!(for_aligned_windows(pw(3), TimeRange::new(-5, 9)).first, -8);
        assert_eq!(for_aligned_windows(pw(6), TimeRange::new(11_136, 11_199)).count, 0);
    }

    // What the official Python client says.
    #[test]
    fn described_in_the_largest_unit() {
        for (exponent, text) in [
            (0, "1 nanoseconds"),
            (9, "512 nanoseconds"),
            (10, "1.02 microseconds"),
            (20, "1.05 milliseconds"),
            (30, "1.07 seconds"),
            (36, "1.15 minutes"),
            (42, "1.22 hours"),
            (47, "1.63 days"),
            (50, "1.86 weeks"),
            (52, "1.71 months"),
            (55, "1.14 years"),
            (62, "146.22 years"),
        ] {
            assert_eq!(describe(pw(exponent)), text);
        }
    }
}
