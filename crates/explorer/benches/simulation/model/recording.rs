//! Streams whose points are so regular that any window can be told without storing one.

use btrdb_core::{Point, PointWidth, RawColumns, StatColumns, StatPoint, TimeRange};
use btrdb_explorer::{Request, Resolution};

/// Points every `period` nanoseconds from `start` on, but none in the gaps.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub(crate) start: i64,
    pub(crate) period: i64,
    pub(crate) points: i64,
    /// In order of time.
    pub(crate) gaps: Vec<TimeRange>,
}

pub(crate) enum Rows {
    Windows(StatColumns),
    Raw(RawColumns),
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Windows(columns) => columns.len(),
            Self::Raw(columns) => columns.len(),
        }
    }
}

impl Recording {
    /// 10^8 points at 120 Hz, which is 9.6 days, with two outages.
    pub(crate) fn large() -> Self {
        let (start, period, points) = (1_700_000_000_000_000_000, 8_333_333, 100_000_000);
        let at = |share: f64| start + ((points * period) as f64 * share) as i64;
        let gaps = vec![TimeRange::new(at(0.3), at(0.301)), TimeRange::new(at(0.7), at(0.72))];
        Self { start, period, points, gaps }
    }

    pub(crate) fn life(&self) -> TimeRange {
        TimeRange::new(self.start, self.start + self.points * self.period)
    }

    /// How many points there are before `time`.
    fn before(&self, time: i64) -> i64 {
        let grid = |time: i64| {
            let along = (time.max(self.start) - self.start) as u64;
            (along.div_ceil(self.period as u64) as i64).min(self.points)
        };
        let inside = |gap: &TimeRange| grid(time.min(gap.end)) - grid(time.min(gap.start));
        grid(time) - self.gaps.iter().map(inside).sum::<i64>()
    }

    /// The answer to a request.
    pub(crate) fn answer(&self, request: &Request) -> Rows {
        let range = request.range();
        match request.resolution {
            Resolution::Windows(width) => Rows::Windows(self.windows(range, width)),
            Resolution::Raw(_) => Rows::Raw(self.raw(range)),
        }
    }

    fn windows(&self, range: TimeRange, width: PointWidth) -> StatColumns {
        let lived = range.intersect(self.life());
        let mut windows = StatColumns::default();
        if lived.is_empty() {
            return windows;
        }
        let mut start = width.floor(lived.start);
        let mut before = self.before(start);
        while start < lived.end {
            let end = start.saturating_add_unsigned(width.nanos());
            let until = self.before(end);
            if until > before {
                let count = (until - before) as u64;
                windows.push(StatPoint { time: start, min: -1.0, mean: 0.0, max: 1.0, count, stddev: 0.5 });
            }
            (start, before) = (end, until);
        }
        windows
    }

    fn raw(&self, range: TimeRange) -> RawColumns {
        let lived = range.intersect(self.life());
        let first = (lived.start - self.start).max(0).div_euclid(self.period);
        let times = (first..self.points).map(|index| self.start + index * self.period);
        let times = times.skip_while(|&time| time < lived.start).take_while(|&time| time < lived.end);
        let there = times.filter(|&time| !self.gaps.iter().any(|gap| gap.contains(time)));
        there.map(|time| Point::new(time, (time % 7) as f64)).collect()
    }
}
