//! What all PMUs share: the frequency of the network, the modes in which its parts swing against each other, and what
//! events do to both.

use std::f64::consts::TAU;

use btrdb_core::TimeRange;

use super::clock::{Grid, NANOS_PER_SECOND};
use super::events::{Event, Kind, LONGEST_EFFECT, events};
use super::hash::Key;
use super::network::Settings;
use super::waves::{Motion, Wave};

/// How many inter-area modes there are.
pub(super) const MODES: usize = 3;

/// Their frequencies in Hz.
const MODE_FREQUENCIES: [f64; MODES] = [0.25, 0.42, 0.71];

/// Their damping, as a part of critical damping.
const MODE_DAMPING: [f64; MODES] = [0.08, 0.06, 0.05];

/// How many sinusoids the wander of the frequency consists of, with periods from 15 seconds to 2 hours.
const WANDER_WAVES: u32 = 24;

/// Standard deviation of the frequency's wander, in Hz.
const WANDER: f64 = 0.012;

/// How fast the frequency falls to its lowest after an event, and how fast it returns, in seconds.
const FALL: f64 = 2.5;
const RETURN: f64 = 45.0;

/// The state of the network at every sample of a grid.
#[derive(Clone, Debug)]
pub(super) struct System {
    pub(super) grid: Grid,
    /// The network's angle, and its frequency as a departure from the nominal one.
    pub(super) common: Motion,
    /// How far each mode is from rest; a PMU moves by this times the mode's shape at its place.
    pub(super) modes: [Motion; MODES],
    /// Everything that may still be felt.
    pub(super) events: Vec<Event>,
}

impl System {
    pub(super) fn new(settings: &Settings, grid: Grid) -> Self {
        let mut common = Motion::still(grid.samples());
        for wave in wander(settings.key.with(3)) {
            wave.add_to(&mut common, &grid);
        }
        let mut modes = [(); MODES].map(|()| Motion::still(grid.samples()));
        for (mode, motion) in modes.iter_mut().enumerate() {
            for wave in ambient(settings.key.with(4).with(mode as u64), mode) {
                wave.add_to(motion, &grid);
            }
        }
        let first = grid.first_second * NANOS_PER_SECOND;
        let range =
            TimeRange::new(first - LONGEST_EFFECT * NANOS_PER_SECOND, first + grid.seconds as i64 * NANOS_PER_SECOND);
        let events = events(settings, range);
        for event in &events {
            if let Kind::Imbalance { size } = event.kind {
                add_imbalance(&mut common, &grid, event, size);
            }
            for (mode, motion) in modes.iter_mut().enumerate() {
                add_ring_down(motion, &grid, event, mode);
            }
        }
        Self { grid, common, modes, events }
    }
}

/// The slow wander of load and generation: many sinusoids, the slower the larger, as of a walk that is drawn back.
fn wander(key: Key) -> Vec<Wave> {
    let each = (f64::from(WANDER_WAVES) / 2.0).sqrt();
    (0..WANDER_WAVES)
        .map(|index| {
            let key = key.with(u64::from(index));
            let part = (f64::from(index) + key.uniform(0)) / f64::from(WANDER_WAVES);
            let period = 15.0 * libm::pow(480.0, part);
            // Drawn back within about five minutes: slower waves do not grow any more.
            let size = WANDER / each * 1.7 / (1.0 + 60.0 / period);
            Wave::new(1.0 / period, size * 360.0 * period / TAU, key.uniform(1))
        })
        .collect()
}

/// What load keeps stirring up in a mode: sinusoids so close together that they beat.
fn ambient(key: Key, mode: usize) -> [Wave; 4] {
    [0, 1, 2, 3].map(|index| {
        let key = key.with(index);
        let frequency = MODE_FREQUENCIES[mode] * key.between(0, 0.97, 1.03);
        Wave::new(frequency, key.between(1, 0.03, 0.09), key.uniform(2))
    })
}

