//! What one PMU reports: three voltages and three currents as magnitude and angle, frequency and its rate of change.

use btrdb_core::{TimeRange, Timestamp};

use super::clock::{Grid, NANOS_PER_SECOND};
use super::events::Kind;
use super::load::Load;
use super::network::{Pmu, Settings};
use super::outages::{Outage, is_lost, outages};
use super::stamps;
use super::system::{System, felt};

/// How many streams a PMU has.
pub(super) const FIELDS: usize = 14;

/// Their names and units: L is a voltage from line to neutral, C a current.
pub(super) const FIELD_NAMES: [(&str, &str); FIELDS] = [
    ("L1MAG", "V"),
    ("L2MAG", "V"),
    ("L3MAG", "V"),
    ("L1ANG", "degrees"),
    ("L2ANG", "degrees"),
    ("L3ANG", "degrees"),
    ("C1MAG", "A"),
    ("C2MAG", "A"),
    ("C3MAG", "A"),
    ("C1ANG", "degrees"),
    ("C2ANG", "degrees"),
    ("C3ANG", "degrees"),
    ("FREQ", "Hz"),
    ("DFDT", "Hz/s"),
];

/// How far the second and third phase are from the first, in degrees.
const PHASE_ANGLES: [f64; 3] = [0.0, -120.0, 120.0];

/// Standard deviations of the measurement: relative for magnitudes, degrees, Hz and Hz/s.
const VOLTAGE_NOISE: f64 = 1e-4;
const CURRENT_NOISE: f64 = 5e-4;
const ANGLE_NOISE: f64 = 0.01;
const FREQUENCY_NOISE: f64 = 4e-4;
const ROCOF_NOISE: f64 = 0.01;

/// How long voltage takes to recover after a fault, in seconds, and how far it is off when the fault is cleared.
const RECOVERY: f64 = 0.8;
const LEFT_AT_CLEARING: f64 = 0.15;

/// What a PMU reports of some time: columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Frame {
    /// When, as the PMU believes.
    pub(super) time: Vec<Timestamp>,
    /// In the order of [`FIELD_NAMES`].
    pub(super) fields: [Vec<f64>; FIELDS],
}

/// What faults do at a PMU, sample by sample.
struct Disturbance {
    first: usize,
    /// Per sample and phase: the part of the voltage that is left, the current's factor, and the turn of the voltage.
    voltage: Vec<[f64; 3]>,
    current: Vec<[f64; 3]>,
    turn: Vec<[f64; 3]>,
}

/// What `pmu` reports for the samples of the network's grid within `range`.
pub(super) fn report(settings: &Settings, system: &System, pmu: &Pmu, range: TimeRange) -> Frame {
    let grid = &system.grid;
    let samples = grid.within(range);
    let first = grid.first_second * NANOS_PER_SECOND;
    let gaps = outages(settings, pmu, TimeRange::new(first, first + grid.seconds as i64 * NANOS_PER_SECOND));
    let load = Load::new(pmu, grid);
    let faults = disturbances(system, pmu);
    let kept = kept(settings, pmu, grid, samples, &gaps);
    let mut frame = Frame {
        time: kept.iter().map(|&sample| stamps::stamp(pmu, grid, sample)).collect(),
        fields: std::array::from_fn(|_| vec![0.0; kept.len()]),
    };
    let shapes = [0, 1, 2].map(|mode| pmu.place.mode_shape(mode));
    let noise: [_; FIELDS] = std::array::from_fn(|field| pmu.key.with(100).with(field as u64));
    let phase_voltage = pmu.line_voltage / 3_f64.sqrt();
    let mut next_fault = 0;
    for (row, &sample) in kept.iter().enumerate() {
        let absolute = grid.absolute(sample) as u64;
        let loaded = load.at(sample);
        let mut angle = system.common.angle[sample] + pmu.angle * loaded;
        let mut frequency = system.common.frequency[sample];
        let mut rocof = system.common.rocof[sample];
        let mut swing = 0.0;
        for (motion, shape) in system.modes.iter().zip(shapes) {
            angle += shape * motion.angle[sample];
            frequency += shape * motion.frequency[sample];
            rocof += shape * motion.rocof[sample];
            swing += shape * motion.frequency[sample];
        }
        // Voltage sinks a little with load and follows the swings, as power does.
        let voltage = phase_voltage * (1.02 - 0.03 * (loaded - 1.0) + 0.1 * swing);
        let current = pmu.current * (loaded + 1.5 * swing);
        let behind = pmu.power_angle * (0.6 + 0.4 * loaded);
        while faults.get(next_fault).is_some_and(|fault| fault.first + fault.voltage.len() <= sample) {
            next_fault += 1;
        }
        let (mut left, mut surge, mut turn) = ([1.0; 3], [1.0; 3], [0.0; 3]);
        for fault in faults[next_fault..].iter().take_while(|fault| fault.first <= sample) {
            if let Some(at) = sample.checked_sub(fault.first).filter(|&at| at < fault.voltage.len()) {
                for phase in 0..3 {
                    left[phase] *= fault.voltage[at][phase];
                    surge[phase] *= fault.current[at][phase];
                    turn[phase] += fault.turn[at][phase];
                }
            }
        }
        for phase in 0..3 {
            let measured = |field: usize| noise[field + phase].noise(absolute);
            let phase_angle = angle + PHASE_ANGLES[phase] + turn[phase];
            // Noise comes last, or the turns of the network's angle would leave no room for its last bits.
            frame.fields[phase][row] = voltage * pmu.balance[phase] * left[phase] * (1.0 + VOLTAGE_NOISE * measured(0));
            frame.fields[3 + phase][row] = wrapped(wrapped(phase_angle) + ANGLE_NOISE * measured(3));
            frame.fields[6 + phase][row] = current * surge[phase] * (1.0 + CURRENT_NOISE * measured(6));
            frame.fields[9 + phase][row] =
                wrapped(wrapped(phase_angle - behind + 4.0 * turn[phase]) + ANGLE_NOISE * measured(9));
        }
        frame.fields[12][row] = f64::from(settings.nominal) + frequency + FREQUENCY_NOISE * noise[12].noise(absolute);
        frame.fields[13][row] = rocof + ROCOF_NOISE * noise[13].noise(absolute);
    }
    if let Some(decimals) = settings.round {
        frame.round(decimals);
    }
    frame
}

