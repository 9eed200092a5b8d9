//! From tiles to pixels: the extent of each pixel column and the vertices of the mean line, in values and device pixels.

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

    fn add(&mut self, min: f64, max: f64) {
        self.min = self.min.min(min);
        self.max = self.max.max(max);
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

/// Builds the trace of `spans`, which are in order of time, on `width` device pixels of `viewport`.
pub fn trace(spans: &[Span], viewport: &Viewport, width: u32) -> Trace {
    let visible = viewport.outer_range();
    let mut builder = Builder::new(viewport.projection(f64::from(width)), width);
    for span in spans {
        let shown = span.range.overlaps(visible);
        match &span.source {
            Source::NotLoaded if shown => builder.missing(span.range),
            Source::NotLoaded => {}
            Source::Tile(tile) => {
                match &tile.data {
                    TileData::Windows(rows) => {
                        builder.windows(rows, tile.key.resolution.point_width(), span.range);
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
    builder.finish()
}

/// What falls into the pixel column being filled.
#[derive(Clone, Copy)]
struct Pending {
    column: i64,
    time: Timestamp,
    from: f64,
    to: f64,
    mean: f64,
    count: f64,
    point: bool,
    reach: f64,
}

struct Builder {
    projection: Projection,
    width: f64,
    trace: Trace,
    pending: Option<Pending>,
    /// Where the data before ended, in pixels.
    end: Option<f64>,
    /// How far apart neighbours may be and still be joined, in pixels.
    reach: f64,
}

impl Builder {
    fn new(projection: Projection, width: u32) -> Self {
        let trace = Trace {
            columns: vec![Extent::EMPTY; width as usize],
            line: Vec::new(),
            missing: Vec::new(),
            empty: Vec::new(),
            extremes: None,
            drawn: Drawn::Nothing,
            point_spacing: None,
        };
        Self { projection, width: f64::from(width), trace, pending: None, end: None, reach: JOIN_PIXELS }
    }

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

    fn windows(&mut self, rows: &StatColumns, width: PointWidth, part: TimeRange) {
        self.reach = JOIN_PIXELS;
        let pixels = width.nanos() as f64 * self.projection.pixels_per_nano();
        for row in window_rows(&rows.time, width.nanos(), part) {
            let (min, mean, max) = (rows.min[row], rows.mean[row], rows.max[row]);
            if rows.count[row] == 0 || !(min.is_finite() && mean.is_finite() && max.is_finite()) {
                continue;
            }
            let from = self.projection.x(rows.time[row]);
            let to = from + pixels;
            let middle = f64::midpoint(from, to);
            if pixels > 1.0 {
                self.flush();
                self.block(from, to, min, max);
                self.vertex(middle, rows.time[row], (from, to), mean, false);
            } else {
                let count = rows.count[row] as f64;
                self.add(middle, rows.time[row], (from, to), (min, mean, max), count, false);
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
                    self.add(x, rows.time[row], (x, x), (value, value, value), 1.0, true);
                }
            }
        }
    }

    /// Adds something no wider than a pixel to the column that `x` lies in.
    fn add(
        &mut self,
        x: f64,
        time: Timestamp,
        (from, to): (f64, f64),
        (min, mean, max): (f64, f64, f64),
        count: f64,
        point: bool,
    ) {
        let column = x.floor() as i64;
        if self.pending.is_none_or(|pending| pending.column != column) {
            self.flush();
            self.pending = Some(Pending { column, time, from, to, mean, count: 0.0, point, reach: self.reach });
        }
        if let Ok(at) = usize::try_from(column)
            && let Some(extent) = self.trace.columns.get_mut(at)
        {
            extent.add(min, max);
        }
        if let Some(pending) = &mut self.pending {
            pending.count += count;
            pending.mean += (mean - pending.mean) * (count / pending.count);
            pending.to = to;
            pending.point &= point && pending.count <= 1.0;
        }
    }

    /// Fills the columns whose centres lie in `from..to`.
    fn block(&mut self, from: f64, to: f64, min: f64, max: f64) {
        let first = (from - 0.5).ceil().clamp(0.0, self.width) as usize;
        let last = (to - 0.5).ceil().clamp(0.0, self.width) as usize;
        for extent in &mut self.trace.columns[first..last.max(first)] {
            extent.add(min, max);
        }
    }

    fn flush(&mut self) {
        if let Some(pending) = self.pending.take() {
            let x = if pending.point { pending.from } else { pending.column as f64 + 0.5 };
            let reach = std::mem::replace(&mut self.reach, pending.reach);
            self.vertex(x, pending.time, (pending.from, pending.to), pending.mean, pending.point);
            self.reach = reach;
        }
    }

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

    fn finish(mut self) -> Trace {
        self.flush();
        let end = self.end.unwrap_or(0.0);
        if self.trace.line.is_empty() || self.width - end > self.reach {
            self.gap(end, self.width);
        }
        self.trace.extremes = self.extremes();
        self.trace
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
