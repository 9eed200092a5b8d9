//! Who no longer wants an answer ends the work on it: the real service behind a throttle that counts what it is asked for
//! and notes when that ends.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use btrdb_client::{CallOptions, ErrorKind, MergePolicy, RawColumns, Stream, TimeRange};
use futures_util::StreamExt;
use http::{Request, Response};
use http_body_util::{BodyStream, StreamBody};
use tokio::time::{sleep, timeout};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::transport::Channel;
use tower::Service;

use crate::running::Running;

/// How long the work may go on, on a machine that has other work: all of it would take longer.
const SOON: Duration = Duration::from_millis(600);

/// The pause before each message, and before every answer to `StreamInfo`.
const PAUSE: Duration = Duration::from_millis(20);
const LONG_PAUSE: Duration = Duration::from_secs(20);

const POINTS: i64 = 300_000;
const RANGE: TimeRange = TimeRange::new(0, POINTS);

/// What was done for calls of many answers, and for those of one.
#[derive(Debug, Default)]
struct Work {
    begun: usize,
    messages: usize,
    ended: Option<Instant>,
}

type Shared = Arc<Mutex<Work>>;

/// Notes when it is dropped.
struct UnderWay(Shared);

impl UnderWay {
    fn new(work: &Shared) -> Self {
        work.lock().unwrap().begun += 1;
        Self(Arc::clone(work))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().unwrap().ended = Some(Instant::now());
    }
}

/// The service, slowed down.
#[derive(Clone)]
pub(crate) struct Throttled<S> {
    inner: S,
    work: Shared,
}

impl<S: NamedService> NamedService for Throttled<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Throttled<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (mut inner, work) = (self.inner.clone(), Arc::clone(&self.work));
        Box::pin(async move {
            let call = request.uri().path().rsplit('/').next().unwrap().to_owned();
            if call != "RawValues" && call != "StreamInfo" {
                return inner.call(request).await;
            }
            let under_way = UnderWay::new(&work);
            if call == "StreamInfo" {
                sleep(LONG_PAUSE).await;
            }
            let response = inner.call(request).await?;
            Ok(response.map(|body| {
                let messages = BodyStream::new(body).then(move |message| {
                    under_way.0.lock().unwrap().messages += 1;
                    async move {
                        sleep(PAUSE).await;
                        message
                    }
                });
                Body::new(StreamBody::new(messages))
            }))
        })
    }
}

/// A stream of many points behind a throttle.
async fn throttled() -> (Running, Stream<Channel>, Shared) {
    let work = Shared::default();
    let slowed = Arc::clone(&work);
    let server = Running::start_behind(|inner| Throttled { inner, work: slowed });
    let connection = server.connect(false).await;
    let stream = connection.create(btrdb_client::Uuid::from_u128(1), "a", &crate::tags("x"), &[]).await.unwrap();
    let points: RawColumns = (0..POINTS).map(|time| btrdb_client::Point { time, value: time as f64 }).collect();
    stream.insert(&points, MergePolicy::Never).await.unwrap();
    (server, stream, work)
}

/// Waits until a call is under way, so that what follows overtakes it.
async fn is_under_way(work: &Shared, messages: usize) {
    while {
        let work = work.lock().unwrap();
        work.begun == 0 || work.messages < messages
    } {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Asserts that the one call that was begun ends soon, and that nothing is done for it afterwards.
async fn ends_soon(work: &Shared, overtaken: Instant) {
    sleep(SOON).await;
    let ended = work.lock().unwrap().ended;
    assert!(ended.is_some(), "the work goes on for nobody");
    let took = ended.unwrap().saturating_duration_since(overtaken);
    assert!(took < SOON, "the work went on for {took:?}");
    let done = work.lock().unwrap().messages;
    sleep(3 * PAUSE).await;
    let work = work.lock().unwrap();
    assert_eq!((work.begun, work.messages), (1, done));
    assert!(work.messages < 50, "{} messages, of 60", work.messages);
}

#[tokio::test]
async fn batches_that_are_dropped() {
    let (_server, stream, work) = throttled().await;
    let mut batches = Box::pin(stream.values_batches(RANGE, 0));
    for _ in 0..3 {
        batches.next().await.unwrap().unwrap();
    }
    drop(batches);
    ends_soon(&work, Instant::now()).await;
}

#[tokio::test]
async fn batches_that_nobody_reads_and_then_are_dropped() {
    let (_server, stream, work) = throttled().await;
    let mut batches = Box::pin(stream.values_batches(RANGE, 0));
    batches.next().await.unwrap().unwrap();
    is_under_way(&work, 2).await;
    sleep(2 * PAUSE).await;
    drop(batches);
    ends_soon(&work, Instant::now()).await;
}

#[tokio::test]
async fn a_future_that_is_dropped() {
    let (_server, stream, work) = throttled().await;
    let reading = Box::pin(stream.values(RANGE, 0));
    assert!(timeout(6 * PAUSE, reading).await.is_err());
    ends_soon(&work, Instant::now()).await;

    let (_server, stream, work) = throttled().await;
    let asking = Box::pin(stream.version());
    assert!(timeout(6 * PAUSE, asking).await.is_err(), "before there is any answer");
    ends_soon(&work, Instant::now()).await;
}

#[tokio::test]
async fn a_task_that_is_aborted() {
    let (_server, stream, work) = throttled().await;
    let reading = tokio::spawn(async move { stream.values(RANGE, 0).await });
    is_under_way(&work, 2).await;
    reading.abort();
    ends_soon(&work, Instant::now()).await;
}

#[tokio::test]
async fn a_deadline_that_passes() {
    let calls = CallOptions { timeout: Some(6 * PAUSE), ..CallOptions::default() };
    let (_server, stream, work) = throttled().await;
    let error = stream.with(calls).values(RANGE, 0).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert!(error.read_so_far().unwrap().rows > 0, "{error}");
    ends_soon(&work, Instant::now()).await;

    let (_server, stream, work) = throttled().await;
    let error = stream.with(calls).version().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    ends_soon(&work, Instant::now()).await;
}
