//! The list of streams: a tree of collections with a search field above.

use std::collections::BTreeSet;

use btrdb_explorer::{Row, RowKind, StreamId, format_count};
use leptos::prelude::*;

use super::SEARCH_ID;
use super::icons::{Drawing, Icon};
use crate::explorer::{Explorer, Listing};
use crate::session;

/// More lines than this are not shown at once; the search narrows them down.
const MOST_ROWS: usize = 400;
/// Trees of up to this many streams are shown open.
const FEW_STREAMS: usize = 40;

/// A line of the tree with all that is shown of it.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Line {
    Collection { depth: usize, path: String, label: String, streams: usize, open: bool },
    Stream { depth: usize, id: StreamId, name: String, unit: String },
}

#[component]
pub(crate) fn Panel() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let lines = Memo::new(move |_| lines(explorer));
    let shown = move || lines.with(|lines| lines.iter().take(MOST_ROWS).cloned().collect::<Vec<_>>());
    let rest = move || lines.with(Vec::len).saturating_sub(MOST_ROWS);
    view! {
        <aside class="panel" aria-label="Streams">
            <div class="search">
                <input
                    id=SEARCH_ID
                    type="search"
                    aria-label="Find streams"
                    placeholder="Find streams"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=explorer.query
                    on:input=move |event| explorer.query.set(event_target_value(&event))
                    data-testid="search"
                />
                <kbd class="wide" aria-hidden="true">
                    "/"
                </kbd>
            </div>
            <ul class="tree" data-testid="tree">
                <For each=shown key=Clone::clone let:line>
                    <li>
                        <TreeLine line=line />
                    </li>
                </For>
            </ul>
            {move || (rest() > 0).then(|| {
                view! { <p class="panel-note">{format!("{} more: type to narrow them down.", format_count(rest() as u64))}</p> }
            })}
            {move || state(explorer, lines.with(Vec::is_empty))}
        </aside>
        <button class="scrim" aria-label="Close the list of streams" on:click=move |_| explorer.panel_open.set(false)></button>
    }
}

fn lines(explorer: Explorer) -> Vec<Line> {
    let (query, toggled): (String, BTreeSet<String>) = (explorer.query.get(), explorer.toggled.get());
    explorer.catalog.with(|catalog| {
        let open = catalog.entries().len() <= FEW_STREAMS;
        let line = |row: Row| match row.kind {
            RowKind::Collection { path, label, streams, open } => {
                Line::Collection { depth: row.depth, path, label, streams, open }
            }
            RowKind::Stream(at) => {
                let entry = &catalog.entries()[at];
                let name = if entry.name.is_empty() { entry.id.to_string() } else { entry.name.clone() };
                Line::Stream { depth: row.depth, id: entry.id, name, unit: entry.unit.clone() }
            }
        };
        catalog.rows(&query, &toggled, open).into_iter().map(line).collect()
    })
}

#[component]
fn TreeLine(line: Line) -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let indent = |depth: usize| format!("{}px", 8 + depth * 14);
    match line {
        Line::Collection { depth, path, label, streams, open } => {
            let toggle = move |_| {
                explorer.toggled.update(|toggled| {
                    if !toggled.remove(&path) {
                        toggled.insert(path.clone());
                    }
                });
            };
            view! {
                <button class="row" style:padding-left=indent(depth) aria-expanded=open.to_string() on:click=toggle data-testid="collection-row">
                    <span class="arrow">
                        <Drawing icon=Icon::Arrow />
                    </span>
                    <span class="label" title=label.clone()>
                        {label.clone()}
                    </span>
                    <span class="note">{format_count(streams as u64)}</span>
                </button>
            }
            .into_any()
        }
        Line::Stream { depth, id, name, unit } => {
            let colour =
                move || explorer.lanes.with(|lanes| lanes.iter().find(|lane| lane.id == id).map(|lane| lane.colour));
            let mark =
                move || colour().map_or_else(|| "mark".to_owned(), |colour| format!("mark swatch-{}", colour % 6));
            view! {
                <button
                    class="row"
                    style:padding-left=indent(depth)
                    aria-pressed=move || colour().is_some().to_string()
                    on:click=move |_| explorer.toggle_stream(id)
                    data-testid="stream-row"
                    data-stream=id.to_string()
                >
                    <span class=mark></span>
                    <span class="label" title=name.clone()>
                        {name.clone()}
                    </span>
                    <span class="note">{unit}</span>
                </button>
            }
            .into_any()
        }
    }
}

/// What to say where there are no lines, or where they could not be fetched.
fn state(explorer: Explorer, empty: bool) -> Option<AnyView> {
    match explorer.listing.get() {
        Listing::Loading => {
            Some(view! { <p class="panel-note" role="status">"Loading the list of streams…"</p> }.into_any())
        }
        Listing::Failed(problem) => Some(
            view! {
                <div class="panel-note error" role="alert">
                    <p>{format!("The list of streams could not be loaded: {problem}.")}</p>
                    <button class="button framed" on:click=move |_| session::list_again(explorer)>
                        "Try again"
                    </button>
                </div>
            }
            .into_any(),
        ),
        Listing::Ready if !empty => None,
        Listing::Ready => {
            let query = explorer.query.get();
            let text = if query.trim().is_empty() {
                "There are no streams on this server yet.".to_owned()
            } else {
                format!("No stream matches “{}”.", query.trim())
            };
            Some(view! { <p class="panel-note" role="status">{text}</p> }.into_any())
        }
    }
}
