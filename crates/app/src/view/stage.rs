//! The plot: overview, lanes and axis in one column.

use btrdb_paint::AxisSurface;
use leptos::html;
use leptos::prelude::*;

use super::STAGE_ID;
use super::lanes::{Lanes, from_gutter};
use super::overview::Overview;
use crate::browser;
use crate::explorer::{Explorer, Flag};
use crate::machine::Machine;

/// Half the width of the flag on the axis, roughly, in CSS pixels: it stays on screen.
const HALF_FLAG: f64 = 120.0;
/// How wide a letter in a flag is, and what a flag is wider than its letters, in CSS pixels.
const LETTER_WIDTH: f64 = 7.0;
const FLAG_PADDING: f64 = 18.0;

#[component]
pub(crate) fn Stage() -> impl IntoView {
    let explorer = expect_context::<Explorer>();
    let stage = NodeRef::<html::Div>::new();
    let scrolls = RwSignal::new(false);
    let overflow = move || {
        if let Some(stage) = stage.try_get_untracked().flatten() {
            scrolls.try_set(browser::overflows(&stage));
        }
    };
    Effect::new(move |_| {
        if let Some(stage) = stage.get() {
            explorer.with(|machine| machine.stage = Some(stage.clone().into()));
            browser::on_resize(&stage, move || {
                explorer.relayout();
                overflow();
            });
            browser::on_density_change(move || explorer.relayout());
        }
    });
    Effect::new(move |_| {
        explorer.lanes.track();
        explorer.solo.track();
        browser::before_next_paint(overflow);
    });
    let summary = explorer.summary;
    let scroll = move |_| {
        if explorer.with(Machine::look_around) {
            explorer.repaint();
        }
    };
    view! {
        <div
            class="stage"
            class:scrolls=scrolls
            id=STAGE_ID
            node_ref=stage
            on:scroll=scroll
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

/// Moves the flags of two marks that are close together so far apart that both can be read.
fn part(left: &mut Flag, right: &mut Flag) {
    let letters = left.time.chars().count().max(right.time.chars().count());
    let missing = letters as f64 * LETTER_WIDTH + FLAG_PADDING - (right.x - left.x);
    if missing > 0.0 {
        left.x -= missing / 2.0;
        right.x += missing / 2.0;
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
        let mut flags = times.get();
        flags.sort_by(|one, other| one.x.total_cmp(&other.x));
        if let [left, right] = &mut flags[..] {
            part(left, right);
        }
        let flag = |Flag { x, time }| {
            view! {
                <span class="flag mark" style:left=place(x) data-testid="mark">
                    {time}
                </span>
            }
        };
        flags.into_iter().map(flag).collect_view()
    };
    view! {
        <div class="axis" data-testid="axis">
            <canvas node_ref=canvas role="img" aria-label="Time axis"></canvas>
            {marks}
            {flag}
        </div>
    }
}
