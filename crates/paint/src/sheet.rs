//! Lines, areas and words by way of plotters' canvas backend, in CSS pixels.

use std::convert::Infallible;

use btrdb_explorer::Rgb;
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, FontFamily};

use super::canvas::Canvas;

/// The system's face for text, as in `style.css`.
const FAMILY: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, Inter, 'Helvetica Neue', Arial, sans-serif";

/// A colour and how opaque it is.
#[derive(Clone, Copy)]
pub(super) struct Paint(pub(super) Rgb, pub(super) f64);

impl From<Paint> for BackendColor {
    fn from(Paint([red, green, blue], alpha): Paint) -> Self {
        Self { alpha, rgb: (red, green, blue) }
    }
}

/// Where the position of a text is: at its left end, its middle or its right end.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Left,
    Middle,
    Right,
}

// Drawing on a canvas fails only where there is none, and then there is nothing to be done about it.
impl Canvas {
    /// A line one CSS pixel wide.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), paint: Paint) {
        let style = Stroke { color: paint.into(), width: self.ratio.round().max(1.0) as u32 };
        let (from, to) = (self.device(from), self.device(to));
        self.backend.draw_line(from, to, &style).ok();
    }

    /// A filled area between two corners.
    pub(super) fn area(&mut self, from: (f64, f64), to: (f64, f64), paint: Paint) {
        let (from, to) = (self.device(from), self.device(to));
        self.backend.draw_rect(from, to, &BackendColor::from(paint), true).ok();
    }

    /// A word, its middle at the height `y`.
    pub(super) fn text(&mut self, text: &str, (x, y): (f64, f64), side: Side, size: f64, paint: Paint) {
        let h_pos = match side {
            Side::Left => HPos::Left,
            Side::Middle => HPos::Center,
            Side::Right => HPos::Right,
        };
        let anchor = Pos { h_pos, v_pos: VPos::Center };
        let style = Letters { color: paint.into(), size: size * self.ratio, anchor };
        let place = self.device((x, y));
        self.backend.draw_text(text, &style, place).ok();
    }

    fn device(&self, (x, y): (f64, f64)) -> BackendCoord {
        ((x * self.ratio).round() as i32, (y * self.ratio).round() as i32)
    }
}

struct Stroke {
    color: BackendColor,
    width: u32,
}

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        self.color
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

struct Letters {
    color: BackendColor,
    size: f64,
    anchor: Pos,
}

impl BackendTextStyle for Letters {
    type FontError = Infallible;

    fn color(&self) -> BackendColor {
        self.color
    }

    fn size(&self) -> f64 {
        self.size
    }

    fn anchor(&self) -> Pos {
        self.anchor
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name(FAMILY)
    }

    // The canvas lays out and draws text itself, so that neither of these is ever asked for.
    fn layout_box(&self, _: &str) -> Result<((i32, i32), (i32, i32)), Infallible> {
        Ok(((0, 0), (0, 0)))
    }

    fn draw<E, D>(&self, _: &str, _: BackendCoord, _: D) -> Result<Result<(), E>, Infallible>
    where
        D: FnMut(i32, i32, BackendColor) -> Result<(), E>,
    {
        Ok(Ok(()))
    }
}
