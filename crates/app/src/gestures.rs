//! Gestures, as they change the machine. What they mean is decided in `btrdb-explorer`.

use btrdb_explorer::{Grasp, Ground, MARKS, Move, Spot, StreamId, Viewport};

use crate::browser;
use crate::frame::whole_life;
use crate::machine::{Held, Machine};

/// By what a double click multiplies the span.
const DOUBLE_CLICK_FACTOR: f64 = 0.5;

impl Machine {
    /// Where gestures take place at `now`.
    pub(crate) fn ground(&self, now: f64) -> Ground {
        let lane = self.held.and_then(|held| self.lanes.iter().find(|lane| lane.id == held.id));
        Ground {
            view: self.view,
            width: self.screen.width,
            values: lane.and_then(|lane| lane.values(now)),
            height: self.held.map_or(1.0, |held| held.height),
        }
    }

    fn follow(&mut self, moved: Option<Move>, now: f64) {
        let Some(Move { view, jump, values }) = moved else { return };
        if jump && (values.is_some() || view != self.view) {
            self.stay_live_in(&view);
            self.begin_step();
            self.fly_to(view, now);
        } else if !jump {
            self.move_to(view, now);
        }
        let held = self.held.and_then(|held| self.lane(held.id));
        if let (Some(values), Some(lane)) = (values, held)
            && lane.held != Some(values)
        {
            if !jump {
                self.go_on(now);
            }
            self.hold(values);
        }
    }

    fn hold(&mut self, values: btrdb_explorer::Scale) {
        if let Some(lane) = self.held.and_then(|held| self.lane(held.id)) {
            lane.held = Some(values);
            self.dirty.plot = true;
        }
    }

    /// A place in the window as one in the lane that is held.
    fn spot(&self, x: f64, client_y: f64) -> Spot {
        Spot { x, y: client_y - self.held.map_or(0.0, |held| held.top) }
    }

    /// The wheel has been turned by `dx` and `dy`, in the browser's `mode`, with the pointer at `x`.
    pub(crate) fn wheel(&mut self, x: f64, turned: (f64, f64), mode: u32, sideways: bool, now: f64) {
        self.hand.halt();
        let moved = self.ground(now).wheel(x, turned, mode, sideways);
        self.follow(Some(moved), now);
    }

    /// The wheel has been turned by `dy` to zoom the values of `lane`.
    pub(crate) fn wheel_values(&mut self, lane: Held, client_y: f64, dy: f64, mode: u32, now: f64) {
        self.held = Some(lane);
        if let Some(values) = self.ground(now).wheel_values(client_y - lane.top, dy, mode) {
            self.go_on(now);
            self.hold(values);
        }
    }

    /// A pointer has been pressed at `x` in `lane`, or beside all.
    pub(crate) fn press(&mut self, id: i32, lane: Option<Held>, (x, client_y): (f64, f64), grasp: Grasp, now: f64) {
        if self.hand.is_empty() {
            self.held = lane;
        }
        self.glide = None;
        let spot = self.spot(x, client_y);
        self.hand.press(id, spot, grasp, now);
        self.dirty.plot = true;
    }

    /// A pointer is at `x`.
    pub(crate) fn point(&mut self, id: i32, (x, client_y): (f64, f64), now: f64) {
        let ground = self.ground(now);
        let moved = self.hand.point(id, self.spot(x, client_y), &ground, now);
        self.follow(moved, now);
    }

    /// A pointer has been let go.
    pub(crate) fn release(&mut self, id: i32, now: f64) {
        let ground = self.ground(now);
        let moved = self.hand.release(id, &ground, now, browser::wants_stillness());
        self.follow(moved, now);
        self.dirty.plot = true;
    }

    /// A double click at `x` zooms in.
    pub(crate) fn double_click(&mut self, x: f64, now: f64) {
        self.jump_to(self.aim().zoom(DOUBLE_CLICK_FACTOR, x, self.screen.width), now);
    }

