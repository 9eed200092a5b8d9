//! A canvas whose pixels are those of the screen.

use std::fmt;

use btrdb_explorer::{Painter, Raster};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// A canvas, its context and its size.
pub(super) struct Canvas {
    element: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    pub(super) backend: CanvasBackend,
    /// In CSS pixels.
    pub(super) width: f64,
    /// In CSS pixels.
    pub(super) height: f64,
    /// Device pixels per CSS pixel.
    pub(super) ratio: f64,
}

impl fmt::Debug for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canvas").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}

impl Canvas {
    /// Takes hold of an element; `None` where the browser gives no 2D context.
    pub(super) fn new(element: HtmlCanvasElement) -> Option<Self> {
        let context = element.get_context("2d").ok()??.dyn_into().ok()?;
        let backend = CanvasBackend::with_canvas_object(element.clone())?;
        Some(Self { element, context, backend, width: 0.0, height: 0.0, ratio: 1.0 })
    }

    /// Reads how large the element is on screen and gives it as many pixels.
    pub(super) fn measure(&mut self, ratio: f64) {
        self.resize(f64::from(self.element.client_width()), f64::from(self.element.client_height()), ratio);
    }

    /// Gives it a size in CSS pixels, and as many pixels as that takes.
    pub(super) fn resize(&mut self, width: f64, height: f64, ratio: f64) {
        (self.width, self.height, self.ratio) = (width, height, ratio);
        let (width, height) = self.device_size();
        // Setting a size wipes the canvas, also when it is the same.
        if self.element.width() != width {
            self.element.set_width(width);
        }
        if self.element.height() != height {
            self.element.set_height(height);
        }
    }

    /// Width and height in device pixels.
    pub(super) fn device_size(&self) -> (u32, u32) {
        ((self.width * self.ratio).round() as u32, (self.height * self.ratio).round() as u32)
    }

    /// Makes everything transparent.
    pub(super) fn wipe(&self) {
        let (width, height) = self.device_size();
        self.context.clear_rect(0.0, 0.0, width.into(), height.into());
    }

    /// Makes everything from `left` CSS pixels on transparent.
    pub(super) fn wipe_from(&self, left: f64) {
        let (width, height) = self.device_size();
        let left = (left * self.ratio).round();
        self.context.clear_rect(left, 0.0, f64::from(width) - left, height.into());
    }

    /// Shows a picture in place of what was there.
    pub(super) fn put(&self, raster: &Raster) {
        let (width, height) = raster.size();
        if width == 0 || height == 0 {
            return;
        }
        let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(raster.pixels()), width as u32, height as u32);
        if let Ok(image) = image {
            self.context.put_image_data(&image, 0.0, 0.0).ok();
        }
    }

    /// Shows what another canvas shows, in as many pixels.
    pub(super) fn copy(&self, other: &Self) {
        // This wipes it, too.
        self.element.set_width(other.element.width());
        self.element.set_height(other.element.height());
        if other.device_size() != (0, 0) {
            self.context.draw_image_with_html_canvas_element(&other.element, 0.0, 0.0).ok();
        }
    }

    /// Paints over a part of it what another canvas shows, whose upper left corner comes to a place in CSS pixels.
    pub(super) fn show(&self, other: &Self, (x, y): (f64, f64)) {
        let (left, top) = ((x * self.ratio).round(), (y * self.ratio).round());
        if other.device_size() != (0, 0) {
            self.context.draw_image_with_html_canvas_element(&other.element, left, top).ok();
        }
    }

    /// Gives up its pixels until something is copied to it.
    pub(super) fn release(&self) {
        if self.element.width() != 0 {
            self.element.set_width(0);
        }
    }

    /// Begins the animation of the stylesheet anew: it has two of the same kind, and a change of name is a beginning.
    pub(super) fn restart_animation(&self) {
        let again = self.element.class_list().contains("fade-a");
        let (old, new) = if again { ("fade-a", "fade-b") } else { ("fade-b", "fade-a") };
        self.element.class_list().remove_1(old).ok();
        self.element.class_list().add_1(new).ok();
    }
}
