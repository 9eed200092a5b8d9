//! Somebody at the explorer: frames, gestures and answers in turn.

use std::collections::BTreeMap;
use std::time::Instant;

use btrdb_core::TimeRange;
use btrdb_explorer::{
    Assembly, Cache, Coverage, FlightId, Flights, Foresight, Meter, Nearness, Plan, Reach, Request, Source, StreamId,
    StreamPlan, TileKey, View, Viewport, merge_requests, plan_lanes, stored_above,
};

use super::gestures::{FRAME_MILLIS, Frame};
use super::network::{Link, Network};
use super::recording::{Recording, Rows};
use super::report::Report;

/// As in the app: how often requests are compared with a view that moves, and when a view is at rest, in milliseconds.
const ASK_MILLIS: f64 = 40.0;
const REST_MILLIS: f64 = 250.0;
/// What a row takes on the wire, in bytes.
const WINDOW_BYTES: u64 = 48;
const POINT_BYTES: u64 = 16;
const ANSWER_BYTES: u64 = 900;

struct Flight {
    request: Request,
    rows: Rows,
    sent: f64,
    bytes: u64,
    /// Since when nothing wants it.
    overtaken: Option<f64>,
}

/// See the module.
pub(crate) struct Session {
    pub(crate) view: Viewport,
    pub(crate) width: f64,
    pub(crate) cache: Cache,
    pub(crate) report: Report,
    streams: Vec<StreamId>,
    recording: Recording,
    flights: Flights,
    foresight: Foresight,
    meter: Meter,
    network: Network,
    on_way: BTreeMap<FlightId, Flight>,
    now: f64,
    moved_at: f64,
    ask_at: f64,
    before: Option<(TimeRange, Vec<TimeRange>)>,
    waiting: Option<(f64, bool)>,
    unseen: BTreeMap<TileKey, u64>,
    advance: Vec<(f64, u64)>,
    /// Whether anything is asked in advance.
    pub(crate) looks_ahead: bool,
    /// How many of the lanes are in sight; as many are near, and the others further away.
    pub(crate) in_sight: usize,
}

impl Session {
    /// `streams` streams like `recording`, looked at through a plot of `width` device pixels, from `view` on.
    pub(crate) fn new(link: Link, recording: Recording, streams: u128, width: f64, view: Viewport) -> Self {
        Self {
            view,
            width,
            cache: Cache::new(96 << 20),
            report: Report::default(),
            streams: (1..=streams).map(StreamId).collect(),
            recording,
            flights: Flights::new(link.limit()),
            foresight: Foresight::default(),
            meter: Meter::default(),
            network: Network::new(link, 1),
            on_way: BTreeMap::new(),
            now: 0.0,
            moved_at: f64::NEG_INFINITY,
            ask_at: 0.0,
            before: None,
            waiting: None,
            unseen: BTreeMap::new(),
            advance: Vec::new(),
            looks_ahead: true,
            in_sight: usize::MAX,
        }
    }

    /// Lets everything come that has been asked for; what happened until now does not count.
    pub(crate) fn settle(&mut self) {
        let mut quiet = 0;
        for _ in 0..4_000 {
            self.frame(Frame::Rest);
            quiet = if self.on_way.is_empty() { quiet + 1 } else { 0 };
            if quiet > 20 {
                break;
            }
        }
        assert!(self.on_way.is_empty(), "still on its way after half a minute: {}", self.on_way.len());
        self.clear();
    }

    fn clear(&mut self) {
        self.report = Report::default();
        self.unseen.clear();
        self.network.wasted = 0.0;
        self.advance.clear();
    }

    /// Makes a gesture and says what it was like.
    pub(crate) fn play(&mut self, gesture: &[Frame]) -> Report {
        self.clear();
        for &frame in gesture {
            self.frame(frame);
        }
        self.give_up_waiting();
        let mut report = std::mem::take(&mut self.report);
        report.wasted = self.network.wasted + self.unseen.values().sum::<u64>() as f64;
        let in_a_second = |&(at, _): &(f64, u64)| {
            let spent = self.advance.iter().filter(|(other, _)| (at..at + 1e3).contains(other));
            spent.map(|(_, bytes)| *bytes as f64).sum::<f64>()
        };
        report.advance = self.advance.iter().map(in_a_second).fold(0.0, f64::max);
        report
    }

