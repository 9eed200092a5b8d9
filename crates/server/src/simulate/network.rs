//! The network: where its PMUs stand, and what each is like. Nothing here depends on how many there are.

use std::f64::consts::PI;

use super::hash::Key;

/// What makes a network, and all that ever happens to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settings {
    pub(super) key: Key,
    pub(super) seed: u64,
    /// Samples in a second.
    pub(super) rate: u32,
    /// The nominal frequency in Hz.
    pub(super) nominal: u32,
    pub(super) events_per_hour: f64,
    /// To how many decimals values are rounded, if at all.
    pub(super) round: Option<u8>,
}

impl Settings {
    #[cfg(test)]
    pub(super) fn example(seed: u64) -> Self {
        Self { key: Key::new(seed), seed, rate: 30, nominal: 60, events_per_hour: 6.0, round: None }
    }
}

/// Where something is, in parts of the network's width and height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) east: f64,
    pub(super) north: f64,
}

impl Place {
    /// How strongly `mode` moves this place, −1 to 1: north swings against south, east against west, and the middle
    /// against the edges.
    pub(super) fn mode_shape(self, mode: usize) -> f64 {
        match mode {
            0 => libm::cos(PI * self.north),
            1 => libm::cos(PI * self.east),
            _ => libm::cos(2.0 * PI * self.east) * libm::cos(PI * self.north),
        }
    }

    /// How much of a fault at `other` is felt here: all of it there, less and less further away.
    pub(super) fn nearness(self, other: Self) -> f64 {
        let (east, north) = (self.east - other.east, self.north - other.north);
        libm::exp(-(east * east + north * north) / (0.3 * 0.3))
    }
}

/// What is wrong with a PMU's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BadClock {
    /// Nanoseconds gained in a second.
    pub(super) drift: i64,
}

/// A phasor measurement unit: where it stands and what it sees there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pmu {
    /// From 1.
    pub(super) number: u32,
    pub(super) key: Key,
    pub(super) place: Place,
    /// Nominal voltage from line to line in volts.
    pub(super) line_voltage: f64,
    /// Current at the load's mean in amperes.
    pub(super) current: f64,
    /// Voltage angle relative to the network's, at the load's mean, in degrees.
    pub(super) angle: f64,
    /// Angle of the current behind the voltage, in degrees.
    pub(super) power_angle: f64,
    /// How the phases differ in magnitude, about 1.
    pub(super) balance: [f64; 3],
    /// Where every tenth PMU has it, from the third on.
    pub(super) bad_clock: Option<BadClock>,
}

impl Pmu {
    pub(super) fn new(settings: &Settings, number: u32) -> Self {
        let key = settings.key.with(2).with(u64::from(number));
        let place = Place { east: key.uniform(0), north: key.uniform(1) };
        let line_voltage = [500e3, 345e3, 230e3, 138e3][(key.bits(2) % 4) as usize];
        let drift = (key.between(3, 4_000.0, 20_000.0) * if key.uniform(4) < 0.5 { -1.0 } else { 1.0 }) as i64;
        Self {
            number,
            key,
            place,
            line_voltage,
            current: key.between(5, 200.0, 1_200.0),
            // Power flows from north-west to south-east.
            angle: 30.0 * (place.north - place.east) + key.between(6, -4.0, 4.0),
            power_angle: key.between(7, 5.0, 25.0),
            balance: [8, 9, 10].map(|index| key.between(index, 0.996, 1.004)),
            bad_clock: (number % 10 == 3).then_some(BadClock { drift }),
        }
    }

    /// Its name, such as `pmu-007`.
    pub(super) fn name(&self) -> String {
        format!("pmu-{:03}", self.number)
    }

    /// What it is, for people.
    pub(super) fn description(&self) -> String {
        let clock = if self.bad_clock.is_some() { ", with a bad clock" } else { "" };
        format!("Simulated PMU at {:.0} kV{clock}", self.line_voltage / 1e3)
    }
}
