//! The times that PMUs put on their samples: exact with most, and with some as wrong as clocks get that lose their
//! satellites.

use btrdb_core::Timestamp;

use super::clock::{Grid, NANOS_PER_SECOND};
use super::network::{BadClock, Pmu};

/// How often a bad clock is set right, in seconds.
pub(super) const SET_EVERY: i64 = 3_600;

/// How many of 10,000 samples repeat the time of the one before.
const REPEATED: u64 = 20;

/// How many of 10,000 samples are stamped late.
const LATE: u64 = 10;

/// The time that `pmu` puts on a sample of `grid`.
pub(super) fn stamp(pmu: &Pmu, grid: &Grid, sample: usize) -> Timestamp {
    let Some(clock) = pmu.bad_clock else { return grid.time(sample) };
    let absolute = grid.absolute(sample);
    match pmu.key.with(400).bits(absolute as u64) % 10_000 {
        // As if the clock had stood still.
        choice if choice < REPEATED => drifted(clock, grid.time_of(absolute - 1)),
        choice if choice < REPEATED + LATE => {
            let late = pmu.key.with(401).between(absolute as u64, 1e6, 60e6) as i64;
            drifted(clock, grid.time_of(absolute)) + late
        }
        _ => drifted(clock, grid.time_of(absolute)),
    }
}

/// What the clock says at `time`: it goes wrong steadily and is set right every hour.
fn drifted(clock: BadClock, time: Timestamp) -> Timestamp {
    let since = time.rem_euclid(SET_EVERY * NANOS_PER_SECOND);
    time + (i128::from(since) * i128::from(clock.drift) / i128::from(NANOS_PER_SECOND)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::network::Settings;

    #[test]
    fn a_bad_clock_drifts_repeats_and_is_set_right() {
        let settings = Settings::example(1);
        let grid = Grid { first_second: 1_767_225_600, seconds: 7_200, rate: 30 };
        let (good, bad) = (Pmu::new(&settings, 1), Pmu::new(&settings, 3));
        let drift = bad.bad_clock.unwrap().drift;
        assert!((0..grid.samples()).all(|sample| stamp(&good, &grid, sample) == grid.time(sample)));
        let stamps = (0..grid.samples()).map(|sample| stamp(&bad, &grid, sample)).collect::<Vec<_>>();
        assert_eq!((stamps[0], stamps[3_600 * 30]), (grid.time(0), grid.time(3_600 * 30)));
        let off = stamps[3_599 * 30] - grid.time(3_599 * 30);
        assert!((off - drift * 3_599).abs() < 1_000 && off.abs() > 10_000_000, "{off}");
        let repeated = stamps.windows(2).filter(|pair| pair[0] == pair[1]).count();
        assert!((300..550).contains(&repeated), "{repeated}");
        assert!(!stamps.is_sorted());
    }
}
