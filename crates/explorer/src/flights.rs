//! Requests on their way: which to start, which to give up, when to try again.

mod window;

use std::collections::BTreeMap;

use crate::{Allowance, Request, StreamId};
use window::Window;

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

#[derive(Clone, Copy, Debug)]
struct Rest {
    failures: usize,
    until: f64,
}

impl Flights {
    /// None on its way, at most `limit` at a time.
    pub fn new(limit: usize) -> Self {
        let allowance = Allowance::new(ADVANCE_BYTES_PER_SECOND, ADVANCE_BYTES);
        Self { on_way: BTreeMap::new(), resting: BTreeMap::new(), next: 1, limit, allowance, window: Window::default() }
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

    /// Lets `stream` rest until [`Flights::retry`].
    pub fn stop(&mut self, stream: StreamId) {
        self.resting.insert(stream, Rest { failures: 1, until: f64::INFINITY });
    }

    /// Whether the last request for `stream` has failed.
    pub fn has_failed(&self, stream: StreamId) -> bool {
        self.resting.contains_key(&stream)
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
mod tests;
