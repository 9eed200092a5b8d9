//! Points and stat points as columns, the form in which they travel in bulk and are drawn.

use std::ops::Range;

use crate::{Point, StatPoint, Timestamp};

/// Points as two columns of equal length, ascending in time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawColumns {
    /// Nanoseconds since 1970 UTC.
    pub time: Vec<Timestamp>,
    /// Values in the stream's unit.
    pub value: Vec<f64>,
}

impl RawColumns {
    /// No points, and room for `rows` of them.
    pub fn with_capacity(rows: usize) -> Self {
        Self { time: Vec::with_capacity(rows), value: Vec::with_capacity(rows) }
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Adds `point` at the end.
    pub fn push(&mut self, point: Point) {
        self.time.push(point.time);
        self.value.push(point.value);
    }

    /// Takes all points out.
    pub fn clear(&mut self) {
        self.time.clear();
        self.value.clear();
    }

    /// Moves all of `other` to the end.
    pub fn append(&mut self, mut other: Self) {
        self.time.append(&mut other.time);
        self.value.append(&mut other.value);
    }

    /// The point in row `row`, if there is such a row.
    pub fn get(&self, row: usize) -> Option<Point> {
        Some(Point { time: *self.time.get(row)?, value: *self.value.get(row)? })
    }

    /// Adds the points of `other` in the rows of `rows`, which must be among its rows, at the end.
    pub fn extend_from_rows(&mut self, other: &Self, rows: Range<usize>) {
        self.time.extend_from_slice(&other.time[rows.clone()]);
        self.value.extend_from_slice(&other.value[rows]);
    }

    /// The points in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Point> + ExactSizeIterator + '_ {
        self.time.iter().zip(&self.value).map(|(&time, &value)| Point { time, value })
    }
}

impl FromIterator<Point> for RawColumns {
    fn from_iter<I: IntoIterator<Item = Point>>(points: I) -> Self {
        let (time, value) = points.into_iter().map(|point| (point.time, point.value)).unzip();
        Self { time, value }
    }
}

/// Stat points as six columns of equal length, ascending in time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatColumns {
    /// Starts of the windows, nanoseconds since 1970 UTC.
    pub time: Vec<Timestamp>,
    /// Smallest values.
    pub min: Vec<f64>,
    /// Arithmetic means.
    pub mean: Vec<f64>,
    /// Largest values.
    pub max: Vec<f64>,
    /// Numbers of points. A window of count 0 is a gap: its other fields mean nothing.
    pub count: Vec<u64>,
    /// Population standard deviations.
    pub stddev: Vec<f64>,
}

impl StatColumns {
    /// No windows, and room for `rows` of them.
    pub fn with_capacity(rows: usize) -> Self {
        let doubles = || Vec::with_capacity(rows);
        Self {
            time: Vec::with_capacity(rows),
            min: doubles(),
            mean: doubles(),
            max: doubles(),
            count: Vec::with_capacity(rows),
            stddev: doubles(),
        }
    }

    /// How many windows there are.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Adds `stat` at the end.
    pub fn push(&mut self, stat: StatPoint) {
        self.time.push(stat.time);
        self.min.push(stat.min);
        self.mean.push(stat.mean);
        self.max.push(stat.max);
        self.count.push(stat.count);
        self.stddev.push(stat.stddev);
    }

    /// Moves all of `other` to the end.
    pub fn append(&mut self, mut other: Self) {
        self.time.append(&mut other.time);
        self.min.append(&mut other.min);
        self.mean.append(&mut other.mean);
        self.max.append(&mut other.max);
        self.count.append(&mut other.count);
        self.stddev.append(&mut other.stddev);
    }

    /// The stat point in row `row`, if there is one.
    pub fn get(&self, row: usize) -> Option<StatPoint> {
        Some(StatPoint {
            time: *self.time.get(row)?,
            min: *self.min.get(row)?,
            mean: *self.mean.get(row)?,
            max: *self.max.get(row)?,
            count: *self.count.get(row)?,
            stddev: *self.stddev.get(row)?,
        })
    }

    /// The stat points in order.
    pub fn iter(&self) -> impl Iterator<Item = StatPoint> + '_ {
        (0..self.len()).filter_map(|row| self.get(row))
    }
}

impl FromIterator<StatPoint> for StatColumns {
    fn from_iter<I: IntoIterator<Item = StatPoint>>(stats: I) -> Self {
        let mut columns = Self::default();
        stats.into_iter().for_each(|stat| columns.push(stat));
        columns
    }
}
