//! One frame: from the machine to plans, pictures, requests and summaries.

use btrdb_core::{TimeRange, Timestamp};
use btrdb_explorer::{
    Drawn, Plan, Reach, Request, Resolution, View, Viewport, format_count, format_date, format_distance, format_span,
    format_time, format_time_range, format_value, format_window, merge_requests, plan, time_axis,
};
use btrdb_paint::{LanePicture, LaneSurface, Palette, Scene};
use leptos::prelude::*;

use crate::explorer::{Explorer, Flag, Marked, Overlay};
use crate::machine::{Dirty, Lane, Machine, REST_MILLIS, Screen};
use crate::status::{LaneStatus, Patience, Reading, Summary, resolution_code, resolution_words};
use crate::{address, browser, fetch, neighbours};

/// While the view moves, requests are compared with it at most this often, in milliseconds.
const ASK_MILLIS: f64 = 40.0;
/// How often the meter is read, in milliseconds.
const METER_MILLIS: f64 = 250.0;
/// How long the value axis takes to a new range, in milliseconds.
const EASE_MILLIS: f64 = 150.0;
/// The height of a lane's name, in CSS pixels.
const HEAD_PIXELS: f64 = 22.0;
/// When waiting is worth a word, and when more of them, in milliseconds.
const WORD_MILLIS: f64 = 300.0;
const LONG_MILLIS: f64 = 2_000.0;
const TOO_LONG_MILLIS: f64 = 5_000.0;
/// How long the picture before takes to fade away, in milliseconds, as in `style.css`.
const FADE_MILLIS: f64 = 100.0;
/// More streams than this over one another would be a tangle.
const MOST_IN_OVERVIEW: usize = 6;
/// How far from the pointer a point is still meant, in CSS pixels.
const NEAR_PIXELS: f64 = 24.0;

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
    let streams = machine.streams();
    let moving = machine.is_moving(now);
    let width = machine.screen.device_width();
    machine.foresight.look(machine.view, width, now);
    let reach =
        if browser::is_frugal() { Reach::NONE } else { machine.foresight.reach(width, machine.meter.latency()) };
    let main = plan(&View { viewport: machine.view, width, reach }, &streams, &machine.cache);
    machine.coverage = main.coverage();

    let life = machine.life();
    let whole = life.map(whole_life);
    let view = whole.map(|viewport| View { viewport, width, reach: Reach::NONE });
    let overview = view.map_or_else(Plan::default, |view| plan(&view, &streams, &machine.cache));

    let Screen { width: css_width, ratio } = machine.screen;
    let axis = time_axis(&machine.view, css_width);
    let spread = machine.spread;
    let scene = Scene { palette, view: &machine.view, axis: &axis, width: css_width, ratio, spread };
    let is_still = machine.painted == machine.view;
    machine.painted = machine.view;
    for (lane, drawn) in machine.lanes.iter_mut().zip(&main.draw) {
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
        lane.census = drawn.census;
        lane.settled = drawn.settled;
        let waiting = !drawn.settled && trace.drawn == Drawn::Nothing && lane.problem.is_none();
        lane.waiting_since = waiting.then(|| lane.waiting_since.unwrap_or(now));
        let scale = lane.held.or_else(|| lane.scale.at(now));
        let life = lane.life.and_then(|life| life.range);
        if let Some(surface) = &mut lane.surface {
            let unit = lane.head.title.with_untracked(|title| title.unit.clone());
            let picture = LanePicture { trace, fresh, scale, unit: &unit, life, colour: lane.colour };
            btrdb_paint::lane(&scene, surface, &picture);
        }
    }
    if let Some(surface) = &mut machine.axis {
        btrdb_paint::axis(&scene, surface);
    }
    if let Some(surface) = &mut machine.overview {
        let colours: Vec<_> = machine.lanes.iter().map(|lane| lane.colour).take(MOST_IN_OVERVIEW).collect();
        btrdb_paint::overview(&scene, surface, whole.as_ref(), &overview.draw, &colours);
        surface.place_window(whole.map(|whole| {
            let range = machine.view.range();
            (whole.x_from_time(range.start, css_width), whole.x_from_time(range.end, css_width))
        }));
    }
    let hopeless =
        |id| machine.lanes.iter().any(|lane| lane.id == id && lane.problem.as_ref().is_some_and(|p| !p.passing));
    // On the way to another view, what is there is worth more than what is passed.
    let arriving = machine.glide.map(|glide| View { viewport: glide.target(), width, reach: Reach::NONE });
    let needed = arriving.map_or(main.fetch, |view| plan(&view, &streams, &machine.cache).fetch);
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
    if machine.is_moving(now) {
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

/// Tells the components what is on screen.
fn show(explorer: Explorer, machine: &mut Machine, now: f64) {
    let view = machine.view;
    let nanos_per_pixel = view.nanos_per_pixel(machine.screen.width);
    let hover = machine.hand.hover().filter(|_| !machine.hand.is_panning() && !machine.lanes.is_empty());
    for lane in &machine.lanes {
        let status = lane_status(lane, machine, hover, now);
        if lane.head.status.with_untracked(|old| *old != status) {
            lane.head.status.set(status);
        }
    }
    let words = |time| format!("{} {}", format_date(time), format_time(time, nanos_per_pixel));
    let flag = hover.map(|x| Flag { x, time: words(view.time_from_x(x, machine.screen.width)) });
    let marks = machine.marks.iter();
    let marks = marks.map(|&time| Flag {
        x: view.x_from_time(time, machine.screen.width),
        time: format_time(time, nanos_per_pixel),
    });
    let top = machine.held.map_or(0.0, |held| held.offset);
    let overlay = Overlay {
        flag,
        marks: marks.filter(|mark| (0.0..=machine.screen.width).contains(&mark.x)).collect(),
        marquee: machine.hand.marquee().map(|area| Marked { area, top }),
        panning: machine.hand.is_panning(),
        spread: machine.spread,
    };
    set_if_changed(explorer.overlay, overlay);

    let loading = machine.is_moving(now) || machine.lanes.iter().any(|lane| is_loading(lane, now));
    let mut summary = summary(machine, nanos_per_pixel, loading);
    summary.spoken =
        if loading { explorer.summary.with_untracked(|old| old.spoken.clone()) } else { spoken(machine, &summary) };
    set_if_changed(explorer.summary, summary);
    if !machine.is_moving(now) {
        neighbours::ask(explorer, machine);
        machine.address_late = address::write(machine, now);
    }
}

fn set_if_changed<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

fn is_loading(lane: &Lane, now: f64) -> bool {
    lane.problem.is_none() && (!lane.settled || lane.scale.is_moving(now) || lane.fades_until > now)
}

fn lane_status(lane: &Lane, machine: &Machine, hover: Option<f64>, now: f64) -> LaneStatus {
    let waited = lane.waiting_since.map_or(0.0, |since| now - since);
    let patience = match waited {
        waited if waited >= TOO_LONG_MILLIS => Patience::TooLong,
        waited if waited >= LONG_MILLIS => Patience::Long,
        waited if waited >= WORD_MILLIS => Patience::Waiting,
        _ => Patience::Calm,
    };
    let drawn = lane.trace.as_ref().map_or(Drawn::Nothing, |trace| trace.drawn);
    let view = machine.view.range();
    let beside = lane.neighbours.filter(|beside| beside.of == view);
    let gap = |from: Timestamp, to: Timestamp| format_distance(from.abs_diff(to));
    LaneStatus {
        loading: is_loading(lane, now) || machine.is_moving(now),
        patience: if machine.lost { Patience::Calm } else { patience },
        awaited: if waited >= LONG_MILLIS { awaited(lane, machine) } else { String::new() },
        resolution: resolution_code(drawn),
        held: lane.held.is_some(),
        problem: lane.problem.clone(),
        empty: lane.is_empty(),
        earlier: beside.and_then(|beside| beside.earlier).map(|time| (time, gap(view.start, time))),
        later: beside.and_then(|beside| beside.later).map(|time| (time, gap(view.end, time))),
        reading: hover.and_then(|x| reading(lane, machine, x, now)),
        latest: latest(lane, machine, now),
        beyond: beyond(lane),
    }
}

/// What a lane without a picture waits for.
fn awaited(lane: &Lane, machine: &Machine) -> String {
    if lane.life.is_none() {
        return "when this stream begins and ends".to_owned();
    }
    let requests = machine.tasks.keys().filter_map(|flight| machine.flights.get(*flight));
    let mut own = requests.filter(|request| request.stream == lane.id);
    own.next().map_or_else(
        || "other streams, whose turn is first".to_owned(),
        |request| match request.resolution {
            Resolution::Raw(_) => "raw points".to_owned(),
            Resolution::Windows(width) => format!("windows of {}", format_window(width)),
        },
    )
}

/// On which side of the values that are held all data lie, if on either.
fn beyond(lane: &Lane) -> Option<&'static str> {
    let (held, (low, high)) = (lane.held?, lane.trace.as_ref()?.extremes?);
    match () {
        () if low > held.high => Some("above"),
        () if high < held.low => Some("below"),
        () => None,
    }
}

