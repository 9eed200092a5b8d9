//! What the keyboard does. Letters do nothing while something is being typed.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::browser;
use crate::explorer::Explorer;
use crate::machine::Machine;
use crate::view::{SEARCH_ID, STAGE_ID};

/// How far an arrow key pans, as a part of the width.
const PAN_PART: f64 = 0.1;
/// How much further with shift.
const FAST: f64 = 5.0;
/// By what a key multiplies the span to zoom in.
const ZOOM_FACTOR: f64 = 0.75;

/// The keys and what they do, for the help.
pub(crate) const KEYS: [(&[&str], &str); 12] = [
    (&["W", "S", "↑", "↓", "+", "−"], "zoom in and out"),
    (&["A", "D", "←", "→"], "earlier and later; with Shift five times as far"),
    (&["F", "Home"], "show all data"),
    (&["Z", "Shift Z"], "undo and redo"),
    (&["/"], "find streams"),
    (&["\\"], "show or hide the list of streams"),
    (&["Esc"], "close, give up, stop searching"),
    (&["?"], "this list"),
    (&["Wheel"], "zoom at the pointer; with Shift pan; over a value axis scroll"),
    (&["Drag"], "pan"),
    (&["Shift drag"], "zoom to what is marked"),
    (&["Double click"], "zoom in"),
];

/// Listens to the keyboard for as long as the page lives.
pub(crate) fn listen(explorer: Explorer) {
    browser::on_window("keydown", move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
            return;
        }
        let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let tag = element.map(|element| element.tag_name()).unwrap_or_default();
        let typing = matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT");
        let done = if typing { event.key() == "Escape" && stop_typing() } else { press(explorer, &event) };
        if done {
            event.prevent_default();
        }
    });
}

/// Whether the key means something.
fn press(explorer: Explorer, event: &KeyboardEvent) -> bool {
    let fast = if event.shift_key() { FAST } else { 1.0 };
    match event.key().as_str() {
        "ArrowLeft" | "a" | "A" => explorer.act(|machine, now| machine.pan_by_part(-PAN_PART * fast, now)),
        "ArrowRight" | "d" | "D" => explorer.act(|machine, now| machine.pan_by_part(PAN_PART * fast, now)),
        "ArrowUp" | "w" | "W" | "+" | "=" => {
            explorer.act(|machine, now| machine.zoom_about_middle(ZOOM_FACTOR, now));
        }
        "ArrowDown" | "s" | "S" | "-" => {
            explorer.act(|machine, now| machine.zoom_about_middle(1.0 / ZOOM_FACTOR, now));
        }
        "f" | "F" | "Home" => explorer.act(Machine::fit_all),
        "z" => explorer.undo(),
        "Z" => explorer.redo(),
        "/" => {
            explorer.panel_open.set(true);
            // The field is there once the panel has been opened.
            browser::before_next_paint(|| browser::focus(SEARCH_ID));
        }
        "\\" => explorer.panel_open.update(|open| *open = !*open),
        "?" => explorer.help_open.update(|open| *open = !*open),
        "Escape" => {
            explorer.help_open.set(false);
            explorer.connect_open.set(false);
            explorer.act(|machine, _| machine.hand.let_go());
        }
        _ => return false,
    }
    true
}

/// Leaves a field for the plot.
fn stop_typing() -> bool {
    browser::focus(STAGE_ID);
    true
}
