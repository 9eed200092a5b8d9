//! What happens to the network: generators and loads that trip, and faults on lines. Each minute has at most one event,
//! which depends on the seed and the minute alone.

use btrdb_core::{TimeRange, Timestamp};

use super::clock::NANOS_PER_SECOND;
use super::network::{Place, Settings};
use super::system::MODES;

/// How long an event may be felt, in seconds: until then every trace of it has gone, to the last bit that matters.
pub(super) const LONGEST_EFFECT: i64 = 1_800;

const SLOT: i64 = 60;

/// Something that happens to the network as a whole.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub(super) time: Timestamp,
    pub(super) kind: Kind,
    /// Where it happens.
    pub(super) place: Place,
    /// How far each mode swings, in degrees.
    pub(super) swing: [f64; MODES],
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Generation or load is lost: the frequency departs by about `size` Hz, and comes back.
    Imbalance {
        /// Negative where generation is lost.
        size: f64,
    },
    /// A short circuit until it is cleared.
    Fault {
        /// The part of the voltage that is lost at the fault itself.
        depth: f64,
        /// How long until it is cleared, in nanoseconds.
        duration: i64,
        /// Which of the three phases it is on.
        phases: [bool; 3],
    },
}

/// The events that begin within `range`, in order.
pub(super) fn events(settings: &Settings, range: TimeRange) -> Vec<Event> {
    let slot = |time: Timestamp| time.div_euclid(SLOT * NANOS_PER_SECOND);
    (slot(range.start)..=slot(range.end))
        .filter_map(|slot| event(settings, slot))
        .filter(|event| range.contains(event.time))
        .collect()
}

/// The event of a minute, if there is one.
fn event(settings: &Settings, slot: i64) -> Option<Event> {
    let key = settings.key.with(1).with(slot as u64);
    if key.uniform(0) >= settings.events_per_hour / 60.0 {
        return None;
    }
    // To the millisecond, as a protection relay would note it.
    let millis = key.between(1, 0.0, 60_000.0) as i64;
    let time = slot * SLOT * NANOS_PER_SECOND + millis * 1_000_000;
    let place = Place { east: key.uniform(2), north: key.uniform(3) };
    let kind = if key.uniform(4) < 0.5 {
        let sign = if key.uniform(5) < 0.75 { -1.0 } else { 1.0 };
        Kind::Imbalance { size: sign * key.between(6, 0.02, 0.12) }
    } else {
        let phases = match (key.uniform(5), key.bits(6) % 3) {
            // Most faults are of one phase to ground.
            (choice, phase) if choice < 0.7 => [phase == 0, phase == 1, phase == 2],
            (choice, phase) if choice < 0.85 => [phase != 0, phase != 1, phase != 2],
            _ => [true; 3],
        };
        let duration = key.between(8, 70.0, 250.0) as i64 * 1_000_000;
        Kind::Fault { depth: key.between(7, 0.25, 0.9), duration, phases }
    };
    let mut swing = [0.0; MODES];
    for (mode, swing) in swing.iter_mut().enumerate() {
        // An event moves the modes whose shape is large where it happens.
        *swing = place.mode_shape(mode) * key.between(10 + mode as u64, 0.5, 4.0);
    }
    Some(Event { time, kind, place, swing })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: TimeRange = TimeRange { start: 1_767_225_600_000_000_000, end: 1_767_312_000_000_000_000 };

    #[test]
    fn are_as_many_as_wanted_and_the_same_in_every_part() {
        let settings = Settings::example(1);
        let day = events(&settings, DAY);
        assert!((100..190).contains(&day.len()), "{}", day.len());
        assert!(day.is_sorted_by_key(|event| event.time));
        let noon = DAY.start + DAY.width() as i64 / 2 + 123;
        let (morning, afternoon) = (TimeRange::new(DAY.start, noon), TimeRange::new(noon, DAY.end));
        assert_eq!([events(&settings, morning), events(&settings, afternoon)].concat(), day);
        assert_eq!(events(&Settings { events_per_hour: 0.0, ..settings }, DAY), []);
        assert_ne!(events(&Settings::example(2), DAY), day);
    }
}
