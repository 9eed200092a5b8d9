//! The plot as a picture to keep.

use btrdb_paint::{SnapshotLane, snapshot};
use leptos::prelude::*;

use crate::browser;
use crate::explorer::Explorer;
use crate::machine::{Lane, Machine};

/// Gives the user the lanes in sight and their axis as a PNG file, as they are on screen, with what they are of.
pub(crate) fn save(explorer: Explorer) {
    let Some(element) = browser::new_canvas() else { return };
    let palette = explorer.theme.get_untracked().palette();
    let words = explorer.summary.with_untracked(|summary| format!("{} UTC", summary.range_words));
    let title = explorer.summary.with_untracked(|summary| format!("{words}  ·  {}", summary.span));
    let file = format!("{}.png", words.replace([':', '/', '\\'], "."));
    let is_painted = explorer.with(|machine: &mut Machine| {
        let notes: Vec<_> = machine.lanes_in_sight().map(note).collect();
        let names = machine.lanes_in_sight().map(|lane| lane.head.title.get_untracked());
        let names: Vec<_> = names.map(|title| format!("{}  {}", title.name, title.collection)).collect();
        let lanes: Vec<_> = machine
            .lanes_in_sight()
            .zip(names.iter().zip(&notes))
            .filter_map(|(lane, (name, note))| {
                Some(SnapshotLane { surface: lane.surface.as_ref()?, name, note, colour: lane.colour })
            })
            .collect();
        let axis = machine.axis.as_ref().filter(|_| !lanes.is_empty());
        axis.is_some_and(|axis| snapshot(palette, element.clone(), &title, &lanes, axis))
    });
    if is_painted {
        browser::save_as_png(&element, file, move |outcome| match outcome {
            Ok(file) => explorer.say(format!("saved {file}")),
            Err(()) => explorer.notice.set(Some(TOO_LARGE.to_owned())),
        });
    }
}

/// Which stream it is, and as of when.
fn note(lane: &Lane) -> String {
    let title = lane.head.title.get_untracked();
    let version = lane.life.map_or_else(String::new, |life| format!("version {}  ·  ", life.version));
    let unit = if title.unit.is_empty() { String::new() } else { format!(" ({})", title.unit) };
    format!("{}/{}{unit}  ·  {version}{}", title.collection, title.name, lane.id)
}

const TOO_LARGE: &str = "The browser could not make a picture of the plot: try again with fewer lanes in sight.";
