//! What every call passes on its way in and out, so that all calls together stay within bounds.
//!
//! Before a call reaches the service: no more than [`MAX_CALLS`] are open, its request has no more bytes and no more
//! elements than such a call needs, and all requests that are arriving or in work fit into [`REQUESTS_KIB`]. On the way
//! out: an answer whose reader has stopped reading gives its place up when others wait for one.

mod arriving;
mod leaving;
mod scan;
mod unpacked;

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};
use tonic::{Status, body::Body};
use tower::Service;

use arriving::{Arriving, Held};
use leaving::Answers;
use scan::Limits;
use unpacked::unpacked;

/// The largest request that is taken, in bytes: an insert of a million points as plain messages is 20 MB.
pub(crate) const MAX_REQUEST: usize = 24 << 20;

/// How many calls can be open at once, besides subscriptions. An open answer keeps about a megabyte.
const MAX_CALLS: usize = 256;

/// How many calls may wait for a place.
const MAX_WAITING: usize = 1_024;

/// How long a call waits for a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a call that waits looks for an answer that nobody reads.
const LOOK_AROUND: Duration = Duration::from_millis(100);

/// Memory for requests that are arriving or in work, in KiB. What an insert needs on its way into the tree counts too.
const REQUESTS_KIB: usize = 192 << 10;

/// What each byte of an insert stands for: the message, its points, new nodes, their bytes, the same in the log's buffer.
/// In plain messages the points are there once more.
const INSERTS: Limits = Limits { bytes: MAX_REQUEST, elements: 1_100_000, factor: 8, compressed: true };
const ARROW_INSERTS: Limits = Limits { factor: 5, ..INSERTS };
const OTHERS: Limits = Limits { bytes: 4 << 20, elements: 65_536, factor: 2, compressed: true };
/// Each message of a subscriber.
const UPDATES: Limits = Limits { compressed: false, ..OTHERS };

/// A service behind the bounds.
#[derive(Clone, Debug)]
pub(crate) struct Front<S> {
    inner: S,
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    requests: Arc<Semaphore>,
    answers: Answers,
}

impl<S> Front<S> {
    pub(crate) fn new(inner: S) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self {
            inner,
            places: semaphore(MAX_CALLS),
            waiting: semaphore(MAX_WAITING),
            requests: semaphore(REQUESTS_KIB),
            answers: Answers::default(),
        }
    }
}

impl<S> Service<Request<Body>> for Front<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let mut inner = self.inner.clone();
        // The clone may not be ready, the one that was polled is.
        std::mem::swap(&mut inner, &mut self.inner);
        let call = request.uri().path().rsplit('/').next().unwrap_or_default();
        if call == "Subscribe" {
            // A subscription is counted where it is kept.
            return Box::pin(inner.call(request.map(|body| Body::new(Arriving::unbuffered(body, UPDATES)))));
        }
        let limits = match call {
            "Insert" => INSERTS,
            "ArrowInsert" => ARROW_INSERTS,
            _ => OTHERS,
        };
        let front = (Arc::clone(&self.places), Arc::clone(&self.waiting), self.answers.clone());
        let requests = Arc::clone(&self.requests);
        Box::pin(async move {
            let (places, waiting, answers) = front;
            let place = match place(places, &waiting, &answers).await {
                Ok(place) => place,
                Err(status) => return Ok(status.into_http()),
            };
            let held = Held::new(requests);
            let is_packed = request.headers().get("grpc-encoding").is_some_and(|encoding| encoding != "identity");
            let (parts, body) = request.into_parts();
            let body = Arriving::new(body, limits, held.clone());
            let body = if is_packed {
                match unpacked(body, limits, &held).await {
                    Ok(body) => body,
                    Err(status) => return Ok(status.into_http()),
                }
            } else {
                Body::new(body)
            };
            let request = Request::from_parts(parts, body);
            let response = inner.call(request).await;
            held.give_back();
            response.map(|response| response.map(|body| answers.leaving(body, place)))
        })
    }
}

/// A place for a call, taken from an answer that nobody reads if need be.
async fn place(places: Arc<Semaphore>, waiting: &Semaphore, answers: &Answers) -> Result<OwnedSemaphorePermit, Status> {
    let busy = || {
        let message = format!("[426] {MAX_CALLS} calls are open already: try again in a moment");
        Status::resource_exhausted(message)
    };
    if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
        return Ok(place);
    }
    let _waiting = waiting.try_acquire().map_err(|_too_many| busy())?;
    let begun = Instant::now();
    let mut place = std::pin::pin!(places.acquire_owned());
    while begun.elapsed() < PATIENCE {
        answers.let_stalled_go();
        if let Ok(Ok(place)) = timeout_at(Instant::now() + LOOK_AROUND, &mut place).await {
            return Ok(place);
        }
    }
    Err(busy())
}
