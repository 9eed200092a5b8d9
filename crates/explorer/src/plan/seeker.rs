//! What a stream lacks.

use btrdb_core::{PointWidth, TimeRange};

use super::{Purpose, RAW_POINTS_AT_MOST, Request, suits_raw, widen};
use crate::cover::{Source, Span, census, cover};
use crate::resolution::level;
use crate::{Cache, Reach, Resolution, StreamId, TILE_WINDOWS, stored_above, tile_index, tile_range};

/// No request spans more tiles than this.
const TILES_PER_REQUEST: i64 = 64;
/// No stretch that is drawn falls into many more raw tiles than this.
const TILES_AT_MOST: u64 = 32;
/// Raw tiles hold about `512 × RAW_INTERVALS` mean intervals, cut down to a coarse grid of point widths.
const RAW_INTERVALS: f64 = 2.5;
/// Raw grids are this many exponents apart, so that a wavering estimate does not ask for the same points twice.
const RAW_GRID_STEP: u8 = 3;

/// Finds what a stream lacks.
pub(super) struct Seeker<'a> {
    pub(super) cache: &'a Cache,
    pub(super) stream: StreamId,
    pub(super) wanted: PointWidth,
}

impl Seeker<'_> {
    /// The parts of `range`, widened to whole tiles of `resolution`, for which no fresh tile is at hand and that are not
    /// known to be empty. Raw tiles of other grids count.
    pub(super) fn missing(&self, resolution: Resolution, range: TimeRange) -> Vec<TimeRange> {
        if range.is_empty() {
            return Vec::new();
        }
        let width = resolution.point_width();
        let mut gaps: Vec<TimeRange> = Vec::new();
        for index in tile_index(width, range.start)..=tile_index(width, range.end - 1) {
            let tile = tile_range(resolution, index);
            if tile.is_empty() || self.has(resolution, index, tile.intersect(range)) || self.is_known_empty(tile) {
                continue;
            }
            match gaps.last_mut() {
                Some(last) if last.end == tile.start => last.end = tile.end,
                _ => gaps.push(tile),
            }
        }
        gaps
    }

    fn has(&self, resolution: Resolution, index: i64, part: TimeRange) -> bool {
        let key = crate::TileKey { stream: self.stream, resolution, index };
        if self.cache.get(key).is_some_and(|(_, fresh)| fresh) {
            return true;
        }
        resolution.is_raw() && {
            let grids = self.cache.levels(self.stream, true);
            let mut cursor = part.start;
            grids.iter().any(|&width| {
                for (tile, fresh) in self.cache.overlapping(self.stream, Resolution::Raw(width), part) {
                    if fresh && tile.range().start <= cursor {
                        cursor = cursor.max(tile.range().end);
                    }
                }
                cursor >= part.end
            })
        }
    }

    /// Whether some fresh coarser tile shows that there is no point in `range`.
    fn is_known_empty(&self, range: TimeRange) -> bool {
        self.cache.levels(self.stream, false).iter().any(|&width| {
            let mut tiles = self.cache.overlapping(self.stream, Resolution::Windows(width), range);
            tiles.next().is_some_and(|(tile, fresh)| fresh && tile.range().covers(range) && tile.is_empty_in(range))
        })
    }

    /// Whether some of `range` is not drawn at all, or from windows coarser than the cheapest first answer.
    pub(super) fn is_poorly_drawn(&self, range: TimeRange) -> bool {
        let limit = stored_above(self.wanted);
        cover(self.cache, self.stream, range, self.wanted, true).iter().any(|span| match &span.source {
            Source::NotLoaded => true,
            Source::Tile(tile) => {
                !tile.key.resolution.is_raw()
                    && tile.key.resolution.point_width() > limit
                    && !tile.is_empty_in(span.range)
            }
        })
    }

    /// The grid for raw tiles in `range`, and what is missing on it: the grid in use where it fits roughly, else one by the
    /// mean interval, but not so fine that the screen falls into many tiles. Where points lie closer beside the range than in
    /// it, tiles that reach there would bring them all: then a finer grid, or none.
    pub(super) fn raw_grid(
        &self,
        spans: &[Span],
        interval: f64,
        range: TimeRange,
    ) -> Option<(PointWidth, Vec<TimeRange>)> {
        let exponent = PointWidth::at_most((interval * RAW_INTERVALS) as u64).max(self.wanted).exponent();
        let ideal = exponent - exponent % RAW_GRID_STEP;
        let in_use = spans.iter().filter_map(Span::resolution).find_map(|resolution| match resolution {
            Resolution::Raw(width) if width.exponent().abs_diff(ideal) <= RAW_GRID_STEP => Some(width.exponent()),
            _ => None,
        });
        let coarsest = in_use.unwrap_or(ideal);
        let few_tiles = (range.width() / (TILE_WINDOWS * TILES_AT_MOST)).max(1).ilog2() as u8 + 1;
        let finest = coarsest.min(self.wanted.exponent().max(few_tiles));
        let mut grids = (finest..=coarsest).rev().step_by(usize::from(RAW_GRID_STEP)).map(level);
        grids.find_map(|grid| {
            let missing = self.missing(Resolution::Raw(grid), range);
            self.has_few_points(&missing).then_some((grid, missing))
        })
    }

    /// Whether it is known that `gaps` hold no more points than may be asked for at once.
    fn has_few_points(&self, gaps: &[TimeRange]) -> bool {
        let mut points = 0_u64;
        gaps.iter().all(|&gap| {
            let known = census(&cover(self.cache, self.stream, gap, self.wanted, true), gap);
            points = points.saturating_add(known.at_most);
            known.complete && points <= RAW_POINTS_AT_MOST
        })
    }

    /// Asks for what lies beside `wide`, and for what a zoom would show.
    pub(super) fn look_ahead(&self, reach: &Reach, exact: Resolution, wide: TimeRange, fetch: &mut Vec<Request>) {
        for (side, purpose) in beside(wide, reach).into_iter().zip([Purpose::Ahead, Purpose::Behind]) {
            let gaps = self.missing(exact, side);
            if !exact.is_raw() || self.has_few_points(&gaps) {
                self.request(exact, &gaps, purpose, fetch);
            }
        }
        if reach.levels && !exact.is_raw() {
            if let Some(wider) = self.wanted.coarser().filter(|width| width.exponent() <= level(u8::MAX).exponent()) {
                let twice = widen(wide, wide.width() as f64 / 2.0);
                let wider = Resolution::Windows(wider);
                self.request(wider, &self.missing(wider, twice), Purpose::Level, fetch);
            }
            if let Some(finer) = self.wanted.exponent().checked_sub(1).map(level) {
                let gaps = self.missing(Resolution::Windows(finer), wide);
                if !gaps.is_empty() && !self.suits_raw(wide, finer) {
                    self.request(Resolution::Windows(finer), &gaps, Purpose::Level, fetch);
                }
            }
        }
    }

    /// Whether windows of `width` would give way to raw points.
    fn suits_raw(&self, range: TimeRange, width: PointWidth) -> bool {
        suits_raw(&census(&cover(self.cache, self.stream, range, width, true), range), range, width)
    }

    /// How many rows the answer for a tile has at most, as far as known.
    fn rows(&self, resolution: Resolution, tile: TimeRange) -> u64 {
        if resolution.is_raw() {
            census(&cover(self.cache, self.stream, tile, self.wanted, true), tile).at_most
        } else {
            TILE_WINDOWS
        }
    }

    /// Adds requests for `gaps`, which are whole tiles, leaving out what is being asked for already.
    pub(super) fn request(
        &self,
        resolution: Resolution,
        gaps: &[TimeRange],
        purpose: Purpose,
        fetch: &mut Vec<Request>,
    ) {
        let width = resolution.point_width();
        let before = fetch.len();
        for gap in gaps {
            for index in tile_index(width, gap.start)..=tile_index(width, gap.end - 1) {
                let rows = self.rows(resolution, tile_range(resolution, index));
                let tile = Request { stream: self.stream, resolution, first: index, last: index, purpose, rows };
                if fetch.iter().any(|other| other.shares_tiles_with(&tile)) {
                    continue;
                }
                match fetch[before..].last_mut() {
                    Some(run) if run.last + 1 == index && index - run.first < TILES_PER_REQUEST => {
                        run.last = index;
                        run.rows += rows;
                    }
                    _ => fetch.push(tile),
                }
            }
        }
    }
}

/// The parts of time beside `range`, so many times its width, the larger one first.
fn beside(range: TimeRange, reach: &Reach) -> [TimeRange; 2] {
    let nanos = |screens: f64| (range.width() as f64 * screens) as i64;
    let before = TimeRange { start: range.start.saturating_sub(nanos(reach.before)), end: range.start };
    let after = TimeRange { start: range.end, end: range.end.saturating_add(nanos(reach.after)) };
    let sides = if reach.before > reach.after { [before, after] } else { [after, before] };
    sides.map(|side| side.intersect(TimeRange::ALL))
}
