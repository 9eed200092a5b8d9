//! The calendar axis: two rows of labels, each of which names a stretch of time.

use btrdb_core::{TimeRange, Timestamp};

use crate::civil::DAY;
use crate::format::{month_name, weekday_name};
use crate::{Viewport, civil_from_time, days_from_civil};

/// The width of a character, generously, in CSS pixels.
const CHARACTER: f64 = 7.2;
/// The room between two labels, in CSS pixels.
const ROOM: f64 = 22.0;
/// No axis has more labels than this, whatever the screen.
const MOST: usize = 400;

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// A label and the stretch of time that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeLabel {
    /// From this label to the next; may begin before the view or end after it.
    pub range: TimeRange,
    /// What is written.
    pub text: String,
}

/// Both rows of labels, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeAxis {
    /// The fine row, one label per tick.
    pub ticks: Vec<TimeLabel>,
    /// The coarse row: the day, month, minute… that the ticks lie in. Empty when the ticks are years.
    pub regions: Vec<TimeLabel>,
}

/// The axis under `viewport` on `width` CSS pixels: the finest steps whose labels have room.
pub fn time_axis(viewport: &Viewport, width: f64) -> TimeAxis {
    let nanos_per_pixel = viewport.nanos_per_pixel(width);
    let fits = |step: &Step| step.nanos() / nanos_per_pixel >= step.characters() as f64 * CHARACTER + ROOM;
    let step = STEPS.into_iter().find(fits).unwrap_or(Step::Years(100));
    let range = viewport.outer_range();
    TimeAxis {
        ticks: labels(range, step, |time| step.tick_text(time)),
        regions: step.region().map_or_else(Vec::new, |region| labels(range, region, |time| step.region_text(time))),
    }
}

/// A distance between ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A divisor of the day.
    Nanos(i64),
    /// Days of the month, beginning anew with each month.
    Days(i64),
    Months(i64),
    Years(i64),
}

const STEPS: [Step; 58] = {
    let mut steps = [Step::Years(100); 58];
    let mut at = 0;
    let mut unit = 1;
    while at < 27 {
        steps[at] = Step::Nanos(unit);
        steps[at + 1] = Step::Nanos(2 * unit);
        steps[at + 2] = Step::Nanos(5 * unit);
        unit *= 10;
        at += 3;
    }
    let clock = [
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        15 * SECOND,
        30 * SECOND,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
    ];
    while at < 44 {
        steps[at] = Step::Nanos(clock[at - 27]);
        at += 1;
    }
    let calendar = [
        Step::Days(1),
        Step::Days(2),
        Step::Days(5),
        Step::Days(10),
        Step::Months(1),
        Step::Months(3),
        Step::Months(6),
        Step::Years(1),
        Step::Years(2),
        Step::Years(5),
        Step::Years(10),
        Step::Years(20),
        Step::Years(50),
        Step::Years(100),
    ];
    while at < 58 {
        steps[at] = calendar[at - 44];
        at += 1;
    }
    steps
};

impl Step {
    /// Its usual length.
    fn nanos(self) -> f64 {
        match self {
            Self::Nanos(nanos) => nanos as f64,
            Self::Days(days) => (days * DAY) as f64,
            Self::Months(months) => (months * 30 * DAY) as f64,
            Self::Years(years) => (years * 365 * DAY) as f64,
        }
    }

    /// The number of characters of its longest label.
    fn characters(self) -> usize {
        match self {
            Self::Nanos(nanos) if nanos < 1_000 => 11,
            Self::Nanos(nanos) if nanos < 1_000_000 => 8,
            Self::Nanos(nanos) if nanos < SECOND => 6,
            Self::Nanos(nanos) if nanos < MINUTE => 8,
            Self::Nanos(_) => 5,
            Self::Days(1) => 6,
            Self::Days(_) => 2,
            Self::Months(_) => 3,
            Self::Years(_) => 4,
        }
    }

    /// The coarse row above ticks of this distance.
    fn region(self) -> Option<Self> {
        match self {
            Self::Nanos(nanos) if nanos < 1_000 => Some(Self::Nanos(1_000_000)),
            Self::Nanos(nanos) if nanos < 1_000_000 => Some(Self::Nanos(SECOND)),
            Self::Nanos(nanos) if nanos < SECOND => Some(Self::Nanos(MINUTE)),
            Self::Nanos(_) => Some(Self::Days(1)),
            Self::Days(_) => Some(Self::Months(1)),
            Self::Months(_) => Some(Self::Years(1)),
            Self::Years(_) => None,
        }
    }

