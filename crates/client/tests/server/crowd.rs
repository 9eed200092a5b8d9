//! Sets over a transport that carries only so many calls at a time, as a browser does over HTTP/1.1.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use btrdb_client::{ALL_OF_TIME, Answers, Connection, Options, Pending, Request, StreamSet, Transport, Uuid};
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tonic::transport::{Channel, Endpoint};

use crate::running::Running;

/// Four messages of each stream.
const POINTS: u32 = 17_000;
const LONG: Duration = Duration::from_secs(30);

/// A channel for a few calls at a time; others wait.
#[derive(Clone)]
struct Narrow {
    channel: Channel,
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    made: Arc<AtomicUsize>,
}

impl Transport for Narrow {
    fn call(&self, request: Request) -> Pending<'static, Answers> {
        let Self { channel, places, waiting, made } = self.clone();
        waiting.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let place = places.acquire_owned().await.unwrap();
            waiting.fetch_sub(1, Ordering::Relaxed);
            made.fetch_add(1, Ordering::Relaxed);
            let answers = channel.call(request).await?;
            let held: Answers = Box::pin(answers.inspect(move |_| assert_eq!(place.num_permits(), 1)));
            Ok(held)
        })
    }

    fn is_crowded(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

/// `count` streams of a server, over a transport with that many `places`.
async fn streams(running: &Running, count: u128, places: usize) -> (Narrow, Vec<btrdb_client::Stream<Narrow>>) {
    let points: Vec<(i64, f64)> = (0..POINTS).map(|place| (place.into(), place.into())).collect();
    for id in 0..count {
        running.stream(id, &format!("s{id}"), &points).await;
    }
    let channel = Endpoint::from_shared(format!("http://{}", running.address)).unwrap().connect().await.unwrap();
    let places = Arc::new(Semaphore::new(places));
    let narrow = Narrow { channel, places, waiting: Arc::default(), made: Arc::default() };
    let options = Options { arrow: Some(false), ..Options::default() };
    let connection = Connection::unasked(narrow.clone(), options).unwrap();
    (narrow, (0..count).map(|id| connection.stream_from_uuid(Uuid::from_u128(id))).collect())
}

/// How many rows there are, each of all streams.
async fn whole_rows(set: &StreamSet<Narrow>) -> usize {
    let rows = set.rows().map_ok(|row| assert!(row.points.iter().all(Option::is_some)));
    rows.try_fold(0, |count, ()| async move { Ok(count + 1) }).await.unwrap()
}

#[tokio::test]
async fn sets_that_want_more_calls_than_there_can_be_come_to_their_end() {
    let running = Running::start();
    let (_, streams) = streams(&running, 8, 3).await;
    let set = StreamSet::new(streams).unwrap().parallel(NonZeroUsize::new(8).unwrap());
    let both = async { tokio::join!(whole_rows(&set), whole_rows(&set)) };
    let (one, other) = timeout(LONG, both).await.expect("sets wait for each other");
    assert_eq!([one, other], [POINTS as usize; 2]);

    // A loop that is left for a while keeps its place, and those who still move share the others.
    let mut paused = set.streams()[0].values_batches(ALL_OF_TIME, 0).boxed();
    paused.next().await.unwrap().unwrap();
    assert_eq!(timeout(LONG, whole_rows(&set)).await.expect("it waits for itself"), POINTS as usize);
    assert!(paused.next().await.is_some());
}

#[tokio::test]
async fn a_set_that_nobody_waits_for_asks_once() {
    let running = Running::start();
    let (narrow, streams) = streams(&running, 3, 3).await;
    let set = StreamSet::new(streams).unwrap();
    assert_eq!(whole_rows(&set).await, POINTS as usize);
    assert_eq!(narrow.made.load(Ordering::Relaxed), 3);
}
