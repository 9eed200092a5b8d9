//! The Gregorian calendar, in UTC.

use std::fmt;

use btrdb_core::Timestamp;

use crate::error::{Error, ErrorKind, Result};

/// Nanoseconds in a second.
pub(super) const SECOND: i64 = 1_000_000_000;

/// Seconds in a day.
const DAY: i64 = 86_400;

/// Days from the first of March of the year 0 to the first of January 1970.
const EPOCH: i64 = 719_468;

/// Days in 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;

/// A time as a calendar and a clock show it, in UTC, to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 59: BTrDB counts no leap seconds.
    pub second: u8,
    /// The nanosecond within the second, 0 to 999,999,999.
    pub nanosecond: u32,
}

impl fmt::Display for DateTime {
    /// As RFC 3339, with nine decimals: `2017-01-02T03:04:05.000000006Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, nanosecond } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanosecond:09}Z")
    }
}

/// The nanoseconds since 1970 UTC that `time` stands for.
///
/// # Errors
/// `InvalidValue` for a time that no calendar shows, such as the 30th of February, and for one before 1677 or after
/// 2262, which 64-bit nanoseconds do not reach.
pub fn datetime_to_ns(time: &DateTime) -> Result<Timestamp> {
    let DateTime { year, month, day, hour, minute, second, nanosecond } = *time;
    let is_shown = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && i64::from(nanosecond) < SECOND;
    let seconds =
        days_since_epoch(year, month, day) * DAY + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    let nanos = i128::from(seconds) * i128::from(SECOND) + i128::from(nanosecond);
    let nanos = i64::try_from(nanos).ok().filter(|_| is_shown);
    nanos.ok_or_else(|| Error::new(ErrorKind::InvalidValue, format!("{time} is no time between 1677 and 2262")))
}

/// The time that `time` nanoseconds since 1970 UTC stand for.
pub fn ns_to_datetime(time: Timestamp) -> DateTime {
    let (seconds, nanosecond) = (time.div_euclid(SECOND), time.rem_euclid(SECOND));
    let (days, second_of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    // Years begin in March, so that the odd day of a leap year is the last of its year.
    let from_march = days + EPOCH;
    let (era, day_of_era) = (from_march.div_euclid(ERA), from_march.rem_euclid(ERA));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    DateTime {
        year: year as i32,
        month: month as u8,
        day: day as u8,
        hour: (second_of_day / 3600) as u8,
        minute: (second_of_day / 60 % 60) as u8,
        second: (second_of_day % 60) as u8,
        nanosecond: nanosecond as u32,
    }
}

fn days_since_epoch(year: i32, month: u8, day: u8) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH
}

fn days_in(year: i32, month: u8) -> u8 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_times() {
        for (nanos, text) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
            (1_500_000_000_000_000_001, "2017-07-14T02:40:00.000000001Z"),
            (i64::MIN, "1677-09-21T00:12:43.145224192Z"),
            (i64::MAX, "2262-04-11T23:47:16.854775807Z"),
            (btrdb_core::MIN_TIME, "1933-06-20T00:01:35.393153024Z"),
        ] {
            assert_eq!(ns_to_datetime(nanos).to_string(), text);
        }
    }

    #[test]
    fn times_that_no_calendar_shows() {
        let new_year = ns_to_datetime(0);
        for odd in [
            DateTime { month: 13, ..new_year },
            DateTime { month: 0, ..new_year },
            DateTime { month: 2, day: 29, ..new_year },
            DateTime { day: 0, ..new_year },
            DateTime { hour: 24, ..new_year },
            DateTime { second: 60, ..new_year },
            DateTime { nanosecond: 1_000_000_000, ..new_year },
            DateTime { year: 2300, ..new_year },
            DateTime { year: i32::MIN, ..new_year },
        ] {
            assert_eq!(datetime_to_ns(&odd).unwrap_err().kind(), ErrorKind::InvalidValue, "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back(nanos: i64) {
            let time = ns_to_datetime(nanos);
            prop_assert_eq!(datetime_to_ns(&time).unwrap(), nanos);
            let later = ns_to_datetime(nanos.saturating_add(1));
            prop_assert!(later > time || nanos == i64::MAX);
        }
    }
}
