//! What hands do to the value axis: the scale that they leave stays until it is given back to the data.

use crate::Scale;

/// The heights that can be held, in the stream's unit.
const LEAST_SPAN: f64 = 1e-300;
pub(crate) const LARGEST: f64 = 1e300;
/// How close a held scale may get to the precision of its values, of which it is twenty steps.
const PRECISION: f64 = 20.0 * f64::EPSILON;

/// The height between `low` and `high` from which on numbers tell enough values apart.
pub(crate) fn least_span(low: f64, high: f64) -> f64 {
    LEAST_SPAN.max(low.abs().max(high.abs()) * PRECISION)
}

impl Scale {
    /// The scale from `low` to `high`, unless there is nothing between them that numbers could tell apart.
    pub fn held(low: f64, high: f64) -> Option<Self> {
        let span = high - low;
        let sound = low.abs() <= LARGEST && high.abs() <= LARGEST && span.is_finite();
        (sound && span > least_span(low, high)).then_some(Self { low, high })
    }

    /// The scale with its span multiplied by `factor` while the value at `y` of `height` pixels keeps its place; below 1
    /// zooms in. Where numbers end it stays as it is.
    #[must_use]
    pub fn zoomed(self, factor: f64, y: f64, height: f64) -> Self {
        let still = self.value(y, height);
        let factor = factor.clamp(0.5, 2.0);
        Self::held(still + (self.low - still) * factor, still + (self.high - still) * factor).unwrap_or(self)
    }

    /// The scale moved by `pixels` of `height`; positive shows higher values.
    #[must_use]
    pub fn shifted(self, pixels: f64, height: f64) -> Self {
        let by = self.span() * (pixels / height.max(1.0));
        Self::held(self.low + by, self.high + by).unwrap_or(self)
    }

    /// The scale between two heights of `height` pixels, in either order.
    #[must_use]
    pub fn between(self, y1: f64, y2: f64, height: f64) -> Self {
        let (one, other) = (self.value(y1, height), self.value(y2, height));
        Self::held(one.min(other), one.max(other)).unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_value_under_the_pointer_stays() {
        let scale = Scale { low: 0.0, high: 100.0 };
        assert_eq!(scale.zoomed(0.5, 25.0, 100.0), Scale { low: 37.5, high: 87.5 });
        assert_eq!(scale.shifted(10.0, 100.0), Scale { low: 10.0, high: 110.0 });
        assert_eq!(scale.between(75.0, 25.0, 100.0), Scale { low: 25.0, high: 75.0 });
    }

    #[test]
    fn it_ends_where_numbers_do() {
        let mut scale = Scale { low: 59.9, high: 60.1 };
        (0..200).for_each(|_| scale = scale.zoomed(0.5, 50.0, 100.0));
        assert!(scale.span() > 0.0 && scale.span() < 1e-10, "{scale:?}");
        let mut scale = Scale { low: -1e250, high: 1e250 };
        (0..999).for_each(|_| scale = scale.zoomed(2.0, 50.0, 100.0));
        assert!(scale.span().is_finite());
    }

    proptest! {
        #[test]
        fn fifty_zooms_in_and_out_end_where_they_began(
            low in -1e6..1e6_f64, span in 1.0..1e6_f64, y in 0.0..200.0_f64, delta in 10.0..70.0_f64,
        ) {
            let before = Scale { low, high: low + span };
            let (mut scale, mut steps, factor) = (before, 0, (-delta / 240.0_f64).exp2());
            while steps < 50 && scale.span() > span * 1e-6 {
                scale = scale.zoomed(factor, y, 200.0);
                steps += 1;
            }
            for _ in 0..steps {
                scale = scale.zoomed(1.0 / factor, y, 200.0);
            }
            prop_assert!((before.y(scale.low, 200.0) - 200.0).abs() < 0.1 && before.y(scale.high, 200.0).abs() < 0.1);
        }
    }
}