/// The samples that arrive: those that are in no outage and were not lost on their way.
fn kept(settings: &Settings, pmu: &Pmu, grid: &Grid, samples: std::ops::Range<usize>, gaps: &[Outage]) -> Vec<usize> {
    let gaps = gaps.iter().map(|gap| grid.within(gap.range)).collect::<Vec<_>>();
    samples
        .filter(|sample| gaps.iter().all(|gap| !gap.contains(sample)))
        .filter(|&sample| !is_lost(settings, pmu, grid.absolute(sample) as u64))
        .collect()
}

fn disturbances(system: &System, pmu: &Pmu) -> Vec<Disturbance> {
    let mut all = Vec::new();
    for event in &system.events {
        let Kind::Fault { depth, duration, phases } = event.kind else { continue };
        let depth = depth * pmu.place.nearness(event.place);
        let cleared = duration as f64 / NANOS_PER_SECOND as f64;
        let mut fault = Disturbance { first: usize::MAX, voltage: Vec::new(), current: Vec::new(), turn: Vec::new() };
        felt(&system.grid, event, 30.0, |sample, since| {
            fault.first = fault.first.min(sample);
            let lost = if since < cleared {
                depth
            } else {
                LEFT_AT_CLEARING * depth * libm::exp((cleared - since) / RECOVERY)
            };
            let on = phases.map(f64::from);
            fault.voltage.push(on.map(|on| 1.0 - lost * on));
            fault.current.push(on.map(|on| 1.0 + if since < cleared { 5.0 * lost * on } else { 0.5 * lost * on }));
            fault.turn.push(on.map(|on| if since < cleared { -12.0 * lost * on } else { 0.0 }));
        });
        if !fault.voltage.is_empty() {
            all.push(fault);
        }
    }
    all
}

/// The same angle in −180 to 180 degrees, 180 excluded.
fn wrapped(angle: f64) -> f64 {
    let wrapped = angle - 360.0 * nearest_integer(angle * (1.0 / 360.0));
    if wrapped >= 180.0 { wrapped - 360.0 } else { wrapped }
}

/// The integer nearest to a value of less than 2^51 in size: adding 1.5 × 2^52 leaves no room for a fraction.
fn nearest_integer(value: f64) -> f64 {
    const NO_FRACTION: f64 = 6_755_399_441_055_744.0;
    (value + NO_FRACTION) - NO_FRACTION
}