/// The last value in sight.
fn latest(lane: &Lane, machine: &Machine, now: f64) -> Option<String> {
    let (trace, scale) = (lane.trace.as_ref()?, lane.values(now)?);
    let per_pixel = scale.span() / lane.surface.as_ref()?.height().max(1.0);
    let width = machine.screen.device_width();
    let vertex = trace.line.iter().rev().find(|vertex| vertex.x <= width && vertex.x >= 0.0)?;
    Some(lane.head.title.with_untracked(|title| format_value(vertex.value, per_pixel, &title.unit)))
}

/// The value of a lane at `x` CSS pixels.
fn reading(lane: &Lane, machine: &Machine, x: f64, now: f64) -> Option<Reading> {
    let (trace, scale) = (lane.trace.as_ref()?, lane.values(now)?);
    let ratio = machine.screen.ratio;
    let per_pixel = scale.span() / lane.surface.as_ref()?.height().max(1.0);
    let unit = lane.head.title.with_untracked(|title| title.unit.clone());
    let words = |value: f64, unit: &str| format_value(value, per_pixel, unit);
    let vertex = trace.nearest(x * ratio, NEAR_PIXELS * ratio);
    let column = vertex.and_then(|vertex| trace.columns.get(vertex.x.max(0.0) as usize));
    let column = column.filter(|column| !column.is_empty());
    match (vertex, column) {
        (Some(vertex), _) if vertex.point => {
            let precision = machine.view.nanos_per_pixel(machine.screen.width).min(1e6);
            Some(Reading {
                value: words(vertex.value, &unit),
                more: format!("at {}", format_time(vertex.time, precision)),
            })
        }
        (Some(vertex), Some(column)) => Some(Reading {
            value: format!("mean {}", words(vertex.value, &unit)),
            more: format!("{} … {}", words(column.min, ""), words(column.max, "")),
        }),
        _ => None,
    }
}