    fn tick_text(self, time: Timestamp) -> String {
        let civil = civil_from_time(time);
        let subsecond = civil.subsecond();
        match self {
            Self::Nanos(nanos) if nanos < 1_000 => {
                let (micros, rest) = (subsecond % 1_000_000 / 1_000, subsecond % 1_000);
                if micros == 0 { format!("+{rest} ns") } else { format!("+{micros} {rest:03} ns") }
            }
            Self::Nanos(nanos) if nanos < 1_000_000 => {
                format!(".{:03} {:03}", subsecond / 1_000_000, subsecond / 1_000 % 1_000)
            }
            Self::Nanos(nanos) if nanos < SECOND => format!("{:02}.{:03}", civil.second(), subsecond / 1_000_000),
            Self::Nanos(nanos) if nanos < MINUTE => {
                format!("{:02}:{:02}:{:02}", civil.hour(), civil.minute(), civil.second())
            }
            Self::Nanos(_) => format!("{:02}:{:02}", civil.hour(), civil.minute()),
            Self::Days(1) => format!("{} {}", weekday_name(&civil), civil.day),
            Self::Days(_) => civil.day.to_string(),
            Self::Months(_) => month_name(&civil).to_owned(),
            Self::Years(_) => civil.year.to_string(),
        }
    }

    fn region_text(self, time: Timestamp) -> String {
        let civil = civil_from_time(time);
        let date = format!("{} {} {}", civil.day, month_name(&civil), civil.year);
        let (hour, minute, second) = (civil.hour(), civil.minute(), civil.second());
        match self {
            Self::Nanos(nanos) if nanos < 1_000 => {
                format!("{date} {hour:02}:{minute:02}:{second:02}.{:03}", civil.subsecond() / 1_000_000)
            }
            Self::Nanos(nanos) if nanos < 1_000_000 => format!("{date} {hour:02}:{minute:02}:{second:02}"),
            Self::Nanos(nanos) if nanos < SECOND => format!("{date} {hour:02}:{minute:02}"),
            Self::Nanos(_) => format!("{} {date}", weekday_name(&civil)),
            Self::Days(_) => format!("{} {}", month_name(&civil), civil.year),
            Self::Months(_) | Self::Years(_) => civil.year.to_string(),
        }
    }

    /// The last tick at or before `time`.
    fn floor(self, time: Timestamp) -> Timestamp {
        let civil = civil_from_time(time);
        let (year, month, day) = (i64::from(civil.year), i64::from(civil.month), i64::from(civil.day));
        match self {
            Self::Nanos(nanos) => time.div_euclid(nanos).saturating_mul(nanos),
            Self::Days(days) => days_from_civil(year, month, day_tick(year, month, day, days)) * DAY,
            Self::Months(months) => days_from_civil(year, month - (month - 1) % months, 1) * DAY,
            Self::Years(years) => days_from_civil(year - year.rem_euclid(years), 1, 1) * DAY,
        }
    }

