//! `ArrowMultiValues`: the points of several streams in one table.

use std::collections::HashSet;

use btrdb_core::{Point, TimeRange, Timestamp};
use btrdb_proto as proto;
use btrdb_tree::NodeError;
use uuid::Uuid;

use crate::{
    Batches, Code, Engine, Error, MAX_MULTI_STREAMS, MULTI_BYTES, Result, arrow,
    descriptor::check_uuid,
    join::{Join, Timeline},
    place::{PointPlace, read_ahead},
    reads::{Pulled, Rows, check_range},
    turn::{Step, Turn},
};

impl Engine {
    /// `ArrowMultiValues`: one row for each time at which any of the streams has a point, NaN for those that have none;
    /// of several points of one stream at one time the last. With a snap period, points count for the nearest time of a
    /// grid from `start` on.
    ///
    /// # Errors
    /// 438 for streams and versions of different number, no or too many streams, a stream named twice, a negative period,
    /// or a template that does not fit; 413 for a range that is backward, empty or out of bounds; 404, 450.
    pub fn arrow_multi_values(
        &self,
        params: &proto::ArrowMultiValuesParams,
    ) -> Result<Batches<proto::ArrowMultiValuesResponse>> {
        let uuids = check_streams(params)?;
        let template = arrow::Template::read(&params.template_bytes)?;
        let range = TimeRange::new(params.start, params.end);
        check_range(range)?;
        let snap = Snap::new(range, params.snap_period_ns)?;
        let most = read_ahead(uuids.len());
        let mut timelines = Vec::with_capacity(uuids.len());
        for (&uuid, &version) in uuids.iter().zip(&params.version_major) {
            let head = self.at_version(&*self.stream(uuid)?, version)?;
            let points = PointPlace::new(self.tree(uuid, &head), snap.map_or(range, Snap::reach), most);
            timelines.push(Values { points, snap, best: None });
        }
        let names: Vec<String> = uuids.iter().map(Uuid::to_string).collect();
        let rows_a_message = (MULTI_BYTES / (8 * (names.len() + 1))).max(1);
        let table = Table { width: names.len(), join: Join::new(timelines) };
        Ok(table.into_batches(rows_a_message, move |mut rows| {
            rows.columns.iter_mut().for_each(|column| column.resize(rows.times.len(), f64::NAN));
            let arrow_bytes = arrow::encode_table(&names, rows.times, rows.columns, template.as_ref())?;
            Ok(proto::ArrowMultiValuesResponse { stat: None, arrow_bytes })
        }))
    }
}

fn check_streams(params: &proto::ArrowMultiValuesParams) -> Result<Vec<Uuid>> {
    let invalid = |message: String| Err(Error::new(Code::InvalidParameter, message));
    let (streams, versions) = (params.uuid.len(), params.version_major.len());
    if streams != versions {
        return invalid(format!("{streams} streams but {versions} versions: each stream needs one"));
    }
    if !(1..=MAX_MULTI_STREAMS).contains(&streams) {
        return invalid(format!("{streams} streams at once, from 1 to {MAX_MULTI_STREAMS} are taken"));
    }
    let uuids: Vec<Uuid> = params.uuid.iter().map(|uuid| check_uuid(uuid)).collect::<Result<_>>()?;
    let mut seen = HashSet::new();
    match uuids.iter().find(|uuid| !seen.insert(**uuid)) {
        Some(twice) => invalid(format!("stream {twice} is asked for twice")),
        None => Ok(uuids),
    }
}

/// A grid of times that points are moved to: `start + k * period` below `end`.
#[derive(Clone, Copy, Debug)]
struct Snap {
    range: TimeRange,
    period: i64,
}

impl Snap {
    /// The grid, or none for a period of 0.
    fn new(range: TimeRange, period: i64) -> Result<Option<Self>> {
        if period < 0 {
            return Err(Error::new(Code::InvalidParameter, format!("a snap period of {period} ns is negative")));
        }
        Ok((period > 0).then_some(Self { range, period }))
    }

    /// Where points that belong to the grid can lie: half a period around it.
    fn reach(self) -> TimeRange {
        let half = self.period / 2 + 1;
        let (start, end) = (self.range.start.saturating_sub(half), self.range.end.saturating_add(half));
        TimeRange::new(start, end).intersect(TimeRange::ALL)
    }

    /// The time that a point at `time` counts for: g, where g − period/2 ≤ time < g + period/2.
    fn target(self, time: Timestamp) -> Option<Timestamp> {
        let period = i128::from(self.period);
        let offset = i128::from(time) - i128::from(self.range.start);
        let target = i128::from(self.range.start) + (2 * offset + period).div_euclid(2 * period) * period;
        i64::try_from(target).ok().filter(|target| self.range.contains(*target))
    }
}

/// The values of one stream, one at a time at most.
struct Values {
    points: PointPlace,
    snap: Option<Snap>,
    /// The best point so far for the time that it counts for, unless a later one is better.
    best: Option<(Timestamp, Point)>,
}

impl Values {
    /// Takes in a point, and hands over the one before if nothing better can come for its time.
    fn take(&mut self, point: Point) -> Option<(Timestamp, f64)> {
        let target = self.snap.map_or(Some(point.time), |snap| snap.target(point.time))?;
        match &mut self.best {
            Some((other, best)) if *other == target => {
                // The nearest wins, of two as near the earlier, of several at one time the last.
                let is_nearer = point.time.abs_diff(target) < best.time.abs_diff(target);
                if is_nearer || point.time == best.time {
                    *best = point;
                }
                None
            }
            best => best.replace((target, point)).map(|(target, best)| (target, best.value)),
        }
    }
}

impl Timeline for Values {
    type Item = f64;

    fn next(&mut self, turn: &mut Turn) -> std::result::Result<Step<(Timestamp, f64)>, NodeError> {
        loop {
            let settled = match self.points.next(turn)? {
                Step::Item(point) => self.take(point),
                Step::Working => return Ok(Step::Working),
                Step::End => match self.best.take() {
                    Some((target, best)) => Some((target, best.value)),
                    None => return Ok(Step::End),
                },
            };
            if let Some(settled) = settled {
                return Ok(Step::Item(settled));
            }
        }
    }
}

/// The rows of the table, read as far as asked for.
struct Table {
    width: usize,
    join: Join<Values>,
}

/// Some rows, as columns.
#[derive(Default)]
struct TableRows {
    times: Vec<Timestamp>,
    columns: Vec<Vec<f64>>,
}

impl Rows for Table {
    type Columns = TableRows;

    fn pull(&mut self, rows: &mut TableRows, most: usize, turn: &mut Turn) -> std::result::Result<Pulled, NodeError> {
        rows.columns.resize_with(self.width, Vec::new);
        while rows.times.len() < most {
            let (row, columns) = (rows.times.len(), &mut rows.columns);
            let time = self.join.next_row(turn, |place, value| {
                // Most cells of a wide table are empty: a column is filled up when a value comes.
                columns[place].resize(row, f64::NAN);
                columns[place].push(value);
            })?;
            match time {
                Step::Item(time) => rows.times.push(time),
                Step::Working => return Ok(Pulled::Some),
                Step::End => return Ok(Pulled::All),
            }
        }
        Ok(Pulled::Some)
    }

    fn len(rows: &TableRows) -> usize {
        rows.times.len()
    }
}
