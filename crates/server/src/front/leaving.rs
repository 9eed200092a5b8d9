//! Answers on their way out.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, ready},
    time::Duration,
};

use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use tokio::{sync::OwnedSemaphorePermit, time::Instant};
use tonic::{Code, Status, body::Body, codegen::Bytes};

/// How much is handed to the transport at a time. It is copied, so that what the transport keeps for a slow reader is no
/// more than this.
const PIECE: usize = 32 << 10;

/// A reader that has taken nothing for so long has stalled.
const STALLED: Duration = Duration::from_secs(2);

/// All answers that are being given.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers(Arc<Mutex<HashMap<u64, Weak<Mutex<Answer>>>>>);

/// One of them.
#[derive(Debug)]
enum Answer {
    /// The rest of the answer, bytes of it that are ready, its place, and when the reader last took some if it is its turn.
    Open {
        body: Body,
        ready: Bytes,
        _place: OwnedSemaphorePermit,
        taken: Option<Instant>,
    },
    /// Its reader had stalled and others waited.
    LetGo,
    Over,
}

impl Answers {
    /// `body` as it goes to the transport; it has `place` until it is over.
    pub(super) fn leaving(&self, body: Body, place: OwnedSemaphorePermit) -> Body {
        let answer = Answer::Open { body, ready: Bytes::new(), _place: place, taken: None };
        let answer = Arc::new(Mutex::new(answer));
        let mut answers = lock(&self.0);
        answers.retain(|_, answer| answer.strong_count() > 0);
        let number = answers.keys().max().map_or(0, |last| last + 1);
        answers.insert(number, Arc::downgrade(&answer));
        Body::new(Leaving(answer))
    }

    /// Ends the answer that has waited longest for its reader, if that is long enough.
    pub(super) fn let_stalled_go(&self) {
        let answers: Vec<Arc<Mutex<Answer>>> = lock(&self.0).values().filter_map(Weak::upgrade).collect();
        let since = |answer: &Arc<Mutex<Answer>>| match &*lock(answer) {
            Answer::Open { taken: Some(taken), .. } if taken.elapsed() > STALLED => Some(*taken),
            _ => None,
        };
        let stalled = answers.iter().filter_map(|answer| Some((since(answer)?, answer)));
        if let Some((_, answer)) = stalled.min_by_key(|(since, _)| *since) {
            tracing::info!("an answer that nobody reads gives its place up");
            *lock(answer) = Answer::LetGo;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An answer's body in pieces.
#[derive(Debug)]
struct Leaving(Arc<Mutex<Answer>>);

impl http_body::Body for Leaving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut answer = lock(&self.0);
        let Answer::Open { body, ready, taken, .. } = &mut *answer else {
            let is_let_go = matches!(*answer, Answer::LetGo);
            *answer = Answer::Over;
            return Poll::Ready(is_let_go.then(|| Ok(Frame::trailers(let_go()))));
        };
        if ready.is_empty() {
            *taken = None;
            let frame = ready!(http_body::Body::poll_frame(Pin::new(body), context));
            let frame = match frame {
                Some(Ok(frame)) => frame,
                ended => {
                    *answer = Answer::Over;
                    return Poll::Ready(ended);
                }
            };
            match frame.into_data() {
                Ok(bytes) => *ready = bytes,
                Err(trailers) => {
                    *answer = Answer::Over;
                    return Poll::Ready(Some(Ok(trailers)));
                }
            }
        }
        let piece = ready.split_to(ready.len().min(PIECE));
        *taken = Some(Instant::now());
        Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(&piece)))))
    }

    fn is_end_stream(&self) -> bool {
        match &*lock(&self.0) {
            Answer::Open { body, ready, .. } => ready.is_empty() && http_body::Body::is_end_stream(body),
            Answer::LetGo => false,
            Answer::Over => true,
        }
    }
}

/// The end of an answer that was let go.
fn let_go() -> HeaderMap {
    let message = "[426] nobody read this answer while others waited for its place: ask again";
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from(Code::ResourceExhausted as i32));
    trailers.insert("grpc-message", HeaderValue::from_static(message));
    trailers
}
