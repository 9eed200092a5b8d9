//! What `/metrics` tells: the calls, the connections and the memory of this process.

use std::{fs, sync::Arc, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

/// What the answer of `/metrics` is.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The shortest time of a call that is told apart, in seconds; the others are powers of four of it, up to 17 minutes.
const SHORTEST: f64 = 0.000_25;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfCall {
    call: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    call: &'static str,
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AtDoor {
    door: &'static str,
}

type Seconds = Family<OfCall, Histogram, fn() -> Histogram>;

/// The counters of a server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<Ended, Counter>,
    seconds: Seconds,
    in_work: Family<OfCall, Gauge>,
    received: Family<OfCall, Counter>,
    sent: Family<OfCall, Counter>,
    connections: Family<AtDoor, Gauge>,
    /// Callers at a TLS door who did not come in.
    pub(crate) handshakes_failed: Counter,
    memory: Gauge,
}

/// Something that is counted while it lasts.
pub(crate) struct Lasting(Gauge);

impl Lasting {
    fn new(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Counters at zero.
    pub(crate) fn new() -> Arc<Self> {
        let mut metrics = Self {
            registry: Registry::default(),
            calls: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(SHORTEST, 4.0, 12))),
            in_work: Family::default(),
            received: Family::default(),
            sent: Family::default(),
            connections: Family::default(),
            handshakes_failed: Counter::default(),
            memory: Gauge::default(),
        };
        metrics.name_all();
        Arc::new(metrics)
    }

    fn name_all(&mut self) {
        let ours = self.registry.sub_registry_with_prefix("btrdb");
        ours.register("calls", "Calls that ended, by how they did", self.calls.clone());
        let help = "How long calls took, to the last byte of the answer";
        ours.register_with_unit("call_duration", help, Unit::Seconds, self.seconds.clone());
        ours.register("calls_in_work", "Calls that have not ended yet", self.in_work.clone());
        ours.register_with_unit("received", "Request messages as they came", Unit::Bytes, self.received.clone());
        ours.register_with_unit("sent", "Answer messages as they went", Unit::Bytes, self.sent.clone());
        ours.register("connections", "Connections that are open", self.connections.clone());
        let help = "Callers at the TLS door with whom no connection came about";
        ours.register("tls_handshakes_failed", help, self.handshakes_failed.clone());
        if resident_bytes().is_some() {
            let help = "Memory of this process";
            self.registry.register_with_unit("process_resident_memory", help, Unit::Bytes, self.memory.clone());
        }
    }

    /// Counts a connection for as long as what is returned lives.
    pub(crate) fn connection(&self, door: &'static str) -> Lasting {
        Lasting::new(self.connections.get_or_create_owned(&AtDoor { door }))
    }

    /// Counts a call for as long as what is returned lives.
    pub(crate) fn begun(&self, call: &'static str) -> Lasting {
        Lasting::new(self.in_work.get_or_create_owned(&OfCall { call }))
    }

    /// Counts a call that came to `code`, with the bytes of its messages.
    pub(crate) fn ended(&self, call: &'static str, code: String, took: Duration, received: u64, sent: u64) {
        let of = OfCall { call };
        self.calls.get_or_create(&Ended { call, code }).inc();
        self.seconds.get_or_create(&of).observe(took.as_secs_f64());
        self.received.get_or_create(&of).inc_by(received);
        self.sent.get_or_create(&of).inc_by(sent);
    }

    /// All of it as text, as [`CONTENT_TYPE`] says.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        if let Some(bytes) = resident_bytes() {
            self.memory.set(bytes);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// The memory of this process that is in RAM, where the system tells it as Linux does.
fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
