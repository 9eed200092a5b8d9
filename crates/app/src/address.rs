//! The address of the page and the browser's buttons back and forward. Each step to undo has an entry in the browser's
//! history, as far as there is room for it (`btrdb_explorer::Trail`).

use btrdb_explorer::{Footprint, Trail};

use crate::explorer::Explorer;
use crate::machine::Machine;
use crate::{browser, session};

/// When to try again after the browser has refused, in milliseconds.
const REFUSED_MILLIS: f64 = 2_000.0;

/// Listens to the browser's buttons and to changes of the address for as long as the page lives.
pub(crate) fn listen(explorer: Explorer) {
    explorer.with(rename);
    browser::on_window("popstate", move |_: web_sys::Event| arrive(explorer));
}

/// Writes what is on screen into the address, as a new entry if there has been a new step. Returns in how many
/// milliseconds to try again, if it cannot be done now.
pub(crate) fn write(machine: &mut Machine, now: f64) -> Option<f64> {
    if machine.lanes.is_empty() && machine.history.position() == 0 {
        return None;
    }
    let calm = machine.address_from - now;
    if calm > 0.0 {
        return Some(calm);
    }
    loop {
        let before = machine.trail;
        let done = match machine.trail.follow(machine.history.position(), machine.history.can_redo())? {
            Footprint::New { slot, position } => {
                let link = machine.history.at(position).map_or_else(|| machine.link(), |step| step.link.clone());
                put(machine, link.to_string(), slot, true)
            }
            Footprint::Same { slot } => {
                let fragment = machine.link().to_string();
                if machine.written == (fragment.clone(), slot) || put(machine, fragment, slot, false) {
                    return None;
                }
                false
            }
            Footprint::Go(by) => {
                browser::go_in_history(by);
                return None;
            }
        };
        if !done {
            machine.trail = before;
            return Some(REFUSED_MILLIS);
        }
    }
}

/// Whether the browser has done so.
fn put(machine: &mut Machine, fragment: String, slot: usize, is_new: bool) -> bool {
    let state = format!("{}:{slot}", machine.trail_name);
    let done = browser::set_fragment(&fragment, &state, is_new);
    if done {
        machine.written = (fragment, slot);
    }
    done
}

/// The browser shows another entry.
fn arrive(explorer: Explorer) {
    let state = browser::history_state();
    let slot = explorer.with(|machine| {
        let (name, slot) = state.as_deref()?.split_once(':')?;
        slot.parse().ok().filter(|_| name == machine.trail_name)
    });
    let Some(slot) = slot else {
        // Somebody changed the address, or it is an entry of an earlier visit: a step like any other.
        explorer.with(Machine::begin_step);
        session::follow_link(explorer);
        return explorer.with(rename);
    };
    let position = explorer.with(|machine| {
        machine.written = (String::new(), slot);
        machine.trail.arrived(slot)
    });
    if let Some(position) = position {
        explorer.go_to_step(position);
    }
    explorer.repaint();
}

/// Begins a trail: the entries that there are belong to no step that is remembered.
fn rename(machine: &mut Machine) {
    machine.trail = Trail::beginning_at(machine.history.position());
    machine.trail_name = browser::instant();
    machine.written = (String::new(), 0);
}
