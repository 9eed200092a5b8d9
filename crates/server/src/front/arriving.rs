//! Requests on their way in.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use http_body::{Frame, SizeHint};
use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep, timeout},
};
use tonic::{Status, body::Body, codegen::Bytes};

use super::scan::{Limits, Scan};

/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);

/// How long a request waits for memory that others hold.
const PATIENCE: Duration = Duration::from_secs(20);

/// Requests up to this many bytes need not wait for memory: those of all open calls together are little.
const SMALL: usize = 64 << 10;

/// The memory of one request; it is given back once the call has been answered.
#[derive(Clone, Debug)]
pub(super) struct Held {
    memory: Arc<Semaphore>,
    permits: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl Held {
    pub(super) fn new(memory: Arc<Semaphore>) -> Self {
        Self { memory, permits: Arc::default() }
    }

    pub(super) fn give_back(&self) {
        self.permits.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Sets memory aside for `bytes` more.
    pub(super) async fn hold(&self, bytes: usize) -> Result<(), Status> {
        let kib = u32::try_from(bytes.div_ceil(1 << 10)).unwrap_or(u32::MAX);
        match timeout(PATIENCE, Arc::clone(&self.memory).acquire_many_owned(kib)).await {
            Ok(Ok(memory)) => self.keep(memory),
            _ => return Err(no_memory()),
        }
        Ok(())
    }

    fn keep(&self, more: OwnedSemaphorePermit) {
        let mut permits = self.permits.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *permits {
            Some(permits) => permits.merge(more),
            none => *none = Some(more),
        }
    }
}

fn no_memory() -> Status {
    Status::resource_exhausted("[426] other requests hold the memory for requests: try again in a moment")
}

type Waiting = Pin<Box<dyn Future<Output = Option<Result<OwnedSemaphorePermit, AcquireError>>> + Send>>;

/// A request body that is counted, and for which memory is set aside, as it arrives.
pub(super) struct Arriving {
    body: Body,
    scan: Scan,
    factor: usize,
    /// None for a body that is never whole in memory.
    held: Option<Held>,
    /// Whether memory has been asked for.
    is_held: bool,
    deadline: Option<Pin<Box<Sleep>>>,
    /// Bytes that wait for memory.
    waiting: Option<(Waiting, Bytes)>,
}

impl Arriving {
    pub(super) fn new(body: Body, limits: Limits, held: Held) -> Self {
        let deadline = Some(Box::pin(sleep(ARRIVAL)));
        Self {
            body,
            scan: Scan::new(limits),
            factor: limits.factor,
            held: Some(held),
            is_held: false,
            deadline,
            waiting: None,
        }
    }

    /// A body of many messages, each of which is forgotten before the next.
    pub(super) fn unbuffered(body: Body, limits: Limits) -> Self {
        Self {
            body,
            scan: Scan::new(limits),
            factor: limits.factor,
            held: None,
            is_held: false,
            deadline: None,
            waiting: None,
        }
    }

    fn poll_memory(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some((waiting, _)) = &mut self.waiting else { return Poll::Ready(None) };
        let memory = ready!(waiting.as_mut().poll(context));
        let bytes = self.waiting.take().map(|(_, bytes)| bytes).unwrap_or_default();
        let (Some(Ok(memory)), Some(held)) = (memory, &self.held) else {
            return Poll::Ready(Some(Err(no_memory())));
        };
        held.keep(memory);
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

impl http_body::Body for Arriving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        if let Some(deadline) = &mut this.deadline
            && deadline.as_mut().poll(context).is_ready()
        {
            let message = format!("[426] the request did not arrive within {ARRIVAL:?}: send less at a time");
            return Poll::Ready(Some(Err(Status::resource_exhausted(message))));
        }
        if this.waiting.is_none() {
            let frame = ready!(http_body::Body::poll_frame(Pin::new(&mut this.body), context));
            let bytes = match frame.map(|frame| frame.map(Frame::into_data)) {
                None => return Poll::Ready(None),
                Some(Err(status)) => return Poll::Ready(Some(Err(status))),
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Ok(Ok(bytes))) => bytes,
            };
            if let Err(status) = this.scan.pass(&bytes) {
                return Poll::Ready(Some(Err(status)));
            }
            // All of it at once: of several that each have some and wait for more, none would ever be whole.
            let is_large = this.scan.message() > SMALL && !this.is_held;
            let Some(held) = this.held.as_ref().filter(|_| is_large) else {
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            };
            this.is_held = true;
            let kib = (this.scan.message() * this.factor).div_ceil(1 << 10);
            let memory = Arc::clone(&held.memory).acquire_many_owned(u32::try_from(kib).unwrap_or(u32::MAX));
            this.waiting = Some((Box::pin(async move { timeout(PATIENCE, memory).await.ok() }), bytes));
        }
        this.poll_memory(context)
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_none() && http_body::Body::is_end_stream(&self.body)
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}
