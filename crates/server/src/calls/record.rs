//! One call: what it was, what came of it, and the line of the log that says so.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use btrdb_engine::{Code, Reply, Result as EngineResult};
use btrdb_proto::server::SERVICE_NAME;
use http::HeaderMap;
use tonic::{Request, Status};
use uuid::Uuid;

use super::Subject;
use crate::metrics::{Lasting, Metrics};

/// The calls of the service, by which they are counted: a caller cannot make up further ones.
const CALLS: [&str; 26] = [
    "RawValues",
    "ArrowRawValues",
    "ArrowMultiValues",
    "AlignedWindows",
    "ArrowAlignedWindows",
    "Windows",
    "ArrowWindows",
    "StreamInfo",
    "SetStreamAnnotations",
    "SetStreamTags",
    "Create",
    "ListCollections",
    "LookupStreams",
    "Nearest",
    "Changes",
    "Insert",
    "ArrowInsert",
    "Delete",
    "Info",
    "FaultInject",
    "Flush",
    "Obliterate",
    "GetMetadataUsage",
    "GenerateCSV",
    "SQLQuery",
    "Subscribe",
];

/// What came of a call so far.
#[derive(Clone, Copy, Default)]
struct Outcome {
    stream: Option<Uuid>,
    /// The error inside the answer.
    error: Option<Code>,
    /// How the transport ended; nothing when the caller hung up before.
    status: Option<tonic::Code>,
}

/// A call from its first byte to its last. Once nobody holds it any more, it is counted and logged.
///
/// It knows neither keys nor what a call carries, so neither can get into a log.
pub(crate) struct Record {
    call: &'static str,
    begun: Instant,
    metrics: Arc<Metrics>,
    outcome: Mutex<Outcome>,
    received: AtomicU64,
    sent: AtomicU64,
    _in_work: Lasting,
}

impl Record {
    /// Of a call to the route `path`.
    pub(super) fn begin(path: &str, metrics: Arc<Metrics>) -> Self {
        let name = path.strip_prefix('/').and_then(|path| path.strip_prefix(SERVICE_NAME)).unwrap_or_default();
        let call = CALLS.into_iter().find(|call| name.strip_prefix('/') == Some(call)).unwrap_or("unknown");
        Self {
            call,
            begun: Instant::now(),
            _in_work: metrics.begun(call),
            metrics,
            outcome: Mutex::default(),
            received: AtomicU64::default(),
            sent: AtomicU64::default(),
        }
    }

    pub(super) fn received(&self, bytes: u64) {
        self.received.fetch_add(bytes, Relaxed);
    }

    pub(super) fn sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Relaxed);
    }

    /// Notes the gRPC status among `headers`, if it is there.
    pub(super) fn status(&self, headers: &HeaderMap) {
        if let Some(status) = Status::from_header_map(headers) {
            self.note(|outcome| outcome.status = Some(status.code()));
        }
    }

    fn note(&self, change: impl FnOnce(&mut Outcome)) {
        change(&mut self.outcome.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn log(&self, outcome: Outcome, code: &str, milliseconds: f64) {
        let Self { call, .. } = self;
        let stream = outcome.stream.map(tracing::field::display);
        let (received, sent) = (self.received.load(Relaxed), self.sent.load(Relaxed));
        // "There is none" is an answer to a question, and hanging up is what callers do.
        let fine = match (outcome.error, outcome.status) {
            (Some(Code::NoSuchPoint | Code::NoSuchStream), _) | (_, None) => true,
            (error, status) => error.is_none() && status == Some(tonic::Code::Ok),
        };
        if fine {
            tracing::debug!(call, stream, code, milliseconds, received, sent, "call");
        } else {
            tracing::warn!(call, stream, code, milliseconds, received, sent, "call refused or failed");
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let outcome = *self.outcome.get_mut().unwrap_or_else(PoisonError::into_inner);
        let took = self.begun.elapsed();
        let code = match (outcome.error, outcome.status) {
            (Some(error), _) => (error as u32).to_string(),
            (None, status) => format!("{:?}", status.unwrap_or(tonic::Code::Cancelled)),
        };
        self.log(outcome, &code, took.as_secs_f64() * 1e3);
        self.metrics.ended(self.call, code, took, *self.received.get_mut(), *self.sent.get_mut());
    }
}

/// Where the service notes what only it knows of a call; nowhere, when there is no door, within one process.
#[derive(Clone)]
pub(crate) struct Note(Option<Arc<Record>>);

impl Note {
    /// Of the call that `request` makes.
    pub(crate) fn of<P: Subject>(request: &Request<P>) -> Self {
        let record = request.extensions().get::<Arc<Record>>().cloned();
        if let Some(record) = &record {
            record.note(|outcome| outcome.stream = request.get_ref().stream());
        }
        Self(record)
    }

    /// `answer` as a message, which carries its error, if it has one.
    pub(crate) fn in_band<R: Reply>(&self, answer: EngineResult<R>) -> R {
        answer.unwrap_or_else(|error| {
            if let Some(record) = &self.0 {
                record.note(|outcome| outcome.error = Some(error.code));
            }
            R::failed(error.into())
        })
    }
}