/// Lost generation: the frequency falls, is caught and returns; for the rest of half an hour it is a little on the other
/// side, until the network's clocks are right again, so that nothing of the event remains in the angle.
fn add_imbalance(motion: &mut Motion, grid: &Grid, event: &Event, size: f64) {
    let correction = (RETURN - FALL) / LONGEST_EFFECT as f64;
    felt(grid, event, LONGEST_EFFECT as f64, |sample, since| {
        let (slow, fast) = (libm::exp(-since / RETURN), libm::exp(-since / FALL));
        let part = since / LONGEST_EFFECT as f64;
        // The integral of 30 x² (1 − x)², which is 1, and its neighbours.
        let integral = part * part * part * (10.0 - 15.0 * part + 6.0 * part * part);
        let bump = 30.0 * (part * (1.0 - part)) * (part * (1.0 - part));
        let slope = 60.0 * part * (1.0 - part) * (1.0 - 2.0 * part) / LONGEST_EFFECT as f64;
        let area = RETURN * (1.0 - slow) - FALL * (1.0 - fast) - (RETURN - FALL) * integral;
        motion.angle[sample] += size * 360.0 * area;
        motion.frequency[sample] += size * (slow - fast - correction * bump);
        motion.rocof[sample] += size * (fast / FALL - slow / RETURN - correction * slope);
    });
}

/// A mode that an event has set swinging, and that dies away.
fn add_ring_down(motion: &mut Motion, grid: &Grid, event: &Event, mode: usize) {
    let speed = TAU * MODE_FREQUENCIES[mode];
    let decay = MODE_DAMPING[mode] * speed;
    let swing = event.swing[mode];
    // 17 time constants: a 4 degree swing is 10^-7 degrees by then.
    felt(grid, event, 17.0 / decay, |sample, since| {
        let size = swing * libm::exp(-decay * since);
        let (sin, cos) = libm::sincos(speed * since);
        motion.angle[sample] += size * sin;
        motion.frequency[sample] += size * (speed * cos - decay * sin) / 360.0;
        motion.rocof[sample] += size * ((decay * decay - speed * speed) * sin - 2.0 * decay * speed * cos) / 360.0;
    });
}

/// Calls `add` with every sample within `seconds` of the event and the seconds since it.
pub(super) fn felt(grid: &Grid, event: &Event, seconds: f64, mut add: impl FnMut(usize, f64)) {
    let end = event.time + (seconds * NANOS_PER_SECOND as f64) as i64;
    for sample in grid.within(TimeRange::new(event.time, end)) {
        add(sample, (grid.time(sample) - event.time) as f64 / NANOS_PER_SECOND as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_767_225_600;

    #[test]
    fn angles_integrate_frequency_and_frequency_its_rate() {
        let grid = Grid { first_second: START, seconds: 3_600, rate: 30 };
        let System { common, modes, events, .. } = System::new(&Settings::example(1), grid);
        assert!(!events.is_empty());
        for (index, motion) in modes.iter().chain([&common]).enumerate() {
            for sample in 1..grid.samples() - 1 {
                // The very moment of an event is a corner.
                let time = grid.time(sample);
                if events.iter().any(|event| (event.time - time).abs() < 2 * NANOS_PER_SECOND / 30) {
                    continue;
                }
                let slope = (motion.angle[sample + 1] - motion.angle[sample - 1]) * 15.0 / 360.0;
                assert!((motion.frequency[sample] - slope).abs() < 1e-3, "{index} {sample}");
                let slope = (motion.frequency[sample + 1] - motion.frequency[sample - 1]) * 15.0;
                assert!((motion.rocof[sample] - slope).abs() < 1e-2, "{index} {sample}");
            }
        }
    }

    #[test]
    fn the_frequency_wanders_as_much_as_a_real_one() {
        let grid = Grid { first_second: START, seconds: 86_400, rate: 10 };
        let System { common, .. } = System::new(&Settings { events_per_hour: 0.0, ..Settings::example(1) }, grid);
        let mean = common.frequency.iter().sum::<f64>() / common.frequency.len() as f64;
        let squares = common.frequency.iter().map(|frequency| (frequency - mean).powi(2)).sum::<f64>();
        let deviation = (squares / common.frequency.len() as f64).sqrt();
        assert!(mean.abs() < 0.002 && (0.006..0.025).contains(&deviation), "{mean} {deviation}");
    }

    #[test]
    fn nothing_of_an_event_remains() {
        let settings = Settings { events_per_hour: 0.0, ..Settings::example(1) };
        let grid = Grid { first_second: START, seconds: 1_802, rate: 10 };
        let place = super::super::network::Place { east: 0.1, north: 0.1 };
        let kind = Kind::Imbalance { size: -0.1 };
        let event = Event { time: START * NANOS_PER_SECOND, kind, place, swing: [4.0; MODES] };
        let mut motion = System::new(&settings, grid).common;
        motion.angle.fill(0.0);
        add_imbalance(&mut motion, &grid, &event, -0.1);
        let lowest = motion.angle.iter().copied().fold(0.0, f64::min);
        assert!(lowest < -1_000.0 && motion.angle[17_999].abs() < 1e-3, "{lowest} {}", motion.angle[17_999]);
    }
}
