//! The form that asks which server, and for the key to it.

use leptos::html;
use leptos::prelude::*;

use crate::explorer::{Explorer, Popover};
use crate::session::{self, Address};

#[component]
pub(crate) fn ConnectForm() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let Address { endpoint, api_key } = explorer.address.get_untracked();
    let (endpoint, api_key) = (RwSignal::new(endpoint), RwSignal::new(api_key));
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            field.focus().ok();
            field.select();
        }
    });
    let refusal = move || {
        let words = explorer.refusal.get()?;
        Some(view! { <p class="problem" role="alert" data-testid="connect-problem">{words}</p> })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let address = Address { endpoint: endpoint.get_untracked(), api_key: api_key.get_untracked() };
        session::connect(explorer, address);
    };
    view! {
        <form class="connect" on:submit=submit data-testid="connect-form">
            <h2>"Connect to a BTrDB server"</h2>
            {refusal}
            <label class="field">
                <span>"Server"</span>
                <input
                    class="mono"
                    name="endpoint"
                    node_ref=field
                    autocomplete="url"
                    spellcheck="false"
                    placeholder="https://btrdb.example.org:4411"
                    prop:value=endpoint
                    on:input=move |event| endpoint.set(event_target_value(&event))
                />
                <small>"A URL, or host:port. Leave it empty for the server that this page is from."</small>
            </label>
            <label class="field">
                <span>"API key"</span>
                <input
                    class="mono"
                    type="password"
                    name="api-key"
                    autocomplete="off"
                    prop:value=api_key
                    on:input=move |event| api_key.set(event_target_value(&event))
                />
                <small>"Leave it empty if the server asks for none. It is kept until this tab is closed."</small>
            </label>
            <div class="buttons">
                <button class="button primary" type="submit">
                    "Connect"
                </button>
                <Show when=move || explorer.shows(Popover::Connect)>
                    <button class="button framed" type="button" on:click=move |_| explorer.popover.set(None)>
                        "Cancel"
                    </button>
                </Show>
            </div>
        </form>
    }
}
