//! What to draw now and what to ask for, for one view of some streams.

use btrdb_core::{PointWidth, TimeRange};

use crate::cover::{Census, Source, Span, census, cover, coverage, mean_interval};
use crate::resolution::level;
use crate::{
    Cache, Coverage, Reach, Resolution, StreamId, TILE_WINDOWS, Viewport, point_width_for, stored_above, tile_index,
    tile_range,
};

/// Raw points replace windows at up to this many points per window: 16 bytes a point against 48 a window.
const RAW_POINTS_PER_WINDOW: f64 = 2.0;
/// Never ask for more raw points than this at once, however the estimate came about.
const RAW_POINTS_AT_MOST: u64 = 1 << 16;
/// Raw tiles hold about `512 × RAW_INTERVALS` mean intervals, cut down to a coarse grid of point widths.
const RAW_INTERVALS: f64 = 2.5;
/// Raw grids are this many exponents apart, so that a wavering estimate does not ask for the same points twice.
const RAW_GRID_STEP: u8 = 3;
/// What a window and a point take on the wire, in bytes, and what an answer takes besides.
const WINDOW_BYTES: u64 = 49;
const POINT_BYTES: u64 = 17;
const ANSWER_BYTES: u64 = 1_500;
/// No request spans more tiles than this.
const TILES_PER_REQUEST: i64 = 64;

/// What is looked at, how large, and how far beyond to look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The range of time.
    pub viewport: Viewport,
    /// The width of the plot in device pixels.
    pub width: f64,
    /// What to ask for in advance.
    pub reach: Reach,
}

/// Why something is asked for, in order of urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// There is nothing on screen, or only a far too coarse picture: the cheapest answer first.
    FirstAnswer,
    /// The visible part, in the fineness of the screen.
    Visible,
    /// Beside the visible part, on the side that the view moves to, before it is needed.
    Ahead,
    /// On the other side.
    Behind,
    /// The next wider and the next narrower windows.
    Level,
}

impl Purpose {
    /// Whether nothing on screen waits for it.
    pub const fn is_in_advance(self) -> bool {
        matches!(self, Self::Ahead | Self::Behind | Self::Level)
    }
}

/// One call to the server: a run of neighbouring tiles of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// The stream.
    pub stream: StreamId,
    /// Windows or raw points.
    pub resolution: Resolution,
    /// The index of the first tile.
    pub first: i64,
    /// The index of the last tile.
    pub last: i64,
    /// Why.
    pub purpose: Purpose,
    /// How many rows the answer has at most, as far as known.
    pub rows: u64,
}

impl Request {
    /// How many bytes the answer takes on the wire at most, as far as known.
    pub fn bytes(&self) -> u64 {
        ANSWER_BYTES + self.rows * if self.resolution.is_raw() { POINT_BYTES } else { WINDOW_BYTES }
    }

    /// The time that the tiles cover, as it is put to the server.
    pub fn range(&self) -> TimeRange {
        TimeRange {
            start: tile_range(self.resolution, self.first).start,
            end: tile_range(self.resolution, self.last).end,
        }
    }

    /// Whether both ask for at least one common tile.
    pub fn shares_tiles_with(&self, other: &Self) -> bool {
        self.stream == other.stream
            && self.resolution == other.resolution
            && self.first <= other.last
            && other.first <= self.last
    }
}

/// One stream of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamPlan {
    /// The stream.
    pub stream: StreamId,
    /// The window width that suits the screen.
    pub wanted: PointWidth,
    /// Whether raw points are to be drawn, because there are hardly more of them than windows.
    pub raw: bool,
    /// What to draw, in order of time: the view and a little beyond, where lines come from and go to.
    pub spans: Vec<Span>,
    /// How many points the view holds, as far as known.
    pub census: Census,
    /// How much of the view is drawn from what.
    pub coverage: Coverage,
    /// Whether the picture is final: no stand-in and nothing missing in the visible part.
    pub settled: bool,
}

/// The answer to "what now?".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What to draw, in the order of the streams.
    pub draw: Vec<StreamPlan>,
    /// What to ask for, most urgent first. No tile is named that is at hand and fresh, or known to be empty.
    pub fetch: Vec<Request>,
}

/// Decides what to draw of `streams` from `cache` and what to ask for.
pub fn plan(view: &View, streams: &[StreamId], cache: &Cache) -> Plan {
    let mut plan = Plan::default();
    for &stream in streams {
        let drawn = plan_stream(view, stream, cache, &mut plan.fetch);
        plan.draw.push(drawn);
    }
    // Stable: within one purpose the streams keep their order on screen.
    plan.fetch.sort_by_key(|request| request.purpose);
    plan
}

impl Plan {
    /// How much is drawn from what, over all streams alike.
    pub fn coverage(&self) -> Coverage {
        let share = 1.0 / self.draw.len().max(1) as f64;
        self.draw.iter().fold(Coverage::default(), |sum, StreamPlan { coverage, .. }| Coverage {
            exact: sum.exact + share * coverage.exact,
            coarse: sum.coarse + share * coverage.coarse,
            unloaded: sum.unloaded + share * coverage.unloaded,
        })
    }
}

/// The requests of several plans in order of urgency; of equal ones, those of the first plan come first.
pub fn merge_requests(lists: Vec<Vec<Request>>) -> Vec<Request> {
    let mut all: Vec<_> = lists.into_iter().flatten().collect();
    all.sort_by_key(|request| request.purpose);
    all
}

