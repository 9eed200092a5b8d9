//! A line of the tree: a collection, which opens and shuts, or a stream, which comes and goes.

use btrdb_explorer::{Catalog, Row, RowKind, StreamId, format_count};
use leptos::ev;
use leptos::prelude::*;

use super::list::List;
use crate::browser;
use crate::explorer::Explorer;
use crate::view::icons::{Drawing, Icon};
use crate::view::swatch;

/// A line of the tree with all that is shown of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Line {
    /// How many lines are above it.
    place: usize,
    depth: usize,
    what: What,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum What {
    Collection { path: String, label: String, streams: usize, open: bool },
    Stream { id: StreamId, name: String, unit: String },
}

/// The `id` of the line at `place`.
pub(super) fn line_id(place: usize) -> String {
    format!("line-{place}")
}

/// The line at `place`.
pub(super) fn line(place: usize, row: &Row, catalog: &Catalog) -> Line {
    let what = match &row.kind {
        RowKind::Collection { path, label, streams, open } => {
            What::Collection { path: path.clone(), label: label.clone(), streams: *streams, open: *open }
        }
        RowKind::Stream(at) => {
            let entry = &catalog.entries()[*at];
            let name = if entry.name.is_empty() { entry.id.to_string() } else { entry.name.clone() };
            What::Stream { id: entry.id, name, unit: entry.unit.clone() }
        }
    };
    Line { place, depth: row.depth, what }
}

#[component]
pub(super) fn TreeLine(line: Line, list: List) -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let Line { place, depth, what } = line;
    let indent = format!("{}px", 8 + depth * 14);
    let top = format!("{}px", place as f64 * list.row);
    // One line at a time can be reached with Tab; the arrows lead to the others.
    let tab = move || if list.current.get() == place { "0" } else { "-1" };
    let arrive = move |_: ev::FocusEvent| list.current.set(place);
    match what {
        What::Collection { path, label, streams, open } => {
            let toggle = move |_| {
                explorer.toggled.update(|toggled| {
                    if !toggled.remove(&path) {
                        toggled.insert(path.clone());
                    }
                });
                // The line is made anew, and the keyboard stays on it.
                browser::before_next_paint(move || browser::focus(&line_id(place)));
            };
            view! {
                <li style:top=top><button id=line_id(place) class="row" style:padding-left=indent tabindex=tab aria-expanded=open.to_string() on:focus=arrive on:click=toggle data-testid="collection-row">
                    <span class="arrow">
                        <Drawing icon=Icon::Arrow />
                    </span>
                    <span class="label" title=label.clone()>
                        {label.clone()}
                    </span>
                    <span class="note">{format_count(streams as u64)}</span>
                </button></li>
            }
            .into_any()
        }
        What::Stream { id, name, unit } => {
            let lane = move || explorer.lanes.with(|lanes| lanes.iter().find(|lane| lane.id == id).cloned());
            let colour = move || lane().map(|lane| lane.colour);
            let problem = Memo::new(move |_| lane()?.status.with(|status| Some(status.problem.clone()?.text)));
            let note = move || match problem.get() {
                Some(reason) => {
                    view! { <span class="note failed" title=reason.clone()>{reason.clone()}</span> }.into_any()
                }
                None => view! { <span class="note">{unit.clone()}</span> }.into_any(),
            };
            let mark = move || colour().map_or_else(|| "mark".to_owned(), |colour| format!("mark {}", swatch(colour)));
            view! {
                <li style:top=top><button
                    id=line_id(place)
                    class="row"
                    style:padding-left=indent
                    tabindex=tab
                    aria-pressed=move || colour().is_some().to_string()
                    on:focus=arrive
                    on:click=move |_| explorer.toggle_stream(id)
                    data-testid="stream-row"
                    data-stream=id.to_string()
                >
                    <span class=mark></span>
                    <span class="label" title=name.clone()>
                        {name.clone()}
                    </span>
                    {note}
                </button></li>
            }
            .into_any()
        }
    }
}
