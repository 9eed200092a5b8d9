//! The strip that shows all of the data and where the view is in it.

use btrdb_paint::OverviewSurface;
use leptos::html;
use leptos::prelude::*;
use web_sys::PointerEvent;

use crate::explorer::Explorer;

#[component]
pub(crate) fn Overview() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let (inner, canvas) = (NodeRef::<html::Div>::new(), NodeRef::<html::Canvas>::new());
    let (window, before, after) =
        (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    Effect::new(move |_| {
        let elements = (canvas.get(), window.get(), before.get(), after.get());
        if let (Some(canvas), Some(window), Some(before), Some(after)) = elements {
            let surface = OverviewSurface::new(canvas, window.into(), before.into(), after.into());
            explorer.with(|machine| machine.overview = surface);
            explorer.relayout();
        }
    });
    let place = move |event: &PointerEvent| {
        let inner = inner.get_untracked()?;
        Some(f64::from(event.client_x()) - inner.get_bounding_client_rect().left())
    };
    let press = move |event: PointerEvent| {
        let (Some(x), Some(inner)) = (place(&event), inner.get_untracked()) else { return };
        if event.button() == 0 {
            event.prevent_default();
            inner.set_pointer_capture(event.pointer_id()).ok();
            explorer.act(|machine, now| machine.overview_press(x, now));
        }
    };
    let drag = move |event: PointerEvent| {
        if let Some(x) = place(&event) {
            explorer.act(|machine, now| machine.overview_drag(x, now));
        }
    };
    let release = move |event: PointerEvent| explorer.act(|machine, now| machine.release(event.pointer_id(), now));
    view! {
        <div class="overview" data-testid="overview">
            <span class="caption">"all"</span>
            <div
                class="inner"
                node_ref=inner
                on:pointerdown=press
                on:pointermove=drag
                on:pointerup=release
                on:pointercancel=release
            >
                <canvas node_ref=canvas role="img" aria-label="Overview of all data"></canvas>
                <div class="shade" node_ref=before></div>
                <div class="shade" node_ref=after></div>
                <div class="window" node_ref=window data-testid="overview-window"></div>
            </div>
        </div>
    }
}