fn plan_stream(view: &View, stream: StreamId, cache: &Cache, fetch: &mut Vec<Request>) -> StreamPlan {
    let visible = view.viewport.outer_range();
    let wanted = point_width_for(&view.viewport, view.width);

    let known = census(&cover(cache, stream, visible, wanted, true), visible);
    let interval = mean_interval(cache, stream, visible);
    let cheap = interval.is_some() && suits_raw(&known, visible, wanted);
    let raw = cheap && known.at_most <= RAW_POINTS_AT_MOST;
    let interval = interval.filter(|_| raw);
    // Far enough to see where lines come from and go to.
    let reach = 2.0 * interval.unwrap_or(wanted.nanos() as f64);
    let wide = widen(visible, reach);
    let spans = cover(cache, stream, wide, wanted, raw);

    let grid = interval.map(|interval| raw_grid(&spans, interval, wanted));
    let exact = grid.map_or(Resolution::Windows(wanted), Resolution::Raw);
    let seeker = Seeker { cache, stream, wanted };
    let missing = seeker.missing(exact, wide);

    let coarse = Resolution::Windows(stored_above(wanted));
    let on_screen = missing.iter().map(|gap| gap.intersect(visible));
    let poor: Vec<_> = on_screen.filter(|&gap| seeker.is_poorly_drawn(gap)).collect();
    for &gap in &poor {
        seeker.request(coarse, &seeker.missing(coarse, gap), Purpose::FirstAnswer, fetch);
    }
    // Until the first answer is there, it may be open whether windows or points are wanted.
    let undecided = !poor.is_empty() && coarse != exact && (!known.complete || cheap != raw);
    if !undecided {
        seeker.request(exact, &missing, Purpose::Visible, fetch);
        seeker.look_ahead(&view.reach, exact, wide, fetch);
    }
    let census = census(&spans, visible);
    let settled = missing.is_empty();
    let coverage = coverage(&spans, visible, wanted, raw);
    StreamPlan { stream, wanted, raw, spans, census, coverage, settled }
}

/// Whether the raw points of `visible` cost hardly more than its windows, going by what is known.
fn suits_raw(known: &Census, visible: TimeRange, wanted: PointWidth) -> bool {
    let windows = (visible.width() as f64 / wanted.nanos() as f64).max(1.0);
    known.points <= windows * RAW_POINTS_PER_WINDOW
}

/// The grid for raw tiles: the one in use where it fits roughly, else by the mean interval, but not so fine that the screen
/// falls into many tiles.
fn raw_grid(spans: &[Span], interval: f64, wanted: PointWidth) -> PointWidth {
    let exponent = PointWidth::at_most((interval * RAW_INTERVALS) as u64).max(wanted).exponent();
    let ideal = level(exponent - exponent % RAW_GRID_STEP);
    let in_use = spans.iter().filter_map(Span::resolution).find_map(|resolution| match resolution {
        Resolution::Raw(width) if width.exponent().abs_diff(ideal.exponent()) <= RAW_GRID_STEP => Some(width),
        _ => None,
    });
    in_use.unwrap_or(ideal)
}

/// `range` with `nanos` more on either side, within time.
fn widen(range: TimeRange, nanos: f64) -> TimeRange {
    let nanos = nanos.ceil() as i64;
    TimeRange { start: range.start.saturating_sub(nanos), end: range.end.saturating_add(nanos) }
        .intersect(TimeRange::ALL)
}

/// The parts of time beside `range`, so many times its width, the larger one first.
fn beside(range: TimeRange, reach: &Reach) -> [TimeRange; 2] {
    let nanos = |screens: f64| (range.width() as f64 * screens) as i64;
    let before = TimeRange { start: range.start.saturating_sub(nanos(reach.before)), end: range.start };
    let after = TimeRange { start: range.end, end: range.end.saturating_add(nanos(reach.after)) };
    let sides = if reach.before > reach.after { [before, after] } else { [after, before] };
    sides.map(|side| side.intersect(TimeRange::ALL))
}

/// Finds what a stream lacks.
struct Seeker<'a> {
    cache: &'a Cache,
    stream: StreamId,
    wanted: PointWidth,
}

impl Seeker<'_> {
    /// The parts of `range`, widened to whole tiles of `resolution`, for which no fresh tile is at hand and that are not
    /// known to be empty. Raw tiles of other grids count.
    fn missing(&self, resolution: Resolution, range: TimeRange) -> Vec<TimeRange> {
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
    fn is_poorly_drawn(&self, range: TimeRange) -> bool {
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

    /// Asks for what lies beside `wide`, and for what a zoom would show.
    fn look_ahead(&self, reach: &Reach, exact: Resolution, wide: TimeRange, fetch: &mut Vec<Request>) {
        for (side, purpose) in beside(wide, reach).into_iter().zip([Purpose::Ahead, Purpose::Behind]) {
            let gaps = self.missing(exact, side);
            if gaps.is_empty() {
                continue;
            }
            let known = || census(&cover(self.cache, self.stream, side, self.wanted, true), side);
            let is_bearable = |known: Census| known.complete && known.at_most <= RAW_POINTS_AT_MOST;
            if !exact.is_raw() || is_bearable(known()) {
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
    fn request(&self, resolution: Resolution, gaps: &[TimeRange], purpose: Purpose, fetch: &mut Vec<Request>) {
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

#[cfg(test)]
mod tests;
