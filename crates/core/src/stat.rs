//! What is known of a window without its points, and how two such summaries become one.

use crate::Timestamp;

/// The summary of one window of time, as every call reports it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StatPoint {
    /// The window's start, in nanoseconds since 1970 UTC.
    pub time: Timestamp,
    /// The smallest value.
    pub min: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The largest value.
    pub max: f64,
    /// How many points, duplicates included. 0 marks a gap; the other fields then mean nothing.
    pub count: u64,
    /// The population standard deviation (divided by `count`, not by `count - 1`).
    pub stddev: f64,
}

/// A summary that can be merged: [`StatPoint`] without its time, and with the sum of squared deviations from the mean in
/// place of the standard deviation, because that is what adds up without cancelling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stat {
    /// How many points.
    pub count: u64,
    /// The smallest value; +∞ where there is none.
    pub min: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The largest value; −∞ where there is none.
    pub max: f64,
    /// The sum of squared deviations from the mean.
    pub m2: f64,
}

impl Stat {
    /// The summary of no points, which changes nothing when merged.
    pub const EMPTY: Self = Self { count: 0, min: f64::INFINITY, mean: 0.0, max: f64::NEG_INFINITY, m2: 0.0 };

    /// The summary of `values`: two passes, mean first, so that values far from zero lose no digits.
    pub fn of(values: &[f64]) -> Self {
        let Some(first) = values.first() else { return Self::EMPTY };
        let count = values.len() as u64;
        // Deviations from the first value instead of the values: a 60 Hz signal sums to small numbers.
        let offset = in_lanes(values, 0.0, |sum, value| sum + (value - first), |a, b| a + b);
        let mean = first + offset / count as f64;
        if !mean.is_finite() || !offset.is_finite() {
            return values.iter().map(|&value| Self::one(value)).fold(Self::EMPTY, Self::merge);
        }
        let (smaller, larger) =
            (|a: f64, b: f64| if b < a { b } else { a }, |a: f64, b: f64| if b > a { b } else { a });
        let min = in_lanes(values, f64::INFINITY, smaller, smaller);
        let max = in_lanes(values, f64::NEG_INFINITY, larger, larger);
        let m2 = in_lanes(values, 0.0, |sum, value| sum + (value - mean) * (value - mean), |a, b| a + b);
        // Rounding must not put the mean of equal values outside of them.
        Self { count, min, mean: mean.clamp(min, max), max, m2 }
    }

    /// The summary of a single value.
    pub const fn one(value: f64) -> Self {
        Self { count: 1, min: value, mean: value, max: value, m2: 0.0 }
    }

    /// The summary of the points of both.
    #[inline]
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        if self.count == 0 {
            return other;
        }
        if other.count == 0 {
            return self;
        }
        let (n1, n2) = (self.count as f64, other.count as f64);
        let n = n1 + n2;
        let distance = other.mean - self.mean;
        let mean = if distance.is_finite() {
            self.mean + distance * (n2 / n)
        } else {
            // Two means too far apart for their difference: weigh each by itself.
            self.mean * (n1 / n) + other.mean * (n2 / n)
        };
        let (min, max) = (self.min.min(other.min), self.max.max(other.max));
        Self {
            count: self.count + other.count,
            min,
            max,
            mean: mean.clamp(min, max),
            m2: self.m2 + other.m2 + distance * distance * (n1 * (n2 / n)),
        }
    }

    /// The summary of the points of all of `parts`: as merged one by one, but for rounding, without a division for each.
    #[must_use]
    pub fn merged(parts: impl Iterator<Item = Self> + Clone) -> Self {
        let parts = parts.filter(|part| part.count > 0);
        let Some(first) = parts.clone().next() else { return Self::EMPTY };
        let (mut all, mut offset) = (Self::EMPTY, 0.0);
        for part in parts.clone() {
            all.count += part.count;
            all.min = all.min.min(part.min);
            all.max = all.max.max(part.max);
            // Deviations from the first mean, as in [`Self::of`].
            offset += part.count as f64 * (part.mean - first.mean);
        }
        let mean = first.mean + offset / all.count as f64;
        if !mean.is_finite() || !offset.is_finite() {
            return parts.fold(Self::EMPTY, Self::merge);
        }
        all.mean = mean.clamp(all.min, all.max);
        for part in parts {
            let deviation = part.mean - all.mean;
            all.m2 += part.m2 + part.count as f64 * deviation * deviation;
        }
        all
    }

    /// The population standard deviation; 0 where there is no point or one.
    pub fn stddev(&self) -> f64 {
        if self.count == 0 { 0.0 } else { (self.m2.max(0.0) / self.count as f64).sqrt() }
    }

    /// The stat point of a window that starts at `time`. Without points all its fields are 0.
    pub fn at(&self, time: Timestamp) -> StatPoint {
        if self.count == 0 {
            return StatPoint { time, min: 0.0, mean: 0.0, max: 0.0, count: 0, stddev: 0.0 };
        }
        StatPoint { time, min: self.min, mean: self.mean, max: self.max, count: self.count, stddev: self.stddev() }
    }
}

