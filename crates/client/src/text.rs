//! Doubles as Python writes them, so that tables of either client compare equal.

/// The fewest digits that give `value` back, with an exponent from 1e16 on and below 1e-4: Python's `repr`.
pub(crate) fn shortest(value: f64) -> String {
    if let Some(word) = not_finite(value) {
        return word.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = parts(&scientific);
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    // Where two numbers of as few digits are as near, Python takes the even one, as does formatting to a given length. That
    // gives the nearest number of so many digits, which reads back the same wherever any of them does: but for powers of
    // two, whose neighbours below are nearer, unless there are 17 digits.
    let is_nearest_right = value.to_bits() << 12 != 0 || decimals == 16;
    let or_even = |shortest: String, even: String| if is_nearest_right { even } else { shortest };
    if (-4..16).contains(&exponent) {
        let after_point = usize::try_from(decimals as i32 - exponent).unwrap_or(0);
        let plain = or_even(value.to_string(), format!("{value:.after_point$}"));
        if plain.contains('.') { plain } else { format!("{plain}.0") }
    } else {
        let even = or_even(scientific, format!("{value:.decimals$e}"));
        let (digits, exponent) = parts(&even);
        with_exponent(digits, exponent)
    }
}

/// Six digits at most, without zeros at the end: C's `%g`.
pub(crate) fn six_digits(value: f64) -> String {
    if let Some(word) = not_finite(value) {
        return word.to_owned();
    }
    let scientific = format!("{value:.5e}");
    let (digits, exponent) = parts(&scientific);
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        without_zeros(&format!("{value:.decimals$}")).to_owned()
    } else {
        with_exponent(without_zeros(digits), exponent)
    }
}

fn not_finite(value: f64) -> Option<&'static str> {
    match value {
        f64::INFINITY => Some("inf"),
        f64::NEG_INFINITY => Some("-inf"),
        value if value.is_nan() => Some("nan"),
        _ => None,
    }
}

/// The digits and the exponent of a number in Rust's scientific notation, such as `-1.5e-7`.
fn parts(scientific: &str) -> (&str, i32) {
    let (digits, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    (digits, exponent.parse().unwrap_or(0))
}

fn with_exponent(digits: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

fn without_zeros(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_is_as_short_as_can_be(bits: u64, exponent in -1074_i32..1024) {
            for value in [f64::from_bits(bits), 2_f64.powi(exponent)] {
                if value.is_finite() {
                    let text = shortest(value);
                    prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
                    let digits = |text: &str| {
                        let digits = text.split('e').next().unwrap_or(text).replace(['.', '-'], "");
                        digits.trim_start_matches('0').trim_end_matches('0').len()
                    };
                    prop_assert_eq!(digits(&text), digits(&format!("{value:e}")), "{}", text);
                }
            }
        }
    }

    // What CPython 3.11 prints.
    #[test]
    fn as_python_writes_them() {
        for (value, repr, general) in [
            (1.5, "1.5", "1.5"),
            (2.0, "2.0", "2"),
            (-0.0, "-0.0", "-0"),
            (0.1 + 0.2, "0.30000000000000004", "0.3"),
            (1e16, "1e+16", "1e+16"),
            (1e15, "1000000000000000.0", "1e+15"),
            (123_456.789, "123456.789", "123457"),
            (1_234_567.0, "1234567.0", "1.23457e+06"),
            (0.0001, "0.0001", "0.0001"),
            (0.000_015, "1.5e-05", "1.5e-05"),
            (5e-324, "5e-324", "4.94066e-324"),
            (f64::MAX, "1.7976931348623157e+308", "1.79769e+308"),
            (999_999.5, "999999.5", "1e+06"),
            (7_980_901_069_190_481.0 / 4.0, "1995225267297620.2", "1.99523e+15"),
            (-183_428_765_441_037.0 / 16.0, "-11464297840064.812", "-1.14643e+13"),
            (2_f64.powi(-25), "2.9802322387695312e-08", "2.98023e-08"),
            (2_f64.powi(-44), "5.684341886080802e-14", "5.68434e-14"),
            (9_007_199_254_740_993.0, "9007199254740992.0", "9.0072e+15"),
            (2.0_f64.powi(70), "1.1805916207174113e+21", "1.18059e+21"),
            (f64::NAN, "nan", "nan"),
            (f64::NEG_INFINITY, "-inf", "-inf"),
        ] {
            assert_eq!((shortest(value).as_str(), six_digits(value).as_str()), (repr, general));
        }
    }
}
