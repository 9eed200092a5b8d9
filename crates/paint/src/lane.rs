//! One lane: grid, value axis and words on one canvas, the data on another above it.

use btrdb_core::TimeRange;
use btrdb_explorer::{Dash, Ink, Layer, Painter, Raster, Scale, Trace, has_room, value_axis};
use web_sys::HtmlCanvasElement;

use super::canvas::Canvas;
use super::sheet::{Paint, Side};
use super::{Palette, Scene};

/// The width of the mean line, in CSS pixels.
const LINE_WIDTH: f64 = 1.5;
/// How opaque a spike is that rises alone out of the band.
const SPIKE_ALPHA: f32 = 0.7;
/// The radius of points, and how far apart they must be to be shown, in CSS pixels.
const POINT_RADIUS: f64 = 2.0;
const POINT_SPACING: f64 = 4.0;
/// The distance of the diagonals of what is not loaded, in CSS pixels.
const HATCH_SPACING: f64 = 8.0;
/// How long lines are there and are not where colours come again, in CSS pixels.
const DASHES: [(f64, f64); 2] = [(6.0, 3.0), (2.0, 3.0)];
/// How wide an empty stretch must be for a word, in CSS pixels.
const WORD_WIDTH: f64 = 80.0;
const LABEL_SIZE: f64 = 12.0;
/// The width of a letter or digit, as a part of its size.
const LETTER_WIDTH: f64 = 0.62;

/// The canvases of a lane. What is on them already is not drawn again.
#[derive(Debug)]
pub struct LaneSurface {
    base: Canvas,
    series: Canvas,
    /// The data as they were, fading away. It has no pixels before that is wanted: few lanes ever fade.
    before: Canvas,
    drawn: Option<Drawn>,
}

/// What is on the canvases.
#[derive(Debug)]
struct Drawn {
    palette: &'static Palette,
    scale: Option<Scale>,
    unit: String,
    marks: Marks,
    ink: Ink,
}

/// What moves with the view below the data, in CSS pixels from the left edge of the plot, as they are on whole pixels of the
/// screen.
#[derive(Debug, Default, PartialEq)]
struct Marks {
    /// Where the stream's life begins and ends.
    life: Option<(f64, f64)>,
    /// Where the calendar turns a page.
    rules: Vec<f64>,
    /// Stretches without data.
    empty: Vec<(f64, f64)>,
    /// Whether these are named.
    worded: bool,
}

impl LaneSurface {
    /// Takes hold of the canvases below the data, for the data, and above them; `None` where the browser gives no 2D
    /// context.
    pub fn new(base: HtmlCanvasElement, series: HtmlCanvasElement, before: HtmlCanvasElement) -> Option<Self> {
        let [base, series, before] = [Canvas::new(base)?, Canvas::new(series)?, Canvas::new(before)?];
        Some(Self { base, series, before, drawn: None })
    }

    /// Lets the data as they are now fade away over what is painted next.
    pub fn fade(&mut self) {
        self.before.copy(&self.series);
        self.before.restart_animation();
    }

    /// Reads how large both are on screen, `ratio` device pixels per CSS pixel.
    pub fn measure(&mut self, ratio: f64) {
        self.base.measure(ratio);
        self.series.measure(ratio);
        self.drawn = None;
        self.before.release();
    }

    /// The height of the plot in CSS pixels.
    pub fn height(&self) -> f64 {
        self.series.height
    }

    /// Where the plot begins, in CSS pixels from the left edge of the lane.
    pub(super) fn gutter(&self) -> f64 {
        self.base.width - self.series.width
    }

    pub(super) fn base(&self) -> &Canvas {
        &self.base
    }

    pub(super) fn series(&self) -> &Canvas {
        &self.series
    }
}

