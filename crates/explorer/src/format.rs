//! Times, spans and values in words, with as many digits as the screen can show.

use btrdb_core::{PointWidth, TimeRange, Timestamp};

use crate::civil::DAY;
use crate::{Civil, civil_from_time};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Units that take SI prefixes; others are left as they are.
const SI_UNITS: [&str; 20] = [
    "V", "A", "W", "VA", "var", "VAr", "Hz", "s", "m", "m/s", "m/s²", "m/s^2", "Pa", "J", "N", "T", "F", "H", "Ω", "Wh",
];
/// Separates groups of three digits: a space that does not break lines.
const GROUP: char = '\u{202f}';

/// The name of the month of `civil`, in three letters.
pub(crate) fn month_name(civil: &Civil) -> &'static str {
    MONTHS[(civil.month as usize + 11) % 12]
}

/// The name of the day of the week of `civil`, in three letters.
pub(crate) fn weekday_name(civil: &Civil) -> &'static str {
    WEEKDAYS[civil.weekday as usize % 7]
}

/// The date in UTC, as `2010-09-01`.
pub fn format_date(time: Timestamp) -> String {
    let civil = civil_from_time(time);
    format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day)
}

/// The time of day in UTC to the precision of a pixel of `nanos_per_pixel`: `07:33`, `07:33:36`, or with the digits of
/// the second in groups of three, `07:33:36.040 123`.
pub fn format_time(time: Timestamp, nanos_per_pixel: f64) -> String {
    let civil = civil_from_time(time);
    let (hour, minute) = (civil.hour(), civil.minute());
    if nanos_per_pixel >= 60e9 {
        return format!("{hour:02}:{minute:02}");
    }
    let mut text = format!("{hour:02}:{minute:02}:{:02}", civil.second());
    let subsecond = civil.subsecond();
    let groups = [subsecond / 1_000_000, subsecond / 1_000 % 1_000, subsecond % 1_000];
    let shown = match nanos_per_pixel {
        nanos if nanos >= 1e9 => 0,
        nanos if nanos >= 1e6 => 1,
        nanos if nanos >= 1e3 => 2,
        _ => 3,
    };
    for (at, group) in groups.iter().take(shown).enumerate() {
        text.push(if at == 0 { '.' } else { GROUP });
        push_padded(&mut text, *group);
    }
    text
}

/// A range in words, the date only once if both ends lie on one day.
pub fn format_time_range(range: TimeRange, nanos_per_pixel: f64) -> String {
    let (first, last) = (format_date(range.start), format_date(range.end));
    if nanos_per_pixel >= DAY as f64 {
        return format!("{first} – {last}");
    }
    let (start, end) = (format_time(range.start, nanos_per_pixel), format_time(range.end, nanos_per_pixel));
    if first == last { format!("{first} {start} – {end}") } else { format!("{first} {start} – {last} {end}") }
}

/// A length of time with up to three digits: `146 y`, `1.5 h`, `160 ns`.
pub fn format_span(nanos: f64) -> String {
    const UNITS: [(f64, &str); 8] = [
        (365.25 * 86_400e9, "y"),
        (86_400e9, "d"),
        (3_600e9, "h"),
        (60e9, "min"),
        (1e9, "s"),
        (1e6, "ms"),
        (1e3, "µs"),
        (1.0, "ns"),
    ];
    // 0.9995 of a unit would be shown as 1000 of the next smaller one.
    let found = UNITS.iter().find(|(length, _)| nanos >= 0.9995 * length).unwrap_or(&UNITS[7]);
    let (length, name) = *found;
    format!("{} {name}", three_digits(nanos / length))
}

/// A distance in time by its two largest units, cut off: `3 d 4 h`, `12 min 5 s`; below a second as [`format_span`].
pub fn format_distance(nanos: u64) -> String {
    const UNITS: [(u64, &str); 5] = [
        (31_556_952_000_000_000, "y"),
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "min"),
        (1_000_000_000, "s"),
    ];
    let Some(first) = UNITS.iter().position(|(size, _)| nanos >= *size) else { return format_span(nanos as f64) };
    let (size, name) = UNITS[first];
    let whole = format!("{} {name}", nanos / size);
    match UNITS.get(first + 1).map(|(size_2, name_2)| (nanos % size / size_2, name_2)) {
        Some((rest, name)) if rest > 0 => format!("{whole} {rest} {name}"),
        _ => whole,
    }
}

