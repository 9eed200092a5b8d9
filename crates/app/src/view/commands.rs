//! The list of commands: what is typed picks from it, Enter does it.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::STAGE_ID;
use crate::browser;
use crate::commands::{self, Command};
use crate::explorer::Explorer;

#[component]
pub(crate) fn Commands() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let field = NodeRef::<html::Input>::new();
    let query = RwSignal::new(String::new());
    let picked = RwSignal::new(0_usize);
    let found = Memo::new_with_compare(move |_| query.with(|query| commands::find(query)), |_, _| true);
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            field.focus().ok();
        }
    });
    Effect::new(move |_| browser::reveal(&option_id(picked.get())));
    let run = move |command: Command| {
        explorer.popover.set(None);
        browser::focus(STAGE_ID);
        command.run(explorer);
    };
    let on_key = move |event: KeyboardEvent| {
        let count = found.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => picked.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => picked.update(|at| *at = (*at + count - 1) % count),
            "Enter" => {
                if let Some(command) = found.with_untracked(|found| found.get(picked.get_untracked()).copied()) {
                    run(command);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let options = move || {
        let option = |(at, command): (usize, Command)| {
            let keys = command.keys().into_iter().map(|key| view! { <kbd>{key}</kbd> " " }).collect_view();
            view! {
                <li
                    id=option_id(at)
                    role="option"
                    aria-selected=move || (picked.get() == at).to_string()
                    on:mousemove=move |_| picked.set(at)
                    on:click=move |_| run(command)
                    data-testid="command"
                >
                    <span>{command.name}</span>
                    <span>{keys}</span>
                </li>
            }
        };
        found.get().into_iter().enumerate().map(option).collect_view()
    };
    view! {
        <section class="popover commands" role="dialog" aria-label="Commands" data-testid="commands">
            <input
                node_ref=field
                type="text"
                role="combobox"
                aria-label="Command"
                aria-expanded="true"
                aria-controls="command-list"
                aria-activedescendant=move || option_id(picked.get())
                placeholder="What is to be done?"
                spellcheck="false"
                autocomplete="off"
                on:input=move |event| {
                    query.set(event_target_value(&event));
                    picked.set(0);
                }
                on:keydown=on_key
            />
            <ul id="command-list" role="listbox" aria-label="Commands">
                {options}
            </ul>
            <Show when=move || found.with(Vec::is_empty)>
                <p class="none">"No command is called so."</p>
            </Show>
        </section>
    }
}

fn option_id(at: usize) -> String {
    format!("command-{at}")
}
