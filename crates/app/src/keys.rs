//! What the keyboard does. Letters do nothing while something is being typed, or when they have been switched off.

use btrdb_explorer::{StreamId, Towards};
use leptos::prelude::*;
use web_sys::{Element, KeyboardEvent};

use crate::browser::{self, Store};
use crate::explorer::{Explorer, Popover};
use crate::machine::Machine;
use crate::view::{SEARCH_ID, STAGE_ID};
use crate::{gaps, picture, times};

/// How far a key pans, as a part of the width or the height.
const PAN_PART: f64 = 0.1;
/// How much further with shift.
const FAST: f64 = 5.0;
/// By what a key multiplies the span to zoom in.
const ZOOM_FACTOR: f64 = 0.75;
/// Where it is kept that keys are switched off.
const OFF: &str = "btrdb-keys-off";

/// The keys and what they do, for the help.
pub(crate) const KEYS: [(&[&str], &str); 19] = [
    (&["W", "S", "↑", "↓", "+", "−"], "zoom in and out"),
    (&["A", "D", "←", "→"], "earlier and later; with Shift five times as far"),
    (&["I", "K"], "zoom the values in and out: of the lane in focus, else of all"),
    (&["U", "J"], "higher and lower values"),
    (&["Y"], "values as the data are"),
    (&["M"], "mark the time at the pointer, or in the middle"),
    (&["F", "Home"], "show what is between two marks; again, all data"),
    (&["G"], "go to a time or a range that you type"),
    (&["[", "]"], "go to the gap before or after that shows at this zoom, or to an end of the data"),
    (&["L"], "follow the newest data, or no longer"),
    (&["T", "Shift T"], "copy the range, go to the one copied"),
    (&["P"], "save the lanes in sight as a picture"),
    (&["1", "…", "9"], "one lane alone; again, all"),
    (&["B"], "the standard deviation as a second band"),
    (&["Z", "Shift Z"], "undo and redo, as do Back and Forward"),
    (&["/", "\\"], "find streams; show or hide their list"),
    (&["Ctrl K"], "commands by their names"),
    (&["Esc"], "close, give up, wipe the marks"),
    (&["?"], "this list"),
];

/// What pointers do, for the help.
pub(crate) const GESTURES: [(&str, &str); 6] = [
    ("Wheel", "zoom at the pointer; with Shift pan; with Alt zoom the values; over a value axis scroll"),
    ("Drag", "pan; on a value axis, higher and lower"),
    ("Shift drag", "zoom to what is marked: across, upwards or both"),
    ("Double click", "zoom in; on a value axis, values as the data are"),
    ("Two fingers", "zoom times, values or both, as they are placed"),
    ("Flick", "moves on; a touch stops it"),
];

/// Whether letters and other characters do something by themselves.
pub(crate) fn are_on() -> bool {
    Store::Local.get(OFF).is_none()
}

/// Switches that on or off, for later visits too.
pub(crate) fn switch(explorer: Explorer, on: bool) {
    Store::Local.set(OFF, (!on).then_some("1"));
    explorer.keys_on.set(on);
}

/// Listens to the keyboard for as long as the page lives.
pub(crate) fn listen(explorer: Explorer) {
    browser::on_window("keydown", move |event: KeyboardEvent| {
        if event.default_prevented() {
            return;
        }
        let element = browser::target(&event);
        let tag = element.as_ref().map(Element::tag_name).unwrap_or_default();
        let typing = matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT");
        let is_off = || event.key().chars().count() == 1 && !explorer.keys_on.get_untracked();
        let done = if is_command_key(&event) {
            explorer.toggle(Popover::Commands);
            true
        } else if has_modifier(&event) {
            false
        } else if typing {
            event.key() == "Escape" && stop_typing(explorer)
        } else {
            let lane = element.as_ref().and_then(lane_around);
            !is_off() && press(explorer, &event.key(), event.shift_key(), lane)
        };
        if done {
            event.prevent_default();
        }
    });
}

/// The list of commands is a key with a modifier, which can be pressed while typing and cannot be switched off.
fn is_command_key(event: &KeyboardEvent) -> bool {
    (event.ctrl_key() || event.meta_key()) && !event.alt_key() && matches!(event.key().as_str(), "k" | "K")
}

