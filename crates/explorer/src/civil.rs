//! The Gregorian calendar in UTC, in integers.

use btrdb_core::Timestamp;

/// Nanoseconds in a day.
pub(crate) const DAY: i64 = 86_400_000_000_000;

/// A date and the time of day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: u32,
    /// The day of the month, from 1.
    pub day: u32,
    /// The day of the week, 0 for Monday.
    pub weekday: u32,
    /// Nanoseconds since midnight.
    pub nanos: i64,
}

impl Civil {
    /// The hour, 0 to 23.
    pub const fn hour(&self) -> i64 {
        self.nanos / 3_600_000_000_000
    }

    /// The minute, 0 to 59.
    pub const fn minute(&self) -> i64 {
        self.nanos / 60_000_000_000 % 60
    }

    /// The second, 0 to 59.
    pub const fn second(&self) -> i64 {
        self.nanos / 1_000_000_000 % 60
    }

    /// Nanoseconds since the second began.
    pub const fn subsecond(&self) -> i64 {
        self.nanos % 1_000_000_000
    }
}

/// The date and time of `time`.
pub fn civil_from_time(time: Timestamp) -> Civil {
    let days = time.div_euclid(DAY);
    // Counted from 1 March of year 0, so that the leap day is the last of its year; 146,097 days are 400 years.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Civil {
        year: year as i32,
        month: month as u32,
        day: day as u32,
        weekday: (days + 3).rem_euclid(7) as u32,
        nanos: time.rem_euclid(DAY),
    }
}

/// Days from 1970-01-01 to the given date; months past 12 count on into the next years.
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use btrdb_core::{MAX_TIME, MIN_TIME};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_days() {
        let epoch = civil_from_time(0);
        assert_eq!((epoch.year, epoch.month, epoch.day, epoch.weekday), (1970, 1, 1, 3));
        let quake = civil_from_time(1_283_326_416_040_000_000);
        assert_eq!((quake.year, quake.month, quake.day, quake.weekday), (2010, 9, 1, 2));
        assert_eq!((quake.hour(), quake.minute(), quake.second(), quake.subsecond()), (7, 33, 36, 40_000_000));
        let before = civil_from_time(-1);
        assert_eq!((before.year, before.month, before.day, before.hour()), (1969, 12, 31, 23));
        let leap = civil_from_time(days_from_civil(2000, 2, 29) * DAY);
        assert_eq!((leap.year, leap.month, leap.day), (2000, 2, 29));
        assert_eq!(days_from_civil(2010, 13, 1), days_from_civil(2011, 1, 1));
    }

    proptest! {
        #[test]
        fn there_and_back(time in MIN_TIME..MAX_TIME) {
            let civil = civil_from_time(time);
            let days = days_from_civil(i64::from(civil.year), i64::from(civil.month), i64::from(civil.day));
            prop_assert_eq!(days * DAY + civil.nanos, time);
            prop_assert!((1..=12).contains(&civil.month) && (1..=31).contains(&civil.day));
        }
    }
}
