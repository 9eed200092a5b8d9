//! The plot: overview, lanes and axis in one column, and the pointer over it.

use btrdb_explorer::Grasp;
use btrdb_paint::AxisSurface;
use leptos::html;
use leptos::prelude::*;
use web_sys::{MouseEvent, PointerEvent, WheelEvent};

use super::STAGE_ID;
use super::lane::LaneView;
use super::overview::Overview;
use crate::browser;
use crate::explorer::{Explorer, Flag, Listing, Marked, Phase};
use crate::keys::lane_around;
use crate::machine::Held;

/// Half the width of the flag on the axis, roughly, in CSS pixels: it stays on screen.
const HALF_FLAG: f64 = 120.0;

/// With more lanes than this each may be lower.
const SEVERAL_LANES: usize = 8;

/// How much larger the steps of a wheel are than those of a pinch on a trackpad.
const TRACKPAD_PINCH: f64 = 3.0;

#[component]
pub(crate) fn Stage() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let stage = NodeRef::<html::Div>::new();
    let scrolls = RwSignal::new(false);
    let overflow = move || {
        if let Some(stage) = stage.try_get_untracked().flatten() {
            scrolls.try_set(stage.scroll_height() > stage.client_height());
        }
    };
    Effect::new(move |_| {
        if let Some(stage) = stage.get() {
            browser::on_resize(&stage, move || {
                explorer.relayout();
                overflow();
            });
        }
    });
    Effect::new(move |_| {
        explorer.lanes.track();
        explorer.solo.track();
        browser::before_next_paint(overflow);
    });
    let summary = explorer.summary;
    view! {
        <div
            class="stage"
            class:scrolls=scrolls
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
            <Lanes stage=stage />
            <Axis />
        </div>
    }
}

/// The lanes and what the pointer does to them.
#[component]
fn Lanes(stage: NodeRef<html::Div>) -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let lanes = NodeRef::<html::Div>::new();
    // Positions count from the left edge of the plot, which is as far from the right edge as the plot is wide.
    let place = move |event: &MouseEvent| {
        let right =
            stage.get_untracked()?.get_bounding_client_rect().left() + f64::from(stage.get_untracked()?.client_width());
        Some(f64::from(event.client_x()) - right + explorer.with(|machine| machine.screen.width))
    };
    let wheel = move |event: WheelEvent| {
        let Some(x) = place(&event) else { return };
        let (dx, dy, mode) = (event.delta_x(), event.delta_y(), event.delta_mode());
        if event.alt_key() {
            event.prevent_default();
            if let Some(lane) = lane_of(&event) {
                explorer.act(|machine, now| {
                    machine.wheel_values(lane, f64::from(event.client_y()), dy + dx, mode, now);
                });
            }
        } else if x >= 0.0 {
            // Over the value axes the wheel scrolls through the lanes.
            event.prevent_default();
            // Two fingers on a trackpad that pinch come as a wheel with Ctrl, in small steps.
            let dy = if event.ctrl_key() { dy * TRACKPAD_PINCH } else { dy };
            explorer.act(|machine, now| machine.wheel(x, (dx, dy), mode, event.shift_key(), now));
        }
    };
    let press = move |event: PointerEvent| {
        let (Some(x), Some(lanes)) = (place(&event), lanes.get_untracked()) else { return };
        if event.button() == 0 {
            lanes.set_pointer_capture(event.pointer_id()).ok();
            let grasp = match event.pointer_type().as_str() {
                _ if x < 0.0 => Grasp::Values,
                _ if event.shift_key() => Grasp::Mark,
                "touch" => Grasp::Touch,
                _ => Grasp::Drag,
            };
            let spot = (x, f64::from(event.client_y()));
            // By the event's own time: how fast a finger was must not hang on how busy the page is.
            let at = event.time_stamp();
            explorer.act(|machine, _| machine.press(event.pointer_id(), lane_of(&event), spot, grasp, at));
        }
    };
    let point = move |event: PointerEvent| {
        if let Some(x) = place(&event) {
            let spot = (x, f64::from(event.client_y()));
            explorer.act(|machine, _| machine.point(event.pointer_id(), spot, event.time_stamp()));
        }
    };
    let release = move |event: PointerEvent| {
        explorer.act(|machine, _| machine.release(event.pointer_id(), event.time_stamp()));
    };
    let cancel = move |_: PointerEvent| explorer.act(|machine, _| machine.hand.let_go());
    let leave = move |_: PointerEvent| explorer.act(|machine, _| machine.hand.leave());
    let double = move |event: MouseEvent| match place(&event) {
        Some(x) if x >= 0.0 => explorer.act(|machine, now| machine.double_click(x, now)),
        _ => {
            if let Some(lane) = lane_of(&event) {
                explorer.act(|machine, _| machine.free_values(Some(lane.id)));
            }
        }
    };
    let vacant = move || explorer.lanes.with(Vec::is_empty);
    let many = move || explorer.lanes.with(Vec::len) > SEVERAL_LANES;
    let panning = explorer.over(|overlay| overlay.panning);
    view! {
        <div
            class="lanes"
            class:many=many
            class:dragging=panning
            node_ref=lanes
            on:wheel=wheel
            on:pointerdown=press
            on:pointermove=point
            on:pointerup=release
            on:pointercancel=cancel
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
    }
}