/// Folds `values` in four lanes and joins the lanes: a processor adds four numbers in the time of one, if no sum waits for
/// the one before.
#[inline]
fn in_lanes(values: &[f64], start: f64, add: impl Fn(f64, f64) -> f64, join: impl Fn(f64, f64) -> f64) -> f64 {
    let (fours, rest) = values.as_chunks::<4>();
    let mut lanes = [start; 4];
    for four in fours {
        for (lane, value) in lanes.iter_mut().zip(four) {
            *lane = add(*lane, *value);
        }
    }
    let [a, b, c, d] = lanes;
    rest.iter().fold(join(join(a, b), join(c, d)), |sum, value| add(sum, *value))
}

impl From<StatPoint> for Stat {
    /// Back from a standard deviation to a sum of squares, for merging windows that came over the wire.
    fn from(stat: StatPoint) -> Self {
        if stat.count == 0 {
            return Self::EMPTY;
        }
        Self {
            count: stat.count,
            min: stat.min,
            mean: stat.mean,
            max: stat.max,
            m2: stat.stddev * stat.stddev * stat.count as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn worked_example_of_the_protocol() {
        let (low, high) = (Stat::of(&[2.0, 3.0, 4.0]), Stat::of(&[5.0, 6.0, 7.0, 8.0]));
        assert_eq!((low.count, low.mean, low.stddev()), (3, 3.0, 0.816_496_580_927_726));
        assert_eq!((high.count, high.mean, high.stddev()), (4, 6.5, 1.118_033_988_749_895));
        let both = low.merge(high);
        assert_eq!((both.count, both.min, both.mean, both.max, both.stddev()), (7, 2.0, 5.0, 8.0, 2.0));
    }

    #[test]
    fn extremes_give_no_nan() {
        for values in [
            &[f64::MAX, f64::MAX][..],
            &[f64::MAX, f64::MIN],
            &[f64::MIN, f64::MAX, 1.0],
            &[5e-324, -5e-324],
            &[-0.0, 0.0],
        ] {
            let stat = Stat::of(values);
            for number in [stat.min, stat.mean, stat.max, stat.stddev()] {
                assert!(!number.is_nan(), "{values:?}: {stat:?}");
            }
            let twice = stat.merge(stat);
            assert!(!twice.mean.is_nan() && !twice.stddev().is_nan(), "{values:?}: {twice:?}");
            let each = Stat::merged(values.iter().map(|&value| Stat::one(value)));
            assert!(!each.mean.is_nan() && !each.stddev().is_nan(), "{values:?}: {each:?}");
        }
    }

    #[test]
    fn equal_values_have_themselves_as_mean() {
        for value in [0.1, 1e300, -5e-324, 59.999] {
            let all = Stat::merged((1..70).map(|count| Stat::of(&vec![value; count])));
            assert_eq!((all.min, all.mean, all.max, all.stddev()), (value, value, value, 0.0));
        }
    }

    #[test]
    fn keeps_digits_far_from_zero() {
        let values: Vec<f64> = (0..1000).map(|i| 1e9 + f64::from(i % 2)).collect();
        let stat = Stat::of(&values);
        assert_eq!((stat.mean, stat.stddev()), (1e9 + 0.5, 0.5));
    }

    proptest! {
        #[test]
        fn merging_parts_equals_the_whole(
            values in prop::collection::vec(-1e6..1e6_f64, 1..200),
            cut in 0.0..1.0_f64,
        ) {
            let cut = (values.len() as f64 * cut) as usize;
            let whole = Stat::of(&values);
            let parts = Stat::of(&values[..cut]).merge(Stat::of(&values[cut..]));
            prop_assert_eq!((whole.count, whole.min, whole.max), (parts.count, parts.min, parts.max));
            prop_assert!((whole.mean - parts.mean).abs() <= 1e-9 * 1e6);
            prop_assert!((whole.stddev() - parts.stddev()).abs() <= 1e-6);
        }

        #[test]
        fn many_at_once_as_one_by_one(runs in prop::collection::vec(prop::collection::vec(-1e6..1e6_f64, 0..9), 0..70)) {
            let parts = runs.iter().map(|values| Stat::of(values));
            let (at_once, singly) = (Stat::merged(parts.clone()), parts.fold(Stat::EMPTY, Stat::merge));
            prop_assert_eq!((at_once.count, at_once.min, at_once.max), (singly.count, singly.min, singly.max));
            prop_assert!((at_once.mean - singly.mean).abs() <= 1e-9 * 1e6);
            prop_assert!((at_once.stddev() - singly.stddev()).abs() <= 1e-6);
        }
    }
}
