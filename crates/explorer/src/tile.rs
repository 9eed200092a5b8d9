//! The unit of caching: a run of 512 windows on the absolute grid, or the raw points of the same time.

use std::mem::size_of;
use std::ops::Range;

use btrdb_core::{LAST_TIME, MAX_TIME, MIN_TIME, PointWidth, RawColumns, StatColumns, TimeRange, Timestamp};

use crate::{Resolution, StreamId};

/// How many windows a tile spans.
pub const TILE_WINDOWS: u64 = 1 << TILE_BITS;
const TILE_BITS: u32 = 9;

/// Which tile: of what stream, how fine, and the how-manieth on the grid of the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileKey {
    /// The stream.
    pub stream: StreamId,
    /// Windows or raw points, and the grid.
    pub resolution: Resolution,
    /// floor(t / 2^(pw + 9)); negative before 1970.
    pub index: i64,
}

/// The index of the tile that `time` lies in.
pub fn tile_index(width: PointWidth, time: Timestamp) -> i64 {
    // In 128 bits: at the widest point widths the tile is wider than 64 bits can count.
    (i128::from(time) >> (u32::from(width.exponent()) + TILE_BITS)) as i64
}

/// What a tile covers, cut to what may be asked for: all of time, for raw points up to and with the last that can exist.
pub fn tile_range(resolution: Resolution, index: i64) -> TimeRange {
    let bits = u32::from(resolution.point_width().exponent()) + TILE_BITS;
    let end = if resolution.is_raw() { LAST_TIME + 1 } else { MAX_TIME };
    let cut = |time: i128| time.clamp(i128::from(MIN_TIME), i128::from(end)) as i64;
    TimeRange { start: cut(i128::from(index) << bits), end: cut((i128::from(index) + 1) << bits) }
}

/// What was loaded. Empty columns mean "loaded, and nothing there".
#[derive(Clone, Debug, PartialEq)]
pub enum TileData {
    /// Stat points; windows without points are left out.
    Windows(StatColumns),
    /// Points.
    Raw(RawColumns),
}

/// Loaded data of one tile. It is right for every version from the one it was read at until a change touches its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// Which.
    pub key: TileKey,
    /// The stream's version that the server answered from.
    pub version: u64,
    /// The rows, ascending in time and all inside the tile's range.
    pub data: TileData,
    /// What all rows hold, which is asked for many times a frame.
    fill: Fill,
}

/// What some rows hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fill {
    /// How many points, 2^64 − 1 for that many and more.
    pub(crate) points: u64,
    /// In how many windows there are some; raw points are windows of one.
    pub(crate) windows: u64,
}

impl Tile {
    /// A tile of `data`, whose rows ascend in time and lie inside the tile's range.
    pub fn new(key: TileKey, version: u64, data: TileData) -> Self {
        let mut tile = Self { key, version, data, fill: Fill::default() };
        tile.fill = tile.counted(0..tile.rows());
        tile
    }

    /// What `rows` hold.
    pub(crate) fn fill(&self, rows: Range<usize>) -> Fill {
        if rows == (0..self.rows()) { self.fill } else { self.counted(rows) }
    }

    fn counted(&self, rows: Range<usize>) -> Fill {
        match &self.data {
            TileData::Windows(columns) => columns.count[rows].iter().fold(Fill::default(), |sum, &count| Fill {
                points: sum.points.saturating_add(count),
                windows: sum.windows + u64::from(count > 0),
            }),
            TileData::Raw(_) => Fill { points: rows.len() as u64, windows: rows.len() as u64 },
        }
    }

    fn rows(&self) -> usize {
        match &self.data {
            TileData::Windows(columns) => columns.len(),
            TileData::Raw(columns) => columns.len(),
        }
    }

    /// The time it covers.
    pub fn range(&self) -> TimeRange {
        tile_range(self.key.resolution, self.key.index)
    }

    /// What it weighs in memory, in bytes.
    pub fn bytes(&self) -> usize {
        let rows = match &self.data {
            TileData::Windows(columns) => columns.len() * 6 * size_of::<f64>(),
            TileData::Raw(columns) => columns.len() * 2 * size_of::<f64>(),
        };
        rows + size_of::<Self>()
    }

    /// Whether it has no point within `range`. For windows that is known to the window only, on the safe side.
    pub fn is_empty_in(&self, range: TimeRange) -> bool {
        match &self.data {
            TileData::Windows(columns) => {
                let width = self.key.resolution.point_width().nanos();
                let rows = window_rows(&columns.time, width, range);
                self.fill(rows).points == 0
            }
            TileData::Raw(columns) => raw_rows(&columns.time, range).is_empty(),
        }
    }
}

/// The rows of windows of `width` nanoseconds, starting at the ascending `starts`, that overlap `range`.
pub(crate) fn window_rows(starts: &[Timestamp], width: u64, range: TimeRange) -> Range<usize> {
    let first = starts.partition_point(|&start| i128::from(start) + i128::from(width) <= i128::from(range.start));
    let last = starts.partition_point(|&start| start < range.end);
    first..last.max(first)
}

/// The rows of points at the ascending `times` that lie in `range`.
pub(crate) fn raw_rows(times: &[Timestamp], range: TimeRange) -> Range<usize> {
    let first = times.partition_point(|&time| time < range.start);
    let last = times.partition_point(|&time| time < range.end);
    first..last.max(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::resolution::level;

    #[test]
    fn the_grid_of_the_widest_windows_splits_time_at_the_epoch() {
        let width = level(56);
        assert_eq!(tile_index(width, MIN_TIME), -1);
        assert_eq!(tile_index(width, MAX_TIME - 1), 0);
        assert_eq!(tile_range(Resolution::Windows(width), -1), TimeRange::new(MIN_TIME, 0));
        assert_eq!(tile_range(Resolution::Windows(width), 0), TimeRange::new(0, MAX_TIME));
    }

    #[test]
    fn raw_requests_end_where_the_protocol_lets_them() {
        let last = tile_index(level(20), MAX_TIME - 1);
        assert_eq!(tile_range(Resolution::Raw(level(20)), last).end, LAST_TIME + 1);
        assert_eq!(tile_range(Resolution::Windows(level(20)), last).end, MAX_TIME);
    }

    #[test]
    fn rows_that_overlap() {
        let starts = [0, 8, 16, 32];
        assert_eq!(window_rows(&starts, 8, TimeRange::new(7, 17)), 0..3);
        assert_eq!(window_rows(&starts, 8, TimeRange::new(8, 16)), 1..2);
        assert_eq!(window_rows(&starts, 8, TimeRange::new(24, 32)), 3..3);
        assert_eq!(raw_rows(&starts, TimeRange::new(8, 32)), 1..3);
    }

    proptest! {
        #[test]
        fn every_time_lies_in_its_tile(time in MIN_TIME..MAX_TIME, exponent in 0_u8..=56) {
            let width = level(exponent);
            let index = tile_index(width, time);
            prop_assert!(tile_range(Resolution::Windows(width), index).contains(time));
            let (before, after) = (tile_range(Resolution::Windows(width), index - 1), tile_range(Resolution::Windows(width), index + 1));
            prop_assert!(!before.contains(time) && !after.contains(time));
        }
    }
}
