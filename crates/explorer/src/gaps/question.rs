//! What a search asks for, and the windows of the answer.

use btrdb_core::{PointWidth, TimeRange, Timestamp};

/// An aligned window and how many points it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) start: Timestamp,
    pub(super) width: PointWidth,
    pub(super) count: u64,
}

impl Window {
    pub(super) fn range(self) -> TimeRange {
        TimeRange::new(self.start, self.start + self.width.nanos() as i64)
    }
}

/// Why a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The gap may be close.
    Nearby,
    /// All that has not been asked for.
    All,
    /// Points are missing there.
    Within,
    /// To learn the rate, and nothing else.
    Sample,
}

/// The windows of `width` in `range`, whose ends lie on their grid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) range: TimeRange,
    pub(super) width: PointWidth,
    pub(super) purpose: Purpose,
}

impl Question {
    /// All windows in order, with the counts of `answer`, which leaves out empty ones. What was not asked for is
    /// ignored.
    pub(super) fn windows(self, answer: impl IntoIterator<Item = (Timestamp, u64)>) -> Vec<Window> {
        let Self { range, width, .. } = self;
        let starts =
            (0..range.width() >> width.exponent()).map(|index| range.start + (index << width.exponent()) as i64);
        let mut windows: Vec<_> = starts.map(|start| Window { start, width, count: 0 }).collect();
        for (time, count) in answer {
            if range.contains(time) {
                let index = TimeRange::new(range.start, time).width() >> width.exponent();
                windows[index as usize].count = count;
            }
        }
        windows
    }
}

/// The boundary of windows of `width` at or after `time`.
pub(super) fn ceil(width: PointWidth, time: Timestamp) -> Timestamp {
    width.floor(time - 1) + width.nanos() as i64
}

/// The least range around both.
pub(super) fn range_of(one: TimeRange, other: TimeRange) -> TimeRange {
    TimeRange::new(one.start.min(other.start), one.end.max(other.end))
}
