//! Ticks of the value axis at round numbers.

use crate::Scale;
use crate::format::{decimals_for, format_number, si_step};

/// The least distance of ticks, in CSS pixels; the next round number may be 2.5 times as far.
const APART: f64 = 28.0;
/// And where there would be only one otherwise, which tells no scale.
const TIGHT: f64 = 14.0;

/// Whether there is room for the label of a tick `y` below the top of an axis `height` high, in CSS pixels: the unit has its
/// place at the top, and labels keep clear of it and of the lower edge.
pub fn has_room(y: f64, height: f64, unit: &str) -> bool {
    let clear = if unit.is_empty() { 8.0 } else { 24.0 };
    (clear..=height - 7.0).contains(&y)
}

/// A tick.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueTick {
    /// Where.
    pub value: f64,
    /// What is written, without the unit.
    pub text: String,
}

/// Ticks and the unit they are counted in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueAxis {
    /// From low to high.
    pub ticks: Vec<ValueTick>,
    /// The unit with its SI prefix, `kV`; empty for a stream without unit.
    pub unit: String,
}

/// The axis beside `scale` on `height` CSS pixels, in SI steps of `unit`.
pub fn value_axis(scale: &Scale, height: f64, unit: &str) -> ValueAxis {
    let wanted = (height / APART).clamp(1.0, 30.0);
    let step = telling_step(scale, round_step(scale.span() / wanted), height, unit);
    let largest = scale.low.abs().max(scale.high.abs());
    let (exponent, prefix) = si_step(largest, unit);
    // Where the unit takes no prefix, long numbers do.
    let (exponent, suffix) = if prefix.is_empty() { thousands(largest, step) } else { (exponent, "") };
    let divisor = 10_f64.powi(exponent);
    let decimals = decimals_for(step / divisor);
    let (first, last) = ((scale.low / step).ceil(), (scale.high / step).floor());
    let mut ticks = Vec::new();
    let mut count = first;
    while count <= last && ticks.len() < 64 {
        let value = count * step;
        let number = format_number(value / divisor, decimals);
        ticks.push(ValueTick { value, text: if count == 0.0 { number } else { number + suffix } });
        // At the limit of precision the next tick would be the same one.
        if count + 1.0 <= count {
            break;
        }
        count += 1.0;
    }
    ValueAxis { ticks, unit: format!("{prefix}{unit}") }
}

/// `step`, or the first finer one with which two labels can be read, if there is room for them.
fn telling_step(scale: &Scale, step: f64, height: f64, unit: &str) -> f64 {
    let is_telling = |step: f64| {
        let first = (scale.low / step).ceil();
        let ticks = (0..8).map(|count| (first + f64::from(count)) * step);
        ticks.filter(|&tick| has_room(scale.y(tick, height), height, unit)).nth(1).is_some()
    };
    let finer = std::iter::successors(Some(step), |step| Some(round_step(0.4 * step)));
    let mut roomy = finer.take(4).take_while(|finer| *finer == step || height * finer / scale.span() >= TIGHT);
    roomy.find(|step| is_telling(*step)).unwrap_or(step)
}

/// The power of ten to leave out of long round numbers, and the letter that stands for it.
fn thousands(largest: f64, step: f64) -> (i32, &'static str) {
    let steps = [(12, "T"), (9, "G"), (6, "M"), (3, "k")];
    let fits = |&(exponent, _): &(i32, &str)| {
        let power = 10_f64.powi(exponent);
        largest >= 10.0 * power && largest < 1e15 && step >= power / 10.0
    };
    steps.into_iter().find(fits).unwrap_or((0, ""))
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `size`.
fn round_step(size: f64) -> f64 {
    if !(size.is_finite() && size > 0.0) {
        return f64::MAX / 4.0;
    }
    let power = 10_f64.powf(size.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|part| part * power).find(|&step| step >= size * 0.999_999).unwrap_or(size)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(low: f64, high: f64, unit: &str) -> (Vec<String>, String) {
        let axis = value_axis(&Scale { low, high }, 200.0, unit);
        (axis.ticks.into_iter().map(|tick| tick.text).collect(), axis.unit)
    }

    #[test]
    fn round_numbers_in_si_steps() {
        let (ticks, unit) = texts(-212_863.0, 242_297.0, "counts");
        assert_eq!(ticks, ["−200k", "−100k", "0", "100k", "200k"]);
        assert_eq!(unit, "counts");
        let (ticks, unit) = texts(344_900.0, 345_400.0, "V");
        assert_eq!(ticks, ["344.9", "345.0", "345.1", "345.2", "345.3", "345.4"]);
        assert_eq!(unit, "kV");
        assert_eq!(texts(59.98, 60.02, "Hz").0, ["59.98", "59.99", "60.00", "60.01", "60.02"]);
    }

    #[test]
    fn a_low_lane_has_two_ticks_where_there_is_room() {
        let ticks = |low: f64, high: f64, height: f64| {
            let ticks = value_axis(&Scale { low, high }, height, "A").ticks;
            ticks.into_iter().map(|tick| tick.value).collect::<Vec<_>>()
        };
        assert_eq!(ticks(-180.0, 240.0, 76.0), [-100.0, 0.0, 100.0, 200.0], "the uppermost has no label");
        assert_eq!(ticks(-180.0, 240.0, 50.0), [0.0], "too tight");
        assert_eq!(ticks(-10.0, 110.0, 150.0), [0.0, 50.0, 100.0], "two are enough");
    }

    proptest! {
        #[test]
        fn ticks_are_inside_and_in_order(low in -1e12..1e12_f64, log_span in -8.0..14.0_f64, height in 30.0..2000.0_f64) {
            let span = 10_f64.powf(log_span);
            prop_assume!(low + span > low && span > low.abs() * 1e-11);
            let scale = Scale { low, high: low + span };
            let axis = value_axis(&scale, height, "V");
            for tick in &axis.ticks {
                prop_assert!((-0.5..height + 0.5).contains(&scale.y(tick.value, height)));
            }
            for pair in axis.ticks.windows(2) {
                prop_assert!(pair[0].value < pair[1].value);
                prop_assert!(pair[0].text != pair[1].text, "{:?}", axis);
            }
        }

        #[test]
        fn any_scale_has_an_end(low in any::<f64>(), high in any::<f64>()) {
            prop_assume!(low.is_finite() && high.is_finite() && low < high);
            let scale = Scale { low, high };
            prop_assert!(value_axis(&scale, 500.0, "").ticks.len() <= 64);
        }
    }
}