/// What a lane shows.
#[derive(Clone, Copy, Debug)]
pub struct LanePicture<'a> {
    /// The data.
    pub trace: &'a Trace,
    /// Whether they are others than the last time.
    pub fresh: bool,
    /// The value axis, if any value is known.
    pub scale: Option<Scale>,
    /// The unit of the values.
    pub unit: &'a str,
    /// From the first point of the stream to just after the last, if known.
    pub life: Option<TimeRange>,
    /// The stream's place in the palette.
    pub colour: usize,
}

/// Paints what has changed of a lane, in the memory of `raster`: that of one for all stays in the processor's caches.
pub fn lane(scene: &Scene<'_>, raster: &mut Raster, surface: &mut LaneSurface, picture: &LanePicture<'_>) {
    let LanePicture { trace, fresh, scale, unit, .. } = *picture;
    let marks = marks(scene, surface, picture);
    let ink = ink(scene, picture, surface.series.ratio);
    let drawn = surface.drawn.take().filter(|drawn| std::ptr::eq(drawn.palette, scene.palette));
    let same_axis = drawn.as_ref().is_some_and(|drawn| drawn.scale == scale && drawn.unit == unit);
    if !same_axis {
        surface.base.wipe();
    }
    if !same_axis || drawn.as_ref().is_some_and(|drawn| drawn.marks != marks) {
        base(scene, surface, &marks, scale.as_ref(), unit, same_axis);
    }
    if fresh || !same_axis || drawn.as_ref().is_some_and(|drawn| drawn.ink != ink) {
        data(scene, raster, surface, trace, scale.as_ref(), &ink);
    }
    let unit = drawn.map(|drawn| drawn.unit).filter(|_| same_axis).unwrap_or_else(|| unit.to_owned());
    surface.drawn = Some(Drawn { palette: scene.palette, scale, unit, marks, ink });
}

/// What is below the data. The words beside the axis stay if `worded` already.
fn base(scene: &Scene<'_>, surface: &mut LaneSurface, marks: &Marks, scale: Option<&Scale>, unit: &str, worded: bool) {
    let (gutter, width, height) = (surface.gutter(), surface.series.width, surface.series.height);
    surface.base.wipe_from(gutter);
    // A slightly darker ground before the first and after the last point of the stream.
    let outside = Paint([0, 0, 0], scene.palette.outside_alpha);
    for (left, right) in marks.life.map_or([(0.0, 0.0); 2], |(from, to)| [(0.0, from), (to, width)]) {
        if right > left {
            surface.base.area((gutter + left, 0.0), (gutter + right, height), outside);
        }
    }
    let rule = Paint(scene.palette.text, scene.palette.grid_alpha * 1.4);
    for x in &marks.rules {
        surface.base.line((gutter + x, 0.0), (gutter + x, height), rule);
    }
    if let Some(scale) = scale {
        values(scene, surface, scale, unit, worded);
    }
    for &stretch in &marks.empty {
        emptiness(scene, surface, stretch, marks.worded);
    }
}

fn marks(scene: &Scene<'_>, surface: &LaneSurface, picture: &LanePicture<'_>) -> Marks {
    let (view, width, ratio) = (scene.view, surface.series.width, surface.series.ratio);
    let snapped = |x: f64| (x * ratio).round() / ratio;
    let place = |time| snapped(view.x_from_time(time, width));
    let rules = scene.axis.regions.iter().map(|region| place(region.range.start));
    Marks {
        life: picture.life.map(|life| (place(life.start).clamp(0.0, width), place(life.end).clamp(0.0, width))),
        rules: rules.filter(|x| (1.0..width).contains(x)).collect(),
        empty: picture.trace.empty.iter().map(|&(from, to)| (snapped(from / ratio), snapped(to / ratio))).collect(),
        // Where the stream has nothing at all, a message above says so.
        worded: picture.life.is_none_or(|life| life.overlaps(view.range())),
    }
}

