//! Gestures, as they change the machine. What they mean is decided in `btrdb-explorer`.

use btrdb_explorer::{Ground, Move, Viewport};

use crate::frame::whole_life;
use crate::machine::Machine;

/// By what a double click multiplies the span.
const DOUBLE_CLICK_FACTOR: f64 = 0.5;

impl Machine {
    fn ground(&self) -> Ground {
        Ground { view: self.view, width: self.screen.width }
    }

    fn follow(&mut self, moved: Option<Move>, now: f64) {
        match moved {
            Some(Move { view, jump: true, .. }) => self.jump_to(view, now),
            Some(Move { view, jump: false, .. }) => self.move_to(view, now),
            None => {}
        }
    }

    /// The wheel has been turned by `dx` and `dy`, in the browser's `mode`, with the pointer at `x`.
    pub(crate) fn wheel(&mut self, x: f64, turned: (f64, f64), mode: u32, sideways: bool, now: f64) {
        let moved = self.ground().wheel(x, turned, mode, sideways);
        self.follow(Some(moved), now);
    }

    /// A pointer is at `x`.
    pub(crate) fn point(&mut self, id: i32, x: f64, now: f64) {
        let moved = self.hand.point(id, x, &self.ground());
        self.follow(moved, now);
    }

    /// A pointer has been let go.
    pub(crate) fn release(&mut self, id: i32, now: f64) {
        let moved = self.hand.release(id, &self.ground());
        self.follow(moved, now);
        self.dirty.plot = true;
    }

    /// A double click at `x` zooms in.
    pub(crate) fn double_click(&mut self, x: f64, now: f64) {
        self.jump_to(self.view.zoom(DOUBLE_CLICK_FACTOR, x, self.screen.width), now);
    }

    /// Zooms about the middle; a factor below 1 zooms in.
    pub(crate) fn zoom_about_middle(&mut self, factor: f64, now: f64) {
        let width = self.screen.width;
        self.move_to(self.view.zoom(factor, width / 2.0, width), now);
    }

    /// Moves by a part of the width, positive to later times.
    pub(crate) fn pan_by_part(&mut self, part: f64, now: f64) {
        let width = self.screen.width;
        self.move_to(self.view.pan(part * width, width), now);
    }

    /// A pointer has been pressed in the overview.
    pub(crate) fn overview_press(&mut self, x: f64, now: f64) {
        if let Some(life) = self.overview_view() {
            let moved = self.hand.overview_press(x, &life, &self.ground());
            self.follow(moved, now);
        }
    }

    /// The pointer is at `x` in the overview.
    pub(crate) fn overview_drag(&mut self, x: f64, now: f64) {
        if let Some(life) = self.overview_view() {
            let moved = self.hand.overview_drag(x, &life, &self.ground());
            self.follow(moved, now);
        }
    }

    fn overview_view(&self) -> Option<Viewport> {
        self.life().map(whole_life)
    }
}
