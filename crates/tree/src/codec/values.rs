//! Columns of doubles, exact to the last bit.
//!
//! Most measured values are decimals with few digits: counts of a digitiser, frequencies to a tenth of a millihertz. They
//! are stored as whole numbers of 10^-e ([`DECIMAL`]), the few that are not as exceptions. All others are stored by their
//! bits, put in an order in which neighbours in value are neighbours as integers ([`BITS`]).

use super::{Damaged, bits::write_varint, ints, reader::Reader};

const BITS: u8 = 0;
const DECIMAL: u8 = 1;

const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Whole numbers up to here have a double of their own.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Appends `values`; how many there are is for the caller to remember.
pub(super) fn encode(values: &[f64], out: &mut Vec<u8>) {
    if let Some(exponent) = decimals_of(values)
        && encode_decimal(values, exponent, out)
    {
        return;
    }
    out.push(BITS);
    let numbers: Vec<i64> = values.iter().map(|value| ordered(*value)).collect();
    ints::encode(&numbers, out);
}

/// The `count` values that come next.
pub(super) fn decode(reader: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, Damaged> {
    match reader.byte()? {
        BITS => Ok(ints::decode(reader, count)?.into_iter().map(unordered).collect()),
        DECIMAL => decode_decimal(reader, count),
        _ => Err(Damaged("unknown form of values")),
    }
}

/// The fewest decimals that some values from all over the column can do with, if any can.
fn decimals_of(values: &[f64]) -> Option<usize> {
    let step = (values.len() / 16).max(1);
    let mut exponent = 0;
    let (mut misses, mut looked_at) = (0, 0);
    for value in values.iter().step_by(step) {
        looked_at += 1;
        match (exponent..POWERS.len()).find(|exponent| whole(*value, *exponent).is_some()) {
            Some(found) => exponent = found,
            None => misses += 1,
        }
    }
    (misses * 8 <= looked_at).then_some(exponent)
}

/// `value` as a whole number of 10^-exponent, if that gives it back exactly.
fn whole(value: f64, exponent: usize) -> Option<i64> {
    let scaled = (value * POWERS[exponent]).round();
    // The bounds keep NaN and infinities out too.
    let fits = (-LARGEST_WHOLE..=LARGEST_WHOLE).contains(&scaled);
    (fits && (scaled / POWERS[exponent] + 0.0).to_bits() == value.to_bits()).then_some(scaled as i64)
}

/// Appends `values` as decimals, or nothing and false where too many of them are none.
fn encode_decimal(values: &[f64], exponent: usize, out: &mut Vec<u8>) -> bool {
    let mut exceptions = Vec::new();
    let mut numbers = Vec::with_capacity(values.len());
    let mut last = 0;
    for (row, value) in values.iter().enumerate() {
        if let Some(number) = whole(*value, exponent) {
            last = number;
        } else {
            exceptions.push(row);
        }
        numbers.push(last);
    }
    if exceptions.len() * 8 > values.len() {
        return false;
    }
    out.extend_from_slice(&[DECIMAL, exponent as u8]);
    ints::encode(&numbers, out);
    write_varint(out, exceptions.len() as u64);
    for row in exceptions {
        write_varint(out, row as u64);
        out.extend_from_slice(&values[row].to_bits().to_le_bytes());
    }
    true
}

fn decode_decimal(reader: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, Damaged> {
    let power = *POWERS.get(usize::from(reader.byte()?)).ok_or(Damaged("too many decimals"))?;
    let mut values: Vec<f64> = ints::decode(reader, count)?.into_iter().map(|number| number as f64 / power).collect();
    for _ in 0..reader.varint()? {
        let row = usize::try_from(reader.varint()?).ok().ok_or(Damaged("an exception out of place"))?;
        let bits = u64::from_le_bytes(reader.array()?);
        *values.get_mut(row).ok_or(Damaged("an exception out of place"))? = f64::from_bits(bits);
    }
    Ok(values)
}

/// The bits of `value` as an integer that grows with it.
const fn ordered(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// The inverse of [`ordered`].
const fn unordered(number: i64) -> f64 {
    f64::from_bits((number ^ ((number >> 63) as u64 >> 1) as i64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_grows_with_the_value() {
        let values = [f64::NEG_INFINITY, -1e300, -1.0, -5e-324, -0.0, 0.0, 5e-324, 1.0, 1e300, f64::INFINITY];
        assert!(values.map(ordered).is_sorted());
        assert!(values.iter().all(|value| unordered(ordered(*value)).to_bits() == value.to_bits()));
    }

    #[test]
    fn whole_numbers_are_only_those_that_come_back() {
        assert_eq!(whole(60.0012, 4), Some(600_012));
        assert_eq!(whole(0.1 + 0.2, 4), None);
        assert_eq!(whole(-0.0, 0), None);
        assert_eq!(whole(f64::NAN, 0), None);
        assert_eq!(whole(f64::INFINITY, 0), None);
        assert_eq!(whole(1e300, 0), None);
    }
}
