//! From tiles to pixels: what each pixel column holds and the vertices of the mean line, in values and device pixels.

mod lacks;

pub use self::lacks::Lacks;
use btrdb_core::{PointWidth, RawColumns, StatColumns, TimeRange, Timestamp};

use crate::cover::{Source, Span};
use crate::tile::{raw_rows, window_rows};
use crate::{Projection, Resolution, TileData, Viewport};

/// Raw points further apart than this many typical distances are not joined: there is a gap.
const GAP_INTERVALS: f64 = 4.0;
/// How many distances are looked at to find the typical one.
const GAP_SAMPLE: usize = 256;
/// Windows closer than this many pixels are joined: a missing window narrower than a pixel is no visible gap.
const JOIN_PIXELS: f64 = 1.0;
/// Windows that hold less than this part of what is usual in sight are thin.
const THIN: f64 = 0.6;
/// With fewer vertices than this in sight, those beside it count for the scale.
const FEW_POINTS: usize = 4;

/// The lowest and highest value in a pixel column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The lowest; +∞ where the column is empty.
    pub min: f64,
    /// The highest; −∞ where the column is empty.
    pub max: f64,
}

impl Extent {
    const EMPTY: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };

    /// Whether no value falls into the column.
    pub fn is_empty(&self) -> bool {
        self.max < self.min
    }

    // Written out, because `f64::min` is a call in wasm; nothing here is NaN.
    fn add(&mut self, min: f64, max: f64) {
        if min < self.min {
            self.min = min;
        }
        if max > self.max {
            self.max = max;
        }
    }

    /// From `deviation` below to `deviation` above `mean`, cut to `self`.
    fn around(&self, mean: f64, deviation: f64) -> Self {
        let (below, above) = (mean - deviation, mean + deviation);
        Self {
            min: if below > self.min { below } else { self.min },
            max: if above < self.max { above } else { self.max },
        }
    }
}

/// A corner of the mean line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vertex {
    /// Device pixels from the left edge; may lie outside.
    pub x: f64,
    /// The time of the point, or the start of the first window that went into the mean.
    pub time: Timestamp,
    /// The mean, or the value of a single point.
    pub value: f64,
    /// Whether a line leads here from the vertex before; `false` after a gap.
    pub joined: bool,
    /// Whether it is a single raw point.
    pub point: bool,
}

/// The fineness of what is drawn: that of the coarsest part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// Nothing yet.
    Nothing,
    /// Raw points throughout.
    Raw,
    /// Windows, the widest of this width.
    Windows(PointWidth),
}

/// One stream, ready to be painted into `columns.len()` pixel columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// One per pixel column.
    pub columns: Vec<Extent>,
    /// The mean less and plus a standard deviation, within the extent; one per pixel column, empty where that is.
    pub spread: Vec<Extent>,
    /// How full of points each pixel column is, from 0 to 255 for as full as is usual in sight.
    pub fullness: Vec<u8>,
    /// The mean line from left to right, beginning and ending just outside where there is data.
    pub line: Vec<Vertex>,
    /// Stretches that are not loaded, in device pixels.
    pub missing: Vec<(f64, f64)>,
    /// Stretches that are loaded and hold nothing, at least two pixels wide.
    pub empty: Vec<(f64, f64)>,
    /// The lowest and highest visible value, if any.
    pub extremes: Option<(f64, f64)>,
    /// How finely it is drawn.
    pub drawn: Drawn,
    /// Typical distance of raw points in device pixels, where raw points are drawn.
    pub point_spacing: Option<f64>,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            spread: Vec::new(),
            fullness: Vec::new(),
            line: Vec::new(),
            missing: Vec::new(),
            empty: Vec::new(),
            extremes: None,
            drawn: Drawn::Nothing,
            point_spacing: None,
        }
    }
}

/// The trace of `spans`, which are in order of time, on `width` device pixels of `viewport`.
pub fn trace(spans: &[Span], viewport: &Viewport, width: u32) -> Trace {
    let mut trace = Trace::default();
    trace.follow(spans, viewport, width);
    trace
}