fn has_modifier(event: &KeyboardEvent) -> bool {
    event.ctrl_key() || event.meta_key() || event.alt_key()
}

/// Does what a key does, with the shift key held or not, and returns whether that is anything. `lane` has the focus.
pub(crate) fn press(explorer: Explorer, key: &str, shift: bool, lane: Option<StreamId>) -> bool {
    let fast = if shift { FAST } else { 1.0 };
    let zoom = |factor| explorer.act(|machine, now| machine.zoom_about_middle(factor, now));
    let pan = |part| explorer.act(|machine, now| machine.pan_by_part(part * fast, now));
    let lane = lane.or_else(|| explorer.with(|machine| machine.solo));
    let values = |factor, part| explorer.act(|machine, now| machine.change_values(lane, factor, part, now));
    match key {
        "ArrowLeft" | "a" | "A" => pan(-PAN_PART),
        "ArrowRight" | "d" | "D" => pan(PAN_PART),
        "ArrowUp" | "w" | "W" | "+" | "=" => zoom(ZOOM_FACTOR),
        "ArrowDown" | "s" | "S" | "-" => zoom(1.0 / ZOOM_FACTOR),
        "i" | "I" => values(ZOOM_FACTOR, 0.0),
        "k" | "K" => values(1.0 / ZOOM_FACTOR, 0.0),
        "u" | "U" => values(1.0, PAN_PART * fast),
        "j" | "J" => values(1.0, -PAN_PART * fast),
        "y" | "Y" => explorer.act(|machine, _| machine.free_values(lane)),
        "g" | "G" => explorer.toggle(Popover::GoTo),
        "t" | "T" if shift => times::paste(explorer),
        "t" | "T" => times::copy(explorer),
        "p" | "P" => picture::save(explorer),
        "l" | "L" => explorer.act(Machine::toggle_live),
        "b" | "B" => explorer.act(|machine, _| machine.toggle_spread()),
        "m" | "M" => explorer.act(|machine, _| machine.mark()),
        "f" | "F" | "Home" => explorer.act(Machine::fit),
        // By the shift key itself: with caps lock the letters are the other way round.
        "z" | "Z" if shift => explorer.redo(),
        "z" | "Z" => explorer.undo(),
        "[" => gaps::go(explorer, lane, Towards::Earlier),
        "]" => gaps::go(explorer, lane, Towards::Later),
        "/" => {
            browser::focus(SEARCH_ID);
            if !explorer.panel_open.get_untracked() {
                explorer.panel_open.set(true);
                // The field is there once the panel has been opened.
                browser::before_next_paint(|| browser::focus(SEARCH_ID));
            }
        }
        "\\" => explorer.panel_open.update(|open| *open = !*open),
        "?" => explorer.toggle(Popover::Help),
        "Escape" | "Esc" => give_up(explorer),
        key => return key.parse().is_ok_and(|number: usize| solo(explorer, number)),
    }
    true
}

/// Shows the lane with this number from the top alone, or all again.
fn solo(explorer: Explorer, number: usize) -> bool {
    let lane = explorer.with(|machine| Some(machine.lanes.get(number.checked_sub(1)?)?.id));
    lane.map(|id| explorer.toggle_solo(id)).is_some()
}

/// Closes what is open and gives up what is under way; if nothing is, wipes the marks.
fn give_up(explorer: Explorer) {
    let closed = close(explorer);
    explorer.act(|machine, _| {
        let was_busy = machine.search.take().is_some() | machine.hand.is_busy();
        machine.hand.let_go();
        if !closed && !was_busy {
            machine.wipe_marks();
        }
    });
}

/// Whether anything was open.
fn close(explorer: Explorer) -> bool {
    explorer.popover.try_update(Option::take).flatten().is_some()
}

/// The lane that an element is part of.
pub(crate) fn lane_around(element: &Element) -> Option<StreamId> {
    StreamId::parse(&element.closest(".lane").ok()??.get_attribute("data-stream")?)
}

/// Leaves a field for the plot, and what it is part of.
fn stop_typing(explorer: Explorer) -> bool {
    close(explorer);
    browser::focus(STAGE_ID);
    true
}