    fn frame(&mut self, frame: Frame) {
        for _ in 0..FRAME_MILLIS as usize {
            self.now += 1.0;
            for id in self.network.step(self.now) {
                self.land(id);
            }
        }
        let view = frame.apply(self.view, self.width);
        if view != self.view {
            self.give_up_waiting();
            self.view = view;
            self.moved_at = self.now;
        }
        if matches!(frame, Frame::Stop) {
            self.waiting = Some((self.now, false));
        }
        self.paint();
    }

    /// A picture that was not there when the view moved on took at least as long as it was waited for.
    fn give_up_waiting(&mut self) {
        if let Some((since, is_true)) = self.waiting.take() {
            if !is_true {
                self.report.first.push(self.now - since);
            }
            self.report.last.push(self.now - since);
        }
    }

    /// As the app does in each frame.
    fn paint(&mut self) {
        let begun = Instant::now();
        self.cache.begin_round();
        self.foresight.look(self.view, self.width, self.now);
        let reach = if self.looks_ahead { self.foresight.reach(self.width, self.meter.latency()) } else { Reach::NONE };
        let moving = self.now - self.moved_at < REST_MILLIS;
        let lanes = |counts: fn(Nearness, bool) -> Nearness| {
            let lane = |(at, &id): (usize, &StreamId)| (id, counts(self.nearness(at), moving));
            self.streams.iter().enumerate().map(lane).collect::<Vec<_>>()
        };
        let nearest = lanes(|nearness, moving| if moving { nearness.in_motion() } else { nearness });
        let main = plan_lanes(&View { viewport: self.view, width: self.width, reach }, &nearest, &self.cache);
        let whole = Viewport::fit(self.recording.life(), 0.005);
        let overview = View { viewport: whole, width: self.width, reach: Reach::NONE };
        let overview = plan_lanes(&overview, &lanes(|nearness, _| nearness.at_least_near()), &self.cache);
        self.report.planning.push(begun.elapsed().as_secs_f64() * 1e3);
        self.meter.frame(0.0, main.coverage());
        self.look(&main);
        let wanted = merge_requests(vec![main.fetch, overview.fetch]);
        for flight in self.on_way.values_mut() {
            let is_wanted = wanted.iter().any(|request| request.shares_tiles_with(&flight.request));
            flight.overtaken = if is_wanted { None } else { flight.overtaken.or(Some(self.now)) };
        }
        if !moving || self.now >= self.ask_at {
            self.ask_at = self.now + ASK_MILLIS;
            self.ask(&wanted);
        }
    }

    fn nearness(&self, lane: usize) -> Nearness {
        match lane / self.in_sight.max(1) {
            0 => Nearness::InSight,
            1 => Nearness::Near,
            _ => Nearness::Away,
        }
    }

    fn ask(&mut self, wanted: &[Request]) {
        let orders = self.flights.reconcile(wanted, self.now);
        for id in orders.cancel {
            self.network.cancel(id, self.now);
            self.report.cancels += 1;
            if let Some(since) = self.on_way.remove(&id).and_then(|flight| flight.overtaken) {
                self.report.cancelled_after.push(self.now - since);
            }
        }
        for (id, request) in orders.start {
            let rows = self.recording.answer(&request);
            let each = if request.resolution.is_raw() { POINT_BYTES } else { WINDOW_BYTES };
            let bytes = ANSWER_BYTES + rows.len() as u64 * each;
            assert!(bytes <= request.bytes() || request.resolution.is_raw(), "{bytes} for {request:?}");
            if request.purpose.is_in_advance() {
                self.advance.push((self.now, bytes));
            }
            self.network.send(id, rows.len(), bytes);
            self.report.requests += 1;
            self.on_way.insert(id, Flight { request, rows, sent: self.now, bytes, overtaken: None });
        }
        assert_eq!(self.flights.len(), self.on_way.len(), "the books agree");
    }