impl Trace {
    /// Becomes the trace of `spans`, as by [`trace`], in the memory that it has.
    pub fn follow(&mut self, spans: &[Span], viewport: &Viewport, width: u32) {
        self.reset(width as usize);
        let visible = viewport.outer_range();
        let projection = viewport.projection(f64::from(width));
        let mut builder = Builder {
            projection,
            width: f64::from(width),
            usual: usual_pace(spans),
            trace: self,
            pending: None,
            end: None,
            reach: JOIN_PIXELS,
        };
        let first = spans.first().map(|span| span.range.start);
        let last = spans.last().map(|span| span.range.end);
        for span in spans {
            let shown = span.range.overlaps(visible);
            match &span.source {
                Source::NotLoaded if shown => builder.missing(span.range),
                Source::NotLoaded => {}
                Source::Tile(tile) => {
                    match &tile.data {
                        TileData::Windows(rows) => {
                            let TimeRange { start, end } = span.range;
                            let from = if Some(start) == first { f64::NEG_INFINITY } else { projection.x(start) };
                            let to = if Some(end) == last { f64::INFINITY } else { projection.x(end) };
                            builder.windows(rows, tile.key.resolution.point_width(), span.range, (from, to));
                        }
                        TileData::Raw(rows) => builder.points(rows, span.range),
                    }
                    // A coarse tile that holds nothing there is as good as an exact one.
                    if shown && !tile.is_empty_in(span.range.intersect(visible)) {
                        builder.note(tile.key.resolution);
                    }
                }
            }
        }
        builder.finish();
    }

    fn reset(&mut self, width: usize) {
        self.columns.clear();
        self.columns.resize(width, Extent::EMPTY);
        self.spread.clear();
        self.spread.resize(width, Extent::EMPTY);
        self.fullness.clear();
        self.fullness.resize(width, u8::MAX);
        self.line.clear();
        self.missing.clear();
        self.empty.clear();
        (self.extremes, self.drawn, self.point_spacing) = (None, Drawn::Nothing, None);
    }
}

/// How many points a nanosecond the windows of `spans` usually hold: the mean of the fullest tile. 0 without windows.
fn usual_pace(spans: &[Span]) -> f64 {
    let pace = |span: &Span| match &span.source {
        Source::Tile(tile) => match &tile.data {
            TileData::Windows(rows) if !rows.is_empty() => {
                let points = rows.count.iter().fold(0_u64, |sum, &count| sum.wrapping_add(count));
                points as f64 / (rows.len() as f64 * tile.key.resolution.point_width().nanos() as f64)
            }
            _ => 0.0,
        },
        Source::NotLoaded => 0.0,
    };
    spans.iter().map(pace).fold(0.0, f64::max)
}

/// What falls into the pixel column being filled.
#[derive(Clone, Copy)]
struct Pending {
    column: i64,
    time: Timestamp,
    from: f64,
    to: f64,
    extent: Extent,
    mean: f64,
    /// The sum of squared deviations from the mean.
    m2: f64,
    count: f64,
    /// The nanoseconds of the windows; 0 for points.
    nanos: f64,
    point: bool,
    reach: f64,
}

/// A window, or a point as a window of one.
#[derive(Clone, Copy)]
struct Piece {
    extent: Extent,
    mean: f64,
    deviation: f64,
    count: f64,
    nanos: f64,
}

struct Builder<'a> {
    projection: Projection,
    width: f64,
    /// How many points a nanosecond are usual.
    usual: f64,
    trace: &'a mut Trace,
    pending: Option<Pending>,
    /// Where the data before ended, in pixels.
    end: Option<f64>,
    /// How far apart neighbours may be and still be joined, in pixels.
    reach: f64,
}