impl Frame {
    fn round(&mut self, decimals: u8) {
        let scale = 10_f64.powi(decimals.into());
        for (field, (_, unit)) in self.fields.iter_mut().zip(FIELD_NAMES) {
            for value in field.iter_mut() {
                // The division gives the double nearest to the decimal, which multiplying by 0.0001 would not.
                *value = nearest_integer(*value * scale) / scale;
                if unit == "degrees" && *value >= 180.0 {
                    *value -= 360.0;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::events::events;

    const START: Timestamp = 1_767_225_600_000_000_000;
    const HOUR: TimeRange = TimeRange { start: START, end: START + 3_600 * NANOS_PER_SECOND };

    fn simulate(settings: &Settings, number: u32, range: TimeRange, block: usize) -> Frame {
        let pmu = Pmu::new(settings, number);
        let mut all = Frame::default();
        for grid in Grid::blocks(range, settings.rate, block) {
            let frame = report(settings, &System::new(settings, grid), &pmu, range);
            all.time.extend(frame.time);
            for (all, field) in all.fields.iter_mut().zip(frame.fields) {
                all.extend(field);
            }
        }
        all
    }

    #[test]
    fn is_the_same_in_any_pieces() {
        let settings = Settings::example(1);
        for number in [1, 3] {
            let whole = simulate(&settings, number, HOUR, 1_000_000);
            assert_eq!(simulate(&settings, number, HOUR, 777), whole);
            let middle = START + 1_234_567_890_123;
            let mut pieces = simulate(&settings, number, TimeRange::new(START, middle), 5_000);
            let rest = simulate(&settings, number, TimeRange::new(middle, HOUR.end), 1_000_000);
            pieces.time.extend(rest.time);
            for (pieces, rest) in pieces.fields.iter_mut().zip(rest.fields) {
                pieces.extend(rest);
            }
            assert_eq!(pieces, whole);
        }
    }

    #[test]
    fn angles_turn_as_fast_as_the_frequency_says() {
        let settings = Settings { events_per_hour: 0.0, ..Settings::example(1) };
        let frame = simulate(&settings, 1, HOUR, 1_000_000);
        assert_eq!(frame.time.len(), 108_000);
        let (angle, frequency) = (&frame.fields[3], &frame.fields[12]);
        let second = |at: usize| (at * 30..at * 30 + 30).map(|row| frequency[row] - 60.0).sum::<f64>() / 30.0;
        for at in 0..3_599 {
            let turned = wrapped(angle[at * 30 + 30] - angle[at * 30]);
            assert!((turned - 360.0 * second(at)).abs() < 0.6, "{at}: {turned} {}", 360.0 * second(at));
        }
        assert!(angle.iter().all(|angle| (-180.0..180.0).contains(angle)));
        assert!(frequency.iter().all(|frequency| (59.8..60.2).contains(frequency)));
    }

    #[test]
    fn a_fault_is_seen_where_and_when_it_is() {
        let settings = Settings { events_per_hour: 20.0, ..Settings::example(1) };
        let pmus = (1..=40).map(|number| Pmu::new(&settings, number)).collect::<Vec<_>>();
        let mut seen = 0;
        for event in events(&settings, HOUR) {
            let Kind::Fault { depth, duration, phases } = event.kind else { continue };
            let nearest = |pmu: &&Pmu| pmu.place.nearness(event.place);
            let pmu = pmus.iter().filter(|pmu| pmu.bad_clock.is_none());
            let pmu = pmu.max_by(|a, b| nearest(a).total_cmp(&nearest(b))).unwrap();
            let range = TimeRange::new(event.time - NANOS_PER_SECOND, event.time + 20 * NANOS_PER_SECOND);
            let frame = simulate(&settings, pmu.number, range, 1_000_000);
            let volts = pmu.line_voltage / 3_f64.sqrt();
            for phase in (0..3).filter(|&phase| phases[phase]) {
                for (time, volt) in frame.time.iter().zip(&frame.fields[phase]) {
                    let during = (event.time..event.time + duration).contains(time);
                    let left = 1.0 - depth * nearest(&pmu);
                    assert_eq!(during && left < 0.9, *volt < volts * 0.93 * left.max(0.97), "{event:?} {time} {volt}");
                    seen += usize::from(during);
                }
            }
        }
        assert!(seen > 10);
    }

    #[test]
    fn rounding_gives_the_nearest_decimals() {
        let exact = simulate(&Settings::example(1), 1, HOUR, 1_000_000);
        let rounded = simulate(&Settings { round: Some(4), ..Settings::example(1) }, 1, HOUR, 1_000_000);
        assert_eq!(exact.time, rounded.time);
        for ((exact, rounded), (_, unit)) in exact.fields.iter().zip(&rounded.fields).zip(FIELD_NAMES) {
            for (&exact, &rounded) in exact.iter().zip(rounded) {
                let text = format!("{rounded:.4}").parse::<f64>().unwrap();
                assert_eq!(rounded.to_bits(), text.to_bits());
                let off = if unit == "degrees" { wrapped(exact - rounded) } else { exact - rounded };
                assert!(off.abs() <= 0.000_050_01, "{exact} {rounded}");
            }
        }
    }

    #[test]
    fn full_precision_uses_every_bit() {
        let frame = simulate(&Settings::example(1), 1, HOUR, 1_000_000);
        let odd = frame.fields[3].iter().filter(|value| value.to_bits() & 1 == 1).count();
        assert!((0.4..0.6).contains(&(odd as f64 / frame.time.len() as f64)), "{odd}");
    }
}
