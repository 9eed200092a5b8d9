//! A network and a server as numbers: how long each answer takes, and how it shares the way with others.

use std::collections::BTreeMap;

use btrdb_explorer::FlightId;

use super::chance::Chance;

/// How calls share connections.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Protocol {
    /// One call at a time on each of so many connections; a call that is given up costs its connection.
    Http1(usize),
    /// All on one connection, which a lost packet holds up for all.
    Http2,
}

/// What lies between the explorer and the points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) name: &'static str,
    pub(crate) protocol: Protocol,
    /// There and back, in milliseconds.
    pub(crate) round_trip: f64,
    /// What either way may take longer, in milliseconds.
    pub(crate) jitter: f64,
    /// Which share of packets is lost.
    pub(crate) loss: f64,
    pub(crate) bytes_per_milli: f64,
    /// What the server needs for a call, and for each row, in milliseconds; it answers two at a time.
    pub(crate) call_millis: f64,
    pub(crate) row_millis: f64,
}

impl Link {
    /// 50 ms and 100 Mbit/s, over HTTP/1.1.
    pub(crate) const NEAR: Self = Self {
        name: "50 ms, HTTP/1.1",
        protocol: Protocol::Http1(5),
        round_trip: 50.0,
        jitter: 2.0,
        loss: 0.0,
        bytes_per_milli: 12_500.0,
        call_millis: 0.5,
        row_millis: 0.000_8,
    };
    pub(crate) const NEAR_H2: Self = Self { name: "50 ms, HTTP/2", protocol: Protocol::Http2, ..Self::NEAR };
    /// Another continent.
    pub(crate) const FAR: Self =
        Self { name: "200 ms, HTTP/2", round_trip: 200.0, jitter: 20.0, loss: 0.001, ..Self::NEAR_H2 };
    /// A telephone on a train: 10 Mbit/s, packets get lost.
    pub(crate) const MOBILE: Self = Self {
        name: "90 ms, 10 Mbit/s, 1 % lost",
        round_trip: 90.0,
        jitter: 40.0,
        loss: 0.01,
        bytes_per_milli: 1_250.0,
        ..Self::NEAR_H2
    };

    /// How many calls the explorer has on their way at most.
    pub(crate) fn limit(&self) -> usize {
        match self.protocol {
            Protocol::Http1(connections) => connections,
            Protocol::Http2 => btrdb_explorer::FLIGHTS_HTTP2,
        }
    }
}

struct Call {
    bytes: f64,
    /// When its first byte is there; known once it has a connection.
    begins: Option<f64>,
    millis: f64,
    left: f64,
}

/// The calls on their way.
pub(crate) struct Network {
    pub(crate) link: Link,
    chance: Chance,
    calls: BTreeMap<FlightId, Call>,
    /// When each of the server's hands is free.
    hands: [f64; 2],
    /// How many connections have to be made anew before they are of use.
    lost_connections: usize,
    stalled_until: f64,
    /// What came for calls that had been given up.
    pub(crate) wasted: f64,
}

const PACKET: f64 = 1_400.0;
/// How long a sender waits before it sends a packet again, at least, in milliseconds.
const RESEND_MILLIS: f64 = 200.0;

impl Network {
    pub(crate) fn new(link: Link, seed: u64) -> Self {
        Self {
            link,
            chance: Chance(seed),
            calls: BTreeMap::new(),
            hands: [0.0; 2],
            lost_connections: 0,
            stalled_until: 0.0,
            wasted: 0.0,
        }
    }

    /// Sends a call whose answer has `rows` rows and takes `bytes`.
    pub(crate) fn send(&mut self, id: FlightId, rows: usize, bytes: u64) {
        let millis = self.link.call_millis + self.link.row_millis * rows as f64;
        self.calls.insert(id, Call { bytes: bytes as f64, begins: None, millis, left: bytes as f64 });
    }

    /// Gives a call up. What had come, and what is on its way by then, has come for nothing.
    pub(crate) fn cancel(&mut self, id: FlightId, now: f64) {
        let Some(call) = self.calls.remove(&id) else { return };
        let Some(begins) = call.begins else { return };
        let on_way = if now > begins - self.link.round_trip / 2.0 {
            (self.link.bytes_per_milli * self.link.round_trip / 2.0).min(call.left)
        } else {
            0.0
        };
        self.wasted += call.bytes - call.left + on_way;
        if matches!(self.link.protocol, Protocol::Http1(_)) {
            self.lost_connections += 1;
        }
    }

    /// One millisecond, up to `now`; returns the calls whose answers are complete.
    pub(crate) fn step(&mut self, now: f64) -> Vec<FlightId> {
        self.connect(now);
        let flows = |call: &Call| call.begins.is_some_and(|begins| begins <= now);
        let flowing = self.calls.values().filter(|call| flows(call)).count();
        if flowing == 0 || now < self.stalled_until {
            return Vec::new();
        }
        let share = self.link.bytes_per_milli / flowing as f64;
        let lost = self.chance.share() < self.link.loss * self.link.bytes_per_milli / PACKET;
        if lost && self.link.protocol == Protocol::Http2 {
            self.stalled_until = now + RESEND_MILLIS.min(1.5 * self.link.round_trip);
        }
        let mut complete = Vec::new();
        for (&id, call) in self.calls.iter_mut().filter(|(_, call)| flows(call)) {
            call.left -= share;
            if call.left <= 0.0 {
                complete.push(id);
            }
        }
        self.calls.retain(|id, _| !complete.contains(id));
        complete
    }

    /// Gives waiting calls connections, and lets the server find their answers.
    fn connect(&mut self, now: f64) {
        let room = match self.link.protocol {
            Protocol::Http1(connections) => connections,
            Protocol::Http2 => usize::MAX,
        };
        let busy = self.calls.values().filter(|call| call.begins.is_some()).count();
        let half = self.link.round_trip / 2.0;
        let waiting = self.calls.values_mut().filter(|call| call.begins.is_none());
        for call in waiting.take(room.saturating_sub(busy)) {
            let mut sent = now;
            if self.lost_connections > 0 {
                self.lost_connections -= 1;
                sent += self.link.round_trip;
            }
            let arrives = sent + half + self.chance.between(0.0, self.link.jitter);
            let hand = usize::from(self.hands[1] < self.hands[0]);
            self.hands[hand] = self.hands[hand].max(arrives) + call.millis;
            call.begins = Some(self.hands[hand] + half + self.chance.between(0.0, self.link.jitter));
        }
    }
}
