//! How the view gets from one place to another.

use btrdb_core::TimeRange;
use btrdb_explorer::{Glide, StreamId, Viewport};

use super::Machine;
use crate::browser;

/// A view that has not changed for this long is at rest, in milliseconds.
pub(crate) const REST_MILLIS: f64 = 250.0;
/// Room beside the data when all of it is shown.
const FIT_MARGIN: f64 = 0.01;

impl Machine {
    /// Where the view is going to be.
    pub(crate) fn aim(&self) -> Viewport {
        self.glide.map_or(self.view, |glide| glide.target())
    }

    /// Changes the view as part of a gesture at `now`.
    pub(crate) fn move_to(&mut self, view: Viewport, now: f64) {
        if view == self.view && !self.fit_when_known {
            return;
        }
        self.stay_live_in(&view);
        self.go_on(now);
        self.fit_when_known = false;
        self.glide = None;
        self.place(view, now);
    }

    fn place(&mut self, view: Viewport, now: f64) {
        self.view = view;
        self.moved_at = now;
        self.dirty.plot = true;
    }

    /// Goes to `view`, a step of its own to undo.
    pub(crate) fn jump_to(&mut self, view: Viewport, now: f64) {
        if view != self.aim() || self.fit_when_known {
            self.stay_live_in(&view);
            self.begin_step();
            self.fly_to(view, now);
        }
    }

    /// Goes to `view`: gently, unless nothing is to move by itself.
    pub(crate) fn fly_to(&mut self, view: Viewport, now: f64) {
        self.hand.halt();
        self.glide = (!self.fit_when_known && !browser::wants_stillness()).then(|| Glide::new(self.view, view, now));
        self.fit_when_known = false;
        if self.glide.is_none() {
            self.view = view;
        }
        self.place(self.view, now);
    }

    /// Lets the view move on that moves by itself.
    pub(crate) fn drift(&mut self, now: f64) {
        if let Some(glide) = self.glide {
            self.glide = Some(glide).filter(|glide| !glide.is_over(now));
            self.place(glide.view(now), now);
        } else if let Some(moved) = self.hand.coast(&self.ground(now), now) {
            self.step_at = now;
            self.stay_live_in(&moved.view);
            self.place(moved.view, now);
        }
    }

    /// Whether the view moves by itself.
    pub(crate) fn is_drifting(&self) -> bool {
        self.glide.is_some() || self.hand.is_coasting()
    }

    /// Whether the view was changed a moment ago.
    pub(crate) fn is_moving(&self, now: f64) -> bool {
        now - self.moved_at < REST_MILLIS || self.hand.is_busy()
    }

    /// From the first to the last point of all lanes, as far as known.
    pub(crate) fn life(&self) -> Option<TimeRange> {
        let ranges = self.lanes.iter().filter_map(|lane| lane.life?.range);
        ranges.reduce(|a, b| TimeRange { start: a.start.min(b.start), end: a.end.max(b.end) })
    }

    /// The view of all data.
    pub(crate) fn fitting_view(&self) -> Option<Viewport> {
        self.life().map(|life| Viewport::fit(life, FIT_MARGIN))
    }

    /// Shows all data as far as it is known when they begin and end, and the others as soon as it is.
    pub(crate) fn fit_all(&mut self, now: f64) {
        if let Some(view) = self.fitting_view() {
            self.jump_to(view, now);
        }
        self.fit_when_known = self.life().is_none() || !self.knows_all();
        self.dirty.plot = true;
    }

    /// Whether it is known of all lanes when their data begin and end, or that nobody can tell.
    fn knows_all(&self) -> bool {
        self.lanes.iter().all(|lane| lane.life.is_some() || lane.problem.is_some())
    }

    /// Shows all of one stream.
    pub(crate) fn fit_lane(&mut self, id: StreamId, now: f64) {
        let life = self.lane(id).and_then(|lane| lane.life).and_then(|life| life.range);
        if let Some(life) = life {
            self.jump_to(Viewport::fit(life, FIT_MARGIN), now);
        }
    }

    /// Shows all data if that is still to be done and the last lane has become known.
    pub(crate) fn fit_if_known(&mut self) {
        if let Some(view) = self.fitting_view().filter(|_| self.fit_when_known && self.knows_all()) {
            self.view = view;
            self.glide = None;
            self.fit_when_known = false;
            self.dirty.plot = true;
        }
    }
}