    /// Zooms about the middle; a factor below 1 zooms in.
    pub(crate) fn zoom_about_middle(&mut self, factor: f64, now: f64) {
        self.hand.halt();
        let width = self.screen.width;
        self.move_to(self.aim().zoom(factor, width / 2.0, width), now);
    }

    /// Moves by a part of the width, positive to later times.
    pub(crate) fn pan_by_part(&mut self, part: f64, now: f64) {
        self.hand.halt();
        let width = self.screen.width;
        self.move_to(self.aim().pan(part * width, width), now);
    }

    /// Zooms the values of a lane, or of all, about their middle by `factor`, and moves them up by `part` of the height.
    pub(crate) fn change_values(&mut self, only: Option<StreamId>, factor: f64, part: f64, now: f64) {
        self.go_on(now);
        for lane in self.lanes.iter_mut().filter(|lane| only.is_none_or(|id| id == lane.id)) {
            lane.held = lane.values(now).map(|values| values.zoomed(factor, 0.5, 1.0).shifted(part, 1.0));
        }
    }

    /// Gives the values of a lane, or of all, back to the data.
    pub(crate) fn free_values(&mut self, only: Option<StreamId>) {
        let concerned = |id: StreamId| only.is_none_or(|only| only == id);
        if self.lanes.iter().any(|lane| concerned(lane.id) && lane.held.is_some()) {
            self.begin_step();
            self.lanes.iter_mut().filter(|lane| concerned(lane.id)).for_each(|lane| lane.held = None);
            self.dirty.plot = true;
        }
    }

    /// Holds the values of a lane as they are, or gives them back to the data.
    pub(crate) fn toggle_held(&mut self, id: StreamId, now: f64) {
        self.begin_step();
        if let Some(lane) = self.lane(id) {
            lane.held = if lane.held.is_some() { None } else { lane.values(now) };
            self.dirty.plot = true;
        }
    }

    /// Shows the standard deviation as a band, or no longer.
    pub(crate) fn toggle_spread(&mut self) {
        self.begin_step();
        self.spread = !self.spread;
        self.dirty.plot = true;
    }

    /// Marks the time at the pointer, or in the middle where there is none; of three marks the first goes.
    pub(crate) fn mark(&mut self) {
        let width = self.screen.width;
        let time = self.view.time_from_x(self.hand.hover().unwrap_or(width / 2.0), width);
        if self.marks.last() != Some(&time) {
            self.begin_step();
            self.marks.push(time);
            let surplus = self.marks.len().saturating_sub(MARKS);
            self.marks.drain(..surplus);
            self.dirty.plot = true;
        }
    }

    /// Wipes the marks, if there are any.
    pub(crate) fn wipe_marks(&mut self) {
        if !self.marks.is_empty() {
            self.begin_step();
            self.marks.clear();
            self.dirty.plot = true;
        }
    }

    /// Shows what lies between the two marks; all data where there are none, or when that is shown already.
    pub(crate) fn fit(&mut self, now: f64) {
        let between = match self.marks[..] {
            [one, other] if one != other => {
                Some(Viewport::new(btrdb_core::TimeRange { start: one.min(other), end: one.max(other) }))
            }
            _ => None,
        };
        match between.filter(|view| *view != self.aim()) {
            Some(view) => self.jump_to(view, now),
            None => self.fit_all(now),
        }
    }

    /// A pointer has been pressed in the overview.
    pub(crate) fn overview_press(&mut self, x: f64, now: f64) {
        if let Some(life) = self.overview_view() {
            self.glide = None;
            let moved = self.hand.overview_press(x, &life, &self.ground(now));
            self.follow(moved, now);
        }
    }

    /// The pointer is at `x` in the overview.
    pub(crate) fn overview_drag(&mut self, x: f64, now: f64) {
        if let Some(life) = self.overview_view() {
            let moved = self.hand.overview_drag(x, &life, &self.ground(now));
            self.follow(moved, now);
        }
    }

    fn overview_view(&self) -> Option<Viewport> {
        self.life().map(whole_life)
    }
}
