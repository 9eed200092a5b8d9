//! Which tiles to draw a stretch of time from, before the best ones are there.

use std::rc::Rc;

use btrdb_core::{PointWidth, TimeRange};

use crate::tile::{raw_rows, window_rows};
use crate::{Cache, Coverage, Resolution, StreamId, Tile, TileData, Viewport};

/// How many steps finer than wanted still serve: 64 windows merged into one costs less than a request.
const FINER_STEPS: u8 = 6;
/// How many points a window must hold for its width to tell their distance.
const SEVERAL: f64 = 4.0;

/// A stretch of time and what to draw it from.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The stretch.
    pub range: TimeRange,
    /// Its data.
    pub source: Source,
}

/// Where the data of a span comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Nothing is known yet: hatched on screen, never shown as empty.
    NotLoaded,
    /// This tile, which covers the whole span, possibly more.
    Tile(Rc<Tile>),
}

/// What was last seen of a stream, to tell whether it has to be looked at again.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    seen: Option<(Viewport, u32)>,
    spans: Vec<Span>,
}

impl Sight {
    /// Whether `spans` on `width` device pixels of `viewport` look otherwise than the last time.
    pub fn changes(&mut self, spans: &[Span], viewport: &Viewport, width: u32) -> bool {
        let same = self.seen == Some((*viewport, width))
            && self.spans.len() == spans.len()
            && self.spans.iter().zip(spans).all(|(old, new)| old.is_same(new));
        if !same {
            self.seen = Some((*viewport, width));
            self.spans.clear();
            self.spans.extend_from_slice(spans);
        }
        !same
    }
}

impl Span {
    /// Whether both are drawn from one tile, without a look at its rows.
    fn is_same(&self, other: &Self) -> bool {
        self.range == other.range
            && match (&self.source, &other.source) {
                (Source::Tile(one), Source::Tile(other)) => Rc::ptr_eq(one, other),
                (Source::NotLoaded, Source::NotLoaded) => true,
                _ => false,
            }
    }

    /// The fineness of the data, if there is any.
    pub fn resolution(&self) -> Option<Resolution> {
        match &self.source {
            Source::NotLoaded => None,
            Source::Tile(tile) => Some(tile.key.resolution),
        }
    }
}

/// Divides `range` among the best tiles at hand: raw points when they are preferred, else windows of `wanted` width; else
/// finer ones, to be merged exactly; else coarser ones; else nothing. The spans are in order of time, without overlap,
/// and together cover `range`.
pub(crate) fn cover(
    cache: &Cache,
    stream: StreamId,
    range: TimeRange,
    wanted: PointWidth,
    prefer_raw: bool,
) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut open = vec![range];
    for resolution in ranking(cache, stream, wanted, prefer_raw) {
        if open.is_empty() {
            break;
        }
        open = fill(cache, stream, resolution, &open, &mut spans);
    }
    spans.extend(open.into_iter().map(|range| Span { range, source: Source::NotLoaded }));
    spans.retain(|span| !span.range.is_empty());
    spans.sort_unstable_by_key(|span| span.range.start);
    spans
}

/// The kinds of tile that a stream has, best first.
fn ranking(cache: &Cache, stream: StreamId, wanted: PointWidth, prefer_raw: bool) -> Vec<Resolution> {
    let finest = wanted.exponent().saturating_sub(FINER_STEPS);
    let windows = cache.levels(stream, false);
    let raw = cache.levels(stream, true).into_iter().filter(|width| prefer_raw || width.exponent() >= finest);
    let mut order = Vec::new();
    let exact = windows.iter().copied().filter(|&width| width == wanted).map(Resolution::Windows);
    if prefer_raw {
        order.extend(raw.map(Resolution::Raw));
        order.extend(exact);
    } else {
        order.extend(exact);
        order.extend(raw.map(Resolution::Raw));
    }
    let finer = windows.iter().rev().copied().filter(|&width| width < wanted && width.exponent() >= finest);
    order.extend(finer.map(Resolution::Windows));
    order.extend(windows.iter().copied().filter(|&width| width > wanted).map(Resolution::Windows));
    order
}

