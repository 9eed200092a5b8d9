//! What the components are told about a frame: of each lane, and of the view as a whole.

mod lane;
mod summary;

use btrdb_explorer::{format_date, format_time};
use leptos::prelude::*;

use crate::explorer::{Explorer, Flag, Marked, Overlay};
use crate::machine::Machine;
use crate::{address, neighbours};
use lane::{is_loading, lane_status};
use summary::{spoken, summary};

/// When waiting is worth a word, and when more of them, in milliseconds.
pub(crate) const WORD_MILLIS: f64 = 300.0;
pub(crate) const LONG_MILLIS: f64 = 2_000.0;
pub(crate) const TOO_LONG_MILLIS: f64 = 5_000.0;

/// Tells the components what is on screen.
pub(crate) fn show(explorer: Explorer, machine: &mut Machine, now: f64) {
    let view = machine.view;
    let nanos_per_pixel = view.nanos_per_pixel(machine.screen.width);
    let hover = machine.hand.hover().filter(|_| !machine.hand.is_panning() && !machine.lanes.is_empty());
    for lane in &machine.lanes {
        let status = lane_status(lane, machine, hover, now);
        if lane.head.status.with_untracked(|old| *old != status) {
            lane.head.status.set(status);
        }
    }
    let words = |time| format!("{} {}", format_date(time), format_time(time, nanos_per_pixel));
    let flag = hover.map(|x| Flag { x, time: words(view.time_from_x(x, machine.screen.width)) });
    let marks = machine.marks.iter();
    let marks = marks.map(|&time| Flag {
        x: view.x_from_time(time, machine.screen.width),
        time: format_time(time, nanos_per_pixel),
    });
    let top = machine.held.map_or(0.0, |held| held.offset);
    let overlay = Overlay {
        flag,
        marks: marks.filter(|mark| (0.0..=machine.screen.width).contains(&mark.x)).collect(),
        marquee: machine.hand.marquee().map(|area| Marked { area, top }),
        panning: machine.hand.is_panning(),
        spread: machine.spread,
        live: machine.live,
    };
    set_if_changed(explorer.overlay, overlay);

    let loading = machine.is_moving(now) || machine.lanes.iter().any(|lane| is_loading(lane, now));
    let mut summary = summary(machine, nanos_per_pixel, loading);
    summary.spoken =
        if loading { explorer.summary.with_untracked(|old| old.spoken.clone()) } else { spoken(machine, &summary) };
    set_if_changed(explorer.summary, summary);
    let is_moving = machine.is_moving(now);
    if !is_moving {
        neighbours::ask(explorer, machine);
    }
    // On its way to a view, that is what counts.
    if !is_moving || machine.glide.is_some() {
        machine.address_late = address::write(machine, now);
    }
}

fn set_if_changed<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}
