//! What pointers do to the view. Positions are CSS pixels from the left edge of the plot.

use btrdb_core::{TimeRange, Timestamp};

use crate::{Viewport, wheel_factor, wheel_pixels};

/// How far a pointer moves before it is a drag, in CSS pixels.
const DRAG_PIXELS: f64 = 3.0;
/// How near to an edge of the overview's window its grip is, in CSS pixels.
const GRIP_PIXELS: f64 = 7.0;

/// A change of the view that a gesture asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    /// Where to.
    pub view: Viewport,
    /// Towards later times if positive, earlier if negative; 0 for neither.
    pub motion: f64,
    /// Whether it is a step of its own rather than part of a movement.
    pub jump: bool,
}

impl Move {
    fn along(view: Viewport, motion: f64) -> Self {
        Self { view, motion, jump: false }
    }
}

/// Where gestures take place: the view and the width of the plot in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ground {
    /// What is visible now.
    pub view: Viewport,
    /// The width of the plot.
    pub width: f64,
}

impl Ground {
    /// The wheel has been turned by `dx` and `dy`, in the browser's `mode`, with the pointer at `x`: up and down zooms
    /// there, across pans, as does all of it when `sideways`.
    pub fn wheel(&self, x: f64, (dx, dy): (f64, f64), mode: u32, sideways: bool) -> Move {
        let (dx, dy) = (wheel_pixels(dx, mode, self.width), wheel_pixels(dy, mode, self.width));
        if sideways || dx.abs() > dy.abs() {
            let across = if sideways { dx + dy } else { dx };
            Move::along(self.view.pan(across, self.width), across)
        } else {
            Move::along(self.view.zoom(wheel_factor(dy), x, self.width), 0.0)
        }
    }
}

