//! The state that changes many times a second: the view, the lanes, the tiles and the requests. It knows of no signal
//! and starts nothing; [`crate::frame`] turns it into pictures and [`crate::fetch`] into requests.

use std::collections::BTreeMap;

use btrdb_core::{TimeRange, Timestamp};
use btrdb_explorer::{
    AutoScale, Cache, Census, Coverage, FLIGHTS_HTTP1, Figures, FlightId, Flights, Foresight, Glide, Hand, History,
    LinkState, Meter, Scale, Sight, StreamId, Trace, Trail, Viewport,
};
use btrdb_paint::{AxisSurface, LaneSurface, OverviewSurface};
use btrdb_web::WebConnection;

use crate::browser::{self, Task};
use crate::explorer::LaneHead;
use crate::status::Problem;

/// How many bytes of tiles are kept.
const CACHE_BYTES: usize = 128 << 20;
/// How many steps can be undone.
const UNDO_STEPS: usize = 100;
/// A view that has not changed for this long is at rest, in milliseconds.
pub(crate) const REST_MILLIS: f64 = 250.0;
/// Changes of the view closer together than this are one step to undo, in milliseconds.
const STEP_MILLIS: f64 = 700.0;
/// Room beside the data when all of it is shown.
const FIT_MARGIN: f64 = 0.01;

/// When a stream has points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    /// From the first point to just after the last; `None` for a stream without points.
    pub(crate) range: Option<TimeRange>,
    /// The version it was asked at.
    pub(crate) version: u64,
}

/// One stream on screen.
pub(crate) struct Lane {
    pub(crate) id: StreamId,
    /// Its place in the palette.
    pub(crate) colour: usize,
    pub(crate) head: LaneHead,
    pub(crate) scale: AutoScale,
    /// The values to show in place of those that fit the data.
    pub(crate) held: Option<Scale>,
    pub(crate) trace: Option<Trace>,
    /// What the trace is of.
    pub(crate) sight: Sight,
    pub(crate) census: Census,
    /// Whether nothing is missing from the picture.
    pub(crate) settled: bool,
    /// `None` until the server has said.
    pub(crate) life: Option<Life>,
    pub(crate) problem: Option<Problem>,
    /// What there is beside an empty view.
    pub(crate) neighbours: Option<Neighbours>,
    /// Until when the picture before is still fading away.
    pub(crate) fades_until: f64,
    /// Since when there has been nothing to show, in milliseconds.
    pub(crate) waiting_since: Option<f64>,
    pub(crate) surface: Option<LaneSurface>,
    /// The question for the stream's life and version.
    pub(crate) probe: Option<Task>,
}

/// The points next to a range without any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// The range.
    pub(crate) of: TimeRange,
    pub(crate) earlier: Option<Timestamp>,
    pub(crate) later: Option<Timestamp>,
}

impl Lane {
    /// Whether it has been loaded and holds nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.settled && self.trace.as_ref().is_some_and(|trace| trace.extremes.is_none())
    }

    /// The values that the lane shows at `now`, if it shows any.
    pub(crate) fn values(&self, now: f64) -> Option<Scale> {
        self.held.or_else(|| self.scale.at(now))
    }
}

/// The lane that gestures are about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) id: StreamId,
    /// How far its top is from that of the window, in CSS pixels.
    pub(crate) top: f64,
    /// How far it is from that of the first lane.
    pub(crate) offset: f64,
    pub(crate) height: f64,
}

/// What undoing leads back to: all that a link says, and the view to less than a nanosecond.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) link: LinkState,
    pub(crate) view: Viewport,
}

/// Where the plot is on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Screen {
    /// Its width in CSS pixels, axis not counted.
    pub(crate) width: f64,
    /// Device pixels per CSS pixel.
    pub(crate) ratio: f64,
}

impl Screen {
    /// The width in device pixels.
    pub(crate) fn device_width(&self) -> f64 {
        (self.width * self.ratio).round()
    }

    /// Whether there is anything to draw on.
    pub(crate) fn is_known(&self) -> bool {
        self.width >= 1.0
    }
}

/// What needs doing in the next frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dirty {
    /// Sizes on screen have changed.
    pub(crate) layout: bool,
    /// The view, the data or the colours have changed.
    pub(crate) plot: bool,
}

