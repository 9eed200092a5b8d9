//! The list of streams: a tree of collections with a search field above.

mod line;
mod list;

use btrdb_explorer::{Row, Search, rows_in_sight};
use leptos::prelude::*;

use super::SEARCH_ID;
use crate::browser;
use crate::explorer::{Explorer, Listing};
use crate::session;
use line::{TreeLine, line};
use list::List;

/// Trees of up to this many streams are shown open.
const FEW_STREAMS: usize = 40;

#[component]
pub(crate) fn Panel() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let search = StoredValue::new(Search::default());
    let list = List::new(Memo::new(move |_| rows(explorer, search)));
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
    let typed = move |event| {
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
                    on:input=typed
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

fn rows(explorer: Explorer, search: StoredValue<Search>) -> Vec<Row> {
    let (query, toggled, catalog) = (explorer.query.get(), explorer.toggled.get(), explorer.catalog.get());
    // While searching, what is found is in sight.
    let open_by_default = !query.trim().is_empty() || catalog.entries().len() <= FEW_STREAMS;
    let found =
        search.try_update_value(|search| catalog.rows(search.find(&catalog, &query), &toggled, open_by_default));
    found.unwrap_or_default()
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
