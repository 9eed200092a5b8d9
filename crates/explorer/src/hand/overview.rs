//! The window in the overview and its grips.

use btrdb_core::TimeRange;

use super::{Action, Ground, Hand, Move};
use crate::Viewport;

/// How near to an edge of the overview's window its grip is, in CSS pixels.
const GRIP_PIXELS: f64 = 7.0;

impl Hand {
    /// A pointer has been pressed in the overview, which shows `life` over the same width: a grip stretches the view, its
    /// inside drags it, and elsewhere it comes to the pointer at once.
    pub fn overview_press(&mut self, x: f64, life: &Viewport, ground: &Ground) -> Option<Move> {
        self.halt();
        let range = ground.view.range();
        let left = life.x_from_time(range.start, ground.width);
        let right = life.x_from_time(range.end, ground.width);
        // A window too narrow to hold two grips is moved, not stretched.
        let has_grips = right - left > 3.0 * GRIP_PIXELS;
        if has_grips && (x - left).abs() <= GRIP_PIXELS {
            self.action = Action::Stretch(range.end);
            None
        } else if has_grips && (x - right).abs() <= GRIP_PIXELS {
            self.action = Action::Stretch(range.start);
            None
        } else if (left - GRIP_PIXELS..=right + GRIP_PIXELS).contains(&x) {
            self.action = Action::Slide(life.time_from_x(x, ground.width) - range.start);
            None
        } else {
            self.action = Action::Slide((range.width() / 2) as i64);
            self.overview_drag(x, life, ground)
        }
    }

    /// The pointer is at `x` in the overview.
    pub fn overview_drag(&mut self, x: f64, life: &Viewport, ground: &Ground) -> Option<Move> {
        let Ground { view, width, .. } = ground;
        match self.action {
            Action::Slide(offset) => {
                let start = life.time_from_x(x, *width).saturating_sub(offset);
                Some(Move::to(view.starting_at(start)))
            }
            Action::Stretch(fixed) => {
                let time = life.time_from_x(x.clamp(0.0, *width), *width);
                let range = TimeRange { start: time.min(fixed), end: time.max(fixed) };
                (!range.is_empty()).then(|| Move::to(Viewport::new(range)))
            }
            _ => None,
        }
    }
}
