//! Sums of sinusoids with exact phases: smooth, never ending, and known at any time without what came before.

use std::f64::consts::TAU;

use super::clock::Grid;

/// How many seconds pass until everything repeats: 2^26, two years. Each sinusoid has a whole number of cycles in it, so
/// that its phase at a second is exact integer arithmetic however late the second.
const PERIOD: i64 = 1 << 26;

/// An angle in degrees over the samples of a grid, with its first and second derivative as a frequency in Hz and its
/// rate of change in Hz/s.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Motion {
    pub(super) angle: Vec<f64>,
    pub(super) frequency: Vec<f64>,
    pub(super) rocof: Vec<f64>,
}

impl Motion {
    pub(super) fn still(samples: usize) -> Self {
        Self { angle: vec![0.0; samples], frequency: vec![0.0; samples], rocof: vec![0.0; samples] }
    }
}

/// One sinusoid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wave {
    cycles_per_period: i64,
    /// In degrees.
    amplitude: f64,
    /// In cycles, 0 to 1.
    phase: f64,
}

impl Wave {
    /// A sinusoid of about `frequency` Hz.
    pub(super) fn new(frequency: f64, amplitude: f64, phase: f64) -> Self {
        Self { cycles_per_period: (frequency * PERIOD as f64).round().max(1.0) as i64, amplitude, phase }
    }

    /// Adds it to `motion`. Within a second the phasor is turned from sample to sample, and every second starts anew.
    pub(super) fn add_to(&self, motion: &mut Motion, grid: &Grid) {
        let rate = grid.rate as usize;
        let radians_per_second = TAU * self.cycles_per_period as f64 / PERIOD as f64;
        let (turn_sin, turn_cos) = libm::sincos(radians_per_second / f64::from(grid.rate));
        let speed = self.amplitude * radians_per_second / 360.0;
        let push = speed * radians_per_second;
        for second in 0..grid.seconds {
            let whole = self.cycles_per_period.wrapping_mul((grid.first_second + second as i64).rem_euclid(PERIOD));
            let cycles = whole.rem_euclid(PERIOD) as f64 / PERIOD as f64 + self.phase;
            let (mut sin, mut cos) = libm::sincos(TAU * cycles);
            let samples = second * rate..(second + 1) * rate;
            let angles = &mut motion.angle[samples.clone()];
            let frequencies = &mut motion.frequency[samples.clone()];
            let rocofs = &mut motion.rocof[samples];
            for ((angle, frequency), rocof) in angles.iter_mut().zip(frequencies).zip(rocofs) {
                *angle += self.amplitude * sin;
                *frequency += speed * cos;
                *rocof -= push * sin;
                (sin, cos) = (sin * turn_cos + cos * turn_sin, cos * turn_cos - sin * turn_sin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_sinusoid_it_says_and_its_derivatives() {
        let grid = Grid { first_second: 1_750_000_000, seconds: 10, rate: 30 };
        let mut motion = Motion::still(grid.samples());
        Wave::new(0.25, 4.0, 0.0).add_to(&mut motion, &grid);
        for sample in 1..299 {
            let expected = 4.0 * (TAU * 0.25 * sample as f64 / 30.0 + TAU * 0.25 * f64::from(1_750_000_000 % 4)).sin();
            assert!((motion.angle[sample] - expected).abs() < 1e-9, "{sample}");
            let slope = (motion.angle[sample + 1] - motion.angle[sample - 1]) * 15.0 / 360.0;
            assert!((motion.frequency[sample] - slope).abs() < 1e-5);
            let slope = (motion.frequency[sample + 1] - motion.frequency[sample - 1]) * 15.0;
            assert!((motion.rocof[sample] - slope).abs() < 2e-5);
        }
    }
}