/// The width of windows in words, `4.29 s`.
pub fn format_window(width: PointWidth) -> String {
    format_span(width.nanos() as f64)
}

/// A whole number with its digits in groups of three.
pub fn format_count(count: u64) -> String {
    grouped(&count.to_string())
}

/// The power of ten to divide by and its SI prefix, for values up to `largest` in `unit`. The prefix is empty for units
/// that take none.
pub fn si_step(largest: f64, unit: &str) -> (i32, &'static str) {
    const PREFIXES: [(i32, &str); 9] =
        [(12, "T"), (9, "G"), (6, "M"), (3, "k"), (0, ""), (-3, "m"), (-6, "µ"), (-9, "n"), (-12, "p")];
    let size = largest.abs();
    if !SI_UNITS.contains(&unit) || size == 0.0 || !size.is_finite() {
        return (0, "");
    }
    PREFIXES.iter().copied().find(|&(exponent, _)| size >= 10_f64.powi(exponent)).unwrap_or((-12, "p"))
}

/// A value with its unit and the digits that `per_pixel`, the value of one pixel, makes worth showing.
pub fn format_value(value: f64, per_pixel: f64, unit: &str) -> String {
    format_values([value], per_pixel, unit, |[number]| number)
}

/// Values that are read together, all by one SI prefix, put into words by `words`, and the unit once behind them.
pub fn format_values<const N: usize>(
    values: [f64; N],
    per_pixel: f64,
    unit: &str,
    words: impl FnOnce([String; N]) -> String,
) -> String {
    if values.iter().any(|value| !value.is_finite()) {
        return "not a number".to_owned();
    }
    let (exponent, prefix) = si_step(values.iter().fold(0.0, |largest, value| value.abs().max(largest)), unit);
    let divisor = 10_f64.powi(exponent);
    let text = words(values.map(|value| format_number(value / divisor, decimals_for(per_pixel / divisor))));
    match (prefix, unit) {
        ("", "") => text,
        _ => format!("{text}\u{a0}{prefix}{unit}"),
    }
}

/// How many decimals tell apart values that differ by `step`.
pub(crate) fn decimals_for(step: f64) -> usize {
    if step.is_finite() && step > 0.0 { (-(step * 1.000_001).log10().floor()).clamp(0.0, 12.0) as usize } else { 3 }
}

/// A number with `decimals` decimals and grouped digits; very large and very small ones in powers of ten.
pub(crate) fn format_number(value: f64, decimals: usize) -> String {
    let size = value.abs();
    if size >= 1e12 || (size > 0.0 && size < 1e-9) {
        return format!("{value:.3e}").replace('-', "−");
    }
    let digits = fixed(size, decimals);
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut text = String::new();
    if value < 0.0 && digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        text.push('−');
    }
    text.push_str(&grouped(whole));
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// `value`, which is below 1e12, with `decimals` decimals, by way of an integer: quicker and smaller than the general way.
fn fixed(value: f64, decimals: usize) -> String {
    let decimals = decimals.min(12);
    let scaled = (value * 10_f64.powi(decimals as i32)).round() as u128;
    if decimals == 0 {
        return scaled.to_string();
    }
    let base = 10_u128.pow(decimals as u32);
    let (whole, fraction) = (scaled / base, (scaled % base).to_string());
    let zeros = "0".repeat(decimals - fraction.len());
    format!("{whole}.{zeros}{fraction}")
}