impl Builder<'_> {
    fn note(&mut self, resolution: Resolution) {
        self.trace.drawn = match (self.trace.drawn, resolution) {
            (Drawn::Windows(before), Resolution::Windows(width)) => Drawn::Windows(before.max(width)),
            (_, Resolution::Windows(width)) => Drawn::Windows(width),
            (Drawn::Nothing, Resolution::Raw(_)) => Drawn::Raw,
            (before, Resolution::Raw(_)) => before,
        };
    }

    fn missing(&mut self, range: TimeRange) {
        self.flush();
        let from = self.projection.x(range.start).max(0.0);
        let to = self.projection.x(range.end).min(self.width);
        if to > from {
            self.trace.missing.push((from, to));
        }
    }

    /// Draws windows, those that reach into another span only up to there, which is where `within` ends, in pixels: it may know
    /// better.
    fn windows(&mut self, rows: &StatColumns, width: PointWidth, part: TimeRange, within: (f64, f64)) {
        self.reach = JOIN_PIXELS;
        let nanos = width.nanos() as f64;
        let pixels = nanos * self.projection.pixels_per_nano();
        for row in window_rows(&rows.time, width.nanos(), part) {
            let (min, mean, max) = (rows.min[row], rows.mean[row], rows.max[row]);
            if rows.count[row] == 0 || !(min.is_finite() && mean.is_finite() && max.is_finite()) {
                continue;
            }
            let from = self.projection.x(rows.time[row]);
            let to = from + pixels;
            let (from, to) = (from.max(within.0), to.min(within.1));
            let middle = (from + to) * 0.5;
            let (extent, count) = (Extent { min, max }, rows.count[row] as f64);
            let piece = Piece { extent, mean, deviation: rows.stddev[row], count, nanos };
            if pixels > 1.0 {
                self.flush();
                self.block(from, to, piece);
                self.vertex(middle, rows.time[row], (from, to), mean, false);
            } else {
                self.add(middle, rows.time[row], (from, to), piece, false);
            }
        }
    }

    fn points(&mut self, rows: &RawColumns, part: TimeRange) {
        // One more on either side, so that lines lead out of the picture.
        let inside = raw_rows(&rows.time, part);
        let shown = inside.start.saturating_sub(1)..(inside.end + 1).min(rows.len());
        let spacing = typical_interval(&rows.time[shown.clone()]) * self.projection.pixels_per_nano();
        self.reach = (spacing * GAP_INTERVALS).max(JOIN_PIXELS);
        if spacing > 0.0 {
            let known = self.trace.point_spacing.unwrap_or(f64::INFINITY);
            self.trace.point_spacing = Some(known.min(spacing));
        }
        for row in shown {
            let value = rows.value[row];
            if value.is_finite() {
                let x = self.projection.x(rows.time[row]);
                // A tile shares its outermost points with the spans beside it.
                if self.end.is_none_or(|end| x >= end) {
                    let extent = Extent { min: value, max: value };
                    let piece = Piece { extent, mean: value, deviation: 0.0, count: 1.0, nanos: 0.0 };
                    self.add(x, rows.time[row], (x, x), piece, true);
                }
            }
        }
    }

    /// Adds something no wider than a pixel to the column that `x` lies in.
    #[expect(clippy::inline_always, reason = "the optimiser for size calls it per window, at half the speed")]
    #[inline(always)]
    fn add(&mut self, x: f64, time: Timestamp, (from, to): (f64, f64), piece: Piece, point: bool) {
        let column = x.floor() as i64;
        match &mut self.pending {
            Some(pending) if pending.column == column => pending.merge(&piece, to),
            _ => {
                self.flush();
                let Piece { extent, mean, deviation, count, nanos } = piece;
                let m2 = deviation * deviation * count;
                let reach = self.reach;
                self.pending = Some(Pending { column, time, from, to, extent, mean, m2, count, nanos, point, reach });
            }
        }
    }

    /// Fills the columns whose centres lie in `from..to`.
    fn block(&mut self, from: f64, to: f64, Piece { extent, mean, deviation, count, nanos }: Piece) {
        let first = (from - 0.5).ceil().clamp(0.0, self.width) as usize;
        let last = (to - 0.5).ceil().clamp(0.0, self.width) as usize;
        let (spread, fullness) = (extent.around(mean, deviation), self.fullness(count, nanos));
        for at in first..last {
            self.trace.columns[at].add(extent.min, extent.max);
            self.trace.spread[at] = spread;
            self.trace.fullness[at] = fullness;
        }
    }

    #[expect(clippy::inline_always, reason = "the optimiser for size calls it per window, at half the speed")]
    #[inline(always)]
    fn flush(&mut self) {
        let Some(pending) = self.pending.take() else { return };
        if let Ok(at) = usize::try_from(pending.column)
            && let Some(extent) = self.trace.columns.get_mut(at)
        {
            extent.add(pending.extent.min, pending.extent.max);
            // Raw points of two spans can share a column; the spread is then that of the later ones.
            self.trace.spread[at] = extent.around(pending.mean, (pending.m2 / pending.count).sqrt());
            self.trace.fullness[at] = self.fullness(pending.count, pending.nanos);
        }
        let x = if pending.point { pending.from } else { pending.column as f64 + 0.5 };
        let reach = std::mem::replace(&mut self.reach, pending.reach);
        self.vertex(x, pending.time, (pending.from, pending.to), pending.mean, pending.point);
        self.reach = reach;
    }

    /// How full `count` points in `nanos` nanoseconds of windows are.
    fn fullness(&self, count: f64, nanos: f64) -> u8 {
        let usual = THIN * self.usual * nanos;
        if count >= usual { u8::MAX } else { (count / usual * 255.0) as u8 }
    }

    #[expect(clippy::inline_always, reason = "the optimiser for size calls it per window, at half the speed")]
    #[inline(always)]
    fn vertex(&mut self, x: f64, time: Timestamp, (from, to): (f64, f64), value: f64, point: bool) {
        let joined = self.end.is_some_and(|end| from - end <= self.reach + 1e-6);
        if !joined {
            self.gap(self.end.unwrap_or(0.0), from);
        }
        self.trace.line.push(Vertex { x, time, value, joined, point });
        self.end = Some(to);
    }

    /// Notes that nothing lies between two positions, apart from what is not loaded.
    fn gap(&mut self, from: f64, to: f64) {
        let (mut from, to) = (from.max(0.0), to.min(self.width));
        for &(start, end) in &self.trace.missing {
            if end <= from || start >= to {
                continue;
            }
            if start - from >= 2.0 {
                self.trace.empty.push((from, start));
            }
            from = end;
        }
        if to - from >= 2.0 {
            self.trace.empty.push((from, to));
        }
    }

    fn finish(mut self) {
        self.flush();
        let end = self.end.unwrap_or(0.0);
        if self.trace.line.is_empty() || self.width - end > self.reach {
            self.gap(end, self.width);
        }
        self.trace.extremes = self.extremes();
    }

    fn extremes(&self) -> Option<(f64, f64)> {
        let mut all = Extent::EMPTY;
        for column in self.trace.columns.iter().filter(|column| !column.is_empty()) {
            all.add(column.min, column.max);
        }
        // With hardly a point in sight, the scale is that of the lines that lead out of it: it stays while zooming in.
        let inside = |vertex: &Vertex| (0.0..self.width).contains(&vertex.x);
        if self.trace.line.iter().filter(|vertex| inside(vertex)).count() < FEW_POINTS {
            for pair in self.trace.line.windows(2) {
                let [a, b] = pair else { continue };
                if b.joined && a.x < self.width && b.x >= 0.0 {
                    all.add(a.value.min(b.value), a.value.max(b.value));
                }
            }
        }
        (!all.is_empty()).then_some((all.min, all.max))
    }
}

