//! Loaded tiles, within a budget of bytes.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use btrdb_core::{PointWidth, TimeRange};

use crate::changes::Changes;
use crate::{StreamId, Tile, TileKey, tile_index, tile_range};

/// How far a full cache is emptied, in percent of the budget, so that not every new tile sorts them all.
const KEEP_PERCENT: usize = 85;

/// Tiles by stream, fineness and place. Reading marks a tile as used; the least recently used go when the budget is
/// passed. A tile that a newer version has touched stays as *stale*: drawn until its successor arrives.
#[derive(Debug)]
pub struct Cache {
    shelves: BTreeMap<StreamId, Shelf>,
    bytes: usize,
    budget: usize,
    round: Cell<u64>,
}

#[derive(Debug, Default)]
struct Shelf {
    tiles: BTreeMap<(bool, PointWidth, i64), Slot>,
    /// Up to which version it is known what has changed, if that is known at all.
    changes: Option<Changes>,
}

#[derive(Debug)]
struct Slot {
    tile: Rc<Tile>,
    used: Cell<u64>,
    stale: bool,
}

impl Cache {
    /// An empty cache that holds up to `budget` bytes.
    pub fn new(budget: usize) -> Self {
        Self { shelves: BTreeMap::new(), bytes: 0, budget, round: Cell::new(0) }
    }

