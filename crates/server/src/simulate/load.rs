//! The load behind a PMU: a day and a night, and the small steps of people who switch things.

use std::f64::consts::TAU;

use super::clock::Grid;
use super::network::Pmu;

const DAY: i64 = 86_400;

/// Load relative to its mean, known at every second and straight in between.
pub(super) struct Load {
    /// One more than the grid has seconds.
    at_seconds: Vec<f64>,
    rate: usize,
}

impl Load {
    pub(super) fn new(pmu: &Pmu, grid: &Grid) -> Self {
        let at_seconds = (0..=grid.seconds).map(|second| at(pmu, grid.first_second + second as i64)).collect();
        Self { at_seconds, rate: grid.rate as usize }
    }

    pub(super) fn at(&self, sample: usize) -> f64 {
        let (second, part) = (sample / self.rate, (sample % self.rate) as f64 / self.rate as f64);
        let (before, after) = (self.at_seconds[second], self.at_seconds[second + 1]);
        before + (after - before) * part
    }
}

fn at(pmu: &Pmu, second: i64) -> f64 {
    let day = second.rem_euclid(DAY) as f64 / DAY as f64;
    // Lowest before dawn, with a hump in the morning and the peak in the evening.
    let daily = 0.18 * libm::sin(TAU * (day - 0.42)) + 0.07 * libm::sin(2.0 * TAU * (day - 0.19));
    let slow = between_knots(pmu, 200, second, 300);
    let quick = between_knots(pmu, 201, second, 10);
    1.0 + daily + 0.02 * slow + 0.003 * quick
}

/// Noise with a new value every `step` seconds, and a smooth way from one to the next.
fn between_knots(pmu: &Pmu, source: u64, second: i64, step: i64) -> f64 {
    let key = pmu.key.with(source);
    let knot = second.div_euclid(step);
    let part = second.rem_euclid(step) as f64 / step as f64;
    let (before, after) = (key.noise(knot as u64), key.noise((knot + 1) as u64));
    before + (after - before) * part * part * (3.0 - 2.0 * part)
}
