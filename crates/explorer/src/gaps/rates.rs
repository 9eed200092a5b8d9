//! How many points a window holds when none are missing.

use std::collections::BTreeMap;

use btrdb_core::{PointWidth, TimeRange, Timestamp};

use super::question::Window;

/// A rate is believed when so many windows in a row show it.
const MIN_RUN: usize = 8;

/// So many windows on either side tell how full one may be. Clocks drift, but not much until there.
const NEIGHBOURS: i64 = 16;

/// Of so many neighbours the fullest is passed over: a few points written twice would make all others look as if they
/// lacked some.
const PER_OUTLIER: usize = 16;

/// The rates at which a stream is known to run, and the counts seen so far.
///
/// A rate is true to one point in the whole run that it comes from. That is too rough for windows thousands of times
/// wider, so the counts of their neighbours sharpen it. They would not do alone: where each window has a gap the
/// fullest is not full, and where the rate changes the fullest is full for its part only.
#[derive(Clone, Debug, Default)]
pub(super) struct Rates {
    rates: Vec<Rate>,
    seen: BTreeMap<(PointWidth, Timestamp), u64>,
}

/// So many points, more than one, in so many nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Rate {
    points: u64,
    nanos: u64,
}

impl Rates {
    /// Whether nothing is known.
    pub(super) fn are_unknown(&self) -> bool {
        self.rates.is_empty()
    }

    /// Takes note of the counts of windows.
    pub(super) fn see(&mut self, windows: &[Window]) {
        self.seen.extend(windows.iter().map(|window| ((window.width, window.start), window.count)));
    }

    /// Learns the rate of the longest run of about equal counts in `windows`, which are so narrow that gaps leave them
    /// empty.
    pub(super) fn learn(&mut self, windows: &[Window]) {
        let runs = windows.chunk_by(|one, next| one.count.abs_diff(next.count) <= (one.count / 8).max(2));
        let longest = runs.filter(|run| run.iter().all(|window| window.count > 0)).max_by_key(|run| run.len());
        // The first and the last may hold the end of a gap or of another rate.
        let inner = longest.and_then(|run| run.get(1..run.len() - 1));
        self.add(inner.unwrap_or(&[]));
    }

    /// Learns the rate of `windows` that lacked points, but finer ones show nowhere where: the clock has drifted.
    pub(super) fn learn_explained(&mut self, windows: &[Window], life: TimeRange, fine: PointWidth) {
        let is_explained = |window: &Window| self.explain(*window, life, fine);
        let runs = windows.chunk_by(|one, next| is_explained(one) == is_explained(next));
        let longest = runs.filter(|run| is_explained(&run[0])).max_by_key(|run| run.len());
        self.add(longest.unwrap_or(&[]));
    }

    fn add(&mut self, run: &[Window]) {
        let points = run.iter().fold(0_u64, |sum, window| sum.saturating_add(window.count));
        let nanos = run.iter().map(|window| window.width.nanos()).sum();
        if run.len() >= MIN_RUN && points > 1 {
            self.rates.push(Rate { points, nanos });
        }
    }

    /// Whether the points of `window` are all that a rate gives for its part in `life`, but for fewer than half of what
    /// a window of `fine` holds. Neighbours differ by one point, as periods do not divide windows, and clocks drift by
    /// a few millionths; an empty window of `fine` makes more than that.
    pub(super) fn explain(&self, window: Window, life: TimeRange, fine: PointWidth) -> bool {
        let (whole, inside) = (window.width.nanos(), window.range().intersect(life).width());
        let count = u128::from(window.count);
        self.rates.iter().any(|rate| {
            let full = rate.at_least(whole).max(self.full_nearby(*rate, window));
            let expected = full.saturating_mul(u128::from(inside)) / u128::from(whole);
            let missing = (rate.about(fine.nanos()) / 2).max(2);
            count <= rate.at_most(inside) && count + missing > expected
        })
    }

    /// How many points windows around `window` hold that run at about `rate`, when full; 0 if none do.
    fn full_nearby(&self, rate: Rate, window: Window) -> u128 {
        let (width, reach) = (window.width, window.width.nanos().saturating_mul(NEIGHBOURS as u64) as i64);
        let around = (width, window.start.saturating_sub(reach))..=(width, window.start.saturating_add(reach));
        let about = rate.about(width.nanos());
        let band = about - about / 8..=rate.at_most(width.nanos());
        let counts = self.seen.range(around).map(|(_, &count)| u128::from(count));
        let mut alike: Vec<_> = counts.filter(|count| band.contains(count)).collect();
        alike.sort_unstable();
        alike.iter().rev().nth(alike.len() / PER_OUTLIER).copied().unwrap_or(0)
    }
}

impl Rate {
    fn about(self, nanos: u64) -> u128 {
        u128::from(self.points) * u128::from(nanos) / u128::from(self.nanos)
    }

    /// The fewest points in `nanos`: where a run is cut, its count may be one too high.
    fn at_least(self, nanos: u64) -> u128 {
        u128::from(self.points - 1) * u128::from(nanos) / u128::from(self.nanos)
    }

    /// The most points in `nanos` at this rate. Devices change theirs by more than an eighth: 50, 60, 100, 120 a
    /// second.
    fn at_most(self, nanos: u64) -> u128 {
        let about = self.about(nanos);
        about + about / 8 + 2
    }
}
