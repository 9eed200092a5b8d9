//! The list of streams: a tree of collections with a search field above.

use btrdb_explorer::{Catalog, Row, RowKind, StreamId, format_count, rows_in_sight, scroll_to_row};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::SEARCH_ID;
use super::icons::{Drawing, Icon};
use super::swatch;
use crate::browser;
use crate::explorer::{Explorer, Listing};
use crate::session;

/// Trees of up to this many streams are shown open.
const FEW_STREAMS: usize = 40;
/// The height of a row with a mouse and with fingers, in CSS pixels, as in `style.css`.
const ROW: f64 = 28.0;
const TOUCH_ROW: f64 = 44.0;

/// A line of the tree with all that is shown of it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Line {
    /// How many lines are above it.
    place: usize,
    depth: usize,
    what: What,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum What {
    Collection { path: String, label: String, streams: usize, open: bool },
    Stream { id: StreamId, name: String, unit: String },
}

/// The list: where it is scrolled to, and which line the keyboard is on.
#[derive(Clone, Copy)]
struct List {
    element: NodeRef<html::Div>,
    scroll: RwSignal<f64>,
    height: RwSignal<f64>,
    /// The height of a row.
    row: f64,
    current: RwSignal<usize>,
    rows: Memo<Vec<Row>>,
}

#[component]
pub(crate) fn Panel() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let list = List {
        element: NodeRef::new(),
        scroll: RwSignal::new(0.0),
        height: RwSignal::new(0.0),
        row: if browser::media("(pointer: coarse)") { TOUCH_ROW } else { ROW },
        current: RwSignal::new(0),
        rows: Memo::new(move |_| rows(explorer)),
    };
    Effect::new(move |_| {
        if let Some(element) = list.element.get() {
            browser::on_resize(&element, move || list.look());
        }
    });
    let shown = move || {
        let (scroll, height) = (list.scroll.get(), list.height.get());
        list.rows.with(|rows| {
            explorer.catalog.with(|catalog| {
                let places = rows_in_sight(scroll, height, list.row, rows.len());
                places.filter_map(|place| Some(line(place, rows.get(place)?, catalog))).collect::<Vec<_>>()
            })
        })
    };
    // The first line that matches what was typed is where the arrows begin.
    let search = move |event| {
        explorer.query.set(event_target_value(&event));
        list.current.set(0);
    };
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
                    on:input=search
                    on:keydown=move |event| list.step_from_search(&event)
                    data-testid="search"
                />
                <kbd class="wide" aria-hidden="true">
                    "/"
                </kbd>
            </div>
            <div
                class="tree"
                node_ref=list.element
                on:scroll=move |_| list.look()
                on:keydown=move |event| list.step(&event)
                data-testid="tree"
            >
                <ul style:height=move || format!("{}px", list.rows.with(Vec::len) as f64 * list.row)>
                    <For each=shown key=Clone::clone let:line>
                        <TreeLine line=line list=list />
                    </For>
                </ul>
            </div>
            {move || state(explorer, list.rows.with(Vec::is_empty))}
        </aside>
        <button class="scrim" aria-label="Close the list of streams" on:click=move |_| explorer.panel_open.set(false)></button>
    }
}

impl List {
    /// Notes what is in sight, as long as the list is there.
    fn look(self) {
        if let Some(element) = self.element.try_get_untracked().flatten() {
            self.scroll.try_set(f64::from(element.scroll_top()));
            self.height.try_set(f64::from(element.client_height()));
        }
    }

    /// From the field to the first line.
    fn step_from_search(self, event: &KeyboardEvent) {
        if event.key() == "ArrowDown" {
            event.prevent_default();
            self.go(self.current.get_untracked());
        }
    }

    /// From line to line.
    fn step(self, event: &KeyboardEvent) {
        let (current, page) = (self.current.get_untracked(), (self.height.get_untracked() / self.row) as usize);
        let to = match event.key().as_str() {
            "ArrowDown" => current + 1,
            "ArrowUp" if current == 0 => {
                event.prevent_default();
                return browser::focus(SEARCH_ID);
            }
            "ArrowUp" => current - 1,
            "PageDown" => current + page,
            "PageUp" => current.saturating_sub(page),
            "Home" => 0,
            "End" => usize::MAX,
            _ => return,
        };
        event.prevent_default();
        self.go(to);
    }

    /// Moves the keyboard to a line.
    fn go(self, to: usize) {
        let Some(last) = self.rows.with_untracked(Vec::len).checked_sub(1) else { return };
        let Some(element) = self.element.get_untracked() else { return };
        let to = to.min(last);
        self.current.set(to);
        let (scroll, height) = (f64::from(element.scroll_top()), f64::from(element.client_height()));
        element.set_scroll_top(scroll_to_row(to, scroll, height, self.row) as i32);
        self.look();
        // The line may only now come into being.
        browser::before_next_paint(move || browser::focus(&line_id(to)));
    }
}

fn line_id(place: usize) -> String {
    format!("line-{place}")
}

fn rows(explorer: Explorer) -> Vec<Row> {
    let (query, toggled) = (explorer.query.get(), explorer.toggled.get());
    explorer.catalog.with(|catalog| catalog.rows(&query, &toggled, catalog.entries().len() <= FEW_STREAMS))
}

fn line(place: usize, row: &Row, catalog: &Catalog) -> Line {
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
fn TreeLine(line: Line, list: List) -> impl IntoView {
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
            let colour =
                move || explorer.lanes.with(|lanes| lanes.iter().find(|lane| lane.id == id).map(|lane| lane.colour));
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
                    <span class="note">{unit}</span>
                </button></li>
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
