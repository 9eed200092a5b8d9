//! What the components of the page share: the signals they show, and the machine behind.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use btrdb_core::TimeRange;
use btrdb_explorer::{Catalog, LinkState, Marquee, StreamId, Viewport};
use leptos::prelude::*;

use crate::browser::{self, FrameGate};
use crate::config::Config;
use crate::machine::{Lane, Machine, Step};
use crate::session::Address;
use crate::status::{LaneStatus, Summary};
use crate::theme::ThemeChoice;
use crate::{frame, keys};

/// For how long it is said what has been done, in milliseconds.
const SAID_MILLIS: f64 = 4_000.0;

/// How far the page has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Asking the server that the configuration names.
    Connecting,
    /// Waiting for somebody to say which server.
    Asking,
    /// Connected, if not always within reach.
    Connected,
}

/// Whether the server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Contact {
    /// It does.
    Held,
    /// It does not, since about this time of day.
    Lost(String),
}

/// How far the list of streams has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    Loading,
    Ready,
    Failed(String),
}

/// What a lane is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Title {
    pub(crate) name: String,
    pub(crate) collection: String,
    pub(crate) unit: String,
}

/// A lane as components see it.
#[derive(Clone, Debug)]
pub(crate) struct LaneHead {
    pub(crate) id: StreamId,
    pub(crate) colour: usize,
    pub(crate) title: ArcRwSignal<Title>,
    pub(crate) status: ArcRwSignal<LaneStatus>,
}

/// The pointer over the plot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flag {
    /// CSS pixels from the left edge of the plot.
    pub(crate) x: f64,
    /// The time there, to the precision of a pixel.
    pub(crate) time: String,
}

/// What is being marked, and how far the lane in which that happens is from the top of the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Marked {
    pub(crate) area: Marquee,
    pub(crate) top: f64,
}

/// What lies over the lanes and follows the pointer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Overlay {
    pub(crate) flag: Option<Flag>,
    pub(crate) marks: Vec<Flag>,
    pub(crate) marquee: Option<Marked>,
    pub(crate) panning: bool,
    /// Whether the bands show the standard deviation.
    pub(crate) spread: bool,
}

/// What lies over the page until it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Popover {
    Help,
    Connect,
    GoTo,
}

/// The handle that every component and every listener holds.
#[derive(Clone, Copy)]
pub(crate) struct Explorer {
    machine: StoredValue<Rc<RefCell<Machine>>, LocalStorage>,
    gate: StoredValue<FrameGate, LocalStorage>,
    pub(crate) phase: RwSignal<Phase>,
    /// What was last tried to connect to.
    pub(crate) address: RwSignal<Address>,
    /// Why that failed, if it did.
    pub(crate) refusal: RwSignal<Option<String>>,
    pub(crate) contact: RwSignal<Contact>,
    pub(crate) config: RwSignal<Arc<Config>>,
    pub(crate) catalog: RwSignal<Arc<Catalog>>,
    pub(crate) listing: RwSignal<Listing>,
    pub(crate) query: RwSignal<String>,
    pub(crate) toggled: RwSignal<BTreeSet<String>>,
    pub(crate) lanes: RwSignal<Vec<LaneHead>>,
    pub(crate) summary: RwSignal<Summary>,
    pub(crate) overlay: RwSignal<Overlay>,
    pub(crate) solo: RwSignal<Option<StreamId>>,
    /// Whether keys without Ctrl, Alt or Meta do anything but move within the page.
    pub(crate) keys_on: RwSignal<bool>,
    pub(crate) theme: RwSignal<ThemeChoice>,
    /// Something worth saying once, such as a link that cannot be read.
    pub(crate) notice: RwSignal<Option<String>>,
    /// Something that has just been done and that nothing else shows.
    pub(crate) said: RwSignal<String>,
    pub(crate) panel_open: RwSignal<bool>,
    pub(crate) popover: RwSignal<Option<Popover>>,
}

impl Explorer {
    pub(crate) fn new() -> Self {
        let theme = ThemeChoice::stored();
        theme.apply();
        Self {
            machine: StoredValue::new_local(Rc::new(RefCell::new(Machine::new()))),
            gate: StoredValue::new_local(FrameGate::default()),
            phase: RwSignal::new(Phase::Connecting),
            address: RwSignal::new(Address::default()),
            refusal: RwSignal::new(None),
            contact: RwSignal::new(Contact::Held),
            config: RwSignal::new(Arc::new(Config::default())),
            catalog: RwSignal::new(Arc::new(Catalog::default())),
            listing: RwSignal::new(Listing::Loading),
            query: RwSignal::new(String::new()),
            toggled: RwSignal::new(BTreeSet::new()),
            lanes: RwSignal::new(Vec::new()),
            summary: RwSignal::new(Summary::default()),
            overlay: RwSignal::new(Overlay::default()),
            solo: RwSignal::new(None),
            keys_on: RwSignal::new(keys::are_on()),
            theme: RwSignal::new(theme),
            notice: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            panel_open: RwSignal::new(!browser::media("(max-width: 900px)")),
            popover: RwSignal::new(None),
        }
    }

    /// Whether this is open.
    pub(crate) fn shows(self, popover: Popover) -> bool {
        self.popover.get() == Some(popover)
    }

    /// Opens this in place of any other, or closes it.
    pub(crate) fn toggle(self, popover: Popover) {
        self.popover.update(|open| *open = Some(popover).filter(|popover| *open != Some(*popover)));
    }

    /// A part of what lies over the lanes, which changes only when that part does.
    pub(crate) fn over<T: PartialEq + Send + Sync + 'static>(self, part: fn(&Overlay) -> T) -> Memo<T> {
        Memo::new(move |_| self.overlay.with(part))
    }

    /// Looks at the machine or changes it, without painting.
    pub(crate) fn with<R>(self, act: impl FnOnce(&mut Machine) -> R) -> R {
        self.machine.with_value(|machine| act(&mut machine.borrow_mut()))
    }

    /// Changes the machine at the present time and has the next frame painted.
    pub(crate) fn act<R>(self, act: impl FnOnce(&mut Machine, f64) -> R) -> R {
        let now = browser::now();
        let result = self.with(|machine| act(machine, now));
        self.request_frame();
        result
    }

    /// Has the next frame painted, with the plot redrawn.
    pub(crate) fn repaint(self) {
        self.with(|machine| machine.dirty.plot = true);
        self.request_frame();
    }

    /// Has the next frame painted, after measuring where everything is.
    pub(crate) fn relayout(self) {
        self.with(|machine| machine.dirty.layout = true);
        self.repaint();
    }

    pub(crate) fn request_frame(self) {
        self.gate.with_value(|gate| gate.request(move || frame::paint(self)));
    }

    /// Has a frame painted in `millis` milliseconds, for what depends on the time alone.
    pub(crate) fn wake_in(self, millis: f64) {
        self.gate.with_value(|gate| gate.wake(millis, move || self.repaint()));
    }

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
        self.act(|machine, now| {
            machine.stepped_at = now;
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

    /// Says for a moment what has been done.
    pub(crate) fn say(self, what: String) {
        self.said.set(what.clone());
        browser::start_detached(async move {
            browser::sleep(SAID_MILLIS).await;
            if self.said.with_untracked(|said| *said == what) {
                self.said.set(String::new());
            }
        });
    }

    /// Changes what the user has chosen to see it in.
    pub(crate) fn set_theme(self, choice: ThemeChoice) {
        choice.apply();
        self.theme.set(choice);
        self.repaint();
    }
}
