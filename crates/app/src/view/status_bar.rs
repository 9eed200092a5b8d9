//! The bar at the bottom: how exact the picture is, and of when.

use leptos::prelude::*;

use crate::explorer::{Contact, Explorer};

#[component]
pub(crate) fn StatusBar() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let part =
        move |pick: fn(&crate::status::Summary) -> &String| explorer.summary.with(|summary| pick(summary).clone());
    let lost = move || explorer.contact.with(|contact| matches!(contact, Contact::Lost(_)));
    let contact = move || match explorer.contact.get() {
        Contact::Held => "connected".to_owned(),
        Contact::Lost(since) => format!("as of {since}"),
    };
    let figures = move || explorer.summary.with(|summary| summary.figures.to_string());
    view! {
        <footer class="status" aria-label="Status">
            <span data-testid="windows">{move || part(|summary| &summary.windows)}</span>
            <span data-testid="points">{move || part(|summary| &summary.points)}</span>
            <span data-testid="span">{move || part(|summary| &summary.span)}</span>
            <span class="long" data-testid="marked">{move || part(|summary| &summary.marked)}</span>
            <span class="medium" data-testid="versions">
                {move || part(|summary| &summary.versions)}
            </span>
            <span class="long" role="status" data-testid="said">{explorer.said}</span>
            <span class="spacer"></span>
            <span
                class="medium long"
                data-testid="figures"
                title="Time of a frame and of an answer: half are quicker, and 95 % are. Bytes received. How much of the picture was at hand."
            >
                {figures}
            </span>
            <span class:warning=lost data-testid="contact">
                <span class="dot" class:lost=lost></span>
                {contact}
            </span>
        </footer>
    }
}
