//! One lane: its canvases, its name, the value at the pointer, and what there is to say.

use leptos::html;
use leptos::prelude::*;
use web_sys::PointerEvent;

use super::icons::{Drawing, Icon};
use crate::explorer::{Explorer, LaneHead};
use crate::paint::LaneSurface;
use crate::probe;
use crate::status::Patience;

#[component]
pub(crate) fn LaneView(lane: LaneHead) -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let LaneHead { id, colour, title, status } = lane;
    let (base, series) = (NodeRef::<html::Canvas>::new(), NodeRef::<html::Canvas>::new());
    Effect::new(move |_| {
        if let (Some(base), Some(series)) = (base.get(), series.get()) {
            let surface = LaneSurface::new(base, series);
            explorer.with(|machine| {
                if let Some(lane) = machine.lane(id) {
                    lane.surface = surface;
                }
            });
            explorer.relayout();
        }
    });
    let (title, status) = (RwSignal::from(title), RwSignal::from(status));
    let name = move || title.with(|title| if title.name.is_empty() { id.to_string() } else { title.name.clone() });
    let label = move || title.with(|title| format!("{} {}", title.collection, title.name));
    let state = move || {
        status.with(|status| match &status.problem {
            Some(problem) => problem.code,
            None if status.empty => "EMPTY",
            None => "OK",
        })
    };
    // A press on a button is no drag.
    let hold = |event: PointerEvent| event.stop_propagation();
    view! {
        <section
            class="lane"
            class:failed=move || status.with(|status| status.problem.is_some())
            aria-label=label
            data-testid="lane"
            data-stream=id.to_string()
            data-loading=move || status.with(|status| status.loading.to_string())
            data-resolution=move || status.with(|status| status.resolution.clone())
            data-state=state
        >
            <canvas class="base" node_ref=base aria-hidden="true"></canvas>
            <div class="inner">
                <canvas class="series" node_ref=series role="img" aria-label=label></canvas>
            </div>
            <header class="head">
                <div class="tag" class:working=move || status.with(|status| status.loading)>
                    <span class=format!("swatch swatch-{}", colour % 6)></span>
                    <span class="name">{name}</span>
                    <span class="collection">{move || title.with(|title| title.collection.clone())}</span>
                    <button
                        class="button close"
                        aria-label=move || format!("Remove {}", label())
                        title="Remove this lane"
                        on:pointerdown=hold
                        on:click=move |_| explorer.remove_stream(id)
                        data-testid="remove-lane"
                    >
                        <Drawing icon=Icon::Close />
                    </button>
                </div>
                {move || status.with(|status| status.reading.clone()).map(|reading| {
                    view! {
                        <p class="reading" data-testid="reading">
                            {reading.value}
                            " "
                            <span class="extent">{reading.more}</span>
                        </p>
                    }
                })}
            </header>
            {move || message(explorer, lane_message(status), id)}
        </section>
    }
}

/// What there is to say about a lane, and whether it is an error.
fn lane_message(status: RwSignal<crate::status::LaneStatus>) -> Option<(String, bool)> {
    status.with(|status| match (&status.problem, status.patience) {
        (Some(problem), _) => Some((problem.text.clone(), true)),
        (None, Patience::Calm) => None,
        (None, Patience::Waiting) => Some(("Loading…".to_owned(), false)),
        (None, Patience::Long) => Some(("Still waiting for the server…".to_owned(), false)),
    })
}

fn message(explorer: Explorer, what: Option<(String, bool)>, id: btrdb_explorer::StreamId) -> Option<AnyView> {
    let (text, is_error) = what?;
    let retry = is_error.then(|| {
        view! {
            <button
                class="button framed"
                on:pointerdown=|event: PointerEvent| event.stop_propagation()
                on:click=move |_| probe::retry(explorer, id)
                data-testid="retry"
            >
                "Try again"
            </button>
        }
    });
    Some(
        view! {
            <div class="message" class:error=is_error role=if is_error { "alert" } else { "status" } data-testid="lane-message">
                <span>{text}</span>
                {retry}
            </div>
        }
        .into_any(),
    )
}
