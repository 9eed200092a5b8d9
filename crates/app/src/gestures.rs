//! What pointers do to the view. Positions are CSS pixels from the left edge of the plot.

use btrdb_core::{TimeRange, Timestamp};
use btrdb_explorer::{Viewport, wheel_factor, wheel_pixels};

use crate::machine::Machine;

/// How far a pointer moves before it is a drag, in CSS pixels.
const DRAG_PIXELS: f64 = 3.0;
/// By what a double click multiplies the span.
const DOUBLE_CLICK_FACTOR: f64 = 0.5;
/// How near to an edge of the overview's window its grip is, in CSS pixels.
const GRIP_PIXELS: f64 = 7.0;

/// What the pointers are doing.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    /// Where the pointer hovers, if over the plot.
    pub(crate) hover: Option<f64>,
    /// Pointers that are down, by the browser's number for them.
    down: Vec<Finger>,
    action: Action,
}

#[derive(Clone, Copy, Debug)]
struct Finger {
    id: i32,
    x: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Action {
    #[default]
    None,
    /// Down, but not moved yet.
    Press,
    Pan,
    Pinch,
    /// Marking a range, from here to there.
    Marquee(f64, f64),
    /// In the overview: the window follows, this far from its start.
    Slide(f64),
    /// In the overview: one edge follows; the other stays at this time.
    Stretch(Timestamp),
}

impl Hand {
    /// Whether something is being dragged.
    pub(crate) fn is_busy(&self) -> bool {
        !matches!(self.action, Action::None | Action::Press)
    }

    /// Whether the plot is being moved.
    pub(crate) fn is_panning(&self) -> bool {
        matches!(self.action, Action::Pan | Action::Pinch)
    }

    /// The range being marked, left to right.
    pub(crate) fn marquee(&self) -> Option<(f64, f64)> {
        match self.action {
            Action::Marquee(from, to) => Some((from.min(to), from.max(to))),
            _ => None,
        }
    }
}

impl Machine {
    /// The wheel has been turned by `dx` and `dy`, in the browser's `mode`, with the pointer at `x`.
    pub(crate) fn wheel(&mut self, x: f64, (dx, dy): (f64, f64), mode: u32, sideways: bool, now: f64) {
        let width = self.screen.width;
        let (dx, dy) = (wheel_pixels(dx, mode, width), wheel_pixels(dy, mode, width));
        let across = if sideways { dx + dy } else { dx };
        if across.abs() > dy.abs() || sideways {
            self.move_to(self.view.pan(across, width), across, now);
        } else {
            self.move_to(self.view.zoom(wheel_factor(dy), x, width), 0.0, now);
        }
    }

    /// A pointer has been pressed at `x`; `marking` starts a marquee instead of a drag.
    pub(crate) fn press(&mut self, id: i32, x: f64, marking: bool) {
        self.hand.down.retain(|finger| finger.id != id);
        self.hand.down.push(Finger { id, x });
        self.hand.action = match self.hand.down.len() {
            1 if marking => Action::Marquee(x, x),
            1 => Action::Press,
            _ => Action::Pinch,
        };
    }

    /// A pointer is at `x`.
    pub(crate) fn point(&mut self, id: i32, x: f64, now: f64) {
        let width = self.screen.width;
        self.hand.hover = (0.0..=width).contains(&x).then_some(x);
        let before: Vec<_> = self.hand.down.iter().map(|finger| finger.x).collect();
        let Some(at) = self.hand.down.iter().position(|finger| finger.id == id) else { return };
        match self.hand.action {
            Action::Press if (x - before[at]).abs() < DRAG_PIXELS => return,
            Action::Press | Action::Pan => {
                self.hand.action = Action::Pan;
                let pixels = before[at] - x;
                self.move_to(self.view.pan(pixels, width), pixels, now);
            }
            Action::Pinch => {
                let mut after = before.clone();
                after[at] = x;
                let view = pinch(&self.view, (before[0], before[1]), (after[0], after[1]), width);
                self.move_to(view, 0.0, now);
            }
            Action::Marquee(from, _) => self.hand.action = Action::Marquee(from, x.clamp(0.0, width)),
            Action::None | Action::Slide(_) | Action::Stretch(_) => {}
        }
        self.hand.down[at].x = x;
    }

