//! The calendar axis below the lanes.

use btrdb_explorer::TimeLabel;
use web_sys::HtmlCanvasElement;

use super::Scene;
use super::canvas::Canvas;
use super::sheet::{Paint, Side};

const LABEL_SIZE: f64 = 12.0;
/// The middle of each row, in CSS pixels from the top.
const TICKS_Y: f64 = 13.0;
const REGIONS_Y: f64 = 33.0;
/// The height of the first row.
const ROW: f64 = 22.0;
/// The width of a character, generously.
const CHARACTER: f64 = 7.0;

/// The canvas of the axis.
#[derive(Debug)]
pub struct AxisSurface {
    canvas: Canvas,
}

impl AxisSurface {
    /// Takes hold of it; `None` where the browser gives no 2D context.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        Some(Self { canvas: Canvas::new(canvas)? })
    }

    /// Reads how large it is on screen, `ratio` device pixels per CSS pixel.
    pub fn measure(&mut self, ratio: f64) {
        self.canvas.measure(ratio);
    }

    pub(super) fn canvas(&self) -> &Canvas {
        &self.canvas
    }
}

/// Paints both rows.
pub fn axis(scene: &Scene<'_>, surface: &mut AxisSurface) {
    let Scene { view, axis, width, .. } = *scene;
    let canvas = &mut surface.canvas;
    canvas.wipe();
    let gutter = canvas.width - width;
    let (words, strong) = (Paint(scene.palette.muted, 1.0), Paint(scene.palette.text, 1.0));
    let rule = Paint(scene.palette.text, 0.25);
    canvas.text("UTC", (gutter - 7.0, REGIONS_Y), Side::Right, LABEL_SIZE, words);
    for tick in &axis.ticks {
        let x = view.x_from_time(tick.range.start, width);
        let half = half_width(tick);
        if !(0.0..=width).contains(&x) {
            continue;
        }
        canvas.line((gutter + x, 0.0), (gutter + x, 4.0), rule);
        // Cut words are worse than none.
        if x + half <= width {
            canvas.text(&tick.text, (gutter + x, TICKS_Y), Side::Middle, LABEL_SIZE, words);
        }
    }
    for region in &axis.regions {
        let (from, to) = (view.x_from_time(region.range.start, width), view.x_from_time(region.range.end, width));
        if (0.0..=width).contains(&from) {
            canvas.line((gutter + from, 0.0), (gutter + from, 2.0 * ROW), rule);
        }
        // The name stays in sight for as long as part of what it names does.
        let left = from.max(0.0) + 6.0;
        if to.min(width) - left >= 2.0 * half_width(region) {
            canvas.text(&region.text, (gutter + left, REGIONS_Y), Side::Left, LABEL_SIZE, strong);
        }
    }
}

fn half_width(label: &TimeLabel) -> f64 {
    label.text.chars().count() as f64 * CHARACTER / 2.0
}
