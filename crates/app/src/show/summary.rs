//! What is said of the view as a whole: in the bar at the bottom, and to who listens.

use btrdb_explorer::{Drawn, format_count, format_distance, format_span, format_time_range, format_value};
use leptos::prelude::*;

use crate::machine::Machine;
use crate::status::{Summary, resolution_words};

/// Of a view in which a pixel is `nanos_per_pixel` wide.
pub(super) fn summary(machine: &Machine, nanos_per_pixel: f64, loading: bool) -> Summary {
    let range = machine.view.range();
    let seen = machine.lanes_in_sight();
    let drawn = seen.clone().filter_map(|lane| lane.trace.as_ref()).map(|trace| trace.drawn);
    let coarsest = drawn.fold(Drawn::Nothing, |coarsest, drawn| match (coarsest, drawn) {
        (Drawn::Windows(a), Drawn::Windows(b)) => Drawn::Windows(a.max(b)),
        (Drawn::Windows(a), _) => Drawn::Windows(a),
        (Drawn::Nothing | Drawn::Raw, Drawn::Windows(b)) => Drawn::Windows(b),
        (Drawn::Nothing, other) => other,
        (Drawn::Raw, _) => Drawn::Raw,
    });
    let points: f64 = seen.clone().map(|lane| lane.census.points).sum();
    let exact = seen.clone().all(|lane| lane.census.exact);
    let versions = || machine.lanes.iter().filter_map(|lane| lane.life).map(|life| life.version);
    Summary {
        range,
        range_words: format_time_range(range, nanos_per_pixel),
        span: if machine.lanes.is_empty() { String::new() } else { format_span(machine.view.span_nanos()) },
        windows: resolution_words(coarsest),
        points: match points.round() as u64 {
            _ if machine.lanes.is_empty() => String::new(),
            0 if seen.clone().any(|lane| !lane.census.complete) => String::new(),
            0 => "no points".to_owned(),
            1 if exact => "1 point".to_owned(),
            points if exact => format!("{} points", format_count(points)),
            points => format!("about {} points", format_count(rounded(points))),
        },
        marked: marked(machine),
        versions: match (versions().min(), versions().max()) {
            (Some(first), Some(last)) if first == last => format!("version {first}"),
            (Some(first), Some(last)) => format!("versions {first} to {last}"),
            _ => String::new(),
        },
        figures: machine.figures,
        loading,
        can_undo: machine.history.can_undo(),
        can_redo: machine.history.can_redo(),
        spoken: String::new(),
    }
}

/// How far the two marks are apart, and how often that is a second.
fn marked(machine: &Machine) -> String {
    let [one, other] = machine.marks[..] else { return String::new() };
    let apart = one.abs_diff(other);
    if apart == 0 {
        return String::new();
    }
    let hertz = 1e9 / apart as f64;
    format!("Δ {} = {} ns · {}", format_distance(apart), format_count(apart), format_value(hertz, hertz / 1e3, "Hz"))
}

/// Three digits and zeros.
fn rounded(count: u64) -> u64 {
    let power = 10_u64.pow(count.checked_ilog10().unwrap_or(0).saturating_sub(2));
    (count + power / 2) / power * power
}

/// The view in sentences.
pub(super) fn spoken(machine: &Machine, summary: &Summary) -> String {
    if machine.lanes.is_empty() {
        return String::new();
    }
    let mut text = format!("Showing {} UTC, {}.", summary.range_words, summary.span);
    for lane in machine.lanes_in_sight() {
        let title = lane.head.title.get_untracked();
        let extremes = lane.trace.as_ref().and_then(|trace| trace.extremes);
        let sentence = match (&lane.problem, extremes) {
            (Some(problem), _) => format!(" {} {}: {}", title.collection, title.name, problem.text),
            (None, None) => format!(" {} {}: no data here.", title.collection, title.name),
            (None, Some((low, high))) => {
                let per_pixel = (high - low) / 200.0;
                let words = |value| format_value(value, per_pixel, &title.unit);
                format!(" {} {}: from {} to {}.", title.collection, title.name, words(low), words(high))
            }
        };
        text.push_str(&sentence);
        // In parts; where there is nothing at all, that has been said.
        if extremes.is_some() {
            for lacking in lane.trace.iter().flat_map(|trace| trace.lacks().words()) {
                text.push_str(" In part ");
                text.push_str(lacking);
                text.push('.');
            }
        }
    }
    let hidden = machine.lanes.len() - machine.lanes_in_sight().count();
    if hidden > 0 {
        text.push_str(" Out of sight: ");
        text.push_str(&hidden.to_string());
        text.push_str(" more.");
    }
    text
}
