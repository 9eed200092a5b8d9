//! What is said of a lane.

use btrdb_core::Timestamp;
use btrdb_explorer::{
    Drawn, Lacks, Resolution, Trace, format_distance, format_time, format_value, format_values, format_window,
};
use leptos::prelude::*;

use super::{LONG_MILLIS, TOO_LONG_MILLIS, WORD_MILLIS};
use crate::machine::{Lane, Machine};
use crate::status::{LaneStatus, Patience, Reading, resolution_code};

/// How far from the pointer a point is still meant, in CSS pixels.
const NEAR_PIXELS: f64 = 24.0;

/// Whether the picture of a lane on screen is still going to change by itself.
pub(super) fn is_loading(lane: &Lane, now: f64) -> bool {
    lane.is_in_sight()
        && lane.problem.is_none()
        && (!lane.settled || lane.scale.is_moving(now) || lane.fades_until > now)
}

/// At `now`, with the pointer at `hover`.
pub(super) fn lane_status(lane: &Lane, machine: &Machine, hover: Option<f64>, now: f64) -> LaneStatus {
    if !lane.is_in_sight() {
        // Nobody sees more of it.
        let resolution = resolution_code(Drawn::Nothing);
        return LaneStatus {
            resolution,
            held: lane.held.is_some(),
            problem: lane.problem.clone(),
            ..Default::default()
        };
    }
    let waited = lane.waiting_since.map_or(0.0, |since| now - since);
    let patience = match waited {
        waited if waited >= TOO_LONG_MILLIS => Patience::TooLong,
        waited if waited >= LONG_MILLIS => Patience::Long,
        waited if waited >= WORD_MILLIS => Patience::Waiting,
        _ => Patience::Calm,
    };
    let drawn = lane.trace.as_ref().map_or(Drawn::Nothing, |trace| trace.drawn);
    let view = machine.view.range();
    let beside = lane.neighbours.filter(|beside| beside.of == view);
    let gap = |from: Timestamp, to: Timestamp| format_distance(from.abs_diff(to));
    LaneStatus {
        loading: is_loading(lane, now) || machine.is_moving(now),
        patience: if machine.lost { Patience::Vain } else { patience },
        awaited: if waited >= LONG_MILLIS { awaited(lane, machine) } else { String::new() },
        resolution: resolution_code(drawn),
        held: lane.held.is_some(),
        problem: lane.problem.clone(),
        empty: lane.is_empty(),
        has_data: lane.life.is_some_and(|life| life.range.is_some()),
        lacks: lane.trace.as_ref().map_or_else(Lacks::default, Trace::lacks),
        earlier: beside.and_then(|beside| beside.earlier).map(|time| (time, gap(view.start, time))),
        later: beside.and_then(|beside| beside.later).map(|time| (time, gap(view.end, time))),
        reading: hover.and_then(|x| reading(lane, machine, x, now)),
        latest: latest(lane, machine, now),
        beyond: beyond(lane),
    }
}

/// What a lane without a picture waits for.
fn awaited(lane: &Lane, machine: &Machine) -> String {
    if lane.life.is_none() {
        return "when this stream begins and ends".to_owned();
    }
    let requests = machine.tasks.keys().filter_map(|flight| machine.flights.get(*flight));
    let mut own = requests.filter(|request| request.stream == lane.id);
    own.next().map_or_else(
        || "other streams, whose turn is first".to_owned(),
        |request| match request.resolution {
            Resolution::Raw(_) => "raw points".to_owned(),
            Resolution::Windows(width) => format!("windows of {}", format_window(width)),
        },
    )
}

/// On which side of the values that are held all data lie, if on either.
fn beyond(lane: &Lane) -> Option<&'static str> {
    let (held, (low, high)) = (lane.held?, lane.trace.as_ref()?.extremes?);
    match () {
        () if low > held.high => Some("above"),
        () if high < held.low => Some("below"),
        () => None,
    }
}

/// The last value in sight, or the mean of the last window.
fn latest(lane: &Lane, machine: &Machine, now: f64) -> Option<String> {
    let (trace, scale) = (lane.trace.as_ref()?, lane.values(now)?);
    let per_pixel = scale.span() / lane.surface.as_ref()?.height().max(1.0);
    let width = machine.screen.device_width();
    let vertex = trace.line.iter().rev().find(|vertex| vertex.x <= width && vertex.x >= 0.0)?;
    let value = lane.head.title.with_untracked(|title| format_value(vertex.value, per_pixel, &title.unit));
    Some(if vertex.point { value } else { format!("mean {value}") })
}

/// The value of a lane at `x` CSS pixels.
fn reading(lane: &Lane, machine: &Machine, x: f64, now: f64) -> Option<Reading> {
    let (trace, scale) = (lane.trace.as_ref()?, lane.values(now)?);
    let ratio = machine.screen.ratio;
    let per_pixel = scale.span() / lane.surface.as_ref()?.height().max(1.0);
    let unit = lane.head.title.with_untracked(|title| title.unit.clone());
    let vertex = trace.nearest(x * ratio, NEAR_PIXELS * ratio);
    let column = vertex.and_then(|vertex| trace.columns.get(vertex.x.max(0.0) as usize));
    let column = column.filter(|column| !column.is_empty());
    match (vertex, column) {
        (Some(vertex), _) if vertex.point => {
            let precision = machine.view.nanos_per_pixel(machine.screen.width).min(1e6);
            Some(Reading {
                value: format_value(vertex.value, per_pixel, &unit),
                more: format!("at {}", format_time(vertex.time, precision)),
            })
        }
        (Some(vertex), Some(column)) => {
            let (mean, mut extent) = (vertex.value, String::new());
            let value = format_values([mean, column.min, column.max], per_pixel, &unit, |[mean, min, max]| {
                extent = format!("{min} … {max}");
                format!("mean {mean}")
            });
            Some(Reading { value, more: extent })
        }
        _ => None,
    }
}