    /// A pointer has been let go.
    pub(crate) fn release(&mut self, id: i32, now: f64) {
        self.hand.down.retain(|finger| finger.id != id);
        if let Some((from, to)) = self.hand.marquee()
            && to - from >= DRAG_PIXELS
        {
            self.jump_to(self.view.between(from, to, self.screen.width), now);
        }
        self.hand.action = if self.hand.down.is_empty() { Action::None } else { Action::Pan };
        self.dirty.plot = true;
    }

    /// Whatever the pointers were doing is given up.
    pub(crate) fn let_go(&mut self) {
        self.hand.down.clear();
        self.hand.action = Action::None;
    }

    /// A double click at `x` zooms in.
    pub(crate) fn double_click(&mut self, x: f64, now: f64) {
        self.jump_to(self.view.zoom(DOUBLE_CLICK_FACTOR, x, self.screen.width), now);
    }

    /// Zooms about the middle; a factor below 1 zooms in.
    pub(crate) fn zoom_about_middle(&mut self, factor: f64, now: f64) {
        let width = self.screen.width;
        self.move_to(self.view.zoom(factor, width / 2.0, width), 0.0, now);
    }

    /// Moves by a part of the width, positive to later times.
    pub(crate) fn pan_by_part(&mut self, part: f64, now: f64) {
        let width = self.screen.width;
        self.move_to(self.view.pan(part * width, width), part, now);
    }

    /// A pointer has been pressed in the overview, whose view is `life`.
    pub(crate) fn overview_press(&mut self, x: f64, life: &Viewport, now: f64) {
        let width = self.screen.width;
        let range = self.view.range();
        let (left, right) = (life.x_from_time(range.start, width), life.x_from_time(range.end, width));
        // A window too narrow to hold two grips is moved, not stretched.
        let stretchable = right - left > 3.0 * GRIP_PIXELS;
        if stretchable && (x - left).abs() <= GRIP_PIXELS {
            self.hand.action = Action::Stretch(range.end);
        } else if stretchable && (x - right).abs() <= GRIP_PIXELS {
            self.hand.action = Action::Stretch(range.start);
        } else {
            let inside = (left - GRIP_PIXELS..=right + GRIP_PIXELS).contains(&x);
            self.hand.action = Action::Slide(if inside { x - left } else { (right - left) / 2.0 });
            self.overview_drag(x, life, now);
        }
    }

    /// The pointer is dragged to `x` in the overview.
    pub(crate) fn overview_drag(&mut self, x: f64, life: &Viewport, now: f64) {
        let width = self.screen.width;
        match self.hand.action {
            Action::Slide(offset) => {
                let view = self.view.starting_at(life.time_from_x(x - offset, width));
                let motion = view.x_from_time(self.view.range().start, width);
                self.move_to(view, -motion, now);
            }
            Action::Stretch(fixed) => {
                let time = life.time_from_x(x.clamp(0.0, width), width);
                let range = TimeRange { start: time.min(fixed), end: time.max(fixed) };
                if !range.is_empty() {
                    self.move_to(Viewport::new(range), 0.0, now);
                }
            }
            _ => {}
        }
    }
}

/// The view in which the times under two fingers have followed them.
fn pinch(view: &Viewport, before: (f64, f64), after: (f64, f64), width: f64) -> Viewport {
    let (was, is) = ((before.0 - before.1).abs().max(1.0), (after.0 - after.1).abs().max(1.0));
    let (from, to) = (f64::midpoint(before.0, before.1), f64::midpoint(after.0, after.1));
    view.pan(from - to, width).zoom(was / is, to, width)
}
