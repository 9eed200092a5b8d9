//! One frame: from the machine to plans, pictures, requests and summaries.

use btrdb_core::TimeRange;
use btrdb_explorer::{Drawn, Nearness, Plan, Reach, Request, View, Viewport, merge_requests, plan_lanes, time_axis};
use btrdb_paint::{LanePicture, LaneSurface, Palette, Scene};
use leptos::prelude::*;

use crate::explorer::Explorer;
use crate::machine::{Dirty, Lane, Machine, REST_MILLIS, Screen};
use crate::show::{LONG_MILLIS, TOO_LONG_MILLIS, WORD_MILLIS, show};
use crate::{browser, fetch, probe};

/// While the view moves, requests are compared with it at most this often, in milliseconds.
const ASK_MILLIS: f64 = 40.0;
/// How often the meter is read, in milliseconds.
const METER_MILLIS: f64 = 250.0;
/// How long the value axis takes to a new range, in milliseconds.
const EASE_MILLIS: f64 = 150.0;
/// The height of a lane's name, in CSS pixels.
const HEAD_PIXELS: f64 = 22.0;
/// How long the picture before takes to fade away, in milliseconds, as in `style.css`.
const FADE_MILLIS: f64 = 100.0;
/// More streams than this over one another would be a tangle.
const MOST_IN_OVERVIEW: usize = 6;

/// Paints what has changed, asks for what is missing, and says what is on screen.
pub(crate) fn paint(explorer: Explorer) {
    let now = browser::now();
    let theme = explorer.theme.get_untracked();
    let still = browser::wants_stillness();
    let (orders, wake) = explorer.with(|machine| {
        let dirty = std::mem::replace(&mut machine.dirty, Dirty { layout: false, plot: false });
        if dirty.layout {
            measure(machine);
        }
        machine.drift(now);
        if !machine.screen.is_known() {
            return (None, None);
        }
        let drawn = dirty.plot || dirty.layout;
        let orders = if drawn {
            let wanted = draw(machine, theme.palette(), now, still);
            ask(machine, &wanted, now)
        } else {
            None
        };
        if now - machine.metered_at >= METER_MILLIS {
            machine.metered_at = now;
            machine.figures = machine.meter.figures();
        }
        show(explorer, machine, now);
        if drawn {
            machine.meter.frame(browser::now() - now, machine.coverage);
        }
        (orders, next_look(machine, now))
    });
    if let Some(orders) = orders {
        fetch::carry_out(explorer, orders);
    }
    probe::ask_further(explorer);
    match wake {
        // The view or a value axis is on its way.
        Some(0.0) => explorer.repaint(),
        Some(millis) => explorer.wake_in(millis),
        None => {}
    }
}

fn measure(machine: &mut Machine) {
    machine.screen.ratio = browser::pixel_ratio();
    let ratio = machine.screen.ratio;
    if let Some(overview) = &mut machine.overview {
        machine.screen.width = overview.measure(ratio);
    }
    machine.look_around();
    if let Some(axis) = &mut machine.axis {
        axis.measure(ratio);
    }
    for surface in machine.lanes.iter_mut().filter_map(|lane| lane.surface.as_mut()) {
        surface.measure(ratio);
    }
}

