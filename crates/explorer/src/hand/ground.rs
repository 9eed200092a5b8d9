//! Where gestures take place, and what they ask for.

use crate::{Scale, Viewport, wheel_factor, wheel_pixels};

/// A change of the view that a gesture asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    /// Where to.
    pub view: Viewport,
    /// Whether it is a step of its own rather than part of a movement.
    pub jump: bool,
    /// The values to show in the lane that is held, if they are to change.
    pub values: Option<Scale>,
}

impl Move {
    pub(super) fn to(view: Viewport) -> Self {
        Self { view, jump: false, values: None }
    }
}

/// Where gestures take place: the view, the width of the plot, and the lane that is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ground {
    /// What is visible now.
    pub view: Viewport,
    /// The width of the plot.
    pub width: f64,
    /// The values that the lane shows, if any.
    pub values: Option<Scale>,
    /// The height of the lane.
    pub height: f64,
}

impl Ground {
    /// The wheel has been turned by `dx` and `dy`, in the browser's `mode`, with the pointer at `x`: up and down zooms
    /// there, across pans, as does all of it when `sideways`.
    pub fn wheel(&self, x: f64, (dx, dy): (f64, f64), mode: u32, sideways: bool) -> Move {
        let (dx, dy) = (wheel_pixels(dx, mode, self.width), wheel_pixels(dy, mode, self.width));
        if sideways || dx.abs() > dy.abs() {
            let across = if sideways { dx + dy } else { dx };
            Move::to(self.view.pan(across, self.width))
        } else {
            Move::to(self.view.zoom(wheel_factor(dy), x, self.width))
        }
    }

    /// The wheel has been turned by `dy` to zoom the values of the lane at the height `y`.
    pub fn wheel_values(&self, y: f64, dy: f64, mode: u32) -> Option<Scale> {
        Some(self.values?.zoomed(wheel_factor(wheel_pixels(dy, mode, self.height)), y, self.height))
    }
}

/// A place in the lane that is held.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spot {
    /// From the left edge of the plot.
    pub x: f64,
    /// From the top of the lane.
    pub y: f64,
}

/// The view in which the times and values under two fingers have followed them.
pub(super) fn pinch(
    ground: &Ground,
    before: (Spot, Spot),
    after: (Spot, Spot),
    (across, upright): (bool, bool),
) -> Move {
    let spread = |(a, b): (f64, f64)| (a - b).abs().max(1.0);
    let (was, is) = ((before.0.x, before.1.x), (after.0.x, after.1.x));
    let (from, to) = (f64::midpoint(was.0, was.1), f64::midpoint(is.0, is.1));
    let mut view = ground.view.pan(from - to, ground.width);
    if across {
        view = view.zoom(spread(was) / spread(is), to, ground.width);
    }
    let values = ground.values.filter(|_| upright).map(|values| {
        let (was, is) = ((before.0.y, before.1.y), (after.0.y, after.1.y));
        let (from, to) = (f64::midpoint(was.0, was.1), f64::midpoint(is.0, is.1));
        values.shifted(to - from, ground.height).zoomed(spread(was) / spread(is), to, ground.height)
    });
    Move { values, ..Move::to(view) }
}
