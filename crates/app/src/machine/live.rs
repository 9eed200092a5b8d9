//! Following the newest data.

use btrdb_core::Timestamp;
use btrdb_explorer::Viewport;

use super::Machine;

/// What part of the width lies behind the newest point.
const ROOM: f64 = 0.05;

impl Machine {
    /// Follows the newest data from now on, a step that can be undone, or no longer.
    pub(crate) fn toggle_live(&mut self, now: f64) {
        let live = !self.live;
        if let Some(view) = self.newest_view().filter(|_| live) {
            self.jump_to(view, now);
        }
        self.live = live;
    }

    /// Shows what has come, if that is wanted and nobody is moving the view.
    pub(crate) fn keep_up(&mut self, now: f64) {
        if !self.live || self.is_moving(now) {
            return;
        }
        if let Some(view) = self.newest_view().filter(|view| *view != self.aim()) {
            self.fly_to(view, now);
        }
    }

    /// Ends it where `view` no longer shows the newest point.
    pub(crate) fn stay_live_in(&mut self, view: &Viewport) {
        self.live &= self.newest().is_none_or(|newest| view.outer_range().contains(newest));
    }

    fn newest_view(&self) -> Option<Viewport> {
        Some(self.aim().ending_at(self.newest()?, ROOM))
    }

    fn newest(&self) -> Option<Timestamp> {
        Some(self.life()?.end - 1)
    }
}