/// Draws the overview, the lanes and the axis from what is at hand; returns what is wanted, most urgent first.
fn draw(machine: &mut Machine, palette: &'static Palette, now: f64, still: bool) -> Vec<Request> {
    machine.cache.begin_round();
    let moving = machine.is_moving(now);
    let frugal = browser::is_frugal();
    let width = machine.screen.device_width();
    machine.foresight.look(machine.view, width, now);
    let reach = if frugal { Reach::NONE } else { machine.foresight.reach(width, machine.meter.latency()) };
    let lanes = |counts: &dyn Fn(&Lane) -> Nearness| {
        machine.lanes.iter().map(|lane| (lane.id, counts(lane))).collect::<Vec<_>>()
    };
    let nearest = lanes(&|lane| if moving || frugal { lane.nearness.in_motion() } else { lane.nearness });
    // Until it is known when a stream begins and ends, nobody knows what an overview of it is.
    let all = lanes(&|lane| if lane.life.is_some() { lane.nearness.at_least_near() } else { Nearness::Away });
    let main = plan_lanes(&View { viewport: machine.view, width, reach }, &nearest, &machine.cache);
    machine.coverage = main.coverage();

    let life = machine.life();
    let whole = life.map(whole_life);
    let view = whole.map(|viewport| View { viewport, width, reach: Reach::NONE });
    let overview = view.map_or_else(Plan::default, |view| plan_lanes(&view, &all, &machine.cache));

    let Screen { width: css_width, ratio } = machine.screen;
    let axis = time_axis(&machine.view, css_width);
    let spread = machine.spread;
    let scene = Scene { palette, view: &machine.view, axis: &axis, width: css_width, ratio, spread };
    let is_still = machine.painted == machine.view;
    machine.painted = machine.view;
    for (lane, drawn) in machine.lanes.iter_mut().zip(&main.draw) {
        (lane.census, lane.settled) = (drawn.census, drawn.settled);
        // Its picture is made when it comes near.
        if drawn.nearness == Nearness::Away {
            lane.waiting_since = None;
            continue;
        }
        let fresh = lane.sight.changes(&drawn.spans, &machine.view, width as u32);
        let trace = lane.trace.get_or_insert_default();
        // Where the view stays and the data change, the one picture gives way to the other.
        if fresh && is_still && !still && trace.columns.len() == width as usize {
            if let Some(surface) = &mut lane.surface {
                surface.fade();
            }
            lane.fades_until = now + FADE_MILLIS;
        }
        if fresh {
            trace.follow(&drawn.spans, &machine.view, width as u32);
        }
        if let Some(extremes) = trace.extremes {
            let height = lane.surface.as_ref().map_or(0.0, LaneSurface::height);
            let headroom = HEAD_PIXELS / height.max(3.0 * HEAD_PIXELS);
            lane.scale.aim(extremes, headroom, now, moving, if still { 0.0 } else { EASE_MILLIS });
        }
        let waiting = lane.nearness == Nearness::InSight
            && !drawn.settled
            && trace.drawn == Drawn::Nothing
            && lane.problem.is_none();
        lane.waiting_since = waiting.then(|| lane.waiting_since.unwrap_or(now));
        let scale = lane.held.or_else(|| lane.scale.at(now));
        let life = lane.life.and_then(|life| life.range);
        if let Some(surface) = &mut lane.surface {
            let unit = lane.head.title.with_untracked(|title| title.unit.clone());
            let picture = LanePicture { trace, fresh, scale, unit: &unit, life, colour: lane.colour };
            btrdb_paint::lane(&scene, &mut machine.raster, surface, &picture);
        }
    }
    if let Some(surface) = &mut machine.axis {
        btrdb_paint::axis(&scene, surface);
    }
    if let Some(surface) = &mut machine.overview {
        let colours: Vec<_> = machine.lanes.iter().map(|lane| lane.colour).take(MOST_IN_OVERVIEW).collect();
        btrdb_paint::overview(&scene, &mut machine.raster, surface, whole.as_ref(), &overview.draw, &colours);
        surface.place_window(whole.map(|whole| {
            let range = machine.view.range();
            (whole.x_from_time(range.start, css_width), whole.x_from_time(range.end, css_width))
        }));
    }
    let hopeless =
        |id| machine.lanes.iter().any(|lane| lane.id == id && lane.problem.as_ref().is_some_and(|p| !p.passing));
    // On the way to another view, what is there is worth more than what is passed.
    let arriving = machine.glide.map(|glide| View { viewport: glide.target(), width, reach: Reach::NONE });
    let needed = arriving.map_or(main.fetch, |view| plan_lanes(&view, &nearest, &machine.cache).fetch);
    let mut wanted = merge_requests(vec![needed, overview.fetch]);
    wanted.retain(|request| !hopeless(request.stream));
    wanted
}

/// The view of the overview: all data and a hair's breadth.
pub(crate) fn whole_life(life: TimeRange) -> Viewport {
    Viewport::fit(life, 0.005)
}

/// Compares what is wanted with what is on its way, but not in every frame while the view moves.
fn ask(machine: &mut Machine, wanted: &[Request], now: f64) -> Option<btrdb_explorer::Orders> {
    if machine.lost || machine.connection.is_none() || (machine.is_moving(now) && now < machine.ask_at) {
        return None;
    }
    machine.ask_at = now + ASK_MILLIS;
    Some(machine.flights.reconcile(wanted, now))
}

/// When to look again although nothing happens, in milliseconds; 0 for the very next frame.
fn next_look(machine: &Machine, now: f64) -> Option<f64> {
    if machine.is_drifting() || machine.lanes.iter().any(|lane| lane.scale.is_moving(now)) {
        return Some(0.0);
    }
    let mut looks = Vec::new();
    // A hand that holds still changes nothing.
    if now - machine.moved_at < REST_MILLIS {
        looks.push((machine.ask_at - now).max(1.0));
        looks.push((machine.moved_at + REST_MILLIS - now).max(1.0));
    }
    for since in machine.lanes.iter().filter_map(|lane| lane.waiting_since) {
        looks.extend(
            [WORD_MILLIS, LONG_MILLIS, TOO_LONG_MILLIS]
                .into_iter()
                .map(|wait| since + wait - now)
                .filter(|&left| left > 0.0),
        );
    }
    looks.extend(machine.lanes.iter().map(|lane| lane.fades_until - now).filter(|&left| left > 0.0));
    looks.extend(machine.address_late);
    if let Some(wake) = machine.flights.next_wake(now) {
        looks.push((wake - now).max(1.0));
    }
    looks.into_iter().reduce(f64::min)
}
