//! Which streams are shown, and the steps between.

use btrdb_core::TimeRange;
use btrdb_explorer::{LinkState, StreamId, Viewport};
use leptos::prelude::*;

use super::{Explorer, LaneHead, Title};
use crate::machine::{Lane, Machine, Step};
use crate::status::LaneStatus;

impl Explorer {
    /// Shows a stream in a lane of its own, below the others: a step that can be undone.
    pub(crate) fn add_stream(self, id: StreamId) {
        self.act(|machine, _| {
            machine.begin_step();
            machine.solo = None;
        });
        self.open_lane(id);
        self.lanes_changed();
    }

    fn open_lane(self, id: StreamId) {
        if self.with(|machine| machine.lane(id).is_some()) {
            return;
        }
        let (title, status) = (ArcRwSignal::new(self.title_of(id)), ArcRwSignal::new(LaneStatus::default()));
        self.with(|machine| {
            let colour = machine.free_colour();
            machine.lanes.push(Lane::new(LaneHead { id, colour, title, status }));
        });
    }

    /// Takes a stream off the screen. Its tiles stay at hand.
    pub(crate) fn remove_stream(self, id: StreamId) {
        self.act(|machine, _| {
            machine.begin_step();
            machine.lanes.retain(|lane| lane.id != id);
            machine.solo = machine.solo.filter(|solo| *solo != id);
        });
        self.lanes_changed();
    }

    pub(crate) fn toggle_stream(self, id: StreamId) {
        if self.with(|machine| machine.lane(id).is_some()) { self.remove_stream(id) } else { self.add_stream(id) }
    }

    /// Shows one lane alone, or all again.
    pub(crate) fn toggle_solo(self, id: StreamId) {
        self.act(|machine, _| {
            machine.begin_step();
            machine.solo = Some(id).filter(|_| machine.solo != Some(id));
        });
        self.lanes_changed();
    }

    /// Shows these streams and no others, in `range` or in all of their lives: a step that can be undone.
    pub(crate) fn begin_with(self, streams: &[StreamId], range: Option<TimeRange>) {
        self.with(Machine::begin_step);
        self.show(&LinkState { streams: streams.to_vec(), view: range, ..LinkState::default() });
    }

    /// Shows what a link says.
    pub(crate) fn show(self, link: &LinkState) {
        self.restore(&Step { link: link.clone(), view: link.view.map_or(Viewport::ALL, Viewport::new) });
    }

    fn restore(self, step: &Step) {
        let Step { link, view } = step;
        self.act(|machine, now| {
            let same = machine.streams() == link.streams;
            machine.lanes.retain(|lane| link.streams.contains(&lane.id));
            machine.hand.halt();
            machine.search = None;
            machine.live = false;
            machine.marks.clone_from(&link.marks);
            (machine.solo, machine.spread) = (link.solo, link.sigma);
            if link.view.is_none() {
                (machine.fit_when_known, machine.glide) = (true, None);
            } else if same {
                machine.fly_to(*view, now);
            } else {
                (machine.fit_when_known, machine.glide) = (false, None);
                (machine.view, machine.moved_at) = (*view, now);
            }
        });
        link.streams.iter().for_each(|&id| self.open_lane(id));
        self.act(|machine, _| {
            machine.lanes.sort_by_key(|lane| link.streams.iter().position(|&id| id == lane.id));
            for lane in &mut machine.lanes {
                lane.held = link.values.iter().find(|(id, _)| *id == lane.id).map(|(_, values)| *values);
            }
            machine.step_at = f64::NEG_INFINITY;
            machine.fit_if_known();
        });
        self.lanes_changed();
    }

    /// Goes one step back.
    pub(crate) fn undo(self) {
        self.go_by(-1);
    }

    /// Takes one step back back.
    pub(crate) fn redo(self) {
        self.go_by(1);
    }

    fn go_by(self, steps: isize) {
        let position = self.with(|machine| machine.history.position());
        self.go_to_step(position.saturating_add_signed(steps));
    }

    /// Goes to the step at `position`, or to the nearest that is remembered.
    pub(crate) fn go_to_step(self, position: usize) {
        let step = self.with(|machine| {
            let here = machine.here();
            machine.history.go(position, here)
        });
        if let Some(step) = step {
            self.restore(&step);
            self.act(Machine::calm_address);
        }
    }

    fn lanes_changed(self) {
        self.lanes.set(self.with(|machine| machine.lanes.iter().map(|lane| lane.head.clone()).collect()));
        self.solo.set(self.with(|machine| machine.solo));
        self.relayout();
    }

    /// What is known of a stream's name without asking.
    fn title_of(self, id: StreamId) -> Title {
        self.catalog.with_untracked(|catalog| {
            catalog.find(id).map_or_else(Title::default, |entry| Title {
                name: entry.name.clone(),
                collection: entry.collection.clone(),
                unit: entry.unit.clone(),
            })
        })
    }

    /// Gives the lanes the names that have become known.
    pub(crate) fn name_lanes(self) {
        let heads: Vec<_> = self.with(|machine| machine.lanes.iter().map(|lane| lane.head.clone()).collect());
        for head in heads {
            let title = self.title_of(head.id);
            if title != Title::default() && head.title.with_untracked(|old| *old != title) {
                head.title.set(title);
            }
        }
        self.repaint();
    }
}
