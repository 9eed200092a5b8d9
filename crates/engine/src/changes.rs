//! `Changes`: what any of several versions changed, in order of time.
//!
//! A union over versions in order of time, in little memory: all versions are looked through for the first changes in
//! time, as many as are kept at once; once those are told, for the next ones, and so on. Nearly always the first time
//! through finds everything.

use std::collections::VecDeque;

use btrdb_core::{MAX_TIME, MIN_TIME, PointWidth, TimeRange, Timestamp};
use btrdb_proto as proto;
use uuid::Uuid;

use crate::{
    Batches, Code, Engine, Error, FIRST_VERSION, MESSAGE_NAMES, Result,
    batches::Made,
    descriptor::check_uuid,
    messages,
    reads::{Progress, point_width},
    stream::Head,
    turn::{LEAF, ROW, Step, Turn},
};

/// How many ranges one look through the versions keeps: 1 MB.
const KEPT: usize = 65_536;

/// How many nodes are opened at a time, so that what they give stays as small.
const NODES: usize = 64;

impl Engine {
    /// `Changes`: the cells of a resolution in which any version after the first, up to the last, changed a point.
    ///
    /// # Errors
    /// 415 for a resolution over 63, 427 where the versions are in the wrong order, 404, 450.
    pub fn changes(&self, params: &proto::ChangesParams) -> Result<Batches<proto::ChangesResponse>> {
        let resolution = point_width(params.resolution)?;
        let uuid = check_uuid(&params.uuid)?;
        let stream = self.stream(uuid)?;
        let last = self.at_version(&stream, params.to_major)?.version;
        let first = params.from_major.max(FIRST_VERSION);
        if first > last {
            let message = format!("changes from version {first} to the earlier version {last}");
            return Err(Error::new(Code::InvalidVersions, message));
        }
        let older = self.at_version(&stream, first)?;
        let mut union = Union {
            engine: self.clone(),
            uuid,
            resolution,
            first,
            last,
            window: TimeRange::new(MIN_TIME, MAX_TIME),
            older,
            from: MIN_TIME,
            found: Ranges::default(),
            ready: VecDeque::new(),
        };
        let mut progress = Progress::Start;
        Ok(Batches::new(std::iter::from_fn(move || {
            if progress == Progress::End {
                return None;
            }
            let step = union.next_ranges(&mut Turn::new());
            let is_first = progress == Progress::Start;
            if !matches!(step, Ok(Step::Working)) {
                progress = if matches!(step, Ok(Step::Item(_))) { Progress::Middle } else { Progress::End };
            }
            match step {
                Ok(Step::Working) => Some(Made::Nothing),
                Ok(Step::Item(ranges)) => Some(Made::Message(Ok(messages::changes(last, &ranges)))),
                Ok(Step::End) => is_first.then(|| Made::Last(Ok(messages::changes(last, &[])))),
                Err(error) => Some(Made::Last(Err(error))),
            }
        })))
    }
}

/// A look through versions for what they changed.
struct Union {
    engine: Engine,
    uuid: Uuid,
    resolution: PointWidth,
    first: u64,
    last: u64,
    /// The part of time that is being looked at; it shrinks from its end when it proves too full, and is empty in the end.
    window: TimeRange,
    /// The version that the next one is compared with.
    older: Head,
    /// How far in time that comparison has come.
    from: Timestamp,
    found: Ranges,
    /// Ranges that are final.
    ready: VecDeque<TimeRange>,
}

impl Union {
    /// Some ranges that come next.
    fn next_ranges(&mut self, turn: &mut Turn) -> Result<Step<Vec<TimeRange>>> {
        while self.ready.len() < MESSAGE_NAMES && !self.window.is_empty() {
            if turn.is_over() {
                return Ok(Step::Working);
            }
            if self.older.version < self.last {
                self.compare(turn)?;
            } else {
                self.finish_window()?;
            }
        }
        let count = self.ready.len().min(MESSAGE_NAMES);
        let ranges: Vec<TimeRange> = self.ready.drain(..count).collect();
        Ok(if ranges.is_empty() { Step::End } else { Step::Item(ranges) })
    }

    /// Looks at some of what the next version changed.
    fn compare(&mut self, turn: &mut Turn) -> Result<()> {
        let newer = self.at_version(self.older.version + 1)?;
        let tree = self.engine.tree_beside(self.uuid, &self.older, &newer);
        let changes = tree.changes(self.older.root, self.resolution, self.from, NODES)?;
        turn.spend(ROW + LEAF * u32::try_from(changes.opened).unwrap_or(u32::MAX));
        self.found.add(changes.found.as_slice(), self.window);
        if let Some(end) = self.found.cut(KEPT) {
            self.window.end = end;
        }
        match changes.until {
            Some(until) if until < self.window.end => self.from = until,
            _ => (self.older, self.from) = (newer, self.window.start),
        }
        Ok(())
    }

    /// Tells what was found and turns to what comes after.
    fn finish_window(&mut self) -> Result<()> {
        self.found.settle();
        let mut found = std::mem::take(&mut self.found.settled);
        let end = self.window.end;
        // The last one may go on beyond.
        let last = if end < MAX_TIME { found.pop_if(|last| last.end >= end) } else { None };
        self.found.settled.extend(last);
        self.ready.extend(found);
        self.window = TimeRange::new(end, MAX_TIME);
        (self.older, self.from) = (self.at_version(self.first)?, end);
        Ok(())
    }

    /// A version, unless the stream has ended or the version been pruned meanwhile.
    fn at_version(&self, version: u64) -> Result<Head> {
        self.engine.at_version(&*self.engine.stream(self.uuid)?, version)
    }
}

/// Ranges as they are found, out of order between versions.
#[derive(Default)]
struct Ranges {
    /// Ascending, none touching the next.
    settled: Vec<TimeRange>,
    fresh: Vec<TimeRange>,
}

impl Ranges {
    /// Adds what of `ranges` lies in `window`.
    fn add(&mut self, ranges: &[TimeRange], window: TimeRange) {
        self.fresh.extend(ranges.iter().map(|range| range.intersect(window)).filter(|range| !range.is_empty()));
        // Not each time: a sort of everything for every version would take the square of their number.
        if self.fresh.len() > self.settled.len().max(4096) {
            self.settle();
        }
    }

    /// Drops ranges beyond `most` and says where the first of those started, if there was one.
    fn cut(&mut self, most: usize) -> Option<Timestamp> {
        if self.settled.len() + self.fresh.len() <= most {
            return None;
        }
        self.settle();
        let end = self.settled.get(most)?.start;
        self.settled.truncate(most);
        Some(end)
    }

    fn settle(&mut self) {
        let mut all = std::mem::take(&mut self.settled);
        all.append(&mut self.fresh);
        all.sort_unstable_by_key(|range| range.start);
        all.dedup_by(|range, before| {
            let touches = range.start <= before.end;
            if touches {
                before.end = before.end.max(range.end);
            }
            touches
        });
        self.settled = all;
    }
}
