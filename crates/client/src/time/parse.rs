//! Times as text.

use btrdb_core::Timestamp;

use super::calendar::{DateTime, SECOND, datetime_to_ns};
use crate::error::{Error, ErrorKind, Result};

/// The nanoseconds since 1970 UTC that `text` stands for: an integer of them, signed or not, or a date, alone or with a
/// time of day after a blank or a `T`:
///
/// `2017-01-02` · `2017-01-02 03:04:05` · `2017-01-02T03:04:05Z` · `2017-01-02 03:04:05.123456789+0100` ·
/// `2017-01-02T03:04:05.5-05:00`
///
/// Up to nine decimals of a second are taken, and zones as `Z`, `+hhmm` or `+hh:mm`; without one it is UTC.
///
/// # Errors
/// `InvalidValue` for anything else, and for times before 1677 or after 2262, which 64-bit nanoseconds do not reach.
pub fn to_nanoseconds(text: &str) -> Result<Timestamp> {
    let text = text.trim();
    if let Ok(nanos) = text.parse() {
        return Ok(nanos);
    }
    let parsed = Cursor(text).time();
    let (time, offset) = parsed.ok_or_else(|| invalid(text))?;
    let offset = i64::from(offset) * 60 * SECOND;
    datetime_to_ns(&time)?.checked_sub(offset).ok_or_else(|| invalid(text))
}

/// The integer that a float of nanoseconds stands for, which has to be a whole one. A double has 53 bits: above 104 days
/// from 1970 not every nanosecond has one, so take floats only where nothing else is to be had.
///
/// # Errors
/// `InvalidValue` for fractions, infinities, NaN, and for what 64 bits do not reach.
pub fn whole_nanoseconds(nanos: f64) -> Result<Timestamp> {
    // Two to the 63rd is the first that does not fit, and is a double itself.
    let fits = nanos.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&nanos);
    if fits { Ok(nanos as i64) } else { Err(invalid(&nanos.to_string())) }
}

fn invalid(text: &str) -> Error {
    let message = format!("{text:?} is no time such as 2017-01-02 03:04:05.123456789Z, nor an integer of nanoseconds");
    Error::new(ErrorKind::InvalidValue, message)
}

/// What is left to be read.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    /// The time, and how many minutes its zone is ahead of UTC.
    fn time(mut self) -> Option<(DateTime, i32)> {
        let year = self.digits(4)? as i32;
        self.expect('-')?;
        let month = self.digits(2)? as u8;
        self.expect('-')?;
        let day = self.digits(2)? as u8;
        let mut time = DateTime { year, month, day, hour: 0, minute: 0, second: 0, nanosecond: 0 };
        if self.0.is_empty() {
            return Some((time, 0));
        }
        self.expect(' ').or_else(|| self.expect('T'))?;
        time.hour = self.digits(2)? as u8;
        self.expect(':')?;
        time.minute = self.digits(2)? as u8;
        self.expect(':')?;
        time.second = self.digits(2)? as u8;
        if self.expect('.').is_some() {
            time.nanosecond = self.decimals()?;
        }
        let offset = self.zone()?;
        self.0.is_empty().then_some((time, offset))
    }

    fn zone(&mut self) -> Option<i32> {
        if self.0.is_empty() || self.expect('Z').is_some() {
            return Some(0);
        }
        let sign = if self.expect('+').is_some() { 1 } else { self.expect('-').map(|()| -1)? };
        let hours = self.digits(2).filter(|hours| *hours < 24)?;
        let _colon = self.expect(':');
        let minutes = self.digits(2).filter(|minutes| *minutes < 60)?;
        Some(sign * (hours * 60 + minutes) as i32)
    }

    fn expect(&mut self, wanted: char) -> Option<()> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        if digits.bytes().all(|digit| digit.is_ascii_digit()) { digits.parse().ok() } else { None }
    }

    /// One to nine digits after the point, as nanoseconds.
    fn decimals(&mut self) -> Option<u32> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let missing = u32::try_from(9_usize.checked_sub(count)?).ok()?;
        Some(self.digits(count)? * 10_u32.pow(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_format() {
        const DAY: i64 = 1_483_315_200 * SECOND;
        const TIME: i64 = DAY + (3 * 3600 + 4 * 60 + 5) * SECOND;
        for (text, expected) in [
            ("2017-01-02", DAY),
            ("2017-01-02 03:04:05", TIME),
            ("2017-01-02 03:04:05Z", TIME),
            ("2017-01-02 03:04:05+0100", TIME - 3600 * SECOND),
            ("2017-01-02 03:04:05-05:30", TIME + 19_800 * SECOND),
            ("2017-01-02 03:04:05.5", TIME + SECOND / 2),
            ("2017-01-02 03:04:05.123456+0000", TIME + 123_456_000),
            ("2017-01-02T03:04:05Z", TIME),
            ("2017-01-02T03:04:05.123456Z", TIME + 123_456_000),
            ("2017-01-02T03:04:05.123456", TIME + 123_456_000),
            ("2017-01-02T03:04:05.123456+02:00", TIME + 123_456_000 - 7200 * SECOND),
            ("2017-01-02T03:04:05.123456789Z", TIME + 123_456_789),
            ("2017-01-02T03:04:05.000000001Z", TIME + 1),
            ("1969-12-31T23:59:59.999999999Z", -1),
            ("0", 0),
            ("-5", -5),
            ("1500000000000000001", 1_500_000_000_000_000_001),
            (" 2017-01-02 ", DAY),
        ] {
            assert_eq!(to_nanoseconds(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "now",
            "2017-1-2",
            "2017-01-02T",
            "2017-01-02 03:04",
            "2017-01-02 03:04:05.",
            "2017-02-29",
            "2017-01-02 24:00:00",
            "2017-01-02 03:04:05.1234567890",
            "2017-01-02 03:04:05+1",
            "2017-01-02 03:04:05+2500",
            "2017-01-02 03:04:05ZZ",
            "2300-01-01",
            "1.5",
            "99999999999999999999",
            "２017-01-02",
            "2017-01-0é",
        ] {
            assert_eq!(to_nanoseconds(text).unwrap_err().kind(), ErrorKind::InvalidValue, "{text:?}");
        }
    }

    #[test]
    fn floats_must_be_whole() {
        assert_eq!(whole_nanoseconds(-3.0).unwrap(), -3);
        assert_eq!(whole_nanoseconds(1.5e18).unwrap(), 1_500_000_000_000_000_000);
        for odd in [0.5, f64::NAN, f64::INFINITY, 9.3e18, 9_223_372_036_854_775_808.0] {
            assert!(whole_nanoseconds(odd).is_err(), "{odd}");
        }
    }
}
