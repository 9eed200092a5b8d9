//! The components of the page.

#![expect(unreachable_pub, reason = "the component macro declares what it makes public")]

mod commands;
mod connect;
mod go_to;
mod help;
mod icons;
mod lane;
mod lanes;
mod overview;
mod panel;
mod stage;
mod status_bar;
mod top_bar;
mod vacant;

use leptos::prelude::*;

use crate::explorer::{Contact, Explorer, LaneHead, Phase, Popover};
use crate::theme::PREFERS_DARK;
use crate::{address, browser, keys, probe, session};

/// The `id` of the search field.
pub(crate) const SEARCH_ID: &str = "search";
/// The `id` of the plot, which takes the keyboard focus.
pub(crate) const STAGE_ID: &str = "stage";

/// The class of what has the colour of a stream, from its place in the palette: after six, the colours come again.
pub(crate) fn swatch(colour: usize) -> String {
    let pattern = ["", " dashed", " dotted"][(colour / 6).min(2)];
    format!("swatch-{}{pattern}", colour % 6)
}

/// The page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let explorer = Explorer::new();
    provide_context(explorer);
    keys::listen(explorer);
    browser::on_media_change(PREFERS_DARK, move || explorer.set_theme(explorer.theme.get_untracked()));
    address::listen(explorer);
    browser::start_detached(session::begin(explorer));
    browser::start_detached(probe::keep_asking(explorer));
    // Opening and shutting the panel gives the plot another width.
    Effect::new(move |_| {
        explorer.panel_open.track();
        explorer.relayout();
    });
    let asks = Memo::new(move |_| explorer.phase.with(|phase| *phase == Phase::Asking));
    view! {
        <div class="app" class:panel-shut=move || !explorer.panel_open.get() data-testid="app" data-phase=move || phase_code(&explorer.phase.get())>
            <top_bar::TopBar />
            {move || notice(explorer)}
            {move || if asks.get() {
                view! {
                    <main class="front">
                        <connect::ConnectForm />
                    </main>
                }
                .into_any()
            } else {
                view! {
                    <panel::Panel />
                    <main class="plot">
                        <stage::Stage />
                        <Credit />
                    </main>
                    <status_bar::StatusBar />
                }
                .into_any()
            }}
            <Show when=move || explorer.shows(Popover::Help)>
                <help::Help />
            </Show>
            <Show when=move || explorer.shows(Popover::GoTo) && !asks.get()>
                <go_to::GoTo />
            </Show>
            <Show when=move || explorer.shows(Popover::Commands) && !asks.get()>
                <commands::Commands />
            </Show>
            <Show when=move || explorer.shows(Popover::Connect) && !asks.get()>
                <div class="popover" role="dialog" aria-label="Connect to a server">
                    <connect::ConnectForm />
                </div>
            </Show>
            <p class="visually-hidden" aria-live="polite" data-testid="spoken">
                {move || explorer.summary.with(|summary| summary.spoken.clone())}
            </p>
        </div>
    }
}

fn phase_code(phase: &Phase) -> &'static str {
    match phase {
        Phase::Connecting => "connecting",
        Phase::Asking => "asking",
        Phase::Connected => "connected",
    }
}

/// What has to be said above everything: that the server is gone, or that something could not be read.
fn notice(explorer: Explorer) -> Option<AnyView> {
    if let Contact::Lost(since) = explorer.contact.get() {
        let text = format!("No connection to the server. What has been loaded can still be explored, as of {since}.");
        return Some(
            view! {
                <div class="banner" role="alert" data-testid="offline">
                    <span>{text}</span>
                    <button class="button framed" on:click=move |_| session::search_now(explorer)>
                        "Try now"
                    </button>
                </div>
            }
            .into_any(),
        );
    }
    let text = explorer.notice.get()?;
    Some(
        view! {
            <div class="banner" role="alert" data-testid="notice">
                <span>{text}</span>
                <button class="button framed" on:click=move |_| explorer.notice.set(None)>
                    "Close"
                </button>
            </div>
        }
        .into_any(),
    )
}

/// Whom to thank for the data on screen.
#[component]
fn Credit() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let texts = move || {
        let collection = |lane: &LaneHead| lane.title.with(|title| title.collection.clone());
        let mut collections: Vec<_> = explorer.lanes.with(|lanes| lanes.iter().map(collection).collect());
        collections.retain(|path| !path.is_empty());
        explorer.config.with(|config| config.credits_for(&collections))
    };
    view! {
        <Show when=move || !texts().is_empty()>
            <p class="credit" data-testid="credit">
                {texts}
            </p>
        </Show>
    }
}
