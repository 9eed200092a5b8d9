//! Cuts the batches of an answer into tiles as they arrive.

use btrdb_core::{RawColumns, StatColumns, Timestamp};

use crate::{Request, TILE_WINDOWS, Tile, TileData, TileKey, tile_index, tile_range};

/// An answer on its way. Tiles come out as soon as a later row shows that nothing more will fall into them, so that a
/// long answer is drawn while it arrives.
#[derive(Debug)]
pub struct Assembly {
    request: Request,
    next: i64,
    version: u64,
    latest: Option<Timestamp>,
    windows: StatColumns,
    raw: RawColumns,
}

impl Assembly {
    /// Expects the answer to `request`. What the server does not tell the version of is not older than `known`, which was
    /// known before it was asked.
    pub fn new(request: Request, known: u64) -> Self {
        let next = request.first;
        Self {
            request,
            next,
            version: known,
            latest: None,
            windows: StatColumns::default(),
            raw: RawColumns::default(),
        }
    }

    /// Takes a batch of stat points and returns the tiles it completes. Rows outside of what was asked for, or out of
    /// order, are left out: a server that sends them is wrong, but must not disturb the cache.
    pub fn push_windows(&mut self, version: u64, batch: &StatColumns) -> Vec<Tile> {
        self.version = version;
        let mut done = Vec::new();
        for stat in batch.iter() {
            if self.accepts(stat.time, true, &mut done) {
                if self.windows.is_empty() {
                    // All at once: columns that grow leave holes in a memory that never gets smaller.
                    self.windows = StatColumns::with_capacity(TILE_WINDOWS as usize);
                }
                self.windows.push(stat);
            }
        }
        done
    }

    /// Takes a batch of raw points and returns the tiles it completes.
    pub fn push_raw(&mut self, version: u64, batch: &RawColumns) -> Vec<Tile> {
        self.version = version;
        let mut done = Vec::new();
        for point in batch.iter() {
            if self.accepts(point.time, false, &mut done) {
                self.raw.push(point);
            }
        }
        done
    }

    /// The answer is complete: returns the tiles that are left.
    pub fn finish(mut self) -> Vec<Tile> {
        let mut done = Vec::new();
        while self.next <= self.request.last {
            done.push(self.close());
        }
        done
    }

    /// Whether a row at `time` belongs to the answer; closes the tiles before it.
    fn accepts(&mut self, time: Timestamp, distinct: bool, done: &mut Vec<Tile>) -> bool {
        let in_order = self.latest.is_none_or(|latest| if distinct { time > latest } else { time >= latest });
        let index = tile_index(self.request.resolution.point_width(), time);
        if !in_order || index < self.next || index > self.request.last {
            return false;
        }
        let resolution = self.request.resolution;
        if !tile_range(resolution, index).contains(time) {
            return false;
        }
        while self.next < index {
            done.push(self.close());
        }
        self.latest = Some(time);
        true
    }

    fn close(&mut self) -> Tile {
        let (stream, resolution) = (self.request.stream, self.request.resolution);
        let key = TileKey { stream, resolution, index: self.next };
        self.next += 1;
        let data = if resolution.is_raw() {
            TileData::Raw(shrunk_raw(std::mem::take(&mut self.raw)))
        } else {
            TileData::Windows(shrunk_windows(std::mem::take(&mut self.windows)))
        };
        Tile::new(key, self.version, data)
    }
}

// A tile lives long and the cache counts its rows, not its capacity.
fn shrunk_raw(mut columns: RawColumns) -> RawColumns {
    columns.time.shrink_to_fit();
    columns.value.shrink_to_fit();
    columns
}

fn shrunk_windows(mut columns: StatColumns) -> StatColumns {
    columns.time.shrink_to_fit();
    for column in [&mut columns.min, &mut columns.mean, &mut columns.max, &mut columns.stddev] {
        column.shrink_to_fit();
    }
    columns.count.shrink_to_fit();
    columns
}

