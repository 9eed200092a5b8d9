//! What stands in place of lanes as long as there are none.

use btrdb_core::TimeRange;
use btrdb_explorer::{Appeal, Example, StreamId, candidates, examples};
use leptos::prelude::*;

use crate::explorer::{Explorer, Listing, Phase};
use crate::{browser, probe};

#[component]
pub(crate) fn Vacant() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let waiting = move || {
        explorer.phase.with(|phase| *phase == Phase::Connecting)
            || explorer.listing.with(|listing| *listing == Listing::Loading)
    };
    let lives = RwSignal::new(Vec::<(StreamId, TimeRange)>::new());
    Effect::new(move |_| {
        let asked = explorer.catalog.with(|catalog| candidates(catalog));
        if asked.is_empty() || explorer.with(|machine| !machine.lanes.is_empty()) {
            return;
        }
        browser::start_detached(async move {
            let known = probe::lives(explorer, asked).await;
            // By then somebody may have opened a stream.
            lives.try_set(known);
        });
    });
    let offered = move || explorer.catalog.with(|catalog| lives.with(|lives| examples(catalog, lives)));
    view! {
        <div class="vacant" data-testid="vacant">
            {move || {
                if waiting() {
                    view! { <p role="status">"Connecting…"</p> }.into_any()
                } else if explorer.catalog.with(|catalog| catalog.entries().is_empty()) {
                    view! {
                        <h2>"Nothing to show yet"</h2>
                        <p>"There are no streams on this server that you may read. As soon as there are, they are listed on the left."</p>
                    }
                    .into_any()
                } else {
                    view! {
                        <h2>"Pick streams from the list"</h2>
                        <p>"Each opens in a lane of its own. To begin with:"</p>
                        <div class="choices">
                            <For each=offered key=Example::clone let:example>
                                <Choice example=example />
                            </For>
                        </div>
                        <p class="hint">
                            <kbd>"/"</kbd>
                            " finds streams, the wheel zooms, dragging pans, "
                            <kbd>"?"</kbd>
                            " lists all keys"
                        </p>
                    }
                    .into_any()
                }
            }}
        </div>
    }
}

/// A view to begin with.
#[component]
fn Choice(example: Example) -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let Example { appeal, streams, range, path } = example;
    let what = match appeal {
        Appeal::Collection => format!("{} streams together", streams.len()),
        Appeal::Long => "A long recording".to_owned(),
        Appeal::New => "A recent hour".to_owned(),
    };
    view! {
        <button class="button framed" on:click=move |_| explorer.begin_with(&streams, range) data-testid="example">
            <span>{what}</span>
            <span class="path">{path}</span>
        </button>
    }
}
