//! One lane: its canvases, its name, the value at the pointer, and what there is to say.

use btrdb_core::Timestamp;
use btrdb_explorer::{Drawn, StreamId};
use btrdb_paint::LaneSurface;
use leptos::html;
use leptos::prelude::*;

use super::icons::{Drawing, Icon};
use super::swatch;
use crate::explorer::{Contact, Explorer, LaneHead, Popover};
use crate::probe;
use crate::status::{LaneStatus, Patience, resolution_code};

#[component]
pub(crate) fn LaneView(lane: LaneHead) -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let LaneHead { id, colour, title, status } = lane;
    let section = NodeRef::<html::Section>::new();
    let (base, series, before) =
        (NodeRef::<html::Canvas>::new(), NodeRef::<html::Canvas>::new(), NodeRef::<html::Canvas>::new());
    Effect::new(move |_| {
        if let (Some(section), Some(base), Some(series), Some(before)) =
            (section.get(), base.get(), series.get(), before.get())
        {
            let surface = LaneSurface::new(base, series, before);
            explorer.with(|machine| {
                if let Some(lane) = machine.lane(id) {
                    (lane.section, lane.surface) = (Some(section.into()), surface);
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
    view! {
        <section
            node_ref=section
            class="lane"
            class:beside=move || explorer.solo.get().is_some_and(|solo| solo != id)
            class:failed=move || status.with(|status| status.problem.is_some())
            aria-label=label
            data-testid="lane"
            data-stream=id.to_string()
            data-loading=move || status.with(|status| status.loading.to_string())
            data-resolution=move || status.with(|status| status.resolution.clone())
            data-state=state
            data-held=move || status.with(|status| status.held.to_string())
        >
            <canvas class="base" node_ref=base aria-hidden="true"></canvas>
            <div class="inner">
                <canvas class="series" node_ref=series role="img" aria-label=label></canvas>
                <canvas class="before" node_ref=before aria-hidden="true"></canvas>
            </div>
            <header class="head">
                <div class="tag" class:working=working>
                    <span class=format!("swatch {}", swatch(colour))></span>
                    <span class="name">{name}</span>
                    <span class="collection">{move || title.with(|title| title.collection.clone())}</span>
                    <button
                        class="button small"
                        class:spare=move || !status.with(|status| status.held)
                        aria-label=move || format!("Hold the values of {}", label())
                        aria-pressed=move || status.with(|status| status.held.to_string())
                        title="Hold these values  Y lets go"
                        on:click=move |_| explorer.act(|machine, now| machine.toggle_held(id, now))
                        data-testid="hold-values"
                    >
                        <Drawing icon=Icon::Lock />
                    </button>
                    <button
                        class="button small"
                        class:spare=move || explorer.solo.get().is_none()
                        aria-label=move || format!("Show {} alone", label())
                        aria-pressed=move || (explorer.solo.get() == Some(id)).to_string()
                        title="This lane alone  1 … 9"
                        on:click=move |_| explorer.toggle_solo(id)
                        data-testid="solo"
                    >
                        <Drawing icon=Icon::Solo />
                    </button>
                    <button
                        class="button small spare"
                        aria-label=move || format!("Remove {}", label())
                        title="Remove this lane"
                        on:click=move |_| explorer.remove_stream(id)
                        data-testid="remove-lane"
                    >
                        <Drawing icon=Icon::Close />
                    </button>
                </div>
                {move || lacking(status)}
                {move || said(status)}
            </header>
            {move || message(explorer, status, id)}
        </section>
    }
}

/// What the picture does not show in parts, each with the look that it has there.
fn lacking(status: RwSignal<LaneStatus>) -> Option<impl IntoView> {
    let (lacks, calm) = status.with(|status| (status.lacks, status.patience == Patience::Calm));
    // What is on its way is not worth a word before it takes long.
    let is_new = calm && status.with(|status| status.resolution == resolution_code(Drawn::Nothing) && !status.empty);
    let words = lacks.words().collect::<Vec<_>>().join(", ");
    (!is_new && !words.is_empty()).then(|| {
        view! {
            <p
                class="lacking"
                title="Hatched: not loaded. Over a bracket: no data. Paler: fewer points than usual in sight."
                data-testid="lacking"
            >
                {words}
            </p>
        }
    })
}

/// The value at the pointer; where there is none, the last one in sight.
fn said(status: RwSignal<LaneStatus>) -> Option<AnyView> {
    let (reading, latest) = status.with(|status| (status.reading.clone(), status.latest.clone()));
    if let Some(reading) = reading {
        return Some(
            view! {
                <p class="reading" data-testid="reading">
                    {reading.value}
                    " "
                    <span class="extent">{reading.more}</span>
                </p>
            }
            .into_any(),
        );
    }
    let latest = latest?;
    Some(
        view! { <p class="reading latest" title="The last value in sight, or the mean of the last window" data-testid="latest">{latest}</p> }
            .into_any(),
    )
}

/// What there is to say about a lane, and what can be done about it.
fn message(explorer: Explorer, status: RwSignal<LaneStatus>, id: StreamId) -> Option<AnyView> {
    let status = status.get();
    let is_error = status.problem.is_some();
    let (mut icon, mut actions) = (None, Vec::new());
    let text = match (status.problem, status.patience) {
        (Some(problem), _) => {
            if matches!(problem.code, "PERMISSION_DENIED" | "UNAUTHENTICATED") {
                icon = Some(view! { <Drawing icon=Icon::Lock /> });
                actions.push(Action::LogIn);
            }
            actions.push(Action::TryAgain);
            problem.text
        }
        (None, _) if status.empty => {
            actions
                .extend(status.earlier.map(|(time, span)| Action::GoTo(time, format!("← {span} earlier"), "earlier")));
            actions.extend(status.has_data.then_some(Action::ShowItsData));
            actions.extend(status.later.map(|(time, span)| Action::GoTo(time, format!("{span} later →"), "later")));
            "No data here".to_owned()
        }
        (None, Patience::Calm | Patience::Vain) => {
            let side = status.beyond?;
            actions.push(Action::FreeValues);
            format!("The data are {side} these values")
        }
        (None, Patience::Waiting) => "Loading…".to_owned(),
        (None, Patience::Long) => format!("Waiting for {}…", status.awaited),
        (None, Patience::TooLong) => {
            actions.push(Action::Stop);
            format!("Waiting for {}…", status.awaited)
        }
    };
    Some(
        view! {
            <div class="message" class:error=is_error role=if is_error { "alert" } else { "status" } data-testid="lane-message">
                <span class="words">{icon} {text}</span>
                {actions.into_iter().map(|action| action.button(explorer, id)).collect_view()}
            </div>
        }
        .into_any(),
    )
}

/// What can be done about a lane.
enum Action {
    TryAgain,
    LogIn,
    ShowItsData,
    FreeValues,
    Stop,
    /// Shows this time; the words for it, and its name.
    GoTo(Timestamp, String, &'static str),
}

impl Action {
    fn button(self, explorer: Explorer, id: StreamId) -> impl IntoView {
        let (words, name) = match &self {
            Self::TryAgain => ("Try again".to_owned(), "retry"),
            Self::LogIn => ("Use another key".to_owned(), "log-in"),
            Self::ShowItsData => ("Its whole life".to_owned(), "show-its-data"),
            Self::FreeValues => ("Fit the values".to_owned(), "free-values"),
            Self::Stop => ("Stop waiting".to_owned(), "stop"),
            Self::GoTo(_, words, name) => (words.clone(), *name),
        };
        let act = move |_| match self {
            Self::TryAgain => probe::retry(explorer, id),
            Self::LogIn => explorer.popover.set(Some(Popover::Connect)),
            Self::ShowItsData => explorer.act(|machine, now| machine.fit_lane(id, now)),
            Self::FreeValues => explorer.act(|machine, _| machine.free_values(Some(id))),
            Self::Stop => explorer.act(|machine, now| machine.stop_waiting(id, now)),
            Self::GoTo(time, ..) => explorer.act(|machine, now| machine.jump_to(machine.aim().centred_on(time), now)),
        };
        view! {
            <button class="button framed" on:click=act data-testid=name>
                {words}
            </button>
        }
    }
}
