//! What a read gives, whether points or windows, and one number of it.

use std::fmt;

use btrdb_core::{Point, RawColumns, StatColumns, StatPoint, Timestamp};

/// Points or windows, as columns of equal length, ascending in time.
#[derive(Clone, Debug, PartialEq)]
pub enum Columns {
    /// Points.
    Raw(RawColumns),
    /// Windows.
    Stats(StatColumns),
}

impl Columns {
    /// How many points or windows there are.
    pub fn len(&self) -> usize {
        self.times().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.times().is_empty()
    }

    /// The times of the points, or the starts of the windows, in nanoseconds since 1970 UTC.
    pub fn times(&self) -> &[Timestamp] {
        match self {
            Self::Raw(raw) => &raw.time,
            Self::Stats(stats) => &stats.time,
        }
    }

    /// The point or window in row `row`, if there is one.
    pub fn get(&self, row: usize) -> Option<AnyPoint> {
        match self {
            Self::Raw(raw) => Some(AnyPoint::Raw(Point::new(*raw.time.get(row)?, *raw.value.get(row)?))),
            Self::Stats(stats) => stats.get(row).map(AnyPoint::Stat),
        }
    }

    /// The points or windows in order.
    pub fn iter(&self) -> impl Iterator<Item = AnyPoint> + '_ {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    /// One number of each: the values of points, whatever `aggregate` says, or that statistic of windows.
    pub fn numbers(&self, aggregate: Aggregate) -> Numbers {
        match self {
            Self::Raw(raw) => Numbers::Floats(raw.value.clone()),
            Self::Stats(stats) => match aggregate {
                Aggregate::Min => Numbers::Floats(stats.min.clone()),
                Aggregate::Mean => Numbers::Floats(stats.mean.clone()),
                Aggregate::Max => Numbers::Floats(stats.max.clone()),
                Aggregate::Count => Numbers::Counts(stats.count.clone()),
                Aggregate::Stddev => Numbers::Floats(stats.stddev.clone()),
            },
        }
    }

    pub(crate) fn into_raw(self) -> Option<RawColumns> {
        if let Self::Raw(raw) = self { Some(raw) } else { None }
    }

    pub(crate) fn into_stats(self) -> Option<StatColumns> {
        if let Self::Stats(stats) = self { Some(stats) } else { None }
    }

    /// Moves all of `other`, which is of the same kind, to the end.
    pub(crate) fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Raw(all), Self::Raw(more)) => all.append(more),
            (Self::Stats(all), Self::Stats(more)) => all.append(more),
            _ => {}
        }
    }

    /// Leaves out the first `rows`.
    pub(crate) fn skip(&mut self, rows: usize) {
        let rows = rows.min(self.len());
        match self {
            Self::Raw(raw) => {
                raw.time.drain(..rows);
                raw.value.drain(..rows);
            }
            Self::Stats(stats) => {
                stats.time.drain(..rows);
                stats.count.drain(..rows);
                for column in [&mut stats.min, &mut stats.mean, &mut stats.max, &mut stats.stddev] {
                    column.drain(..rows);
                }
            }
        }
    }
}

/// A point or a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AnyPoint {
    /// A point.
    Raw(Point),
    /// A window.
    Stat(StatPoint),
}

impl AnyPoint {
    /// The time of the point, or the start of the window, in nanoseconds since 1970 UTC.
    pub fn time(&self) -> Timestamp {
        match self {
            Self::Raw(point) => point.time,
            Self::Stat(stat) => stat.time,
        }
    }

    /// The value of a point, whatever `aggregate` says, or that statistic of a window.
    pub fn number(&self, aggregate: Aggregate) -> Number {
        match self {
            Self::Raw(point) => Number::Float(point.value),
            Self::Stat(stat) => match aggregate {
                Aggregate::Min => Number::Float(stat.min),
                Aggregate::Mean => Number::Float(stat.mean),
                Aggregate::Max => Number::Float(stat.max),
                Aggregate::Count => Number::Count(stat.count),
                Aggregate::Stddev => Number::Float(stat.stddev),
            },
        }
    }
}

/// A statistic of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// The smallest value.
    Min,
    /// The arithmetic mean.
    #[default]
    Mean,
    /// The largest value.
    Max,
    /// The number of points.
    Count,
    /// The population standard deviation.
    Stddev,
}

impl Aggregate {
    /// All of them, in the order that BTrDB lists them in.
    pub const ALL: [Self; 5] = [Self::Min, Self::Mean, Self::Max, Self::Count, Self::Stddev];

    /// The name that BTrDB gives it, such as `mean`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Mean => "mean",
            Self::Max => "max",
            Self::Count => "count",
            Self::Stddev => "stddev",
        }
    }
}

/// A value or a statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A value, or a statistic in the unit of values.
    Float(f64),
    /// A number of points.
    Count(u64),
}

impl fmt::Display for Number {
    /// As Python writes it: the fewest digits that give the same double back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(value) => f.write_str(&crate::text::shortest(*value)),
            Self::Count(count) => count.fmt(f),
        }
    }
}

/// A column of values or of one statistic.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    /// Values, or a statistic in the unit of values.
    Floats(Vec<f64>),
    /// Numbers of points.
    Counts(Vec<u64>),
}

impl Numbers {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Floats(floats) => floats.len(),
            Self::Counts(counts) => counts.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number in row `row`, if there is one.
    pub fn get(&self, row: usize) -> Option<Number> {
        match self {
            Self::Floats(floats) => floats.get(row).copied().map(Number::Float),
            Self::Counts(counts) => counts.get(row).copied().map(Number::Count),
        }
    }
}