/// What the pointers are doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hand {
    hover: Option<f64>,
    /// Pointers that are down, by the browser's number for them.
    down: Vec<Finger>,
    action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// Where the pointer hovers, if over the plot.
    pub const fn hover(&self) -> Option<f64> {
        self.hover
    }

    /// Whether something is being dragged.
    pub fn is_busy(&self) -> bool {
        !matches!(self.action, Action::None | Action::Press)
    }

    /// Whether the plot is being moved.
    pub fn is_panning(&self) -> bool {
        matches!(self.action, Action::Pan | Action::Pinch)
    }

    /// The range being marked, left to right.
    pub fn marquee(&self) -> Option<(f64, f64)> {
        match self.action {
            Action::Marquee(from, to) => Some((from.min(to), from.max(to))),
            _ => None,
        }
    }

    /// A pointer has been pressed at `x`; `marking` marks a range instead of dragging.
    pub fn press(&mut self, id: i32, x: f64, marking: bool) {
        self.down.retain(|finger| finger.id != id);
        self.down.push(Finger { id, x });
        self.action = match self.down.len() {
            1 if marking => Action::Marquee(x, x),
            1 => Action::Press,
            _ => Action::Pinch,
        };
    }

    /// A pointer is at `x`.
    pub fn point(&mut self, id: i32, x: f64, ground: &Ground) -> Option<Move> {
        let Ground { view, width } = ground;
        self.hover = (0.0..=*width).contains(&x).then_some(x);
        let at = self.down.iter().position(|finger| finger.id == id)?;
        let before = self.down[at].x;
        let moved = match self.action {
            Action::Press if (x - before).abs() < DRAG_PIXELS => return None,
            Action::Press | Action::Pan => {
                self.action = Action::Pan;
                Some(Move::along(view.pan(before - x, *width), before - x))
            }
            Action::Pinch => {
                let was = self.grip()?;
                self.down[at].x = x;
                Some(Move::along(pinch(view, was, self.grip()?, *width), 0.0))
            }
            Action::Marquee(from, _) => {
                self.action = Action::Marquee(from, x.clamp(0.0, *width));
                None
            }
            Action::None | Action::Slide(_) | Action::Stretch(_) => None,
        };
        self.down[at].x = x;
        moved
    }

    /// A pointer has been let go.
    pub fn release(&mut self, id: i32, ground: &Ground) -> Option<Move> {
        self.down.retain(|finger| finger.id != id);
        let marked = self.marquee().filter(|(from, to)| to - from >= DRAG_PIXELS);
        self.action = if self.down.is_empty() { Action::None } else { Action::Pan };
        let (from, to) = marked?;
        Some(Move { view: ground.view.between(from, to, ground.width), motion: 0.0, jump: true })
    }

    /// The pointer has left the plot.
    pub fn leave(&mut self) {
        self.hover = None;
    }

    /// Whatever the pointers were doing is given up.
    pub fn let_go(&mut self) {
        self.down.clear();
        self.action = Action::None;
    }

    /// A pointer has been pressed in the overview, which shows `life` over the same width: a grip stretches the view, its
    /// inside drags it, and elsewhere it comes to the pointer first.
    pub fn overview_press(&mut self, x: f64, life: &Viewport, ground: &Ground) -> Option<Move> {
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
        } else {
            let is_inside = (left - GRIP_PIXELS..=right + GRIP_PIXELS).contains(&x);
            self.action = Action::Slide(if is_inside { x - left } else { (right - left) / 2.0 });
            self.overview_drag(x, life, ground)
        }
    }

    /// The pointer is at `x` in the overview.
    pub fn overview_drag(&mut self, x: f64, life: &Viewport, ground: &Ground) -> Option<Move> {
        let Ground { view, width } = ground;
        match self.action {
            Action::Slide(offset) => {
                let moved = view.starting_at(life.time_from_x(x - offset, *width));
                let motion = -moved.x_from_time(view.range().start, *width);
                Some(Move::along(moved, motion))
            }
            Action::Stretch(fixed) => {
                let time = life.time_from_x(x.clamp(0.0, *width), *width);
                let range = TimeRange { start: time.min(fixed), end: time.max(fixed) };
                (!range.is_empty()).then(|| Move::along(Viewport::new(range), 0.0))
            }
            _ => None,
        }
    }

    /// Where the first two fingers are.
    fn grip(&self) -> Option<(f64, f64)> {
        Some((self.down.first()?.x, self.down.get(1)?.x))
    }
}