fn summary(machine: &Machine, nanos_per_pixel: f64, loading: bool) -> Summary {
    let range = machine.view.range();
    let drawn = machine.lanes.iter().filter_map(|lane| lane.trace.as_ref()).map(|trace| trace.drawn);
    let coarsest = drawn.fold(Drawn::Nothing, |coarsest, drawn| match (coarsest, drawn) {
        (Drawn::Windows(a), Drawn::Windows(b)) => Drawn::Windows(a.max(b)),
        (Drawn::Windows(a), _) => Drawn::Windows(a),
        (Drawn::Nothing | Drawn::Raw, Drawn::Windows(b)) => Drawn::Windows(b),
        (Drawn::Nothing, other) => other,
        (Drawn::Raw, _) => Drawn::Raw,
    });
    let points: f64 = machine.lanes.iter().map(|lane| lane.census.points).sum();
    let exact = machine.lanes.iter().all(|lane| lane.census.exact);
    let versions = || machine.lanes.iter().filter_map(|lane| lane.life).map(|life| life.version);
    Summary {
        range,
        range_words: format_time_range(range, nanos_per_pixel),
        span: if machine.lanes.is_empty() { String::new() } else { format_span(machine.view.span_nanos()) },
        windows: resolution_words(coarsest),
        points: match points.round() as u64 {
            _ if machine.lanes.is_empty() => String::new(),
            0 if machine.lanes.iter().any(|lane| !lane.census.complete) => String::new(),
            0 => "no points".to_owned(),
            1 if exact => "1 point".to_owned(),
            points if exact => format!("{} points", format_count(points)),
            points => format!("about {} points", format_count(rounded(points))),
        },
        marked: marked(machine),
        versions: match (versions().min(), versions().max()) {
            (Some(first), Some(last)) if first == last => format!("version {first}"),
            (Some(first), Some(last)) => format!("versions {first} to {last}"),
            _ => String::new(),
        },
        figures: machine.figures,
        loading,
        can_undo: machine.history.can_undo(),
        can_redo: machine.history.can_redo(),
        spoken: String::new(),
    }
}

/// How far the two marks are apart, and how often that is a second.
fn marked(machine: &Machine) -> String {
    let [one, other] = machine.marks[..] else { return String::new() };
    let apart = one.abs_diff(other);
    if apart == 0 {
        return String::new();
    }
    let hertz = 1e9 / apart as f64;
    format!("Δ {} = {} ns · {}", format_distance(apart), format_count(apart), format_value(hertz, hertz / 1e3, "Hz"))
}

/// Three digits and zeros.
fn rounded(count: u64) -> u64 {
    let power = 10_u64.pow(count.checked_ilog10().unwrap_or(0).saturating_sub(2));
    (count + power / 2) / power * power
}

/// The view in sentences.
fn spoken(machine: &Machine, summary: &Summary) -> String {
    if machine.lanes.is_empty() {
        return String::new();
    }
    let mut text = format!("Showing {} UTC, {}.", summary.range_words, summary.span);
    for lane in &machine.lanes {
        let title = lane.head.title.get_untracked();
        let extremes = lane.trace.as_ref().and_then(|trace| trace.extremes);
        let sentence = match (&lane.problem, extremes) {
            (Some(problem), _) => format!(" {} {}: {}", title.collection, title.name, problem.text),
            (None, None) => format!(" {} {}: no data here.", title.collection, title.name),
            (None, Some((low, high))) => {
                let per_pixel = (high - low) / 200.0;
                let words = |value| format_value(value, per_pixel, &title.unit);
                format!(" {} {}: from {} to {}.", title.collection, title.name, words(low), words(high))
            }
        };
        text.push_str(&sentence);
    }
    text
}
