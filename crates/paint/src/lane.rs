//! One lane: grid, value axis and words on one canvas, the data on another above it.

use btrdb_core::TimeRange;
use btrdb_explorer::{Ink, Raster, Scale, Trace, value_axis};
use web_sys::HtmlCanvasElement;

use super::Scene;
use super::canvas::Canvas;
use super::sheet::{Paint, Side};

/// The width of the mean line, in CSS pixels.
const LINE_WIDTH: f64 = 1.5;
/// How opaque a spike is that rises alone out of the band.
const SPIKE_ALPHA: f32 = 0.7;
/// The radius of points, and how far apart they must be to be shown, in CSS pixels.
const POINT_RADIUS: f64 = 2.0;
const POINT_SPACING: f64 = 4.0;
/// The distance of the diagonals of what is not loaded, in CSS pixels.
const HATCH_SPACING: f64 = 8.0;
/// How wide an empty stretch must be for a word, in CSS pixels.
const WORD_WIDTH: f64 = 80.0;
const LABEL_SIZE: f64 = 12.0;

/// The two canvases of a lane.
#[derive(Debug)]
pub struct LaneSurface {
    base: Canvas,
    series: Canvas,
    raster: Raster,
}

impl LaneSurface {
    /// Takes hold of both; `None` where the browser gives no 2D context.
    pub fn new(base: HtmlCanvasElement, series: HtmlCanvasElement) -> Option<Self> {
        Some(Self { base: Canvas::new(base)?, series: Canvas::new(series)?, raster: Raster::default() })
    }

    /// Reads how large both are on screen, `ratio` device pixels per CSS pixel.
    pub fn measure(&mut self, ratio: f64) {
        self.base.measure(ratio);
        self.series.measure(ratio);
    }

    /// The height of the plot in CSS pixels.
    pub fn height(&self) -> f64 {
        self.series.height
    }

    /// Where the plot begins, in CSS pixels from the left edge of the lane.
    fn gutter(&self) -> f64 {
        self.base.width - self.series.width
    }
}

/// What a lane shows.
#[derive(Clone, Copy, Debug)]
pub struct LanePicture<'a> {
    /// The data.
    pub trace: &'a Trace,
    /// The value axis, if any value is known.
    pub scale: Option<Scale>,
    /// The unit of the values.
    pub unit: &'a str,
    /// From the first point of the stream to just after the last, if known.
    pub life: Option<TimeRange>,
    /// The stream's place in the palette.
    pub colour: usize,
}

/// Paints a lane.
pub fn lane(scene: &Scene<'_>, surface: &mut LaneSurface, picture: &LanePicture<'_>) {
    surface.base.wipe();
    outside(scene, surface, picture.life);
    rules(scene, surface);
    if let Some(scale) = &picture.scale {
        values(scene, surface, scale, picture.unit);
    }
    // Where the stream has nothing at all, a message above says so.
    let elsewhere = picture.life.is_some_and(|life| !life.overlaps(scene.view.range()));
    for &(from, to) in &picture.trace.empty {
        emptiness(scene, surface, (from, to), !elsewhere);
    }
    data(scene, surface, picture);
}

/// A slightly darker ground before the first and after the last point of the stream.
fn outside(scene: &Scene<'_>, surface: &mut LaneSurface, life: Option<TimeRange>) {
    let Some(life) = life else { return };
    let (gutter, width, height) = (surface.gutter(), surface.series.width, surface.series.height);
    let from = scene.view.x_from_time(life.start, width).clamp(0.0, width);
    let to = scene.view.x_from_time(life.end, width).clamp(0.0, width);
    let paint = Paint([0, 0, 0], scene.palette.outside_alpha);
    for (left, right) in [(0.0, from), (to, width)] {
        if right > left {
            surface.base.area((gutter + left, 0.0), (gutter + right, height), paint);
        }
    }
}

/// Upright lines where the calendar turns a page.
fn rules(scene: &Scene<'_>, surface: &mut LaneSurface) {
    let (gutter, width, height) = (surface.gutter(), surface.series.width, surface.series.height);
    let paint = Paint(scene.palette.text, scene.palette.grid_alpha * 1.4);
    for region in &scene.axis.regions {
        let x = scene.view.x_from_time(region.range.start, width);
        if (1.0..width).contains(&x) {
            surface.base.line((gutter + x, 0.0), (gutter + x, height), paint);
        }
    }
}

/// The value axis and its level lines.
fn values(scene: &Scene<'_>, surface: &mut LaneSurface, scale: &Scale, unit: &str) {
    let (gutter, height) = (surface.gutter(), surface.series.height);
    let right = gutter + surface.series.width;
    let axis = value_axis(scale, height, unit);
    let grid = Paint(scene.palette.text, scene.palette.grid_alpha);
    let words = Paint(scene.palette.muted, 1.0);
    // The unit has its place at the top; numbers keep clear of it and of the lower edge.
    let clear = if axis.unit.is_empty() { 8.0 } else { 24.0 };
    for tick in &axis.ticks {
        let y = scale.y(tick.value, height);
        surface.base.line((gutter, y), (right, y), grid);
        if y >= clear && y <= height - 7.0 {
            surface.base.text(&tick.text, (gutter - 7.0, y), Side::Right, LABEL_SIZE, words);
        }
    }
    if !axis.unit.is_empty() {
        surface.base.text(&axis.unit, (gutter - 7.0, 12.0), Side::Right, LABEL_SIZE, words);
    }
}

/// A thin bracket along the bottom of a stretch that is loaded and holds nothing, with a word if there is room.
fn emptiness(scene: &Scene<'_>, surface: &mut LaneSurface, (from, to): (f64, f64), worded: bool) {
    let (gutter, ratio, height) = (surface.gutter(), surface.series.ratio, surface.series.height);
    let (from, to) = (gutter + from / ratio, gutter + to / ratio);
    let paint = Paint(scene.palette.muted, 0.8);
    let (foot, top) = (height - 6.0, height - 11.0);
    if to - from < 6.0 {
        return;
    }
    let (left, right) = (from + 2.0, to - 2.0);
    surface.base.line((left, foot), (right, foot), paint);
    surface.base.line((left, top), (left, foot), paint);
    surface.base.line((right, top), (right, foot), paint);
    if worded && to - from >= WORD_WIDTH {
        let words = Paint(scene.palette.muted, 1.0);
        surface.base.text("no data", (f64::midpoint(from, to), height - 18.0), Side::Middle, LABEL_SIZE, words);
    }
}

fn data(scene: &Scene<'_>, surface: &mut LaneSurface, picture: &LanePicture<'_>) {
    let LaneSurface { series, raster, .. } = surface;
    let (width, height) = series.device_size();
    let ratio = series.ratio;
    raster.reset(width as usize, height as usize);
    let (palette, trace) = (scene.palette, picture.trace);
    for &(from, to) in &trace.missing {
        raster.hatch(from, to, palette.text, palette.hatch_alpha, (HATCH_SPACING * ratio) as usize);
    }
    if let Some(scale) = &picture.scale {
        let apart = trace.point_spacing.is_some_and(|spacing| spacing >= POINT_SPACING * ratio);
        let ink = Ink {
            colour: palette.series[picture.colour % palette.series.len()],
            ground: palette.ground,
            band_alpha: palette.band_alpha,
            spike_alpha: SPIKE_ALPHA,
            ratio: ratio as f32,
            line_width: (LINE_WIDTH * ratio) as f32,
            point_radius: apart.then_some((POINT_RADIUS * ratio) as f32),
        };
        raster.paint(trace, scale, &ink);
    }
    series.put(raster);
}
