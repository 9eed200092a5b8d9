//! The state that changes many times a second: the view, the lanes, the tiles and the requests. It knows of no signal
//! and starts nothing; [`crate::frame`] turns it into pictures and [`crate::fetch`] into requests.

use std::collections::BTreeMap;

use btrdb_core::TimeRange;
use btrdb_explorer::{
    AutoScale, Cache, Census, Coverage, FLIGHTS_HTTP1, Figures, FlightId, Flights, Foresight, Hand, History, LinkState,
    Meter, Sight, StreamId, Trace, Viewport,
};
use btrdb_paint::{AxisSurface, LaneSurface, OverviewSurface};
use btrdb_web::WebConnection;

use crate::browser::Task;
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
    pub(crate) trace: Option<Trace>,
    /// What the trace is of.
    pub(crate) sight: Sight,
    pub(crate) census: Census,
    /// Whether nothing is missing from the picture.
    pub(crate) settled: bool,
    /// `None` until the server has said.
    pub(crate) life: Option<Life>,
    pub(crate) problem: Option<Problem>,
    /// Since when there has been nothing to show, in milliseconds.
    pub(crate) waiting_since: Option<f64>,
    pub(crate) surface: Option<LaneSurface>,
    /// The question for the stream's life and version.
    pub(crate) probe: Option<Task>,
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
    pub(crate) history: History<LinkState>,
    pub(crate) hand: Hand,
    pub(crate) screen: Screen,
    pub(crate) axis: Option<AxisSurface>,
    pub(crate) overview: Option<OverviewSurface>,
    pub(crate) dirty: Dirty,
    /// Whether the bands show the standard deviation.
    pub(crate) spread: bool,
    /// When the view changed last.
    pub(crate) moved_at: f64,
    /// When the view was last changed by hand: what follows soon belongs to the same step to undo.
    pub(crate) step_at: f64,
    /// Not before this are requests compared with the view again.
    pub(crate) ask_at: f64,
    /// The time of day at which the server answered last.
    pub(crate) last_contact: String,
    /// Whether the server is out of reach.
    pub(crate) lost: bool,
    /// What was last written into the address.
    pub(crate) written: String,
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
            hand: Hand::default(),
            screen: Screen::default(),
            axis: None,
            overview: None,
            dirty: Dirty { layout: true, plot: true },
            spread: false,
            moved_at: f64::NEG_INFINITY,
            step_at: f64::NEG_INFINITY,
            ask_at: 0.0,
            last_contact: String::new(),
            lost: false,
            written: String::new(),
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
        let view = (!self.fit_when_known).then(|| self.view.range());
        LinkState { streams: self.streams(), view }
    }

    /// Changes the view as part of a gesture at `now`.
    pub(crate) fn move_to(&mut self, view: Viewport, now: f64) {
        if view == self.view && !self.fit_when_known {
            return;
        }
        if now - self.step_at > STEP_MILLIS {
            let here = self.link();
            self.history.push(here);
        }
        self.step_at = now;
        self.view = view;
        self.fit_when_known = false;
        self.moved_at = now;
        self.dirty.plot = true;
    }

    /// Changes the view at one go, a step of its own to undo.
    pub(crate) fn jump_to(&mut self, view: Viewport, now: f64) {
        if view != self.view {
            self.step_at = f64::NEG_INFINITY;
            self.move_to(view, now);
        }
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

    /// Drops every request on its way.
    pub(crate) fn abandon_requests(&mut self) {
        self.flights.clear();
        self.tasks.clear();
    }
}
