//! What the components of the page share: the signals they show, and the machine behind.

mod kinds;
mod lanes;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use btrdb_explorer::{Catalog, StreamId};
use leptos::prelude::*;

use crate::browser::{self, FrameGate};
use crate::config::Config;
use crate::machine::Machine;
use crate::session::Address;
use crate::status::Summary;
use crate::theme::ThemeChoice;
use crate::{frame, keys};
pub(crate) use kinds::{Contact, Flag, LaneHead, Listing, Marked, Overlay, Phase, Popover, Title};

/// For how long it is said what has been done, in milliseconds.
const SAID_MILLIS: f64 = 4_000.0;

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
