//! The list of keys.

use leptos::prelude::*;

use super::icons::{Drawing, Icon};
use crate::explorer::Explorer;
use crate::keys::{self, GESTURES, KEYS};

#[component]
pub(crate) fn Help() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let lines = KEYS.map(|(keys, what)| {
        let keys = keys.iter().map(|&key| view! { <kbd>{key}</kbd> " " }).collect_view();
        view! {
            <dt>{keys}</dt>
            <dd>{what}</dd>
        }
    });
    let gestures = GESTURES.map(|(gesture, what)| {
        view! {
            <dt>{gesture}</dt>
            <dd>{what}</dd>
        }
    });
    view! {
        <section class="popover" role="dialog" aria-label="Keys" data-testid="help">
            <div class="title">
                <h2>"Keys and gestures"</h2>
                <button class="button" aria-label="Close" on:click=move |_| explorer.popover.set(None)>
                    <Drawing icon=Icon::Close />
                </button>
            </div>
            <dl class="keys">{lines.collect_view()} {gestures.collect_view()}</dl>
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=explorer.keys_on
                    on:change=move |event| keys::switch(explorer, event_target_checked(&event))
                    data-testid="keys-on"
                />
                "Letters, digits and signs are keys"
            </label>
        </section>
    }
}
