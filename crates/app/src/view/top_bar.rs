//! The bar at the top: what this is, where it looks, and what can be done.

use leptos::prelude::*;

use super::icons::{Drawing, Icon};
use crate::explorer::{Explorer, Phase, Popover};
use crate::machine::Machine;

const ZOOM_FACTOR: f64 = 0.5;

#[component]
pub(crate) fn TopBar() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let title = move || {
        explorer
            .config
            .with(|config| if config.title.is_empty() { "BTrDB explorer".to_owned() } else { config.title.clone() })
    };
    let spread = explorer.over(|overlay| overlay.spread);
    let live = explorer.over(|overlay| overlay.live);
    let connected = move || explorer.phase.with(|phase| *phase == Phase::Connected);
    let busy = move || explorer.lanes.with(|lanes| !lanes.is_empty()) && connected();
    let zoom = move |factor: f64| explorer.act(|machine, now| machine.zoom_about_middle(factor, now));
    view! {
        <header class="top">
            <Show when=connected>
                <button
                    class="button"
                    aria-label="List of streams"
                    title="List of streams  \\"
                    aria-pressed=move || explorer.panel_open.get().to_string()
                    on:click=move |_| explorer.panel_open.update(|open| *open = !*open)
                    data-testid="toggle-panel"
                >
                    <Drawing icon=Icon::Lines />
                </button>
            </Show>
            <div class="brand">
                <Drawing icon=Icon::Wave />
                <h1>{title}</h1>
            </div>
            <p class="range" data-testid="range">
                <Show when=busy>
                    <button
                        class="button"
                        title="Go to  G"
                        aria-expanded=move || explorer.shows(Popover::GoTo).to_string()
                        on:click=move |_| explorer.toggle(Popover::GoTo)
                        data-testid="open-go-to"
                    >
                        {move || explorer.summary.with(|summary| summary.range_words.clone())}
                        <span class="zone">" UTC"</span>
                    </button>
                </Show>
            </p>
            <div class="tools" role="toolbar" aria-label="View">
                <Show when=busy>
                    <Tool icon=Icon::Undo name="Undo" spare=true key="Z" act=move || explorer.undo() enabled=Signal::derive(move || explorer.summary.with(|summary| summary.can_undo)) />
                    <Tool icon=Icon::Redo name="Redo" spare=true key="Shift Z" act=move || explorer.redo() enabled=Signal::derive(move || explorer.summary.with(|summary| summary.can_redo)) />
                    <span class="rule wide"></span>
                    <Tool icon=Icon::Minus name="Zoom out" spare=true key="S" act=move || zoom(1.0 / ZOOM_FACTOR) />
                    <Tool icon=Icon::Plus name="Zoom in" spare=true key="W" act=move || zoom(ZOOM_FACTOR) />
                    <Tool icon=Icon::Fit name="Show all data" key="F" act=move || explorer.act(Machine::fit_all) />
                    <Switch icon=Icon::Live name="Follow the newest data" key="L" on=live act=move || explorer.act(Machine::toggle_live) test_id="live" />
                    <Switch icon=Icon::Sigma name="Standard deviation as a second band" key="B" on=spread act=move || explorer.act(|machine, _| machine.toggle_spread()) test_id="spread" />
                    <span class="rule wide"></span>
                </Show>
                <button
                    class="button"
                    aria-label=move || format!("Colours: {}", explorer.theme.get().words())
                    title=move || format!("Colours: {}", explorer.theme.get().words())
                    on:click=move |_| explorer.set_theme(explorer.theme.get_untracked().next())
                    data-testid="theme"
                >
                    <Drawing icon=Icon::Theme />
                </button>
                <Show when=connected>
                    <button
                        class="button"
                        aria-label="Connect to another server"
                        title="Connect to another server"
                        aria-expanded=move || explorer.shows(Popover::Connect).to_string()
                        on:click=move |_| {
                            explorer.refusal.set(None);
                            explorer.toggle(Popover::Connect);
                        }
                        data-testid="open-connect"
                    >
                        <Drawing icon=Icon::Key />
                    </button>
                </Show>
                <button
                    class="button"
                    aria-label="Keys"
                    title="Keys  ?"
                    aria-expanded=move || explorer.shows(Popover::Help).to_string()
                    on:click=move |_| explorer.toggle(Popover::Help)
                    data-testid="open-help"
                >
                    <Drawing icon=Icon::Help />
                </button>
            </div>
        </header>
    }
}

/// A button that does one thing to the view, and the key that does the same.
#[component]
fn Tool<F: Fn() + Copy + Send + 'static>(
    icon: Icon,
    name: &'static str,
    key: &'static str,
    act: F,
    #[prop(default = Signal::stored(true))] enabled: Signal<bool>,
    /// Whether it gives way on small screens.
    #[prop(optional)]
    spare: bool,
) -> impl IntoView {
    let test_id = format!("tool-{}", name.to_lowercase().replace(' ', "-"));
    view! {
        <button
            class="button"
            class:medium=spare
            aria-label=name
            title=format!("{name}  {key}")
            disabled=move || !enabled.get()
            on:click=move |_| act()
            data-testid=test_id
        >
            <Drawing icon=icon />
        </button>
    }
}

/// A button that stays pressed for as long as something is on. It gives way on small screens.
#[component]
fn Switch<F: Fn() + Copy + Send + 'static>(
    icon: Icon,
    name: &'static str,
    key: &'static str,
    on: Memo<bool>,
    act: F,
    test_id: &'static str,
) -> impl IntoView {
    view! {
        <button
            class="button medium"
            aria-label=name
            title=format!("{name}  {key}")
            aria-pressed=move || on.get().to_string()
            on:click=move |_| act()
            data-testid=test_id
        >
            <Drawing icon=icon />
        </button>
    }
}