/// Takes what tiles of `resolution` cover out of `open` and returns the rest.
fn fill(
    cache: &Cache,
    stream: StreamId,
    resolution: Resolution,
    open: &[TimeRange],
    spans: &mut Vec<Span>,
) -> Vec<TimeRange> {
    let mut rest = Vec::new();
    for &gap in open {
        let mut cursor = gap.start;
        for (tile, _) in cache.overlapping(stream, resolution, gap) {
            let part = tile.range().intersect(gap);
            if part.is_empty() {
                continue;
            }
            if cursor < part.start {
                rest.push(TimeRange::new(cursor, part.start));
            }
            cursor = part.end;
            spans.push(Span { range: part, source: Source::Tile(Rc::clone(tile)) });
        }
        if cursor < gap.end {
            rest.push(TimeRange::new(cursor, gap.end));
        }
    }
    rest
}

/// What the tiles at hand tell about how many points a stretch of time holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Census {
    /// The number of points, where windows cross an end in proportion to the part inside.
    pub points: f64,
    /// The number of points in all windows that touch the stretch: never less than the true number.
    pub at_most: u64,
    /// Whether all of the stretch is loaded in some fineness.
    pub complete: bool,
    /// Whether `points` is exact.
    pub exact: bool,
}

/// The mean distance between the points in and around `range`, in nanoseconds, as far as known: from raw points, else from
/// the finest windows that hold several points each. `None` where no points are known.
pub(crate) fn mean_interval(cache: &Cache, stream: StreamId, range: TimeRange) -> Option<f64> {
    let ratio = |nanos: f64, points: u64| (points > 0).then(|| (nanos / points as f64).max(1.0));
    let (mut nanos, mut points) = (0.0, 0);
    for width in cache.levels(stream, true) {
        for (tile, _) in cache.overlapping(stream, Resolution::Raw(width), range) {
            if let TileData::Raw(columns) = &tile.data
                && columns.len() > 1
            {
                nanos += tile.range().width() as f64;
                points += columns.len() as u64;
            }
        }
    }
    if points > 0 {
        return ratio(nanos, points);
    }
    let mut rough = None;
    for width in cache.levels(stream, false) {
        let (mut nanos, mut points, mut whole, mut all) = (0.0, 0_u64, 0.0, 0_u64);
        for (tile, _) in cache.overlapping(stream, Resolution::Windows(width), range) {
            let TileData::Windows(columns) = &tile.data else { continue };
            let seen = tile.fill(window_rows(&columns.time, width.nanos(), range));
            nanos += width.nanos() as f64 * seen.windows as f64;
            points = points.saturating_add(seen.points);
            whole += tile.range().width() as f64;
            all = all.saturating_add(tile.fill(0..columns.len()).points);
        }
        if points > 0 && nanos / points as f64 * SEVERAL <= width.nanos() as f64 {
            return ratio(nanos, points);
        }
        // Windows that hold single points tell only that points are further apart than a window.
        rough = rough.or(ratio(whole, if points > 0 { all } else { 0 }));
    }
    rough
}

/// How much of `range` is drawn as finely as `wanted`, or from raw points where these are to be drawn.
pub(crate) fn coverage(spans: &[Span], range: TimeRange, wanted: PointWidth, raw: bool) -> Coverage {
    let mut sum = Coverage::default();
    for span in spans {
        let part = span.range.intersect(range);
        let share = part.width() as f64 / range.width().max(1) as f64;
        match &span.source {
            _ if part.is_empty() => {}
            Source::NotLoaded => sum.unloaded += share,
            Source::Tile(tile) => {
                let resolution = tile.key.resolution;
                let fine = resolution.is_raw() || !raw && resolution.point_width() <= wanted;
                *(if fine || tile.is_empty_in(part) { &mut sum.exact } else { &mut sum.coarse }) += share;
            }
        }
    }
    sum
}

