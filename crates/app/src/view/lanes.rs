//! The lanes below one another, and what the pointer does to them.

use btrdb_explorer::Grasp;
use leptos::html;
use leptos::prelude::*;
use web_sys::{MouseEvent, PointerEvent, WheelEvent};

use super::lane::LaneView;
use super::vacant::Vacant;
use crate::browser;
use crate::explorer::{Explorer, Flag, Marked};
use crate::keys::lane_around;
use crate::machine::Held;

/// With more lanes than this each may be lower.
const SEVERAL_LANES: usize = 8;

/// How much larger the steps of a wheel are than those of a pinch on a trackpad.
const TRACKPAD_PINCH: f64 = 3.0;

/// The lanes and what the pointer does to them.
#[component]
pub(crate) fn Lanes(stage: NodeRef<html::Div>) -> impl IntoView {
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
        if event.button() == 0 && !is_on_button(&event) {
            // A finger on the value axes scrolls through the lanes, where there are more than fit.
            let scrolls = stage.get_untracked().is_some_and(|stage| browser::overflows(&stage));
            let grasp = match event.pointer_type().as_str() {
                "touch" if x < 0.0 && scrolls => return,
                _ if x < 0.0 => Grasp::Values,
                _ if event.shift_key() => Grasp::Mark,
                "touch" => Grasp::Touch,
                _ => Grasp::Drag,
            };
            lanes.set_pointer_capture(event.pointer_id()).ok();
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
        _ if is_on_button(&event) => {}
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

/// Whether an event is one of a button, which is no part of the plot.
fn is_on_button(event: &MouseEvent) -> bool {
    browser::target(event).and_then(|element| element.closest("button").ok()?).is_some()
}

/// The lane that an event is in.
fn lane_of(event: &MouseEvent) -> Option<Held> {
    let element = browser::target(event)?;
    let (id, lane) = (lane_around(&element)?, element.closest(".lane").ok()??);
    let (top, first) = (lane.get_bounding_client_rect().top(), lane.parent_element()?.get_bounding_client_rect().top());
    Some(Held { id, top, offset: top - first, height: f64::from(lane.client_height()) })
}

/// A position in the plot as a position in the lane around it.
pub(crate) fn from_gutter(x: f64) -> String {
    format!("calc(var(--gutter) + {x}px)")
}
