//! The plot: overview, lanes and axis in one column, and the pointer over it.

use btrdb_paint::AxisSurface;
use leptos::html;
use leptos::prelude::*;
use web_sys::{MouseEvent, PointerEvent, WheelEvent};

use super::STAGE_ID;
use super::lane::LaneView;
use super::overview::Overview;
use crate::browser;
use crate::explorer::{Explorer, Listing, Phase};

/// Half the width of the flag on the axis, roughly, in CSS pixels: it stays on screen.
const HALF_FLAG: f64 = 120.0;

#[component]
pub(crate) fn Stage() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let (stage, lanes) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    Effect::new(move |_| {
        if let Some(stage) = stage.get() {
            browser::on_resize(&stage, move || explorer.relayout());
        }
    });
    // Positions count from the left edge of the plot, which is as far from the right edge as the plot is wide.
    let place = move |event: &MouseEvent| {
        let right =
            stage.get_untracked()?.get_bounding_client_rect().left() + f64::from(stage.get_untracked()?.client_width());
        Some(f64::from(event.client_x()) - right + explorer.with(|machine| machine.screen.width))
    };
    let wheel = move |event: WheelEvent| {
        // Over the value axes the wheel scrolls through the lanes.
        let Some(x) = place(&event).filter(|x| *x >= 0.0) else { return };
        event.prevent_default();
        let turned = (event.delta_x(), event.delta_y());
        explorer.act(|machine, now| machine.wheel(x, turned, event.delta_mode(), event.shift_key(), now));
    };
    let press = move |event: PointerEvent| {
        let (Some(x), Some(lanes)) = (place(&event), lanes.get_untracked()) else { return };
        if event.button() == 0 {
            lanes.set_pointer_capture(event.pointer_id()).ok();
            explorer.act(|machine, _| machine.hand.press(event.pointer_id(), x, event.shift_key()));
        }
    };
    let point = move |event: PointerEvent| {
        if let Some(x) = place(&event) {
            explorer.act(|machine, now| machine.point(event.pointer_id(), x, now));
        }
    };
    let release = move |event: PointerEvent| explorer.act(|machine, now| machine.release(event.pointer_id(), now));
    let leave = move |_: PointerEvent| explorer.act(|machine, _| machine.hand.leave());
    let double = move |event: MouseEvent| {
        if let Some(x) = place(&event) {
            explorer.act(|machine, now| machine.double_click(x, now));
        }
    };
    let vacant = move || explorer.lanes.with(Vec::is_empty);
    let summary = explorer.summary;
    view! {
        <div
            class="stage"
            id=STAGE_ID
            node_ref=stage
            tabindex="0"
            role="region"
            aria-label="Plot. Arrow keys pan and zoom, question mark lists all keys."
            data-testid="plot"
            data-view-start=move || summary.with(|summary| summary.range.start.to_string())
            data-view-end=move || summary.with(|summary| summary.range.end.to_string())
            data-loading=move || summary.with(|summary| summary.loading.to_string())
        >
            <Overview />
            <div
                class="lanes"
                class:dragging=move || explorer.panning.get()
                node_ref=lanes
                on:wheel=wheel
                on:pointerdown=press
                on:pointermove=point
                on:pointerup=release
                on:pointercancel=release
                on:pointerleave=leave
                on:dblclick=double
            >
                <For each=move || explorer.lanes.get() key=|lane| lane.id let:lane>
                    <LaneView lane=lane />
                </For>
                <Show when=vacant>
                    <Vacant />
                </Show>
                <Marks />
            </div>
            <Axis />
        </div>
    }
}

/// The line under the pointer and the range being marked.
#[component]
fn Marks() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let cross = move || {
        let flag = explorer.flag.get()?;
        Some(view! { <div class="cross" style:left=from_gutter(flag.x)></div> })
    };
    let marquee = move || {
        let (from, to) = explorer.marquee.get()?;
        Some(view! { <div class="marquee" style:left=from_gutter(from) style:width=format!("{}px", to - from)></div> })
    };
    view! {
        {cross}
        {marquee}
    }
}

/// The calendar axis, with the time at the pointer.
#[component]
fn Axis() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let Some(canvas) = canvas.get() {
            explorer.with(|machine| machine.axis = AxisSurface::new(canvas));
            explorer.relayout();
        }
    });
    let flag = move || {
        let flag = explorer.flag.get()?;
        let width = explorer.with(|machine| machine.screen.width);
        // As far left as the axis' own margin lets it.
        let x = flag.x.clamp(HALF_FLAG / 2.0, (width - HALF_FLAG).max(HALF_FLAG));
        Some(view! {
            <span class="flag" style:left=from_gutter(x) data-testid="flag">
                {flag.time}
            </span>
        })
    };
    view! {
        <div class="axis" data-testid="axis">
            <canvas node_ref=canvas role="img" aria-label="Time axis"></canvas>
            {flag}
        </div>
    }
}

/// A position in the plot as a position in the lane around it.
fn from_gutter(x: f64) -> String {
    format!("calc(var(--gutter) + {x}px)")
}

/// What stands in place of lanes as long as there are none.
#[component]
fn Vacant() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let waiting = move || {
        explorer.phase.with(|phase| *phase == Phase::Connecting)
            || explorer.listing.with(|listing| *listing == Listing::Loading)
    };
    let some = move || {
        explorer.catalog.with(|catalog| {
            let entries = catalog.entries().iter().take(3);
            entries.map(|entry| (entry.id, format!("{}/{}", entry.collection, entry.name))).collect::<Vec<_>>()
        })
    };
    let choices = move || {
        some()
            .into_iter()
            .map(|(id, path)| {
                view! {
                    <button class="button framed" on:click=move |_| explorer.add_stream(id)>
                        {path}
                    </button>
                }
            })
            .collect_view()
    };
    view! {
        <div class="vacant" data-testid="vacant">
            {move || {
                if waiting() {
                    view! { <p role="status">"Connecting…"</p> }.into_any()
                } else if some().is_empty() {
                    view! {
                        <h2>"Nothing to show yet"</h2>
                        <p>"There are no streams on this server that you may read. As soon as there are, they are listed on the left."</p>
                    }
                    .into_any()
                } else {
                    view! {
                        <h2>"Pick streams from the list"</h2>
                        <p>"Each opens in a lane of its own. To begin with:"</p>
                        <div class="choices">{choices}</div>
                        <p class="hint">
                            <kbd>"/"</kbd>
                            " finds streams, the wheel zooms, dragging pans, "
                            <kbd>"?"</kbd>
                            " lists all keys"
                        </p>
                    }
                    .into_any()
                }
            }}
        </div>
    }
}