/// Up to three digits, without trailing zeros after the point.
fn three_digits(value: f64) -> String {
    let decimals = match value {
        value if value >= 99.95 => 0,
        value if value >= 9.995 => 1,
        _ => 2,
    };
    let text = fixed(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn push_padded(text: &mut String, group: i64) {
    for digit in [group / 100, group / 10 % 10, group % 10] {
        text.push(char::from(b'0' + digit as u8));
    }
}

/// Digits in groups of three; four digits stay together.
fn grouped(digits: &str) -> String {
    if digits.len() <= 4 {
        return digits.to_owned();
    }
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUAKE: i64 = 1_283_326_416_040_123_456;

    #[test]
    fn values_that_are_read_together_have_one_prefix() {
        let words = |[mean, min, max]: [String; 3]| format!("{mean}, {min} … {max}");
        assert_eq!(format_values([1_004.0, 892.0, 1_114.0], 1.0, "V", words), "1.004, 0.892 … 1.114\u{a0}kV");
        assert_eq!(format_values([0.5, 0.25, 0.75], 0.01, "pu", words), "0.50, 0.25 … 0.75\u{a0}pu");
        assert_eq!(format_values([0.5, f64::NAN, 0.75], 0.01, "pu", words), "not a number");
    }

    #[test]
    fn distances_in_two_units() {
        const HOUR: u64 = 3_600_000_000_000;
        assert_eq!(format_distance(76 * HOUR + 5), "3 d 4 h");
        assert_eq!(format_distance(48 * HOUR), "2 d");
        assert_eq!(format_distance(725_000_000_000), "12 min 5 s");
        assert_eq!(format_distance(10 * 8_766 * HOUR), "10 y");
        assert_eq!(format_distance(1_500_000), format_span(1.5e6));
    }

    #[test]
    fn times_have_the_digits_of_a_pixel() {
        assert_eq!(format_date(QUAKE), "2010-09-01");
        for (nanos, text) in [
            (100e9, "07:33"),
            (2e9, "07:33:36"),
            (2e6, "07:33:36.040"),
            (2e3, "07:33:36.040\u{202f}123"),
            (0.1, "07:33:36.040\u{202f}123\u{202f}456"),
        ] {
            assert_eq!(format_time(QUAKE, nanos), text);
        }
        assert_eq!(format_time(-1, 1.0), "23:59:59.999\u{202f}999\u{202f}999");
    }

    #[test]
    fn ranges_name_the_day_once() {
        let range = TimeRange::new(QUAKE, QUAKE + 60_000_000_000);
        assert_eq!(format_time_range(range, 1e9), "2010-09-01 07:33:36 – 07:34:36");
        let days = TimeRange::new(QUAKE, QUAKE + 2 * DAY);
        assert_eq!(format_time_range(days, 100e9), "2010-09-01 07:33 – 2010-09-03 07:33");
        assert_eq!(format_time_range(days, 1e15), "2010-09-01 – 2010-09-03");
    }

    #[test]
    fn spans_and_windows() {
        for (nanos, text) in [
            (86_400e9, "1 d"),
            (5_400e9, "1.5 h"),
            (160.0, "160 ns"),
            (999.9, "1 µs"),
            (4_294_967_296.0, "4.29 s"),
            (4.611e18, "146 y"),
            (0.0, "0 ns"),
        ] {
            assert_eq!(format_span(nanos), text, "{nanos}");
        }
        assert_eq!(format_window(PointWidth::new(26).unwrap()), "67.1 ms");
    }

    #[test]
    fn values_take_si_steps_only_where_the_unit_does() {
        assert_eq!(format_value(345_212.0, 100.0, "V"), "345.2\u{a0}kV");
        assert_eq!(format_value(59.982, 0.001, "Hz"), "59.982\u{a0}Hz");
        assert_eq!(format_value(242_297.0, 1.0, "counts"), "242\u{202f}297\u{a0}counts");
        assert_eq!(format_value(-0.000_01, 0.001, ""), "0.000");
        assert_eq!(format_value(-12_345.5, 0.1, ""), "−12\u{202f}345.5");
        assert_eq!(format_value(1e300, 1e290, ""), "1.000e300");
        assert_eq!(format_value(f64::NAN, 1.0, "V"), "not a number");
    }

    proptest! {
        #[test]
        fn fixed_agrees_with_the_general_way(value in 0.0..1e6_f64, decimals in 0_usize..6) {
            let ours: f64 = fixed(value, decimals).parse().unwrap();
            prop_assert!((ours - value).abs() <= 0.5 * 10_f64.powi(-(decimals as i32)) * 1.000_001);
        }

        #[test]
        fn any_value_has_words(value in any::<f64>(), per_pixel in any::<f64>()) {
            prop_assert!(!format_value(value, per_pixel, "V").is_empty());
            prop_assert!(!format_span(value.abs().min(1e19)).is_empty());
        }
    }
}
