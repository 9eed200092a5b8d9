//! The value axis: from values to pixels, fitted to what is visible without trembling.

use crate::values::{LARGEST, least_span};

/// Room above and below the data, as a part of its height.
const MARGIN: f64 = 0.06;
/// While moving, a scale stays as long as the data fill at least this part of it.
const SNUG: f64 = 0.5;
/// While moving, the scale changes at most once in this many milliseconds.
const CALM_MILLIS: f64 = 250.0;

/// The lowest and the highest value on screen; `low < high`, both finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// At the bottom edge.
    pub low: f64,
    /// At the top edge.
    pub high: f64,
}

impl Scale {
    /// A scale that shows values from `low` to `high` with some room, the same for the same values. A constant gets a
    /// range around it.
    pub fn fit(low: f64, high: f64) -> Self {
        let (low, high) = (low.clamp(-LARGEST, LARGEST), high.clamp(-LARGEST, LARGEST));
        let height = high - low;
        let room = match height {
            height if height > 0.0 => height * MARGIN,
            _ if low == 0.0 => 1.0,
            _ => low.abs() * 0.01,
        };
        // Rounding to a hundredth of the height keeps the picture where it is when a stand-in gives way to exact data.
        let grid = 10_f64.powf((height.max(room) / 100.0).log10().floor());
        let round = |value: f64, up: bool| {
            let steps = value / grid;
            let rounded = if up { steps.ceil() } else { steps.floor() } * grid;
            if rounded.is_finite() { rounded } else { value }
        };
        Self::sound(round(low - room, false), round(high + room, true))
    }

    /// The scale from `low` to `high`, or the nearest that [`Scale::held`] takes: what is shown can be held.
    fn sound(low: f64, high: f64) -> Self {
        let (low, high) = (low.clamp(-LARGEST, LARGEST), high.clamp(-LARGEST, LARGEST));
        Self::held(low, high).unwrap_or_else(|| {
            let (middle, half) =
                ((low * 0.5 + high * 0.5).clamp(-LARGEST * 0.99, LARGEST * 0.99), least_span(low, high));
            Self { low: middle - half, high: middle + half }
        })
    }

    /// The same with the uppermost `part` of the height, below 1, left free, as for words.
    #[must_use]
    pub fn with_headroom(self, part: f64) -> Self {
        let high = self.high + self.span() * (part / (1.0 - part));
        Self::held(self.low, high).unwrap_or(self)
    }

    /// The distance of `value` from the top of `height` pixels. Far outside it is cut to ten heights.
    pub fn y(&self, value: f64, height: f64) -> f64 {
        // Halved, because the difference of two large values may not fit.
        let part = (self.high * 0.5 - value * 0.5) / (self.high * 0.5 - self.low * 0.5);
        (part * height).clamp(-10.0 * height, 11.0 * height)
    }

    /// [`Self::y`] for many values, without its bounds.
    pub(crate) fn ruler(&self, height: f64) -> Ruler {
        Ruler { high: self.high * 0.5, pixels: height / (self.high * 0.5 - self.low * 0.5) }
    }

    /// The value at `y` of `height` pixels.
    pub fn value(&self, y: f64, height: f64) -> f64 {
        let part = y / height;
        self.high * (1.0 - part) + self.low * part
    }

    /// The height in values; infinite when it does not fit a float.
    pub fn span(&self) -> f64 {
        self.high - self.low
    }

    /// The scale that shows both.
    fn or_wider(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    fn towards(self, target: Self, part: f64) -> Self {
        let mix = |from: f64, to: f64| from * (1.0 - part) + to * part;
        Self { low: mix(self.low, target.low), high: mix(self.high, target.high) }
    }
}

/// Turns values into pixels from the top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ruler {
    /// Half of the value at the top: the difference of two large values may not fit.
    high: f64,
    /// How many pixels half a unit takes.
    pixels: f64,
}

impl Ruler {
    /// The distance of `value` from the top.
    pub(crate) fn y(&self, value: f64) -> f64 {
        (self.high - value * 0.5) * self.pixels
    }
}

/// A scale that follows the visible values: at once where they need more room, eased where they need less, and while the
/// view moves only when they leave it or shrink much.
#[derive(Clone, Copy, Debug, Default)]
pub struct AutoScale {
    from: Option<Scale>,
    target: Option<Scale>,
    changed_at: f64,
    ease_millis: f64,
}

impl AutoScale {
    /// Aims at the visible values from `low` to `high` at `now` milliseconds, with a part of the height left free at the
    /// top, to be reached in `ease_millis`.
    pub fn aim(&mut self, (low, high): (f64, f64), headroom: f64, now: f64, moving: bool, ease_millis: f64) {
        let fitted = Scale::fit(low, high).with_headroom(headroom);
        let Some(target) = self.target else {
            self.target = Some(fitted);
            return;
        };
        let inside = target.low <= low && high <= target.high;
        let snug = (high - low) >= SNUG * target.span();
        if fitted == target || (moving && (inside && snug || now - self.changed_at < CALM_MILLIS)) {
            return;
        }
        // What has come into sight is to be seen now; only room that is no longer needed goes little by little.
        self.from = self.at(now).map(|from| from.or_wider(fitted)).filter(|from| *from != fitted);
        self.target = Some(fitted);
        self.changed_at = now;
        self.ease_millis = ease_millis;
    }