    fn land(&mut self, id: FlightId) {
        let Some(flight) = self.on_way.remove(&id) else { return };
        self.meter.answer(self.now - flight.sent);
        self.report.bytes += flight.bytes as f64;
        let mut assembly = Assembly::new(flight.request, 0);
        let mut tiles = match &flight.rows {
            Rows::Windows(columns) => assembly.push_windows(1, columns),
            Rows::Raw(columns) => assembly.push_raw(1, columns),
        };
        tiles.extend(assembly.finish());
        let each = flight.bytes / tiles.len().max(1) as u64;
        for tile in tiles {
            self.unseen.insert(tile.key, each);
            self.cache.insert(tile);
        }
        self.flights.landed(id, self.now);
        self.ask_at = self.now;
    }

    /// Takes down what is on screen.
    fn look(&mut self, plan: &Plan) {
        let visible = self.view.outer_range();
        let Coverage { exact, coarse, unloaded } = plan.coverage();
        let report = &mut self.report;
        report.frames += 1;
        report.exact += exact;
        report.coarse += coarse;
        report.unloaded += unloaded;
        let in_sight = || plan.draw.iter().filter(|stream: &&StreamPlan| stream.nearness == Nearness::InSight);
        for tile in in_sight().flat_map(|stream| &stream.spans).filter_map(|span| match &span.source {
            Source::Tile(tile) if span.range.overlaps(visible) => Some(tile),
            _ => None,
        }) {
            self.unseen.remove(&tile.key);
        }
        // The streams are alike and asked for in turn, so the last is the one that is worst off.
        let Some(stream) = in_sight().next_back() else { return };
        let bare: Vec<TimeRange> =
            stream.spans.iter().filter(|span| span.source == Source::NotLoaded).map(|span| span.range).collect();
        if let Some((was_visible, was_bare)) = &self.before {
            let was_drawn = |range: &TimeRange| {
                let seen = range.intersect(*was_visible).intersect(visible);
                !seen.is_empty() && !was_bare.iter().any(|bare| bare.covers(seen))
            };
            report.frames_with_loss += usize::from(bare.iter().any(was_drawn));
            let fresh = [
                TimeRange { start: visible.start, end: visible.end.min(was_visible.start) },
                TimeRange { start: visible.start.max(was_visible.end), end: visible.end },
            ];
            let width = visible.width() as f64;
            for part in fresh.into_iter().filter(|part| !part.is_empty() && was_visible.width() == visible.width()) {
                report.revealed += part.width() as f64 / width;
                for span in &stream.spans {
                    let seen = span.range.intersect(part);
                    let fine = span.resolution().is_some_and(|resolution| {
                        resolution.is_raw() || !stream.raw && resolution.point_width() <= stream.wanted
                    });
                    if fine && !seen.is_empty() {
                        report.revealed_exact += seen.width() as f64 / width;
                    }
                }
            }
        }
        self.before = Some((visible, bare));
        if let Some((since, is_true)) = &mut self.waiting {
            let fair = in_sight().all(|stream| {
                let good = stored_above(stream.wanted);
                stream.spans.iter().filter(|span| span.range.overlaps(visible)).all(|span| match &span.source {
                    Source::NotLoaded => false,
                    Source::Tile(tile) => {
                        let resolution = tile.key.resolution;
                        resolution.is_raw() || resolution.point_width() <= good || tile.is_empty_in(span.range)
                    }
                })
            });
            if fair && !*is_true {
                *is_true = true;
                report.first.push(self.now - *since);
            }
            if *is_true && in_sight().all(|stream| stream.coverage.exact > 0.999_999) {
                report.last.push(self.now - *since);
                self.waiting = None;
            }
        }
    }
}