/// Counts the points of `spans` within `range`.
pub fn census(spans: &[Span], range: TimeRange) -> Census {
    let mut sum = Census { complete: true, exact: true, ..Census::default() };
    for span in spans {
        let part = span.range.intersect(range);
        if part.is_empty() {
            continue;
        }
        let Source::Tile(tile) = &span.source else {
            sum.complete = false;
            sum.exact = false;
            continue;
        };
        match &tile.data {
            TileData::Raw(columns) => {
                let rows = raw_rows(&columns.time, part).len();
                sum.points += rows as f64;
                sum.at_most += rows as u64;
            }
            TileData::Windows(columns) => {
                let width = tile.key.resolution.point_width().nanos();
                let rows = window_rows(&columns.time, width, part);
                let touched = tile.fill(rows.clone()).points;
                sum.points += touched as f64;
                sum.at_most = sum.at_most.saturating_add(touched);
                // Only the outermost can lie across an end.
                let last = rows.end.saturating_sub(1).max(rows.start + 1);
                let outer = (rows.start..rows.end.min(rows.start + 1)).chain(last..rows.end);
                for row in outer.filter(|row| columns.count[*row] > 0) {
                    let (start, count) = (columns.time[row], columns.count[row]);
                    let inside = TimeRange::new(start, start.saturating_add_unsigned(width)).intersect(part).width();
                    sum.exact &= inside == width;
                    sum.points -= count as f64 * ((width - inside) as f64 / width as f64);
                }
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use btrdb_core::{StatColumns, StatPoint};
    use proptest::prelude::*;

    use super::*;
    use crate::resolution::level;
    use crate::{TileKey, tile_index, tile_range};

    const STREAM: StreamId = StreamId(1);

    fn full_tile(resolution: Resolution, index: i64, count: u64) -> Tile {
        let key = TileKey { stream: STREAM, resolution, index };
        let range = tile_range(resolution, index);
        let width = resolution.point_width().nanos() as i64;
        let rows = (0..512).map(|row| StatPoint {
            time: range.start + row * width,
            min: -1.0,
            mean: 0.0,
            max: 1.0,
            count,
            stddev: 0.5,
        });
        Tile::new(key, 1, TileData::Windows(rows.collect::<StatColumns>()))
    }

    fn windows(exponent: u8) -> Resolution {
        Resolution::Windows(level(exponent))
    }

    #[test]
    fn exact_before_finer_before_coarser_before_nothing() {
        let mut cache = Cache::new(1 << 30);
        let tile = |exponent: u8, index: i64| full_tile(windows(exponent), index, 1);
        cache.insert(tile(10, 1));
        cache.insert(tile(9, 0));
        cache.insert(tile(12, 0));
        let size = 512 << 10;
        let spans = cover(&cache, STREAM, TimeRange::new(0, 6 * size), level(10), false);
        let seen: Vec<_> = spans.iter().map(|span| (span.range.start / (size / 2), span.resolution())).collect();
        assert_eq!(
            seen,
            [(0, Some(windows(9))), (1, Some(windows(12))), (2, Some(windows(10))), (4, Some(windows(12))), (8, None),]
        );
    }

    #[test]
    fn much_finer_tiles_are_left_alone() {
        let mut cache = Cache::new(1 << 30);
        cache.insert(full_tile(windows(3), 0, 1));
        let spans = cover(&cache, STREAM, TimeRange::new(0, 512), level(10), false);
        assert_eq!(spans, [Span { range: TimeRange::new(0, 512), source: Source::NotLoaded }]);
    }

    #[test]
    fn counts_what_is_inside() {
        let mut cache = Cache::new(1 << 30);
        cache.insert(full_tile(windows(4), 0, 10));
        let range = TimeRange::new(8, 40);
        let sum = census(&cover(&cache, STREAM, range, level(4), false), range);
        assert_eq!((sum.points, sum.at_most), (20.0, 30));
        assert_eq!(mean_interval(&cache, STREAM, range), Some(1.6));
        assert!(sum.complete && !sum.exact);
        let beyond = TimeRange::new(0, 512 * 16 + 1);
        assert!(!census(&cover(&cache, STREAM, beyond, level(4), false), beyond).complete);
    }

    proptest! {
        /// Against the plain model: of every instant, ask each kind of tile in order of rank.
        #[test]
        fn each_instant_is_drawn_from_the_best_tile_at_hand(
            tiles in prop::collection::btree_set((0_u8..8, -4_i64..4), 0..30),
            start in -20_000_i64..20_000, width in 1_i64..20_000, wanted in 0_u8..8, probe in 0.0..1.0_f64,
        ) {
            let mut cache = Cache::new(1 << 30);
            for &(exponent, index) in &tiles {
                cache.insert(full_tile(windows(exponent), index, 1));
            }
            let range = TimeRange::new(start, start + width);
            let spans = cover(&cache, STREAM, range, level(wanted), false);
            let mut cursor = range.start;
            for span in &spans {
                prop_assert_eq!(span.range.start, cursor);
                cursor = span.range.end;
            }
            prop_assert_eq!(cursor, range.end);

            let time = start + (width as f64 * probe) as i64;
            let finer = (wanted.saturating_sub(FINER_STEPS)..wanted).rev();
            let best = std::iter::once(wanted).chain(finer).chain(wanted + 1..8)
                .find(|&exponent| tiles.contains(&(exponent, tile_index(level(exponent), time))));
            let drawn = spans.iter().find(|span| span.range.contains(time)).and_then(Span::resolution);
            prop_assert_eq!(drawn, best.map(windows));
        }
    }
}
