//! When samples are taken: at fixed parts of every second of UTC, as synchrophasor standards ask.

use btrdb_core::{TimeRange, Timestamp};

pub(super) const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// Some whole seconds, each with `rate` samples. Samples are counted from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// The first second since 1970.
    pub(super) first_second: i64,
    pub(super) seconds: usize,
    /// Samples in a second.
    pub(super) rate: u32,
}

impl Grid {
    /// The blocks of at most `samples` samples that cover `range`; each but the last has equally many seconds.
    pub(super) fn blocks(range: TimeRange, rate: u32, samples: usize) -> impl Iterator<Item = Self> {
        let first = range.start.div_euclid(NANOS_PER_SECOND);
        let end = (range.end - 1).div_euclid(NANOS_PER_SECOND) + 1;
        let step = (samples / rate as usize).max(1);
        (first..end).step_by(step).map(move |first_second| Self {
            first_second,
            seconds: step.min((end - first_second) as usize),
            rate,
        })
    }

    pub(super) fn samples(&self) -> usize {
        self.seconds * self.rate as usize
    }

    /// When sample `sample` is taken, exact to the nanosecond below.
    pub(super) fn time(&self, sample: usize) -> Timestamp {
        self.time_of(self.absolute(sample))
    }

    /// The number that a sample has on every grid of this rate.
    pub(super) fn absolute(&self, sample: usize) -> i64 {
        self.first_second * i64::from(self.rate) + sample as i64
    }

    /// When the sample of that number is taken.
    pub(super) fn time_of(&self, absolute: i64) -> Timestamp {
        let rate = i64::from(self.rate);
        let (second, part) = (absolute.div_euclid(rate), absolute.rem_euclid(rate));
        second * NANOS_PER_SECOND + part * NANOS_PER_SECOND / rate
    }

    /// The samples of this grid that are taken within `range`.
    pub(super) fn within(&self, range: TimeRange) -> std::ops::Range<usize> {
        let first_at = |time: Timestamp| {
            // A guess from below, which the floor in `time` can put off by one.
            let since = i128::from(time) - i128::from(self.first_second) * i128::from(NANOS_PER_SECOND);
            let guess = since * i128::from(self.rate) / i128::from(NANOS_PER_SECOND) - 1;
            let mut sample = guess.clamp(0, self.samples() as i128) as usize;
            while sample < self.samples() && self.time(sample) < time {
                sample += 1;
            }
            sample
        };
        first_at(range.start)..first_at(range.end.max(range.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_fall_on_the_same_parts_of_every_second() {
        let grid = Grid { first_second: -1, seconds: 2, rate: 30 };
        assert_eq!(grid.time(0), -NANOS_PER_SECOND);
        assert_eq!((grid.time(30), grid.time(31), grid.time(59)), (0, 33_333_333, 966_666_666));
        assert_eq!(grid.absolute(31), 1);
    }

    #[test]
    fn blocks_cover_a_range_however_it_lies() {
        let range = TimeRange::new(-1_500_000_000, 3_033_333_334);
        let blocks = Grid::blocks(range, 30, 70).collect::<Vec<_>>();
        assert_eq!(
            blocks.iter().map(|grid| (grid.first_second, grid.seconds)).collect::<Vec<_>>(),
            [(-2, 2), (0, 2), (2, 2)]
        );
        let times = |grid: &Grid| grid.within(range).map(|sample| grid.time(sample)).collect::<Vec<_>>();
        let times = blocks.iter().flat_map(times).collect::<Vec<_>>();
        assert!(times.is_sorted() && times.iter().all(|&time| range.contains(time)));
        assert_eq!((times.len(), times[0], times[times.len() - 1]), (15 + 30 + 92, -1_500_000_000, 3_033_333_333));
    }
}