    /// How many bytes the tiles take.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many tiles there are.
    pub fn len(&self) -> usize {
        self.shelves.values().map(|shelf| shelf.tiles.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Starts a round, which is a frame: tiles used in the newest round are never thrown out.
    pub fn begin_round(&self) {
        self.round.set(self.round.get() + 1);
    }

    /// Adds a tile, in place of an older one of the same key. One that was read before a change that is known of is stale
    /// from the start.
    pub fn insert(&mut self, tile: Tile) {
        let (key, bytes) = (tile.key, tile.bytes());
        let shelf = self.shelves.entry(key.stream).or_default();
        let stale = shelf.changes.as_ref().is_some_and(|changes| changes.touch(tile.range(), tile.version));
        let slot = Slot { tile: Rc::new(tile), used: Cell::new(self.round.get()), stale };
        let place = (key.resolution.is_raw(), key.resolution.point_width(), key.index);
        if let Some(old) = shelf.tiles.insert(place, slot) {
            self.bytes -= old.tile.bytes();
        }
        self.bytes += bytes;
        if self.bytes > self.budget {
            self.shrink(self.budget / 100 * KEEP_PERCENT);
        }
    }

    /// The tile of `key` and whether it is fresh.
    pub fn get(&self, key: TileKey) -> Option<(Rc<Tile>, bool)> {
        let place = (key.resolution.is_raw(), key.resolution.point_width(), key.index);
        let slot = self.shelves.get(&key.stream)?.tiles.get(&place)?;
        slot.used.set(self.round.get());
        Some((Rc::clone(&slot.tile), !slot.stale))
    }

    /// The tiles of one fineness that overlap `range`, in order of time, each with whether it is fresh.
    pub(crate) fn overlapping(
        &self,
        stream: StreamId,
        resolution: crate::Resolution,
        range: TimeRange,
    ) -> impl Iterator<Item = (&Rc<Tile>, bool)> {
        let (raw, width) = (resolution.is_raw(), resolution.point_width());
        let (first, last) = (tile_index(width, range.start), tile_index(width, range.end - 1));
        let shelf = if range.is_empty() { None } else { self.shelves.get(&stream) };
        shelf.into_iter().flat_map(move |shelf| shelf.tiles.range((raw, width, first)..=(raw, width, last))).map(
            |(_, slot)| {
                slot.used.set(self.round.get());
                (&slot.tile, !slot.stale)
            },
        )
    }

    /// The point widths at which a stream has tiles, ascending: of raw points or of windows.
    pub(crate) fn levels(&self, stream: StreamId, raw: bool) -> Vec<PointWidth> {
        let mut levels = Vec::new();
        let Some(shelf) = self.shelves.get(&stream) else { return levels };
        let mut from = (raw, PointWidth::MIN, i64::MIN);
        while let Some((&(kind, width, _), _)) = shelf.tiles.range(from..).next() {
            if kind != raw {
                break;
            }
            levels.push(width);
            let Some(coarser) = width.coarser() else { break };
            from = (raw, coarser, i64::MIN);
        }
        levels
    }

    /// From which version on changes of `stream` must be known for its tiles to be judged: the newest told by
    /// [`Cache::mark_changed`], else the oldest of a tile. `None` where there is nothing to judge.
    pub fn version(&self, stream: StreamId) -> Option<u64> {
        let shelf = self.shelves.get(&stream)?;
        let oldest = || shelf.tiles.values().map(|slot| slot.tile.version).filter(|&version| version > 0).min();
        shelf.changes.as_ref().map(Changes::newest).or_else(oldest)
    }

    /// Marks what a newer version may have changed: the tiles of `stream` that overlap one of `ranges`, which are all that has
    /// changed from version `since` to `version`, and were read below `version`; and those read before `since`, of which nothing
    /// is known. What was read so and arrives later is judged alike.
    pub fn mark_changed(&mut self, stream: StreamId, ranges: &[TimeRange], since: u64, version: u64) {
        let shelf = self.shelves.entry(stream).or_default();
        let changes = shelf.changes.get_or_insert_with(|| Changes::at(since));
        changes.note(version, ranges);
        for slot in shelf.tiles.values_mut() {
            let range = tile_range(slot.tile.key.resolution, slot.tile.key.index);
            slot.stale |= changes.touch(range, slot.tile.version);
        }
    }

    /// Forgets everything of `stream`, as when the server no longer knows its versions.
    pub fn forget(&mut self, stream: StreamId) {
        if let Some(shelf) = self.shelves.remove(&stream) {
            self.bytes -= shelf.tiles.values().map(|slot| slot.tile.bytes()).sum::<usize>();
        }
    }

    /// Throws out the least recently used until at most `target` bytes are left, but nothing of the newest round.
    fn shrink(&mut self, target: usize) {
        let newest = self.round.get();
        let mut candidates = Vec::new();
        for (&stream, shelf) in &self.shelves {
            for (&place, slot) in &shelf.tiles {
                if slot.used.get() < newest {
                    candidates.push((slot.used.get(), stream, place));
                }
            }
        }
        candidates.sort_unstable();
        for (_, stream, place) in candidates {
            if self.bytes <= target {
                break;
            }
            let removed = self.shelves.get_mut(&stream).and_then(|shelf| shelf.tiles.remove(&place));
            self.bytes -= removed.map_or(0, |slot| slot.tile.bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use btrdb_core::{StatColumns, StatPoint};
    use proptest::prelude::*;

    use super::*;
    use crate::resolution::level;
    use crate::{Resolution, TileData};

    const STREAM: StreamId = StreamId(7);

    fn tile(exponent: u8, index: i64, rows: usize) -> Tile {
        let key = TileKey { stream: STREAM, resolution: Resolution::Windows(level(exponent)), index };
        let start = tile_range(key.resolution, index).start;
        let row = |row: usize| StatPoint {
            time: start + ((row as i64) << exponent),
            min: 0.0,
            mean: 1.0,
            max: 2.0,
            count: 1,
            stddev: 0.0,
        };
        Tile::new(key, 1, TileData::Windows((0..rows).map(row).collect::<StatColumns>()))
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let each = tile(4, 0, 512).bytes();
        let mut cache = Cache::new(each * 10);
        for index in 0..10 {
            cache.begin_round();
            cache.insert(tile(4, index, 512));
        }
        cache.begin_round();
        assert!(cache.get(tile(4, 0, 0).key).is_some());
        cache.insert(tile(4, 10, 512));
        assert!(cache.get(tile(4, 0, 0).key).is_some(), "just used");
        assert!(cache.get(tile(4, 1, 0).key).is_none(), "longest unused");
        assert!(cache.bytes() <= each * 10);
    }

    #[test]
    fn what_is_on_screen_stays_even_over_budget() {
        let mut cache = Cache::new(1000);
        cache.begin_round();
        for index in 0..5 {
            cache.insert(tile(4, index, 512));
        }
        assert_eq!(cache.len(), 5);
    }

    #[test]
    fn only_older_tiles_in_the_changed_ranges_go_stale() {
        let mut cache = Cache::new(1 << 20);
        for index in 0..3 {
            cache.insert(tile(4, index, 1));
        }
        let middle = tile_range(Resolution::Windows(level(4)), 1);
        cache.mark_changed(STREAM, &[TimeRange::new(middle.start + 1, middle.start + 2)], 1, 2);
        let fresh: Vec<_> = (0..3).map(|index| cache.get(tile(4, index, 0).key).unwrap().1).collect();
        assert_eq!(fresh, [true, false, true]);
        cache.mark_changed(STREAM, &[TimeRange::ALL], 1, 1);
        assert!(cache.get(tile(4, 0, 0).key).unwrap().1, "read at that very version");
    }

    #[test]
    fn what_arrives_after_the_news_of_a_change_is_judged_by_it() {
        let mut cache = Cache::new(1 << 20);
        assert_eq!(cache.version(STREAM), None);
        cache.insert(tile(4, 0, 1));
        assert_eq!(cache.version(STREAM), Some(1), "as old as its only tile");
        let second = tile_range(Resolution::Windows(level(4)), 1);
        cache.mark_changed(STREAM, &[second], 1, 3);
        assert_eq!(cache.version(STREAM), Some(3));
        let mut arrives = |index, version| {
            let Tile { key, data, .. } = tile(4, index, 1);
            cache.insert(Tile::new(key, version, data));
            cache.get(key).unwrap().1
        };
        assert!(!arrives(1, 2), "read before the change, and touched by it");
        assert!(arrives(2, 2), "not touched");
        assert!(arrives(1, 3) && arrives(1, 4), "read at that version or later");
        assert!(!arrives(2, 0), "older than anything is known of");
    }

    #[test]
    fn levels_are_listed_by_kind() {
        let mut cache = Cache::new(1 << 20);
        for exponent in [20, 8, 56] {
            cache.insert(tile(exponent, 0, 1));
        }
        assert_eq!(cache.levels(STREAM, false), [level(8), level(20), level(56)]);
        assert!(cache.levels(STREAM, true).is_empty());
    }

    proptest! {
        #[test]
        fn bytes_are_the_sum_of_the_tiles(
            steps in prop::collection::vec((0_u8..4, -3_i64..3, 0_usize..60, any::<bool>()), 0..200),
        ) {
            let mut cache = Cache::new(20_000);
            for (exponent, index, rows, next_round) in steps {
                if next_round {
                    cache.begin_round();
                }
                cache.insert(tile(exponent, index, rows));
                let sum: usize = cache.shelves.values().flat_map(|shelf| shelf.tiles.values()).map(|slot| slot.tile.bytes()).sum();
                prop_assert_eq!(cache.bytes(), sum);
            }
        }
    }
}
