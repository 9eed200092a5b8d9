//! Calls that take too long.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use btrdb_client::{
    CallOptions, Connection, ErrorKind, MergePolicy, Options, RawColumns, Retry, Sleep, StreamSet, Timer, Transport,
    TransportFault,
};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use prost::Message;
use tonic::body::Body;

use crate::{Answer, RANGE, STREAM, framed, info, points};

/// A real clock.
struct Clock;

impl Timer for Clock {
    fn now(&self) -> i64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as i64
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Counts itself as long as it lives.
struct Counted(Arc<Mutex<usize>>);

impl Counted {
    fn new(count: &Arc<Mutex<usize>>) -> Self {
        *count.lock().unwrap() += 1;
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        *self.0.lock().unwrap() -= 1;
    }
}

/// A server that answers `Info`, and nothing else until the end of time; after `messages` of points if they are asked
/// for. Says how many calls are under way, and what the last one's headers were.
fn stuck(messages: usize) -> (impl Transport, Arc<Mutex<usize>>, Arc<Mutex<HeaderMap>>) {
    let (count, headers) = (Arc::default(), Arc::<Mutex<HeaderMap>>::default());
    let (counted, noted) = (Arc::clone(&count), Arc::clone(&headers));
    let transport = tower::service_fn(move |request: Request<Body>| {
        let (counted, noted) = (Arc::clone(&counted), Arc::clone(&noted));
        async move {
            if request.uri().path().ends_with("/Info") {
                return Ok::<_, TransportFault>(info(29).into_response());
            }
            *noted.lock().unwrap() = request.headers().clone();
            let here = Counted::new(&counted);
            if !request.uri().path().ends_with("/RawValues") {
                std::future::pending::<()>().await;
            }
            let message = framed(&points(&[1]).encode_to_vec());
            let frames = stream::repeat(message).take(messages).chain(stream::pending()).map(move |bytes| {
                let _still_here = &here;
                Ok::<_, TransportFault>(Frame::data(bytes))
            });
            Ok(Response::new(Body::new(StreamBody::new(frames))))
        }
    });
    (transport, count, headers)
}

async fn connected<T: Transport>(transport: T, calls: CallOptions) -> Connection<T> {
    let options = Options { timer: Some(Arc::new(Clock)), calls, ..Options::default() };
    Connection::connect(transport, options).await.unwrap()
}

const SOON: CallOptions =
    CallOptions { timeout: Some(Duration::from_millis(60)), retry: None, resume: None, stall: None };

#[tokio::test]
async fn calls_end_when_their_time_is_up() {
    let (transport, under_way, headers) = stuck(2);
    let connection = connected(transport, SOON).await;
    let stream = connection.stream_from_uuid(STREAM);
    let one = RawColumns { time: vec![1], value: vec![1.0] };
    let began = Instant::now();
    let errors = [
        stream.version().await.unwrap_err(),
        stream.insert(&one, MergePolicy::Never).await.unwrap_err(),
        stream.values(RANGE, 0).await.unwrap_err(),
        connection.list_collections("").await.unwrap_err(),
        StreamSet::new(vec![stream.clone()]).unwrap().values().await.unwrap_err(),
    ];
    let took = began.elapsed();
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::DeadlineExceeded, "{error}");
        assert!(error.call().is_some() && error.to_string().contains("60ms"), "{error}");
    }
    assert!((Duration::from_millis(300)..Duration::from_secs(3)).contains(&took), "{took:?}");
    assert_eq!(*under_way.lock().unwrap(), 0, "what was given up is cancelled");
    let sent = headers.lock().unwrap()["grpc-timeout"].to_str().unwrap().to_owned();
    let nanos: u32 = sent.strip_suffix('n').unwrap().parse().unwrap();
    assert!((1_000_000..=60_000_000).contains(&nanos), "{sent}");
}

#[tokio::test]
async fn batches_end_when_their_time_is_up() {
    let (transport, under_way, _) = stuck(3);
    let stream = connected(transport, SOON).await.stream_from_uuid(STREAM);
    let mut batches = Box::pin(stream.values_batches(RANGE, 0));
    for _ in 0..3 {
        batches.next().await.unwrap().unwrap();
    }
    assert_eq!(*under_way.lock().unwrap(), 1);
    let error = batches.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.read_so_far().unwrap().rows), (ErrorKind::DeadlineExceeded, 3));
    assert!(batches.next().await.is_none());
    assert_eq!(*under_way.lock().unwrap(), 0);
}

#[tokio::test]
async fn waits_between_tries_count_too() {
    let transport = crate::answering(|call| if call == "Info" { info(29) } else { Answer::status("14", "away") });
    let retry = Retry { retries: 100, retry_delay: Duration::from_millis(40), retry_backoff: 1.0 };
    let calls = CallOptions { retry: Some(retry), ..SOON };
    let stream = connected(transport, calls).await.stream_from_uuid(STREAM);
    let error = stream.version().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded, "{error}");
}

#[tokio::test]
async fn no_limit_unless_asked_for() {
    let (transport, under_way, headers) = stuck(0);
    let connection = connected(transport, CallOptions::default()).await;
    let stream = connection.stream_from_uuid(STREAM);
    let call = tokio::time::timeout(Duration::from_millis(50), stream.version());
    assert!(call.await.is_err());
    assert_eq!(*under_way.lock().unwrap(), 0, "dropping the call cancels it");
    assert!(!headers.lock().unwrap().contains_key("grpc-timeout"));
}