    /// The scale to draw with at `now` milliseconds, if any values have been seen.
    pub fn at(&self, now: f64) -> Option<Scale> {
        let target = self.target?;
        let Some(from) = self.from.filter(|_| self.is_moving(now)) else { return Some(target) };
        let part = ((now - self.changed_at) / self.ease_millis).clamp(0.0, 1.0);
        Some(from.towards(target, part * part * (3.0 - 2.0 * part)))
    }

    /// Whether the scale is still on its way at `now` milliseconds.
    pub fn is_moving(&self, now: f64) -> bool {
        self.from.is_some() && now - self.changed_at < self.ease_millis
    }

    /// The scale to be reached in the end.
    pub fn target(&self) -> Option<Scale> {
        self.target
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_and_pixels_agree() {
        let scale = Scale { low: -10.0, high: 30.0 };
        assert_eq!((scale.y(30.0, 200.0), scale.y(-10.0, 200.0), scale.y(10.0, 200.0)), (0.0, 200.0, 100.0));
        assert_eq!(scale.value(100.0, 200.0), 10.0);
        assert_eq!(scale.y(1e300, 200.0), -2000.0);
    }

    #[test]
    fn words_have_room_above() {
        let scale = Scale { low: 0.0, high: 90.0 }.with_headroom(0.1);
        assert!((scale.y(90.0, 200.0) - 20.0).abs() < 1e-9);
    }

    #[test]
    fn at_rest_the_scale_is_that_of_the_data() {
        let mut auto = AutoScale::default();
        auto.aim((0.0, 10.0), 0.0, 0.0, false, 150.0);
        assert_eq!(auto.at(0.0), Some(Scale::fit(0.0, 10.0)), "the first at once");
        auto.aim((0.0, 100.0), 0.0, 1000.0, false, 150.0);
        assert_eq!(auto.at(1000.0), Some(Scale::fit(0.0, 100.0)), "wider at once");
        auto.aim((-50.0, 10.0), 0.0, 2000.0, false, 150.0);
        assert!(auto.is_moving(2001.0));
        let (wide, tight) = (Scale::fit(0.0, 100.0), Scale::fit(-50.0, 10.0));
        assert_eq!(auto.at(2000.0), Some(Scale { low: tight.low, high: wide.high }), "down at once, from above slowly");
        assert_eq!(auto.at(2150.0), Some(tight));
    }

    #[test]
    fn moving_it_stays_calm() {
        let mut auto = AutoScale::default();
        auto.aim((0.0, 10.0), 0.0, 0.0, true, 0.0);
        let first = auto.target();
        auto.aim((1.0, 9.0), 0.0, 1000.0, true, 0.0);
        assert_eq!(auto.target(), first, "still fills it well");
        auto.aim((0.0, 20.0), 0.0, 1000.0, true, 0.0);
        let second = auto.target();
        assert_ne!(second, first, "outgrown");
        auto.aim((0.0, 40.0), 0.0, 1100.0, true, 0.0);
        assert_eq!(auto.target(), second, "too soon");
        auto.aim((0.0, 40.0), 0.0, 1300.0, true, 0.0);
        assert_ne!(auto.target(), second);
    }

    #[test]
    fn zero_has_room_for_one() {
        assert_eq!(Scale::fit(0.0, 0.0), Scale { low: -1.0, high: 1.0 });
    }

    proptest! {
        /// Whatever the data are, what is shown of them can be held, and a link can say so.
        #[test]
        fn what_fits_can_be_held(low in any::<f64>(), more in any::<f64>(), steps in 0_u64..100, headroom in 0.0..0.9_f64) {
            prop_assume!(low.is_finite() && more.is_finite());
            let near = if low.abs() < f64::MAX { f64::from_bits(low.to_bits() + steps) } else { low };
            for (one, other) in [(low, more), (low, near), (low, low)].into_iter().filter(|(_, other)| other.is_finite()) {
                let scale = Scale::fit(one.min(other), one.max(other)).with_headroom(headroom);
                prop_assert_eq!(Scale::held(scale.low, scale.high), Some(scale), "{} to {}", one, other);
                prop_assert!(scale.low < scale.high);
            }
        }

        #[test]
        fn any_values_fit(low in any::<f64>(), high in any::<f64>()) {
            prop_assume!(low.is_finite() && high.is_finite());
            let (low, high) = (low.min(high), low.max(high));
            let scale = Scale::fit(low, high);
            prop_assert!(scale.low < scale.high && scale.low.is_finite() && scale.high.is_finite(), "{:?}", scale);
            let y = scale.y(f64::midpoint(low, high), 100.0);
            prop_assert!((-1000.0..=1100.0).contains(&y), "{}", y);
        }

        #[test]
        fn all_is_visible_and_not_too_small(low in -1e6..1e6_f64, height in 1e-3..1e6_f64) {
            let scale = Scale::fit(low, low + height);
            prop_assert!(scale.low <= low && low + height <= scale.high);
            prop_assert!(scale.span() <= 1.16 * height, "{} of {}", height, scale.span());
        }
    }
}