fn ink(scene: &Scene<'_>, picture: &LanePicture<'_>, ratio: f64) -> Ink {
    let palette = scene.palette;
    let apart = picture.trace.point_spacing.is_some_and(|spacing| spacing >= POINT_SPACING * ratio);
    Ink {
        colour: palette.stream(picture.colour),
        ground: palette.ground,
        band_alpha: palette.band_alpha,
        spread_alpha: if scene.spread { palette.spread_alpha } else { 0.0 },
        spike_alpha: SPIKE_ALPHA,
        ratio: ratio as f32,
        line_width: (LINE_WIDTH * ratio) as f32,
        point_radius: apart.then_some((POINT_RADIUS * ratio) as f32),
        dash: dash(scene, picture, ratio),
    }
}

/// The pattern of the line: unbroken for the first six streams, dashed for the next, then dotted.
fn dash(scene: &Scene<'_>, picture: &LanePicture<'_>, ratio: f64) -> Option<Dash> {
    let round = picture.colour / scene.palette.series.len();
    let (on, off) = *DASHES.get(round.checked_sub(1)?.min(DASHES.len() - 1))?;
    let pixels = |css: f64| (css * ratio).round().max(1.0) as usize;
    let (on, off) = (pixels(on), pixels(off));
    // Counted from the epoch, so that the pattern moves with the data.
    let range = scene.view.range();
    let width = i128::from((scene.width * ratio) as u64);
    let from_epoch = i128::from(range.start) * width / i128::from(range.width()).max(1);
    Some(Dash { on, off, shift: from_epoch.rem_euclid((on + off) as i128) as usize })
}

/// The value axis and its level lines.
fn values(scene: &Scene<'_>, surface: &mut LaneSurface, scale: &Scale, unit: &str, worded: bool) {
    let (gutter, height) = (surface.gutter(), surface.series.height);
    let right = gutter + surface.series.width;
    let axis = value_axis(scale, height, unit);
    let grid = Paint(scene.palette.text, scene.palette.grid_alpha);
    let words = Paint(scene.palette.muted, 1.0);
    // Long labels are written smaller, all alike, so that none reaches the edge.
    let fitting = |letters: usize| LABEL_SIZE.min((gutter - 11.0) / (letters as f64 * LETTER_WIDTH));
    let size = axis.ticks.iter().map(|tick| fitting(tick.text.chars().count())).fold(LABEL_SIZE, f64::min);
    for tick in &axis.ticks {
        let y = scale.y(tick.value, height);
        surface.base.line((gutter, y), (right, y), grid);
        if !worded && has_room(y, height, &axis.unit) {
            surface.base.text(&tick.text, (gutter - 7.0, y), Side::Right, size, words);
        }
    }
    if !worded && !axis.unit.is_empty() {
        let size = fitting(axis.unit.chars().count());
        surface.base.text(&axis.unit, (gutter - 7.0, 12.0), Side::Right, size, words);
    }
}

/// A thin bracket along the bottom of a stretch that is loaded and holds nothing, with a word if there is room.
fn emptiness(scene: &Scene<'_>, surface: &mut LaneSurface, (from, to): (f64, f64), worded: bool) {
    let (gutter, height) = (surface.gutter(), surface.series.height);
    let (from, to) = (gutter + from, gutter + to);
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

fn data(
    scene: &Scene<'_>,
    raster: &mut Raster,
    surface: &LaneSurface,
    trace: &Trace,
    scale: Option<&Scale>,
    ink: &Ink,
) {
    let LaneSurface { series, .. } = surface;
    let (width, height) = series.device_size();
    let layer = scale.map(|&scale| Layer { trace, scale, ink: *ink });
    raster.paint((width as usize, height as usize), None, layer.as_slice());
    let palette = scene.palette;
    for &(from, to) in &trace.missing {
        raster.hatch(from, to, palette.text, palette.hatch_alpha, (HATCH_SPACING * series.ratio) as usize);
    }
    series.put(raster);
}
