//! Times as files write them, turned into integer nanoseconds without ever passing through a float.

use btrdb_core::{LAST_TIME, MIN_TIME, Timestamp};
use jiff::civil::{Date, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, SpanRelativeTo};

use crate::import::CellProblem;

/// The day that times count from.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// The time that `text` says: integer nanoseconds since 1970, or a date and time with up to nine decimals as in RFC 3339
/// (`T` or a space between date and time). Without a zone it is UTC.
pub(crate) fn parse(text: &str) -> Result<Timestamp, CellProblem> {
    let nanos = if is_integer(text) {
        text.parse().ok()
    } else {
        let nanos = nanos_of_date_and_time(text).ok_or_else(|| CellProblem::NotATime(text.to_owned()))?;
        i64::try_from(nanos).ok()
    };
    match nanos {
        Some(nanos) => within_limits(nanos, || text.to_owned()),
        None => Err(CellProblem::TimeOutOfRange(text.to_owned())),
    }
}

/// `count` units of `nanos_per_unit` nanoseconds each since 1970.
pub(crate) fn from_units(count: i64, nanos_per_unit: i64) -> Result<Timestamp, CellProblem> {
    let shown = || format!("{count} × {nanos_per_unit} ns");
    let nanos = count.checked_mul(nanos_per_unit).ok_or_else(|| CellProblem::TimeOutOfRange(shown()))?;
    within_limits(nanos, shown)
}

/// `nanos`, if BTrDB can store a point there.
pub(crate) fn within_limits(nanos: i64, shown: impl FnOnce() -> String) -> Result<Timestamp, CellProblem> {
    if (MIN_TIME..=LAST_TIME).contains(&nanos) { Ok(nanos) } else { Err(CellProblem::TimeOutOfRange(shown())) }
}

/// The nanoseconds that a length of time such as `500ms`, `1h 30m` or `7d` has; more than none. A day has 24 hours.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let wanted = || format!("\"{text}\" is no length of time; 500ms, 90s, 10m, 1h and 7d are");
    let span: Span = text.parse().map_err(|_not_a_span: jiff::Error| wanted())?;
    let nanos = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_months| wanted())?.as_nanos();
    match i64::try_from(nanos) {
        Ok(nanos) if nanos > 0 => Ok(nanos),
        _ => Err(wanted()),
    }
}

/// How `time` is written for people, in UTC with as many decimals as it needs.
pub(crate) fn display(time: Timestamp) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(time)).map_or_else(|_| format!("{time} ns"), |time| time.to_string())
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn nanos_of_date_and_time(text: &str) -> Option<i128> {
    let pieces = Pieces::parse(text).ok()?;
    // The name of a zone alone does not say which of two repeated hours is meant.
    if pieces.time_zone_annotation().is_some() {
        return None;
    }
    let since_epoch = pieces.date().duration_since(EPOCH);
    let of_day = pieces.time().unwrap_or(Time::midnight()).duration_since(Time::midnight());
    let offset = pieces.to_numeric_offset().map_or(0, Offset::seconds);
    Some(since_epoch.as_nanos() + of_day.as_nanos() - SignedDuration::from_secs(i64::from(offset)).as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quake's peak in the shipped recording.
    const PEAK: Timestamp = 1_283_326_416_040_000_000;

    #[test]
    fn reads_every_documented_form() {
        for text in [
            "1283326416040000000",
            "+1283326416040000000",
            "2010-09-01T07:33:36.04Z",
            "2010-09-01T07:33:36.040000000Z",
            "2010-09-01t07:33:36.04z",
            "2010-09-01T09:33:36.04+02:00",
            "2010-09-01T02:03:36.04-05:30",
            "2010-09-01T07:33:36.04",
            "2010-09-01 07:33:36.04",
            "2010-09-01 07:33:36.04Z",
        ] {
            assert_eq!(parse(text), Ok(PEAK), "{text}");
        }
        assert_eq!(parse("2010-09-01"), Ok(1_283_299_200_000_000_000));
        assert_eq!(parse("2010-09-01 07:33"), Ok(1_283_326_380_000_000_000));
    }

    #[test]
    fn keeps_single_nanoseconds_before_and_after_1970() {
        assert_eq!(parse("1969-12-31T23:59:59.999999999Z"), Ok(-1));
        assert_eq!(parse("1970-01-01 00:00:00.000000001"), Ok(1));
        assert_eq!(parse("-1"), Ok(-1));
        assert_eq!(parse("2025-04-28T10:33:20.123456789Z"), Ok(1_745_836_400_123_456_789));
    }

    #[test]
    fn refuses_what_it_could_only_guess() {
        for text in [
            "",
            "-",
            "1.5",
            "1e9",
            "28-Apr-2025 11:00:00",
            "04/28/2025 11:00",
            "2010-09-01T07:33:36.0400000001Z",
            "2010-02-30",
            "2010-09-01T07:33:36+02:00[Europe/Paris]",
            "2010-09-01T07:33:36[Europe/Paris]",
            "noon",
        ] {
            assert_eq!(parse(text), Err(CellProblem::NotATime(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn refuses_times_that_cannot_be_stored() {
        assert_eq!(parse(&LAST_TIME.to_string()), Ok(LAST_TIME));
        assert_eq!(parse(&MIN_TIME.to_string()), Ok(MIN_TIME));
        for text in [
            (LAST_TIME + 1).to_string(),
            (MIN_TIME - 1).to_string(),
            "99999999999999999999".to_owned(),
            "1900-01-01T00:00:00Z".to_owned(),
            "9999-12-31".to_owned(),
        ] {
            assert_eq!(parse(&text), Err(CellProblem::TimeOutOfRange(text.clone())), "{text}");
        }
    }

    #[test]
    fn converts_units_exactly_or_not_at_all() {
        assert_eq!(from_units(1_283_326_416, 1_000_000_000), Ok(1_283_326_416_000_000_000));
        assert_eq!(from_units(-1, 1_000), Ok(-1_000));
        assert!(matches!(from_units(i64::MAX, 1_000), Err(CellProblem::TimeOutOfRange(_))));
        assert!(matches!(from_units(LAST_TIME / 1_000_000 + 1, 1_000_000), Err(CellProblem::TimeOutOfRange(_))));
    }

    #[test]
    fn reads_lengths_of_time() {
        for (text, nanos) in
            [("1ns", 1), ("500ms", 500_000_000), ("1h 30m", 5_400_000_000_000), ("7d", 604_800_000_000_000)]
        {
            assert_eq!(parse_duration(text), Ok(nanos), "{text}");
        }
        for text in ["", "5", "0s", "-1h", "1 month", "300 years", "soon"] {
            assert!(parse_duration(text).unwrap_err().contains("is no length of time"), "{text}");
        }
    }

    #[test]
    fn shows_times_with_the_decimals_they_need() {
        assert_eq!(display(PEAK), "2010-09-01T07:33:36.04Z");
        assert_eq!(display(0), "1970-01-01T00:00:00Z");
    }
}
