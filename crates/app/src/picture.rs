//! The plot as a picture to keep.

use btrdb_paint::{SnapshotLane, snapshot};
use leptos::prelude::*;

use crate::browser;
use crate::explorer::Explorer;
use crate::machine::{Lane, Machine};

/// Gives the user the lanes in sight and their axis as a PNG file, as they are on screen, with what they are of.
pub(crate) fn save(explorer: Explorer) {
    let (words, span) =
        explorer.summary.with_untracked(|summary| (format!("{} UTC", summary.range_words), summary.span.clone()));
    let palette = explorer.theme.get_untracked().palette();
    let picture = explorer.with(|machine: &mut Machine| {
        let lanes: Vec<_> = machine.lanes_in_sight().filter_map(snapshot_lane).collect();
        let axis = machine.axis.as_ref().filter(|_| !lanes.is_empty())?;
        let element = browser::new_canvas();
        Some(element.filter(|element| snapshot(palette, element.clone(), &format!("{words}  ·  {span}"), &lanes, axis)))
    });
    // Where nothing is in sight there is nothing to save.
    let Some(picture) = picture else { return };
    let file = format!("{}.png", words.replace([':', '/', '\\'], "."));
    let done = move |outcome| match outcome {
        Ok(file) => explorer.say(format!("saved {file}")),
        Err(()) => explorer.notice.set(Some(NO_PICTURE.to_owned())),
    };
    match picture {
        Some(picture) => browser::save_as_png(&picture, file, done),
        None => done(Err(())),
    }
}

fn snapshot_lane(lane: &Lane) -> Option<SnapshotLane<'_>> {
    let surface = lane.surface.as_ref()?;
    let name = lane.head.title.with_untracked(|title| format!("{}  {}", title.name, title.collection));
    Some(SnapshotLane { surface, name, note: note(lane), colour: lane.colour })
}

/// Which stream it is, and as of when.
fn note(lane: &Lane) -> String {
    let title = lane.head.title.get_untracked();
    let version = lane.life.map_or_else(String::new, |life| format!("version {}  ·  ", life.version));
    let unit = if title.unit.is_empty() { String::new() } else { format!(" ({})", title.unit) };
    format!("{}/{}{unit}  ·  {version}{}", title.collection, title.name, lane.id)
}

const NO_PICTURE: &str = "The browser could not make a picture of the plot: try again with fewer lanes in sight.";
