//! What pointers do to the view. Positions are CSS pixels from the left edge of the plot and from the top of the lane that
//! is held; times are milliseconds.

mod ground;
mod overview;

use btrdb_core::Timestamp;

use crate::Viewport;
use crate::fling::{Fling, Track};
use ground::pinch;
pub use ground::{Ground, Move, Spot};

/// How far a pointer moves before it is a drag, in CSS pixels.
const DRAG_PIXELS: f64 = 3.0;
/// What is marked counts across and upwards if it is at least this large both ways; else only the larger way.
const BOX_PIXELS: f64 = 24.0;
/// Two fingers so much further apart one way than the other pinch only that way.
const ONE_WAY: f64 = 2.0;

/// What a pointer that has been pressed is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grasp {
    /// Drag the recording.
    Drag,
    /// Drag it with a finger, which may fling it or be joined by a second one.
    Touch,
    /// Mark what is to fill the plot.
    Mark,
    /// Drag the values up and down.
    Values,
}

/// What is being marked: from the left to the right, from the top to the bottom; `None` for all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marquee {
    /// Across.
    pub x: Option<(f64, f64)>,
    /// From the top.
    pub y: Option<(f64, f64)>,
}

/// What the pointers are doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hand {
    hover: Option<f64>,
    /// Pointers that are down, by the browser's number for them.
    down: Vec<(i32, Spot)>,
    action: Action,
    track: Option<Track>,
    fling: Option<Fling>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Action {
    #[default]
    None,
    /// Down, but not moved yet.
    Press,
    Pan,
    /// Two fingers, across and up and down.
    Pinch(bool, bool),
    /// Marking, from here to there.
    Mark(Spot, Spot),
    Values,
    /// In the overview: the window follows, this many nanoseconds from its start.
    Slide(i64),
    /// In the overview: one edge follows; the other stays at this time.
    Stretch(Timestamp),
}

impl Hand {
    /// Where the pointer hovers, if over the plot.
    pub const fn hover(&self) -> Option<f64> {
        self.hover
    }

    /// Whether something is being dragged, or still moves on.
    pub fn is_busy(&self) -> bool {
        self.is_coasting() || !matches!(self.action, Action::None | Action::Press)
    }

    /// Whether the plot is being moved.
    pub fn is_panning(&self) -> bool {
        matches!(self.action, Action::Pan | Action::Pinch(..) | Action::Values)
    }

    /// Whether no pointer is down.
    pub fn is_empty(&self) -> bool {
        self.down.is_empty()
    }

    /// What is being marked.
    pub fn marquee(&self) -> Option<Marquee> {
        let Action::Mark(from, to) = self.action else { return None };
        let (wide, tall) = ((from.x - to.x).abs(), (from.y - to.y).abs());
        let both = wide.min(tall) >= BOX_PIXELS;
        Some(Marquee {
            x: (both || wide >= tall).then_some((from.x.min(to.x), from.x.max(to.x))),
            y: (both || wide < tall).then_some((from.y.min(to.y), from.y.max(to.y))),
        })
    }

    /// A pointer has been pressed at `spot`. Whatever moved on by itself stops.
    pub fn press(&mut self, id: i32, spot: Spot, grasp: Grasp, now: f64) {
        self.halt();
        self.down.retain(|finger| finger.0 != id);
        self.down.push((id, spot));
        self.track = None;
        self.action = match (self.down.len(), grasp) {
            (1, Grasp::Mark) => Action::Mark(spot, spot),
            (1, Grasp::Values) => Action::Values,
            (1, Grasp::Drag) => Action::Press,
            (1, Grasp::Touch) => {
                self.follow(spot.x, now);
                Action::Press
            }
            _ => self.pinching(),
        };
    }

    /// Two fingers far apart across change the times, far apart up and down the values, and both if both.
    fn pinching(&self) -> Action {
        let Some((a, b)) = self.grip() else { return Action::None };
        let (wide, tall) = ((a.x - b.x).abs(), (a.y - b.y).abs());
        Action::Pinch(wide * ONE_WAY > tall, tall * ONE_WAY > wide)
    }

