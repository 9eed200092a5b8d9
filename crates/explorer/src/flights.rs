//! Requests on their way: which to start, which to give up, when to try again.

use std::collections::BTreeMap;

use crate::{Allowance, Request, StreamId};

/// The name of a request on its way.
pub type FlightId = u64;

/// Waiting times after failures, in milliseconds; the last repeats.
const REST_MILLIS: [f64; 5] = [500.0, 1_000.0, 2_000.0, 5_000.0, 15_000.0];

/// What to do after comparing what is wanted with what is on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orders {
    /// To be sent.
    pub start: Vec<(FlightId, Request)>,
    /// To be dropped: nothing they bring is wanted any more.
    pub cancel: Vec<FlightId>,
}

/// How many requests may be on their way at a time over HTTP/2.
pub const FLIGHTS_HTTP2: usize = 64;
/// And over HTTP/1.1: browsers open six connections to a server, and one is left for small questions.
pub const FLIGHTS_HTTP1: usize = 5;

/// What may be spent in advance: two screens of twenty streams at once, and the pace of panning them at 1,000 pixels a
/// second twice over.
const ADVANCE_BYTES: f64 = 6e6;
const ADVANCE_BYTES_PER_SECOND: f64 = 4e6;

/// How many bytes may be on their way: to begin with, at least and at most. The first answers of twenty streams fit.
const WINDOW_BYTES: f64 = 2e6;
const LEAST_WINDOW_BYTES: f64 = 64e3;
const MOST_WINDOW_BYTES: f64 = 16e6;
/// How much longer than the quickest an answer may take before too much is on its way, in milliseconds.
const PATIENCE_MILLIS: f64 = 200.0;
/// What is left of the window then.
const BACK_OFF: f64 = 0.7;

/// Keeps at most `limit` requests on their way, and no more bytes than come without waiting for one another: otherwise a
/// slow line would bring a little of everything and nothing in time. No tile is asked for twice at a time, nothing is asked in advance while
/// something visible is missing or beyond an allowance, and a stream that failed rests before it is asked again.
#[derive(Debug)]
pub struct Flights {
    on_way: BTreeMap<FlightId, Flight>,
    resting: BTreeMap<StreamId, Rest>,
    next: FlightId,
    limit: usize,
    allowance: Allowance,
    window: Window,
}

#[derive(Clone, Debug)]
struct Flight {
    request: Request,
    sent: f64,
}

/// How much may be on its way, learnt from how long answers take.
#[derive(Clone, Copy, Debug)]
struct Window {
    bytes: f64,
    quickest: f64,
    narrowed_at: f64,
}

