//! The field for a time or a range to go to.

use leptos::html;
use leptos::prelude::*;

use super::STAGE_ID;
use crate::explorer::Explorer;
use crate::{browser, times};

#[component]
pub(crate) fn GoTo() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let field = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(None);
    let here = times::write(explorer.with(|machine| machine.aim().range()));
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            field.focus().ok();
            field.select();
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(text) = field.get_untracked().map(|field| field.value()) else { return };
        match times::go_to(explorer, &text) {
            Ok(()) => {
                explorer.popover.set(None);
                browser::focus(STAGE_ID);
            }
            Err(words) => problem.set(Some(words)),
        }
    };
    let refusal = move || {
        let words = problem.get()?;
        Some(view! { <p class="problem" role="alert" data-testid="go-to-problem">{words}</p> })
    };
    view! {
        <form class="popover connect go-to" role="dialog" aria-label="Go to" on:submit=submit data-testid="go-to">
            <label class="field">
                <span>"Go to"</span>
                <input class="mono" node_ref=field value=here spellcheck="false" autocomplete="off" />
                <small>"A time, or two with / between. UTC, or with a zone such as +01:00; or nanoseconds since 1970."</small>
            </label>
            {refusal}
            <div class="buttons">
                <button class="button primary" type="submit">
                    "Go"
                </button>
                <button class="button framed" type="button" on:click=move |_| explorer.popover.set(None)>
                    "Cancel"
                </button>
            </div>
        </form>
    }
}
