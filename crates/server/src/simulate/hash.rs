//! Randomness that depends on nothing but what it is asked for: any part of a simulation can be made without the rest.

/// The fractional part of the golden ratio, as 64 bits: multiples of it spread evenly.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A source of random numbers, each named by an index. Equal keys give equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u64);

impl Key {
    pub(super) fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x5359_4e43_4850_4d55))
    }

    /// A source of its own for whatever `index` stands for.
    pub(super) fn with(self, index: u64) -> Self {
        Self(self.bits(index))
    }

    /// 64 random bits.
    pub(super) fn bits(self, index: u64) -> u64 {
        mix(self.0.wrapping_add(index.wrapping_mul(STEP)))
    }

    /// A number of `0..1`.
    pub(super) fn uniform(self, index: u64) -> f64 {
        (self.bits(index) >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A number of `low..high`.
    pub(super) fn between(self, index: u64, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform(index)
    }

    /// Noise of mean 0 and standard deviation 1: four uniform numbers added, which is close to a bell and quick.
    pub(super) fn noise(self, index: u64) -> f64 {
        const MEAN: f64 = 2.0 * 65_535.0;
        const DEVIATION: f64 = 37_837.227_2;
        let bits = self.bits(index);
        let sum = (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
        (sum as f64 - MEAN) * (1.0 / DEVIATION)
    }
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_centred_and_of_unit_size() {
        let key = Key::new(7).with(3);
        let noise = (0..100_000).map(|index| key.noise(index)).collect::<Vec<_>>();
        let mean = noise.iter().sum::<f64>() / 1e5;
        let variance = noise.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 1e5;
        let neighbours = noise.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02 && neighbours.abs() < 0.02);
    }

    #[test]
    fn keys_are_independent() {
        assert_ne!(Key::new(1).bits(0), Key::new(2).bits(0));
        assert_ne!(Key::new(1).with(1).bits(0), Key::new(1).with(0).bits(1));
        assert_eq!(Key::new(1).with(5).uniform(9), Key::new(1).with(5).uniform(9));
    }
}