#[cfg(test)]
mod tests {
    use btrdb_core::{Point, StatPoint};
    use proptest::prelude::*;

    use super::*;
    use crate::resolution::level;
    use crate::{Purpose, Resolution, StreamId};

    fn request(resolution: Resolution, first: i64, last: i64) -> Request {
        Request { stream: StreamId(1), resolution, first, last, purpose: Purpose::Visible, rows: 0 }
    }

    fn stat(time: i64) -> StatPoint {
        StatPoint { time, min: 0.0, mean: 0.0, max: 0.0, count: 1, stddev: 0.0 }
    }

    fn batch(times: &[i64]) -> StatColumns {
        times.iter().map(|&time| stat(time)).collect()
    }

    #[test]
    fn tiles_come_out_once_a_later_row_has_been_seen() {
        let mut assembly = Assembly::new(request(Resolution::Windows(level(0)), 0, 3), 0);
        assert!(assembly.push_windows(5, &batch(&[3, 400])).is_empty());
        let done = assembly.push_windows(5, &batch(&[1030]));
        assert_eq!(done.iter().map(|tile| tile.key.index).collect::<Vec<_>>(), [0, 1]);
        assert!(matches!(&done[0].data, TileData::Windows(columns) if columns.time == [3, 400]));
        assert!(matches!(&done[1].data, TileData::Windows(columns) if columns.is_empty()), "loaded and empty");
        let rest = assembly.finish();
        assert_eq!(rest.iter().map(|tile| (tile.key.index, tile.version)).collect::<Vec<_>>(), [(2, 5), (3, 5)]);
    }

    #[test]
    fn an_empty_answer_is_an_answer() {
        let done = Assembly::new(request(Resolution::Raw(level(0)), -1, 0), 0).finish();
        assert!(done.iter().all(|tile| tile.data == TileData::Raw(RawColumns::default())));
        assert_eq!(done.len(), 2);
    }

    #[test]
    fn wrong_rows_do_no_harm() {
        let mut assembly = Assembly::new(request(Resolution::Windows(level(0)), 0, 0), 0);
        assert!(assembly.push_windows(1, &batch(&[-1, 10, 10, 5, 20, 512, i64::MAX])).is_empty());
        assert!(matches!(&assembly.finish()[0].data, TileData::Windows(columns) if columns.time == [10, 20]));
    }

    #[test]
    fn points_of_one_time_all_count() {
        let mut assembly = Assembly::new(request(Resolution::Raw(level(0)), 0, 0), 0);
        let points: RawColumns = [7, 7, 7].iter().map(|&time| Point::new(time, 1.0)).collect();
        assert!(assembly.push_raw(1, &points).is_empty());
        assert!(matches!(&assembly.finish()[0].data, TileData::Raw(columns) if columns.len() == 3));
    }

    proptest! {
        #[test]
        fn batches_do_not_matter(
            times in prop::collection::btree_set(-3000_i64..3000, 0..100), cuts in prop::collection::vec(1_usize..20, 1..20),
        ) {
            let times: Vec<_> = times.into_iter().collect();
            let ask = request(Resolution::Windows(level(0)), -6, 5);
            let whole = {
                let mut assembly = Assembly::new(ask.clone(), 0);
                let mut tiles = assembly.push_windows(1, &batch(&times));
                tiles.extend(assembly.finish());
                tiles
            };
            let mut assembly = Assembly::new(ask, 0);
            let (mut tiles, mut rest, mut cut) = (Vec::new(), &times[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(*cut.next().unwrap()));
                tiles.extend(assembly.push_windows(1, &batch(now)));
                rest = later;
            }
            tiles.extend(assembly.finish());
            prop_assert_eq!(&tiles.iter().map(|tile| tile.key.index).collect::<Vec<_>>(), &(-6..=5).collect::<Vec<_>>());
            prop_assert_eq!(tiles.iter().map(|tile| &tile.data).collect::<Vec<_>>(), whole.iter().map(|tile| &tile.data).collect::<Vec<_>>());
        }
    }
}