    /// The tick after the tick `tick`.
    fn next(self, tick: Timestamp) -> Timestamp {
        let civil = civil_from_time(tick);
        let (year, month, day) = (i64::from(civil.year), i64::from(civil.month), i64::from(civil.day));
        match self {
            Self::Nanos(nanos) => tick.saturating_add(nanos),
            Self::Days(days) => {
                let next = day + days;
                let stays = next <= days_in(year, month) && day_tick(year, month, next, days) == next;
                let (month, day) = if stays { (month, next) } else { (month + 1, 1) };
                days_from_civil(year, month, day) * DAY
            }
            Self::Months(months) => days_from_civil(year, month + months, 1) * DAY,
            Self::Years(years) => days_from_civil(year + years, 1, 1) * DAY,
        }
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    days_from_civil(year, month + 1, 1) - days_from_civil(year, month, 1)
}

/// The last tick at or before a day of the month, for ticks every `days` days. A tick that would stand less than half that
/// distance before the next month is left out.
fn day_tick(year: i64, month: i64, day: i64, days: i64) -> i64 {
    let tick = day - (day - 1) % days;
    let left = days_in(year, month) + 1 - tick;
    if days > 1 && left * 2 <= days { tick - days } else { tick }
}

/// The ticks of `step` whose stretches touch `range`.
fn labels(range: TimeRange, step: Step, text: impl Fn(Timestamp) -> String) -> Vec<TimeLabel> {
    let mut labels = Vec::new();
    let mut start = step.floor(range.start);
    while start < range.end && labels.len() < MOST {
        let end = step.next(start);
        if end <= start {
            break;
        }
        labels.push(TimeLabel { range: TimeRange { start, end }, text: text(start) });
        start = end;
    }
    labels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUAKE: i64 = 1_283_326_416_040_123_456;

    fn axis(start: i64, span: i64) -> TimeAxis {
        time_axis(&Viewport::new(TimeRange::new(start, start + span)), 1000.0)
    }

    fn texts(labels: &[TimeLabel]) -> Vec<&str> {
        labels.iter().map(|label| label.text.as_str()).collect()
    }

    #[test]
    fn a_day() {
        let day = axis(civil_midnight(), DAY);
        assert_eq!(texts(&day.regions), ["Wed 1 Sep 2010"]);
        assert_eq!(texts(&day.ticks)[..4], ["00:00", "02:00", "04:00", "06:00"]);
    }

    #[test]
    fn a_second_and_a_microsecond() {
        let second = axis(QUAKE, SECOND);
        assert_eq!(texts(&second.regions), ["1 Sep 2010 07:33"]);
        assert_eq!(texts(&second.ticks)[..3], ["36.000", "36.100", "36.200"]);
        let micro = axis(QUAKE, 1_000);
        assert_eq!(texts(&micro.regions), ["1 Sep 2010 07:33:36.040"]);
        assert_eq!(texts(&micro.ticks)[..2], ["+123 400 ns", "+123 600 ns"]);
    }

    #[test]
    fn months_and_years() {
        let year = axis(civil_midnight(), 365 * DAY);
        assert_eq!(texts(&year.regions), ["2010", "2011"]);
        assert_eq!(texts(&year.ticks)[..5], ["Sep", "Oct", "Nov", "Dec", "Jan"]);
        let all = time_axis(&Viewport::ALL, 1000.0);
        assert!(all.regions.is_empty());
        assert_eq!(texts(&all.ticks)[..3], ["1930", "1940", "1950"]);
    }

    #[test]
    fn the_first_of_the_month_is_always_a_tick() {
        let weeks = axis(civil_midnight(), 50 * DAY);
        assert_eq!(texts(&weeks.ticks)[12..18], ["25", "27", "29", "1", "3", "5"]);
        let sparse = time_axis(&Viewport::new(TimeRange::new(civil_midnight(), civil_midnight() + 80 * DAY)), 320.0);
        assert_eq!(texts(&sparse.ticks)[..6], ["1", "11", "21", "1", "11", "21"]);
        assert_eq!(texts(&sparse.regions), ["Sep 2010", "Oct 2010", "Nov 2010"]);
    }

    fn civil_midnight() -> i64 {
        days_from_civil(2010, 9, 1) * DAY
    }

    proptest! {
        #[test]
        fn stretches_follow_one_another_and_cover_the_view(
            start in btrdb_core::MIN_TIME..btrdb_core::MAX_TIME - 1, log_span in 0.0..61.9_f64, width in 200.0..4000.0_f64,
        ) {
            let view = Viewport::new(TimeRange::new(start, start.saturating_add(log_span.exp2() as i64).saturating_add(10)));
            let axis = time_axis(&view, width);
            let range = view.outer_range();
            for row in [&axis.ticks, &axis.regions] {
                for pair in row.windows(2) {
                    prop_assert_eq!(pair[0].range.end, pair[1].range.start);
                    prop_assert!(!pair[0].range.is_empty());
                }
                if let (Some(first), Some(last)) = (row.first(), row.last()) {
                    prop_assert!(first.range.start <= range.start && last.range.end >= range.end);
                }
            }
            prop_assert!(!axis.ticks.is_empty());
            for pair in axis.ticks.windows(2) {
                let apart = view.x_from_time(pair[1].range.start, width) - view.x_from_time(pair[0].range.start, width);
                prop_assert!(apart >= pair[0].text.chars().count() as f64 * 6.0, "{} at {}", pair[0].text, apart);
            }
        }
    }
}
