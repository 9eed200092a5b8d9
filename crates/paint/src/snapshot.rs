//! The plot as one picture to keep: what is on its canvases, and in words what that is.

use web_sys::HtmlCanvasElement;

use super::canvas::Canvas;
use super::sheet::{Paint, Side};
use super::{AxisSurface, LaneSurface, Palette};

/// The space around everything, in CSS pixels.
const MARGIN: f64 = 16.0;
/// The heights of the line above the lanes and of each below the axis.
const TITLE: f64 = 30.0;
const NOTE: f64 = 18.0;
const TITLE_SIZE: f64 = 15.0;
const NAME_SIZE: f64 = 12.0;
const NOTE_SIZE: f64 = 11.0;
/// The width of a letter, generously, as a part of its size.
const LETTER_WIDTH: f64 = 0.56;
/// The height of the line below a lane.
const RULE: f64 = 1.0;
/// How opaque the ground behind a name is, and that line in the colour of text.
const BEHIND_NAME: f64 = 0.84;
const BETWEEN_LANES: f64 = 0.15;
/// Where a name is in its lane: its left edge from that of the plot, and its middle.
const NAME_AT: (f64, f64) = (14.0, 16.0);
/// The mark in the colour of a stream, and its distance from the words.
const SWATCH: (f64, f64) = (12.0, 3.0);
const SWATCH_GAP: f64 = 6.0;

/// What a picture of the plot has of a lane.
#[derive(Debug)]
pub struct SnapshotLane<'a> {
    /// As it is on screen.
    pub surface: &'a LaneSurface,
    /// What is written into the lane.
    pub name: String,
    /// What is written below all.
    pub note: String,
    /// The stream's place in the palette.
    pub colour: usize,
}

/// Makes `element`, which is in no page, a picture of lanes and axis as they are on screen, `title` above them and a note on
/// each below. Says whether the browser lets it.
pub fn snapshot(
    palette: &'static Palette,
    element: HtmlCanvasElement,
    title: &str,
    lanes: &[SnapshotLane<'_>],
    axis: &AxisSurface,
) -> bool {
    let Some(mut sheet) = Canvas::new(element) else { return false };
    let axis = axis.canvas();
    let plot: f64 = lanes.iter().map(|lane| lane.surface.base().height + RULE).sum();
    let notes = NOTE * lanes.len() as f64;
    // On a small screen the notes are wider than the plot.
    let longest = lanes.iter().map(|lane| named_width(&lane.note, NOTE_SIZE)).fold(axis.width, f64::max);
    let right = MARGIN + axis.width;
    sheet.resize(longest + 2.0 * MARGIN, 2.0 * MARGIN + TITLE + plot + axis.height + notes, axis.ratio);
    let (text, muted) = (Paint(palette.text, 1.0), Paint(palette.muted, 1.0));
    let (width, height) = (sheet.width, sheet.height);
    sheet.area((0.0, 0.0), (width, height), Paint(palette.ground, 1.0));
    sheet.text(title, (MARGIN, MARGIN + TITLE_SIZE / 2.0), Side::Left, TITLE_SIZE, text);

    let mut top = MARGIN + TITLE;
    for lane in lanes {
        let (base, series, gutter) = (lane.surface.base(), lane.surface.series(), lane.surface.gutter());
        sheet.show(base, (MARGIN, top));
        sheet.show(series, (MARGIN + gutter, top));
        let (left, middle) = (MARGIN + gutter + NAME_AT.0, top + NAME_AT.1);
        let beyond = left + named_width(&lane.name, NAME_SIZE);
        let (above, below) = (middle - NAME_SIZE * 0.8, middle + NAME_SIZE * 0.8);
        let behind = Paint(palette.ground, BEHIND_NAME);
        sheet.area((left - SWATCH_GAP, above), ((beyond + SWATCH_GAP).min(right), below), behind);
        named(&mut sheet, palette, lane, &lane.name, (left, middle), NAME_SIZE, text);
        top += base.height;
        sheet.area((MARGIN, top), (right, top + RULE), Paint(palette.text, BETWEEN_LANES));
        top += RULE;
    }
    sheet.show(axis, (MARGIN, top));
    top += axis.height;
    for lane in lanes {
        top += NOTE;
        named(&mut sheet, palette, lane, &lane.note, (MARGIN, top), NOTE_SIZE, muted);
    }
    true
}

/// How wide [`named`] words are, generously.
fn named_width(words: &str, size: f64) -> f64 {
    SWATCH.0 + SWATCH_GAP + words.chars().count() as f64 * size * LETTER_WIDTH
}

/// Words about a lane behind its colour, their middle at the height of `y`.
fn named(
    sheet: &mut Canvas,
    palette: &Palette,
    lane: &SnapshotLane<'_>,
    words: &str,
    (x, y): (f64, f64),
    size: f64,
    paint: Paint,
) {
    let colour = Paint(palette.stream(lane.colour), 1.0);
    sheet.area((x, y - SWATCH.1 / 2.0), (x + SWATCH.0, y + SWATCH.1 / 2.0), colour);
    sheet.text(words, (x + SWATCH.0 + SWATCH_GAP, y), Side::Left, size, paint);
}
