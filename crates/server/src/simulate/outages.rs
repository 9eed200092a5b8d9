//! What does not arrive: PMUs that are silent for a while, and single frames that the network loses.

use btrdb_core::TimeRange;

use super::clock::NANOS_PER_SECOND;
use super::network::{Pmu, Settings};

/// How often a frame is lost, by the events of an hour: 2 in 10,000 at the usual six.
const LOST_PER_EVENT: f64 = 2e-4 / 6.0;

/// How likely a PMU falls silent within an hour, by the events of an hour: one in ten at the usual six.
const SILENT_PER_EVENT: f64 = 0.1 / 6.0;

const SLOT: i64 = 3_600;

/// A time without any sample of a PMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outage {
    pub(super) range: TimeRange,
}

/// The outages of `pmu` that touch `range`, in order. Each hour has at most one, of half a second to ten minutes.
pub(super) fn outages(settings: &Settings, pmu: &Pmu, range: TimeRange) -> Vec<Outage> {
    let slot_of = |time: i64| time.div_euclid(SLOT * NANOS_PER_SECOND);
    let key = pmu.key.with(300);
    (slot_of(range.start) - 1..=slot_of(range.end))
        .filter_map(|slot| {
            let key = key.with(slot as u64);
            if key.uniform(0) >= SILENT_PER_EVENT * settings.events_per_hour {
                return None;
            }
            let millis = key.between(1, 0.0, 3_600_000.0) as i64;
            let start = slot * SLOT * NANOS_PER_SECOND + millis * 1_000_000;
            // Short ones are the most frequent.
            let length = (500.0 * libm::pow(1_200.0, key.uniform(2))) as i64 * 1_000_000;
            Some(Outage { range: TimeRange::new(start, start + length) })
        })
        .filter(|outage| outage.range.overlaps(range))
        .collect()
}

/// Whether the sample with the number `absolute` is lost on its way.
pub(super) fn is_lost(settings: &Settings, pmu: &Pmu, absolute: u64) -> bool {
    pmu.key.with(301).uniform(absolute) < LOST_PER_EVENT * settings.events_per_hour
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_the_same_in_every_part() {
        let settings = Settings { events_per_hour: 30.0, ..Settings::example(1) };
        let pmu = Pmu::new(&settings, 1);
        let start = 1_767_225_600_000_000_000;
        let day = TimeRange::new(start, start + 86_400 * NANOS_PER_SECOND);
        let all = outages(&settings, &pmu, day);
        assert!(all.len() > 5 && all.is_sorted_by_key(|outage| outage.range.start));
        for outage in &all {
            let inside = TimeRange::new(outage.range.end - 1, outage.range.end);
            assert!(outages(&settings, &pmu, inside).contains(outage));
        }
        assert!((500_000_000..600 * NANOS_PER_SECOND as u64).contains(&all[0].range.width()));
    }
}
