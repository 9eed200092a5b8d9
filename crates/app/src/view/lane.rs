//! One lane: its canvases, its name, the value at the pointer, and what there is to say.

use btrdb_explorer::StreamId;
use btrdb_paint::LaneSurface;
use leptos::html;
use leptos::prelude::*;
use web_sys::PointerEvent;

use super::icons::{Drawing, Icon};
use crate::explorer::{Contact, Explorer, LaneHead};
use crate::probe;
use crate::status::{LaneStatus, Patience};

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
    // Nothing is on its way while the server is out of reach.
    let working =
        move || status.with(|status| status.loading) && explorer.contact.with(|contact| *contact == Contact::Held);
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
                <div class="tag" class:working=working>
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
            {move || message(explorer, status, id)}
        </section>
    }
}

/// What there is to say about a lane, and what can be done about it.
fn message(explorer: Explorer, status: RwSignal<LaneStatus>, id: StreamId) -> Option<AnyView> {
    let status = status.get();
    let (text, is_error, action) = match (status.problem, status.patience, status.elsewhere) {
        (Some(problem), _, _) => (problem.text, true, Some(Action::TryAgain)),
        (None, _, Some(elsewhere)) if status.empty => {
            (format!("This stream {elsewhere}."), false, Some(Action::ShowItsData))
        }
        (None, Patience::Waiting, _) => ("Loading…".to_owned(), false, None),
        (None, Patience::Long, _) => ("Still waiting for the server…".to_owned(), false, None),
        (None, Patience::Calm, _) => return None,
    };
    // A press on a button is no drag.
    let hold = |event: PointerEvent| event.stop_propagation();
    let button = action.map(|action| {
        let act = move |_| match action {
            Action::TryAgain => probe::retry(explorer, id),
            Action::ShowItsData => explorer.act(|machine, now| machine.fit_lane(id, now)),
        };
        view! {
            <button class="button framed" on:pointerdown=hold on:click=act data-testid=action.test_id()>
                {action.words()}
            </button>
        }
    });
    Some(
        view! {
            <div class="message" class:error=is_error role=if is_error { "alert" } else { "status" } data-testid="lane-message">
                <span>{text}</span>
                {button}
            </div>
        }
        .into_any(),
    )
}

#[derive(Clone, Copy)]
enum Action {
    TryAgain,
    ShowItsData,
}

impl Action {
    const fn words(self) -> &'static str {
        match self {
            Self::TryAgain => "Try again",
            Self::ShowItsData => "Show its data",
        }
    }

    const fn test_id(self) -> &'static str {
        match self {
            Self::TryAgain => "retry",
            Self::ShowItsData => "show-its-data",
        }
    }
}
