//! The state that changes many times a second: the view, the lanes, the tiles and the requests. It knows of no signal
//! and starts nothing; [`crate::frame`] turns it into pictures and [`crate::fetch`] into requests.

mod lane;
mod live;
mod motion;
mod steps;

use std::collections::BTreeMap;

use btrdb_core::Timestamp;
use btrdb_explorer::{
    Cache, Coverage, FLIGHTS_HTTP1, Figures, FlightId, Flights, Foresight, Glide, Hand, History, Meter, Nearness,
    Raster, StreamId, Trail, Viewport,
};
use btrdb_paint::{AxisSurface, OverviewSurface};
use btrdb_web::WebConnection;
use web_sys::Element;

use crate::browser::{self, Task};
use crate::status::Problem;
pub(crate) use lane::{Held, Lane, Life, Neighbours};
pub(crate) use motion::REST_MILLIS;
pub(crate) use steps::Step;

/// How many bytes of tiles are kept.
const CACHE_BYTES: usize = 96 << 20;
/// How many steps can be undone.
const UNDO_STEPS: usize = 100;

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
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Machine {
    pub(crate) connection: Option<WebConnection>,
    /// Tells the connection from those before: what an earlier server answers late counts for nothing.
    pub(crate) server: u64,
    /// The attempt to connect to another server.
    pub(crate) connecting: Option<Task>,
    /// The question for the list of streams.
    pub(crate) listing: Option<Task>,
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
    /// The search for a gap under way.
    pub(crate) search: Option<Task>,
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
    /// What scrolls: the lanes between overview and axis.
    pub(crate) stage: Option<Element>,
    pub(crate) axis: Option<AxisSurface>,
    pub(crate) overview: Option<OverviewSurface>,
    /// What all pictures are painted in before they are shown.
    pub(crate) raster: Raster,
    pub(crate) dirty: Dirty,
    /// Whether the bands show the standard deviation.
    pub(crate) spread: bool,
    /// Whether the view follows the newest data.
    pub(crate) live: bool,
    /// The view of the last frame.
    pub(crate) painted: Viewport,
    /// When the view changed last.
    pub(crate) moved_at: f64,
    /// When the view was last changed by hand: what follows soon belongs to the same step to undo.
    pub(crate) step_at: f64,
    /// When something was last done that can be undone.
    pub(crate) stepped_at: f64,
    /// Not before this does the address follow.
    pub(crate) address_from: f64,
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
            server: 0,
            connecting: None,
            listing: None,
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
            search: None,
            history: History::new(UNDO_STEPS),
            trail: Trail::default(),
            hand: Hand::default(),
            held: None,
            glide: None,
            marks: Vec::new(),
            solo: None,
            screen: Screen::default(),
            stage: None,
            axis: None,
            overview: None,
            raster: Raster::default(),
            dirty: Dirty { layout: true, plot: true },
            spread: false,
            live: false,
            painted: Viewport::ALL,
            moved_at: f64::NEG_INFINITY,
            step_at: f64::NEG_INFINITY,
            stepped_at: f64::NEG_INFINITY,
            address_from: f64::NEG_INFINITY,
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

    /// Finds out which lanes are in sight. Returns whether that is another than before.
    pub(crate) fn look_around(&mut self) -> bool {
        let Some((top, height)) = self.stage.as_ref().and_then(browser::extent_between) else { return false };
        let mut changed = false;
        for lane in &mut self.lanes {
            let (lane_top, lane_height) = lane.section.as_ref().map(browser::extent).unwrap_or_default();
            let nearness = Nearness::of(lane_top - top, lane_height, height);
            changed |= nearness != lane.nearness;
            lane.nearness = nearness;
        }
        changed
    }

    /// The lanes that can be seen.
    pub(crate) fn lanes_in_sight(&self) -> impl Iterator<Item = &Lane> + Clone {
        self.lanes.iter().filter(|lane| lane.nearness == Nearness::InSight)
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
        self.server += 1;
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
        self.flights.stop(id);
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
        self.search = None;
    }
}