/// The view in which the times under two fingers have followed them.
fn pinch(view: &Viewport, before: (f64, f64), after: (f64, f64), width: f64) -> Viewport {
    let (was, is) = ((before.0 - before.1).abs().max(1.0), (after.0 - after.1).abs().max(1.0));
    let (from, to) = (f64::midpoint(before.0, before.1), f64::midpoint(after.0, after.1));
    view.pan(from - to, width).zoom(was / is, to, width)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WIDTH: f64 = 1000.0;

    fn ground(start: i64, end: i64) -> Ground {
        Ground { view: Viewport::new(TimeRange::new(start, end)), width: WIDTH }
    }

    #[test]
    fn a_drag_takes_the_time_along() {
        let mut ground = ground(0, 1_000_000);
        let mut hand = Hand::default();
        let time = ground.view.time_from_x(500.0, WIDTH);
        hand.press(1, 500.0, false);
        assert_eq!(hand.point(1, 501.0, &ground), None, "not yet a drag");
        for x in [490.0, 300.0, 710.0] {
            ground.view = hand.point(1, x, &ground).unwrap().view;
            assert!((ground.view.x_from_time(time, WIDTH) - x).abs() < 0.01);
        }
        assert!(hand.is_panning());
        assert_eq!(hand.release(1, &ground), None);
        assert!(!hand.is_busy());
        assert_eq!(hand.point(1, 100.0, &ground), None, "only hovering now");
        assert_eq!(hand.hover(), Some(100.0));
    }

    #[test]
    fn what_is_marked_becomes_the_view() {
        let ground = ground(0, 1_000_000);
        let mut hand = Hand::default();
        hand.press(1, 600.0, true);
        assert_eq!(hand.point(1, 200.0, &ground), None);
        assert_eq!(hand.marquee(), Some((200.0, 600.0)));
        let moved = hand.release(1, &ground).unwrap();
        assert_eq!((moved.view.range(), moved.jump), (TimeRange::new(200_000, 600_000), true));
        hand.press(1, 600.0, true);
        assert_eq!(hand.release(1, &ground), None, "a click marks nothing");
    }

    #[test]
    fn the_wheel_zooms_at_the_pointer_and_pans_across() {
        let ground = ground(0, 1_000_000);
        let zoomed = ground.wheel(250.0, (0.0, -240.0), 0, false);
        assert_eq!(zoomed.view.range(), TimeRange::new(125_000, 625_000));
        assert_eq!(ground.wheel(250.0, (100.0, 30.0), 0, false).view.range().start, 100_000);
        assert_eq!(ground.wheel(250.0, (0.0, 100.0), 0, true).view.range().start, 100_000);
    }

    #[test]
    fn the_overview_moves_and_stretches_the_view() {
        let life = Viewport::new(TimeRange::new(0, 1_000_000));
        let mut ground = ground(400_000, 600_000);
        let mut hand = Hand::default();
        let moved = hand.overview_press(500.0, &life, &ground).unwrap();
        assert_eq!(moved.view, ground.view, "grasped inside: it stays");
        ground.view = hand.overview_drag(700.0, &life, &ground).unwrap().view;
        assert_eq!(ground.view.range(), TimeRange::new(600_000, 800_000));
        hand.let_go();
        assert_eq!(hand.overview_press(800.0, &life, &ground), None, "the right grip");
        ground.view = hand.overview_drag(900.0, &life, &ground).unwrap().view;
        assert_eq!(ground.view.range(), TimeRange::new(600_000, 900_000));
        ground.view = hand.overview_drag(500.0, &life, &ground).unwrap().view;
        assert_eq!(ground.view.range(), TimeRange::new(500_000, 600_000), "past the other edge");
        hand.let_go();
        let jumped = hand.overview_press(100.0, &life, &ground).unwrap();
        assert_eq!(jumped.view.range(), TimeRange::new(50_000, 150_000), "elsewhere: it comes to the pointer");
    }

    #[test]
    fn a_sliver_of_a_year_can_be_dragged_through_the_overview() {
        let life = Viewport::ALL;
        let mut ground = ground(0, 100);
        let mut hand = Hand::default();
        let _ = hand.overview_press(900.0, &life, &ground);
        ground.view = hand.overview_drag(950.0, &life, &ground).unwrap().view;
        assert_eq!(ground.view.range().width(), 100);
        assert!((life.x_from_time(ground.view.range().start, WIDTH) - 950.0).abs() < 1.0);
    }

    proptest! {
        /// Two fingers keep the times that they were put on, within two pixels.
        #[test]
        fn fingers_keep_their_times(
            a in 50.0..450.0_f64, b in 550.0..950.0_f64, to_a in 50.0..450.0_f64, to_b in 550.0..950.0_f64,
        ) {
            let mut ground = ground(0, 1_000_000_000);
            let times = [a, b].map(|x| ground.view.time_from_x(x, WIDTH));
            let mut hand = Hand::default();
            hand.press(1, a, false);
            hand.press(2, b, false);
            for step in 1..=20 {
                let part = f64::from(step) / 20.0;
                for (id, from, to) in [(1, a, to_a), (2, b, to_b)] {
                    if let Some(moved) = hand.point(id, from + (to - from) * part, &ground) {
                        ground.view = moved.view;
                    }
                }
            }
            for (time, x) in times.into_iter().zip([to_a, to_b]) {
                prop_assert!((ground.view.x_from_time(time, WIDTH) - x).abs() <= 2.0);
            }
        }
    }
}
