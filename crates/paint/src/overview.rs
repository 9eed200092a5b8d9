//! The overview: the whole life of the streams on screen, one over the other, with the view marked in it.

use btrdb_explorer::{Ink, Layer, Painter, Raster, Scale, Sight, StreamPlan, Trace, Viewport, add_density};
use web_sys::{HtmlCanvasElement, HtmlElement};

use super::canvas::Canvas;
use super::sheet::Paint;
use super::{Palette, Scene};

/// The strip that tells how many points there are where, along the bottom, in CSS pixels.
const DENSITY_PIXELS: f64 = 5.0;
/// How opaque it is where the points are densest, and in how many steps it fades.
const DENSITY_ALPHA: f64 = 0.75;
const DENSITY_STEPS: f64 = 12.0;
/// The mark is never narrower than this, in CSS pixels.
const NARROWEST: f64 = 4.0;

/// The canvas of the overview and the three elements that mark the view.
#[derive(Debug)]
pub struct OverviewSurface {
    canvas: Canvas,
    /// What it shows of each stream.
    sights: Vec<Sight>,
    traces: Vec<Trace>,
    /// In which colours.
    painted: Option<(&'static Palette, Vec<usize>)>,
    window: HtmlElement,
    before: HtmlElement,
    after: HtmlElement,
}

impl OverviewSurface {
    /// Takes hold of them; `None` where the browser gives no 2D context.
    pub fn new(
        canvas: HtmlCanvasElement,
        window: HtmlElement,
        before: HtmlElement,
        after: HtmlElement,
    ) -> Option<Self> {
        Some(Self {
            canvas: Canvas::new(canvas)?,
            sights: Vec::new(),
            traces: Vec::new(),
            painted: None,
            window,
            before,
            after,
        })
    }

    /// Reads how large the canvas is on screen, `ratio` device pixels per CSS pixel. Returns the width of the plot in CSS pixels.
    pub fn measure(&mut self, ratio: f64) -> f64 {
        self.canvas.measure(ratio);
        self.painted = None;
        self.canvas.width
    }

    /// Marks the view from `from` to `to` CSS pixels, or nothing.
    pub fn place_window(&self, place: Option<(f64, f64)>) {
        let width = self.canvas.width;
        let (from, to) = place.unwrap_or((0.0, 0.0));
        let (from, to) = (from.clamp(-NARROWEST, width), to.clamp(0.0, width + NARROWEST));
        let middle = f64::midpoint(from, to);
        let half = ((to - from) / 2.0).max(NARROWEST / 2.0);
        let pixels = |value: f64| format!("{}px", (value * 2.0).round() / 2.0);
        let set = |element: &HtmlElement, left: f64, wide: f64| {
            let style = element.style();
            style.set_property("left", &pixels(left)).ok();
            style.set_property("width", &pixels(wide.max(0.0))).ok();
        };
        for element in [&self.window, &self.before, &self.after] {
            element.set_hidden(place.is_none());
        }
        set(&self.window, middle - half, 2.0 * half);
        set(&self.before, 0.0, middle - half);
        set(&self.after, middle + half, width - middle - half);
    }
}

/// Paints the first of `plans` over the whole height of `view`, each on a scale of its own: as many as there are `colours`, which
/// are their places in the palette; in the memory of `raster`. The strip below counts the points of all.
pub fn overview(
    scene: &Scene<'_>,
    raster: &mut Raster,
    surface: &mut OverviewSurface,
    view: Option<&Viewport>,
    plans: &[StreamPlan],
    colours: &[usize],
) {
    let OverviewSurface { canvas, sights, traces, painted, .. } = surface;
    let (width, height) = canvas.device_size();
    let plans = if view.is_some() { plans } else { &[] };
    let mut fresh = painted.as_ref().is_none_or(|(old, seen)| !std::ptr::eq(*old, scene.palette) || seen != colours);
    fresh |= sights.len() != plans.len();
    sights.resize_with(plans.len(), Sight::default);
    for (sight, plan) in sights.iter_mut().zip(plans) {
        fresh |= view.is_some_and(|view| sight.changes(&plan.spans, view, width));
    }
    if !fresh {
        return;
    }
    *painted = Some((scene.palette, colours.to_vec()));
    let palette = scene.palette;
    traces.resize_with(plans.len().min(colours.len()), Trace::default);
    let mut layers = Vec::new();
    for ((trace, plan), &colour) in traces.iter_mut().zip(plans).zip(colours) {
        let Some(view) = view else { break };
        trace.follow(&plan.spans, view, width);
        let Some((low, high)) = trace.extremes else { continue };
        let ink = Ink {
            colour: palette.stream(colour),
            ground: palette.ground,
            band_alpha: 0.45,
            spread_alpha: 0.0,
            spike_alpha: 0.8,
            ratio: scene.ratio as f32,
            line_width: scene.ratio as f32,
            point_radius: None,
            dash: None,
        };
        layers.push(Layer { trace, scale: Scale::fit(low, high), ink });
    }
    raster.paint((width as usize, height as usize), Some(palette.ground), &layers);
    canvas.put(raster);
    if let Some(view) = view {
        let mut counts = vec![0.0; width as usize];
        for plan in plans {
            add_density(&plan.spans, view, &mut counts);
        }
        density(scene, canvas, &counts);
    }
}

/// A strip along the bottom, darker where there are more points.
fn density(scene: &Scene<'_>, canvas: &mut Canvas, counts: &[f64]) {
    let most = counts.iter().copied().fold(0.0, f64::max);
    let step = |count: f64| if count > 0.0 { (count / most * DENSITY_STEPS).ceil().max(1.0) } else { 0.0 };
    let (ratio, height) = (canvas.ratio, canvas.height);
    let mut from = 0;
    for run in counts.chunk_by(|&a, &b| step(a) == step(b)) {
        let to = from + run.len();
        let strength = step(run[0]) / DENSITY_STEPS;
        if strength > 0.0 {
            let paint = Paint(scene.palette.muted, DENSITY_ALPHA * strength);
            let (left, right) = (from as f64 / ratio, to as f64 / ratio);
            canvas.area((left, height - DENSITY_PIXELS), (right, height), paint);
        }
        from = to;
    }
}