impl Window {
    /// An answer of `bytes` has come while there were `on_way` bytes, its own among them.
    fn answered(&mut self, sent: f64, now: f64, bytes: f64, on_way: f64) {
        let millis = now - sent;
        self.quickest = self.quickest.min(millis);
        if millis <= self.quickest + PATIENCE_MILLIS {
            self.bytes = (self.bytes + bytes).min(MOST_WINDOW_BYTES);
        } else if sent > self.narrowed_at {
            // What was sent before the last time tells nothing about what has changed since.
            self.bytes = (self.bytes.min(on_way) * BACK_OFF).max(LEAST_WINDOW_BYTES);
            self.narrowed_at = now;
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Rest {
    failures: usize,
    until: f64,
}

impl Flights {
    /// None on its way, at most `limit` at a time.
    pub fn new(limit: usize) -> Self {
        let window = Window { bytes: WINDOW_BYTES, quickest: f64::INFINITY, narrowed_at: f64::NEG_INFINITY };
        let allowance = Allowance::new(ADVANCE_BYTES_PER_SECOND, ADVANCE_BYTES);
        Self { on_way: BTreeMap::new(), resting: BTreeMap::new(), next: 1, limit, allowance, window }
    }

    /// From now on at most `limit` at a time.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Compares `wanted`, most urgent first, with what is on its way at `now` milliseconds.
    pub fn reconcile(&mut self, wanted: &[Request], now: f64) -> Orders {
        let mut orders = Orders::default();
        self.on_way.retain(|&id, flight| {
            let sharing = wanted.iter().filter(|request| request.shares_tiles_with(&flight.request));
            let purpose = sharing.map(|request| request.purpose).min();
            match purpose {
                // What was asked in advance may have come on screen.
                Some(purpose) => flight.request.purpose = purpose,
                None => orders.cancel.push(id),
            }
            purpose.is_some()
        });
        for request in wanted {
            if self.resting.get(&request.stream).is_some_and(|rest| rest.until > now) {
                continue;
            }
            let in_advance = request.purpose.is_in_advance();
            if in_advance && self.requests().any(|flight| !flight.purpose.is_in_advance()) {
                break;
            }
            for part in self.not_on_way(request) {
                while !self.has_room(&part) {
                    let Some(ahead) = self.least_urgent().filter(|_| !in_advance) else {
                        return orders;
                    };
                    self.on_way.remove(&ahead);
                    orders.cancel.push(ahead);
                }
                if in_advance && !self.allowance.take(part.bytes() as f64, now) {
                    return orders;
                }
                let id = self.next;
                self.next += 1;
                self.on_way.insert(id, Flight { request: part.clone(), sent: now });
                orders.start.push((id, part));
            }
        }
        orders
    }

    /// Something asked in advance, whose place a visible request may take.
    fn least_urgent(&self) -> Option<FlightId> {
        let in_advance = self.on_way.iter().filter(|(_, flight)| flight.request.purpose.is_in_advance());
        in_advance.max_by_key(|(id, flight)| (flight.request.purpose, **id)).map(|(&id, _)| id)
    }

    /// Whether `request` comes without waiting for what is on its way, as far as is known; alone, anything may come.
    fn has_room(&self, request: &Request) -> bool {
        let bytes: u64 = self.requests().map(Request::bytes).sum();
        bytes == 0 || self.on_way.len() < self.limit && (bytes + request.bytes()) as f64 <= self.window.bytes
    }

    fn requests(&self) -> impl Iterator<Item = &Request> {
        self.on_way.values().map(|flight| &flight.request)
    }

    /// The runs of tiles of `request` that nothing on its way brings.
    fn not_on_way(&self, request: &Request) -> Vec<Request> {
        let others: Vec<_> = self.requests().filter(|flight| flight.shares_tiles_with(request)).collect();
        let mut parts: Vec<Request> = Vec::new();
        for index in request.first..=request.last {
            if others.iter().any(|other| other.first <= index && index <= other.last) {
                continue;
            }
            match parts.last_mut() {
                Some(part) if part.last + 1 == index => part.last = index,
                _ => parts.push(Request { first: index, last: index, ..request.clone() }),
            }
        }
        // Which tile has how many rows is not known here: of windows, all have as many.
        for part in parts.iter_mut().filter(|part| !part.resolution.is_raw()) {
            part.rows = request.rows / (request.last - request.first + 1) as u64 * (part.last - part.first + 1) as u64;
        }
        parts
    }

    /// What `id` asked for, if it is still on its way.
    pub fn get(&self, id: FlightId) -> Option<&Request> {
        self.on_way.get(&id).map(|flight| &flight.request)
    }

    /// The request has been answered in full at `now` milliseconds. Returns how long that took.
    pub fn landed(&mut self, id: FlightId, now: f64) -> Option<f64> {
        let on_way: u64 = self.requests().map(Request::bytes).sum();
        let Flight { request, sent } = self.on_way.remove(&id)?;
        self.window.answered(sent, now, request.bytes() as f64, on_way as f64);
        self.resting.remove(&request.stream);
        Some(now - sent)
    }

    /// The request has failed at `now` milliseconds. Its stream rests for a while that grows with each failure, or until
    /// [`Flights::retry`] when trying again by itself is no use.
    pub fn failed(&mut self, id: FlightId, now: f64, worth_retrying: bool) {
        let Some(Flight { request, .. }) = self.on_way.remove(&id) else { return };
        let failures = self.resting.get(&request.stream).map_or(0, |rest| rest.failures);
        let pause = REST_MILLIS[failures.min(REST_MILLIS.len() - 1)];
        let until = if worth_retrying { now + pause } else { f64::INFINITY };
        self.resting.insert(request.stream, Rest { failures: failures + 1, until });
    }

    /// Lets `stream` be asked again at once.
    pub fn retry(&mut self, stream: StreamId) {
        self.resting.remove(&stream);
    }

    /// When the next stream has rested enough, in milliseconds, if any is resting after `now`.
    pub fn next_wake(&self, now: f64) -> Option<f64> {
        let ends = self.resting.values().map(|rest| rest.until);
        ends.filter(|&until| until > now && until.is_finite()).reduce(f64::min)
    }

    /// Gives up everything, as when the connection is lost, and returns what was on its way.
    pub fn clear(&mut self) -> Vec<FlightId> {
        self.resting.clear();
        std::mem::take(&mut self.on_way).into_keys().collect()
    }

    /// Whether nothing on screen waits for what is on its way.
    pub fn awaits_nothing(&self) -> bool {
        self.requests().all(|flight| flight.purpose.is_in_advance())
    }

    /// How many are on their way.
    pub fn len(&self) -> usize {
        self.on_way.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.on_way.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::resolution::level;
    use crate::{Purpose, Resolution};

    fn request(stream: u128, exponent: u8, first: i64, last: i64, purpose: Purpose) -> Request {
        let rows = 512 * (last - first + 1) as u64;
        Request {
            stream: StreamId(stream),
            resolution: Resolution::Windows(level(exponent)),
            first,
            last,
            purpose,
            rows,
        }
    }

    fn visible(first: i64, last: i64) -> Request {
        request(1, 20, first, last, Purpose::Visible)
    }

    #[test]
    fn nothing_is_asked_twice() {
        let mut flights = Flights::new(6);
        assert_eq!(flights.reconcile(&[visible(5, 7)], 0.0).start.len(), 1);
        assert_eq!(flights.reconcile(&[visible(5, 7)], 0.0), Orders::default());
        let more = flights.reconcile(&[visible(3, 9)], 0.0);
        let tiles: Vec<_> = more.start.iter().map(|(_, request)| (request.first, request.last)).collect();
        assert_eq!(tiles, [(3, 4), (8, 9)]);
    }

    #[test]
    fn what_left_the_screen_is_dropped() {
        let mut flights = Flights::new(6);
        let id = flights.reconcile(&[visible(5, 7)], 0.0).start[0].0;
        assert_eq!(flights.reconcile(&[visible(7, 8)], 0.0).cancel, []);
        assert_eq!(flights.reconcile(&[request(1, 14, 5, 7, Purpose::Visible)], 0.0).cancel[0], id);
        flights.landed(id, 0.0);
        assert!(flights.get(id).is_none());
    }

    #[test]
    fn what_is_asked_in_advance_waits_for_what_is_visible() {
        let mut flights = Flights::new(6);
        let wanted = [visible(5, 7), request(1, 20, 8, 9, Purpose::Ahead)];
        let orders = flights.reconcile(&wanted, 0.0);
        assert_eq!(orders.start.len(), 1);
        flights.landed(orders.start[0].0, 50.0);
        assert_eq!(flights.reconcile(&wanted[1..], 0.0).start.len(), 1);
    }

    #[test]
    fn what_is_visible_takes_the_place_of_what_was_asked_in_advance() {
        let mut flights = Flights::new(1);
        let ahead = request(1, 20, 8, 9, Purpose::Ahead);
        let id = flights.reconcile(std::slice::from_ref(&ahead), 0.0).start[0].0;
        let orders = flights.reconcile(&[visible(5, 7), ahead], 0.0);
        assert_eq!((orders.cancel, orders.start.len()), (vec![id], 1));
    }

    #[test]
    fn a_failed_stream_rests_and_the_others_go_on() {
        let mut flights = Flights::new(6);
        let wanted = [visible(5, 7), request(2, 20, 1, 1, Purpose::Visible)];
        let started = flights.reconcile(&wanted, 0.0).start;
        flights.failed(started[0].0, 1_000.0, true);
        assert_eq!(flights.reconcile(&wanted, 1_001.0), Orders::default());
        assert_eq!(flights.next_wake(1_001.0), Some(1_500.0));
        let again = flights.reconcile(&wanted, 1_500.0).start;
        assert_eq!(again[0].1, wanted[0]);
        flights.failed(again[0].0, 2_000.0, true);
        assert_eq!(flights.next_wake(2_000.0), Some(3_000.0), "longer each time");
    }

    #[test]
    fn a_stream_without_hope_is_asked_again_only_on_request() {
        let mut flights = Flights::new(6);
        let id = flights.reconcile(&[visible(5, 7)], 0.0).start[0].0;
        flights.failed(id, 0.0, false);
        assert_eq!(flights.reconcile(&[visible(5, 7)], 1e12), Orders::default());
        assert_eq!(flights.next_wake(0.0), None);
        flights.retry(StreamId(1));
        assert_eq!(flights.reconcile(&[visible(5, 7)], 1e12).start.len(), 1);
    }

    proptest! {
        /// Whatever happens, no tile is on its way twice, the limit holds, and in the end all that is wanted has come.
        #[test]
        fn all_that_is_wanted_comes_once(
            steps in prop::collection::vec((0_u128..3, 0_i64..20, 0_i64..6, 0_usize..4), 1..60),
        ) {
            let mut flights = Flights::new(4);
            let mut now = 0.0;
            let mut wanted = Vec::new();
            for (stream, first, length, act) in steps {
                now += 100.0;
                wanted = vec![request(stream, 20, first, first + length, Purpose::Visible)];
                let orders = flights.reconcile(&wanted, now);
                prop_assert!(flights.len() <= 4);
                let all: Vec<_> = flights.requests().cloned().collect();
                for (at, one) in all.iter().enumerate() {
                    prop_assert!(all[at + 1..].iter().all(|other| !one.shares_tiles_with(other)));
                }
                if let Some((id, _)) = orders.start.first().filter(|_| act == 1) {
                    flights.failed(*id, now, true);
                }
                if let Some((id, _)) = orders.start.first().filter(|_| act == 2) {
                    flights.landed(*id, now);
                }
            }
            let mut missing: Vec<i64> = (wanted[0].first..=wanted[0].last).collect();
            for _ in 0..20 {
                now += 100_000.0;
                let _ = flights.reconcile(&wanted, now);
                let ids: Vec<_> = flights.on_way.keys().copied().collect();
                for id in ids {
                    let landed = flights.get(id).cloned().unwrap();
                    missing.retain(|&index| index < landed.first || index > landed.last);
                    flights.landed(id, now);
                }
            }
            prop_assert_eq!(missing, Vec::<i64>::new());
        }
    }
}