impl Pending {
    fn merge(&mut self, piece: &Piece, to: f64) {
        let before = self.count;
        self.count += piece.count;
        let (distance, share) = (piece.mean - self.mean, piece.count / self.count);
        self.mean += distance * share;
        self.m2 += piece.deviation * piece.deviation * piece.count + distance * distance * before * share;
        self.extent.add(piece.extent.min, piece.extent.max);
        // Two means can be too far apart for their difference.
        if self.mean < self.extent.min {
            self.mean = self.extent.min;
        } else if self.mean > self.extent.max {
            self.mean = self.extent.max;
        }
        self.nanos += piece.nanos;
        self.to = to;
        self.point = false;
    }
}

impl Trace {
    /// The vertex nearest to `x`, if one lies within `reach` device pixels.
    pub fn nearest(&self, x: f64, reach: f64) -> Option<&Vertex> {
        let at = self.line.partition_point(|vertex| vertex.x < x);
        let candidates = [at.checked_sub(1).and_then(|before| self.line.get(before)), self.line.get(at)];
        let distance = |vertex: &&Vertex| (vertex.x - x).abs();
        let near = candidates.into_iter().flatten().filter(|vertex| distance(vertex) <= reach);
        near.min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

/// The median distance of neighbouring times, looking at the first few hundred; 0 for fewer than two.
fn typical_interval(times: &[i64]) -> f64 {
    let mut distances: Vec<u64> =
        times.windows(2).take(GAP_SAMPLE).map(|pair| pair[1].saturating_sub(pair[0]).unsigned_abs()).collect();
    let middle = distances.len() / 2;
    if distances.is_empty() { 0.0 } else { *distances.select_nth_unstable(middle).1 as f64 }
}

#[cfg(test)]
mod tests;