/// The line under the pointer and the range being marked.
#[component]
fn Marks() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let (flag, marked) = (explorer.over(|overlay| overlay.flag.clone()), explorer.over(|overlay| overlay.marquee));
    let times = explorer.over(|overlay| overlay.marks.clone());
    let cross = move || {
        let flag = flag.get()?;
        Some(view! { <div class="cross" style:left=from_gutter(flag.x)></div> })
    };
    let marquee = move || {
        let Marked { area, top } = marked.get()?;
        let pixels = |length: f64| format!("{length}px");
        let (left, width) = area
            .x
            .map_or(("var(--gutter)".to_owned(), String::new()), |(from, to)| (from_gutter(from), pixels(to - from)));
        let (above, height) =
            area.y.map_or_else(Default::default, |(from, to)| (pixels(top + from), pixels(to - from)));
        Some(view! {
            <div class="marquee" style:left=left style:width=width style:top=above style:height=height data-testid="marquee"></div>
        })
    };
    let marks = move || {
        let line = |mark: Flag| view! { <div class="mark-line" style:left=from_gutter(mark.x)></div> };
        times.get().into_iter().map(line).collect_view()
    };
    view! {
        {cross}
        {marks}
        {marquee}
    }
}

/// The lane that an event is in.
fn lane_of(event: &MouseEvent) -> Option<Held> {
    let element = browser::target(event)?;
    let (id, lane) = (lane_around(&element)?, element.closest(".lane").ok()??);
    let (top, first) = (lane.get_bounding_client_rect().top(), lane.parent_element()?.get_bounding_client_rect().top());
    Some(Held { id, top, offset: top - first, height: f64::from(lane.client_height()) })
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
    // As far left as the axis' own margin lets it.
    let place = move |x: f64| {
        let width = explorer.with(|machine| machine.screen.width);
        from_gutter(x.clamp(HALF_FLAG / 2.0, (width - HALF_FLAG).max(HALF_FLAG)))
    };
    let pointer = explorer.over(|overlay| overlay.flag.clone());
    let times = explorer.over(|overlay| overlay.marks.clone());
    let flag = move || {
        let Flag { x, time } = pointer.get()?;
        Some(view! {
            <span class="flag" style:left=place(x) data-testid="flag">
                {time}
            </span>
        })
    };
    let marks = move || {
        let flag = |Flag { x, time }| {
            view! {
                <span class="flag mark" style:left=place(x) data-testid="mark">
                    {time}
                </span>
            }
        };
        times.get().into_iter().map(flag).collect_view()
    };
    view! {
        <div class="axis" data-testid="axis">
            <canvas node_ref=canvas role="img" aria-label="Time axis"></canvas>
            {marks}
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