/// See the module.
pub(crate) struct Machine {
    pub(crate) connection: Option<WebConnection>,
    pub(crate) view: Viewport,
    /// Whether the view is to show all data as soon as it is known when they begin and end.
    pub(crate) fit_when_known: bool,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) cache: Cache,
    pub(crate) flights: Flights,
    pub(crate) foresight: Foresight,
    pub(crate) meter: Meter,
    /// How much of the view was drawn from what in the newest frame.
    pub(crate) coverage: Coverage,
    /// What the meter said when it was read last, and when that was, in milliseconds.
    pub(crate) figures: Figures,
    pub(crate) metered_at: f64,
    /// The requests on their way; dropping one aborts it.
    pub(crate) tasks: BTreeMap<FlightId, Task>,
    pub(crate) history: History<Step>,
    pub(crate) trail: Trail,
    pub(crate) hand: Hand,
    /// The lane that the pointer is or was last in.
    pub(crate) held: Option<Held>,
    /// The way to another view, while it lasts.
    pub(crate) glide: Option<Glide>,
    /// The marked times, at most two.
    pub(crate) marks: Vec<Timestamp>,
    /// The lane that alone is shown.
    pub(crate) solo: Option<StreamId>,
    pub(crate) screen: Screen,
    pub(crate) axis: Option<AxisSurface>,
    pub(crate) overview: Option<OverviewSurface>,
    pub(crate) dirty: Dirty,
    /// Whether the bands show the standard deviation.
    pub(crate) spread: bool,
    /// The view of the last frame.
    pub(crate) painted: Viewport,
    /// When the view changed last.
    pub(crate) moved_at: f64,
    /// When the view was last changed by hand: what follows soon belongs to the same step to undo.
    pub(crate) step_at: f64,
    /// When something was last done that can be undone, or was undone.
    pub(crate) stepped_at: f64,
    /// In how many milliseconds the address is to be tried again.
    pub(crate) address_late: Option<f64>,
    /// Not before this are requests compared with the view again.
    pub(crate) ask_at: f64,
    /// The time of day at which the server answered last.
    pub(crate) last_contact: String,
    /// Whether the server is out of reach.
    pub(crate) lost: bool,
    /// What was last written into the address, and in which entry of the browser's history.
    pub(crate) written: (String, usize),
    /// Tells the entries that this trail has made from others.
    pub(crate) trail_name: String,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            connection: None,
            view: Viewport::ALL,
            fit_when_known: true,
            lanes: Vec::new(),
            cache: Cache::new(CACHE_BYTES),
            flights: Flights::new(FLIGHTS_HTTP1),
            foresight: Foresight::default(),
            meter: Meter::default(),
            coverage: Coverage::default(),
            figures: Figures::default(),
            metered_at: f64::NEG_INFINITY,
            tasks: BTreeMap::new(),
            history: History::new(UNDO_STEPS),
            trail: Trail::default(),
            hand: Hand::default(),
            held: None,
            glide: None,
            marks: Vec::new(),
            solo: None,
            screen: Screen::default(),
            axis: None,
            overview: None,
            dirty: Dirty { layout: true, plot: true },
            spread: false,
            painted: Viewport::ALL,
            moved_at: f64::NEG_INFINITY,
            step_at: f64::NEG_INFINITY,
            stepped_at: f64::NEG_INFINITY,
            address_late: None,
            ask_at: 0.0,
            last_contact: String::new(),
            lost: false,
            written: (String::new(), 0),
            trail_name: String::new(),
        }
    }

    /// The lane of a stream.
    pub(crate) fn lane(&mut self, id: StreamId) -> Option<&mut Lane> {
        self.lanes.iter_mut().find(|lane| lane.id == id)
    }

    /// The streams on screen, in order.
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        self.lanes.iter().map(|lane| lane.id).collect()
    }

    /// What a link to this view says.
    pub(crate) fn link(&self) -> LinkState {
        let held = self.lanes.iter().filter_map(|lane| Some((lane.id, lane.held?)));
        LinkState {
            streams: self.streams(),
            view: (!self.fit_when_known).then(|| self.aim().range()),
            values: held.collect(),
            marks: self.marks.clone(),
            solo: self.solo,
            sigma: self.spread,
        }
    }

    /// Where the view is going to be.
    pub(crate) fn aim(&self) -> Viewport {
        self.glide.map_or(self.view, |glide| glide.target())
    }

    /// Remembers what there is, to be come back to.
    pub(crate) fn begin_step(&mut self) {
        let here = self.here();
        self.history.push(here);
        self.stepped_at = browser::now();
        self.step_at = f64::NEG_INFINITY;
    }

    pub(crate) fn here(&self) -> Step {
        Step { link: self.link(), view: self.aim() }
    }

    /// A gesture goes on at `now`, or begins: then what there is is remembered.
    pub(crate) fn go_on(&mut self, now: f64) {
        if now - self.step_at > STEP_MILLIS {
            self.begin_step();
        }
        self.step_at = now;
        self.dirty.plot = true;
    }

    /// Changes the view as part of a gesture at `now`.
    pub(crate) fn move_to(&mut self, view: Viewport, now: f64) {
        if view == self.view && !self.fit_when_known {
            return;
        }
        self.go_on(now);
        self.fit_when_known = false;
        self.glide = None;
        self.place(view, now);
    }

    fn place(&mut self, view: Viewport, now: f64) {
        self.view = view;
        self.moved_at = now;
        self.dirty.plot = true;
    }

    /// Goes to `view`, a step of its own to undo.
    pub(crate) fn jump_to(&mut self, view: Viewport, now: f64) {
        if view != self.aim() || self.fit_when_known {
            self.begin_step();
            self.fly_to(view, now);
        }
    }

    /// Goes to `view`: gently, unless nothing is to move by itself.
    pub(crate) fn fly_to(&mut self, view: Viewport, now: f64) {
        self.hand.halt();
        self.glide = (!self.fit_when_known && !browser::wants_stillness()).then(|| Glide::new(self.view, view, now));
        self.fit_when_known = false;
        if self.glide.is_none() {
            self.view = view;
        }
        self.place(self.view, now);
    }

    /// Lets the view move on that moves by itself.
    pub(crate) fn drift(&mut self, now: f64) {
        if let Some(glide) = self.glide {
            self.glide = Some(glide).filter(|glide| !glide.is_over(now));
            self.place(glide.view(now), now);
        } else if let Some(moved) = self.hand.coast(&self.ground(now), now) {
            self.step_at = now;
            self.place(moved.view, now);
        }
    }

    /// Whether the view moves by itself.
    pub(crate) fn is_drifting(&self) -> bool {
        self.glide.is_some() || self.hand.is_coasting()
    }

    /// Whether the view was changed a moment ago.
    pub(crate) fn is_moving(&self, now: f64) -> bool {
        now - self.moved_at < REST_MILLIS || self.hand.is_busy()
    }

    /// From the first to the last point of all lanes, as far as known.
    pub(crate) fn life(&self) -> Option<TimeRange> {
        let ranges = self.lanes.iter().filter_map(|lane| lane.life?.range);
        ranges.reduce(|a, b| TimeRange { start: a.start.min(b.start), end: a.end.max(b.end) })
    }

    /// The view of all data.
    pub(crate) fn fitting_view(&self) -> Option<Viewport> {
        self.life().map(|life| Viewport::fit(life, FIT_MARGIN))
    }

    /// Shows all data, now or as soon as it is known when they begin and end.
    pub(crate) fn fit_all(&mut self, now: f64) {
        match self.fitting_view() {
            Some(view) => self.jump_to(view, now),
            None => self.fit_when_known = true,
        }
    }

    /// Shows all of one stream.
    pub(crate) fn fit_lane(&mut self, id: StreamId, now: f64) {
        let life = self.lane(id).and_then(|lane| lane.life).and_then(|life| life.range);
        if let Some(life) = life {
            self.jump_to(Viewport::fit(life, FIT_MARGIN), now);
        }
    }

    /// Shows all data if that is still to be done and the last lane has become known.
    pub(crate) fn fit_if_known(&mut self) {
        let known = self.lanes.iter().all(|lane| lane.life.is_some() || lane.problem.is_some());
        if let Some(view) = self.fitting_view().filter(|_| known && self.fit_when_known) {
            self.view = view;
            self.glide = None;
            self.fit_when_known = false;
            self.dirty.plot = true;
        }
    }

    /// The smallest place in the palette that no lane has.
    pub(crate) fn free_colour(&self) -> usize {
        (0..self.lanes.len())
            .find(|colour| self.lanes.iter().all(|lane| lane.colour != *colour))
            .unwrap_or(self.lanes.len())
    }

    /// Begins with another server: nothing that is known of the last one holds.
    pub(crate) fn change_server(&mut self, connection: WebConnection) {
        self.abandon_requests();
        self.cache = Cache::new(CACHE_BYTES);
        self.connection = Some(connection);
        self.lost = false;
    }

    /// Gives up waiting for a stream, until somebody tries again.
    pub(crate) fn stop_waiting(&mut self, id: StreamId, now: f64) {
        let of_stream = |flight: &FlightId| self.flights.get(*flight).is_some_and(|request| request.stream == id);
        let flights: Vec<_> = self.tasks.keys().copied().filter(of_stream).collect();
        for flight in flights {
            self.flights.failed(flight, now, false);
            self.tasks.remove(&flight);
        }
        if let Some(lane) = self.lane(id) {
            lane.probe = None;
            lane.problem = Some(Problem::stopped());
        }
        self.dirty.plot = true;
    }

    /// Drops every request on its way.
    pub(crate) fn abandon_requests(&mut self) {
        self.flights.clear();
        self.tasks.clear();
    }
}
