//! What can be undone, and what a link says.

use btrdb_explorer::{LinkState, Viewport};

use super::Machine;
use crate::browser;

/// Changes of the view closer together than this are one step to undo, in milliseconds.
const STEP_MILLIS: f64 = 700.0;

/// How long nothing must have been done after steps in quick succession before the address follows, in milliseconds: browsers
/// would refuse some.
const CALM_MILLIS: f64 = 250.0;

/// What undoing leads back to: all that a link says, and the view to less than a nanosecond.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) link: LinkState,
    pub(crate) view: Viewport,
}

impl Machine {
    /// What a link to this view says.
    pub(crate) fn link(&self) -> LinkState {
        let held = self.lanes.iter().filter_map(|lane| Some((lane.id, lane.held?)));
        LinkState {
            streams: self.streams(),
            view: (!self.fit_when_known).then(|| self.aim().range()),
            values: held.collect(),
            marks: self.marks.clone(),
            solo: self.solo,
            sigma: self.spread,
        }
    }

    /// Remembers what there is, to be come back to. Whatever was on its way to another view is given up.
    pub(crate) fn begin_step(&mut self) {
        self.search = None;
        let here = self.here();
        self.history.push(here);
        self.step_at = f64::NEG_INFINITY;
        // After a lone step the address follows at once: who goes back then undoes it.
        let now = browser::now();
        if now - std::mem::replace(&mut self.stepped_at, now) < STEP_MILLIS {
            self.calm_address(now);
        }
    }

    /// After steps in quick succession the address follows when they are over.
    pub(crate) fn calm_address(&mut self, now: f64) {
        self.address_from = now + CALM_MILLIS;
    }

    pub(crate) fn here(&self) -> Step {
        Step { link: self.link(), view: self.aim() }
    }

    /// A gesture goes on at `now`, or begins: then what there is is remembered.
    pub(crate) fn go_on(&mut self, now: f64) {
        if now - self.step_at > STEP_MILLIS {
            self.begin_step();
        }
        self.search = None;
        self.step_at = now;
        self.dirty.plot = true;
    }
}