    fn follow(&mut self, x: f64, now: f64) {
        self.track.get_or_insert_default().note(x, now);
    }

    /// A pointer is at `spot`.
    pub fn point(&mut self, id: i32, spot: Spot, ground: &Ground, now: f64) -> Option<Move> {
        let Ground { view, width, .. } = ground;
        self.hover = (0.0..=*width).contains(&spot.x).then_some(spot.x);
        let at = self.down.iter().position(|finger| finger.0 == id)?;
        let before = self.down[at].1;
        let moved = match self.action {
            Action::Press if (spot.x - before.x).abs() < DRAG_PIXELS => return None,
            Action::Press | Action::Pan => {
                self.action = Action::Pan;
                if self.track.is_some() {
                    self.follow(spot.x, now);
                }
                Some(Move::to(view.pan(before.x - spot.x, *width)))
            }
            Action::Pinch(across, upright) => {
                let was = self.grip()?;
                self.down[at].1 = spot;
                Some(pinch(ground, was, self.grip()?, (across, upright)))
            }
            Action::Mark(from, _) => {
                let to = Spot { x: spot.x.clamp(0.0, *width), y: spot.y.clamp(0.0, ground.height) };
                self.action = Action::Mark(from, to);
                None
            }
            Action::Values => {
                let values = ground.values.map(|values| values.shifted(spot.y - before.y, ground.height));
                Some(Move { values, ..Move::to(*view) })
            }
            Action::None | Action::Slide(_) | Action::Stretch(_) => None,
        };
        self.down[at].1 = spot;
        moved
    }

    /// A pointer has been let go. Unless all is to be `still`, a finger that was quick leaves the view moving on.
    pub fn release(&mut self, id: i32, ground: &Ground, now: f64, still: bool) -> Option<Move> {
        self.down.retain(|finger| finger.0 != id);
        let marked = self.marquee();
        if self.down.is_empty() {
            let track = self.track.take().filter(|_| self.action == Action::Pan && !still);
            self.fling = track.and_then(|track| track.fling(ground.view, now));
            self.action = Action::None;
        } else {
            self.action = Action::Pan;
        }
        let marked = marked?;
        let wide = |side: &(f64, f64)| side.1 - side.0 >= DRAG_PIXELS;
        let (across, upright) = (marked.x.filter(wide), marked.y.filter(wide));
        if across.is_none() && upright.is_none() {
            return None;
        }
        // What was marked is the view to the nanosecond, as a link to it will say.
        let view =
            across.map_or(ground.view, |(from, to)| Viewport::new(ground.view.between(from, to, ground.width).range()));
        let values = upright.and_then(|(top, bottom)| Some(ground.values?.between(top, bottom, ground.height)));
        Some(Move { view, jump: true, values })
    }

    /// Whether the view moves on by itself.
    pub fn is_coasting(&self) -> bool {
        self.fling.is_some()
    }

    /// Where the view has moved on to by itself.
    pub fn coast(&mut self, ground: &Ground, now: f64) -> Option<Move> {
        let fling = self.fling?;
        if fling.is_over(now) {
            self.fling = None;
        }
        Some(Move::to(fling.view(now, ground.width)))
    }

    /// Nothing moves on by itself any longer.
    pub fn halt(&mut self) {
        self.fling = None;
    }

    /// The pointer has left the plot.
    pub fn leave(&mut self) {
        self.hover = None;
    }

    /// Whatever the pointers were doing is given up.
    pub fn let_go(&mut self) {
        *self = Self { hover: self.hover, ..Self::default() };
    }

    /// Where the first two fingers are.
    fn grip(&self) -> Option<(Spot, Spot)> {
        Some((self.down.first()?.1, self.down.get(1)?.1))
    }
}

#[cfg(test)]
mod tests;
