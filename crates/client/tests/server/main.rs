//! The client against the real server, over a real socket.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod arrow;
mod cancel;
mod crowd;
mod line;
mod running;
mod set;
mod set_tables;
mod sql;
mod tail;
mod tls;
mod update;
mod windows;

use std::collections::HashMap;
use std::time::Duration;

use btrdb_client::{
    ALL_OF_TIME, CallOptions, Connection, Descriptor, Dialect, Direction, ErrorKind, Filter, LAST_TIME, Lookup,
    MAX_TIME, MIN_TIME, MergePolicy, Options, POINTS_PER_CALL, Point, PointWidth, RawColumns, Retry, Stream,
    TableOptions, TailEvent, TailOptions, TimeRange, Uuid, native,
};
use btrdb_local::keys::Keys;
use futures_util::{StreamExt, TryStreamExt};
use tokio::net::TcpListener;

use self::line::Line;
use self::running::Running;
use tonic::transport::{Channel, Endpoint};

pub(crate) const SECOND: i64 = 1_000_000_000;

pub(crate) fn tags(name: &str) -> Vec<(String, String)> {
    vec![("name".to_owned(), name.to_owned()), ("unit".to_owned(), "volts".to_owned())]
}

/// 120,000 points of 100 Hz: three calls.
fn wave() -> RawColumns {
    let time: Vec<i64> = (0..120_000).map(|i| 1_500_000_000 * SECOND + i * SECOND / 100).collect();
    let value = (0..120_000).map(|i| (f64::from(i) / 100.0).sin()).collect();
    RawColumns { time, value }
}

#[tokio::test]
async fn what_is_written_is_read_in_either_form() {
    let running = Running::start();
    let wave = wave();
    let mut windows = Vec::new();
    for (id, arrow) in [(1, false), (2, true)] {
        let connection = running.connect(arrow).await;
        let uuid = Uuid::from_u128(id);
        let stream = connection.create(uuid, "wave", &tags(&format!("wave {id}")), &[]).await.unwrap();
        assert_eq!(stream.version().await.unwrap(), 10);
        assert_eq!(stream.insert(&wave, MergePolicy::Never).await.unwrap(), 13, "{POINTS_PER_CALL} points a call");
        assert_eq!(stream.flush().await.unwrap(), 13);

        let everything = TimeRange::new(MIN_TIME, MAX_TIME - 1);
        // Either form reads what either wrote.
        for form in [false, true] {
            let stream = running.connect(form).await.stream_from_uuid(uuid);
            let read = stream.values(everything, 0).await.unwrap();
            assert_eq!(read.version, 13);
            assert!(read.data == wave, "{id} {form}");
            let first = stream.values(everything, 11).await.unwrap();
            assert_eq!((first.version, first.data.len()), (11, POINTS_PER_CALL.get()));
        }

        let stream = connection.stream_from_uuid(uuid);
        let aligned = stream.aligned_windows(everything, PointWidth::new(33).unwrap(), 0).await.unwrap();
        let plain = stream.windows(TimeRange::new(wave.time[0], wave.time[119_999] + 1), 7 * SECOND as u64, 0);
        let plain = plain.await.unwrap();
        assert_eq!(aligned.data.count.iter().sum::<u64>(), 120_000);
        assert_eq!((plain.data.len(), plain.data.count[0]), (1199 / 7, 700));
        windows.push((aligned, plain));
    }
    assert_eq!(windows[0], windows[1], "bit for bit the same");
}

#[tokio::test]
async fn a_connection_made_without_asking() {
    let running = Running::start();
    let connection = running.connect(true).await;
    connection.create(Uuid::from_u128(1), "a", &tags("a"), &[]).await.unwrap();
    let endpoint = Endpoint::from_shared(format!("http://{}", running.address)).unwrap();
    let unasked = Connection::unasked(endpoint.connect_lazy(), Options::default()).unwrap();
    assert!(unasked.uses_arrow());
    let set = unasked.streams([Uuid::from_u128(1)], &[], false).await.unwrap();
    let known = set.descriptors().await.unwrap();
    assert_eq!(known.iter().map(Descriptor::name).collect::<Vec<_>>(), ["a"]);
    let odd = Options { api_key: Some("a\nkey".to_owned()), ..Options::default() };
    let refused = Connection::unasked(endpoint.connect_lazy(), odd).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidValue);
}

#[tokio::test]
async fn batches_arrive_one_by_one_and_can_be_left() {
    let running = Running::start();
    let connection = running.connect(true).await;
    let stream = connection.create(Uuid::from_u128(1), "wave", &tags("wave"), &[]).await.unwrap();
    let wave = wave();
    stream.insert(&wave, MergePolicy::Never).await.unwrap();
    let range = TimeRange::new(0, MAX_TIME - 1);

    let batches: Vec<_> = stream.values_batches(range, 0).try_collect().await.unwrap();
    assert!(batches.len() > 1);
    let times: Vec<i64> = batches.iter().flat_map(|batch| batch.data.time.iter().copied()).collect();
    assert_eq!(times, wave.time);

    let mut left = Box::pin(stream.values_batches(range, 0));
    assert!(!left.next().await.unwrap().unwrap().data.is_empty());
    drop(left);
    assert_eq!(stream.version().await.unwrap(), 13, "the connection lives on");
}

#[tokio::test]
async fn nearest_changes_and_deletes() {
    let running = Running::start();
    let connection = running.connect(true).await;
    let stream = connection.create(Uuid::from_u128(1), "a", &tags("a"), &[]).await.unwrap();
    assert_eq!(stream.nearest(0, 0, Direction::Forward).await.unwrap(), None);
    let empty = stream.values(TimeRange::new(0, 1000), 0).await.unwrap();
    assert_eq!((empty.version, empty.data.len()), (10, 0));

    let points = RawColumns { time: vec![100, 80], value: vec![1.0, -0.0] };
    assert_eq!(stream.insert_batch(&points, MergePolicy::Never).await.unwrap(), 11);
    let nearest = async |time, direction| stream.nearest(time, 0, direction).await.unwrap().map(|found| found.data);
    assert_eq!(nearest(100, Direction::Backward).await, Some(Point::new(80, -0.0)));
    assert_eq!(nearest(100, Direction::Forward).await, Some(Point::new(100, 1.0)));
    assert_eq!(nearest(101, Direction::Forward).await, None);
    assert_eq!(nearest(80, Direction::Backward).await, None);

    assert_eq!(stream.delete(TimeRange::new(0, 90)).await.unwrap(), 12);
    assert_eq!(stream.values(TimeRange::new(0, 1000), 0).await.unwrap().data.time, [100]);
    assert_eq!(stream.values(TimeRange::new(0, 1000), 11).await.unwrap().data.time, [80, 100]);
    let changed = stream.changes(11, 12, PointWidth::MIN).await.unwrap();
    assert_eq!(changed.version, 12);
    assert!(changed.data.iter().any(|range| range.contains(80)), "{changed:?}");
    assert!(stream.changes(12, 12, PointWidth::MIN).await.unwrap().data.is_empty());

    let extremes = RawColumns { time: vec![MIN_TIME, LAST_TIME], value: vec![5e-324, f64::MAX] };
    stream.insert(&extremes, MergePolicy::Never).await.unwrap();
    assert_eq!(nearest(MIN_TIME, Direction::Forward).await, Some(Point::new(MIN_TIME, 5e-324)));
    assert_eq!(nearest(MAX_TIME - 1, Direction::Backward).await, Some(Point::new(LAST_TIME, f64::MAX)));

    stream.obliterate().await.unwrap();
    assert!(!stream.exists().await.unwrap());
}

#[tokio::test]
async fn streams_are_found_with_all_that_is_known_of_them() {
    let running = Running::start();
    let connection = running.connect(true).await;
    let note = |value: &str| vec![("place".to_owned(), value.to_owned())];
    for (id, collection, name, place) in [(1, "a", "x", "here"), (2, "a/b", "x", "there"), (3, "ab", "y", "here")] {
        let stream = connection.create(Uuid::from_u128(id), collection, &tags(name), &note(place)).await.unwrap();
        let told = stream.known_descriptor().unwrap();
        assert_eq!(told, stream.refresh_metadata().await.unwrap(), "known without asking, and right");
        assert_eq!((told.name(), told.unit(), told.property_version), (name, "volts", 1));
    }
    assert_eq!(connection.list_collections("").await.unwrap(), ["a", "a/b", "ab"]);
    assert_eq!(connection.list_collections("a/").await.unwrap(), ["a/b"]);

    let found = async |lookup: Lookup| {
        let streams = connection.streams_in_collection(&lookup).await.unwrap();
        let mut ids: Vec<u128> = streams.iter().map(|stream| stream.uuid().as_u128()).collect();
        assert!(streams.iter().all(|stream| stream.known_descriptor().is_some()));
        ids.sort_unstable();
        ids
    };
    let pair = |key: &str, value: Option<&str>| vec![(key.to_owned(), value.map(str::to_owned))];
    assert_eq!(found(Lookup::prefix("")).await, [1, 2, 3]);
    assert_eq!(found(Lookup::collection("a")).await, [1]);
    assert_eq!(found(Lookup::prefix("a/")).await, [2]);
    assert_eq!(found(Lookup { tags: pair("name", Some("x")), ..Lookup::prefix("") }).await, [1, 2]);
    assert_eq!(found(Lookup { annotations: pair("place", Some("here")), ..Lookup::prefix("") }).await, [1, 3]);
    assert_eq!(found(Lookup { annotations: pair("place", None), ..Lookup::prefix("a") }).await, [1, 2, 3]);
    assert!(found(Lookup::collection("nowhere")).await.is_empty());
}

#[tokio::test]
async fn refusals_have_their_kind() {
    let running = Running::start();
    for arrow in [false, true] {
        let connection = running.connect(arrow).await;
        let unknown = connection.stream_from_uuid(Uuid::from_u128(99));
        let range = TimeRange::new(0, 10);
        let kind = |error: btrdb_client::Error| {
            assert!(error.stream().is_some(), "{error}");
            error.kind()
        };
        assert_eq!(unknown.values(range, 0).await.map_err(kind), Err(ErrorKind::StreamNotFound));
        assert_eq!(unknown.version().await.map_err(kind), Err(ErrorKind::StreamNotFound));
        let id = if arrow { 2 } else { 1 };
        let stream = connection.create(Uuid::from_u128(id), "a", &tags(&id.to_string()), &[]).await.unwrap();
        let again = connection.create(Uuid::from_u128(id), "b", &tags("b"), &[]).await;
        assert_eq!(again.map(drop).map_err(kind), Err(ErrorKind::StreamExists));
        let twin = connection.create(Uuid::from_u128(50), "a", &tags(&id.to_string()), &[]).await;
        assert_eq!(twin.map(drop).map_err(kind), Err(ErrorKind::AmbiguousStream));
        let no_tag = [("voltage".to_owned(), "1".to_owned())];
        let bad_tag = connection.create(Uuid::from_u128(51), "a", &no_tag, &[]).await;
        assert_eq!(bad_tag.map(drop).map_err(kind), Err(ErrorKind::InvalidTagKey));
        assert_eq!(stream.values(TimeRange::new(5, 5), 0).await.map_err(kind), Err(ErrorKind::InvalidTimeRange));
        assert_eq!(stream.values(range, 77).await.map_err(kind), Err(ErrorKind::VersionNotAvailable));
        assert_eq!(stream.windows(range, 0, 0).await.map_err(kind), Err(ErrorKind::InvalidPointWidth));
        let insert = async |time, value| {
            let points = RawColumns { time: vec![time], value: vec![value] };
            stream.insert(&points, MergePolicy::Never).await.map_err(kind)
        };
        assert_eq!(insert(1, f64::NAN).await, Err(ErrorKind::BadValue));
        assert_eq!(insert(MAX_TIME, 1.0).await, Err(ErrorKind::InvalidTimeRange));
        let uneven = RawColumns { time: vec![1, 2], value: vec![1.0] };
        assert_eq!(stream.insert(&uneven, MergePolicy::Never).await.map_err(kind), Err(ErrorKind::InvalidValue));
        assert_eq!(stream.insert(&RawColumns::default(), MergePolicy::Never).await.map_err(kind), Ok(0));
        assert_eq!(insert(1, 1.0).await, Ok(11));
        let backwards = stream.changes(11, 10, PointWidth::MIN).await.unwrap_err();
        assert_eq!((backwards.kind(), backwards.btrdb_code()), (ErrorKind::Server, Some(427)));
    }
}

#[tokio::test]
async fn merge_policies_reach_the_server() {
    let running = Running::start();
    for arrow in [false, true] {
        let connection = running.connect(arrow).await;
        let policies = [
            (MergePolicy::Never, vec![2.0, 2.0, 3.0]),
            (MergePolicy::Equal, vec![2.0, 3.0]),
            (MergePolicy::Retain, vec![2.0]),
            (MergePolicy::Replace, vec![3.0]),
        ];
        for (index, (policy, expected)) in policies.into_iter().enumerate() {
            let id = Uuid::from_u128(index as u128 + if arrow { 10 } else { 0 });
            let stream = connection.create(id, "a", &tags(&id.to_string()), &[]).await.unwrap();
            let first = RawColumns { time: vec![110], value: vec![2.0] };
            let second = RawColumns { time: vec![110, 110], value: vec![2.0, 3.0] };
            stream.insert(&first, policy).await.unwrap();
            stream.insert(&second, policy).await.unwrap();
            let read = stream.values(TimeRange::new(0, 200), 0).await.unwrap();
            assert_eq!(read.data.value, expected, "{policy:?}");
        }
    }
}

#[tokio::test]
async fn calls_can_run_on_other_threads() {
    let running = Running::start();
    let stream = running.connect(true).await.create(Uuid::from_u128(1), "a", &tags("a"), &[]).await.unwrap();
    let writer = stream.clone();
    tokio::spawn(async move { writer.insert(&wave(), MergePolicy::Never).await }).await.unwrap().unwrap();
    let batches = stream.values_batches(TimeRange::new(0, MAX_TIME - 1), 0);
    let counted = tokio::spawn(batches.try_fold(0, async |sum, batch| Ok(sum + batch.data.len())));
    assert_eq!(counted.await.unwrap().unwrap(), 120_000);
}

#[tokio::test]
async fn so_can_everything_that_sets_do() {
    let running = Running::start();
    let set = set::two(&running).await;
    let tables = set.clone();
    let table = tokio::spawn(async move {
        let mut csv = Vec::new();
        tables.to_csv(&TableOptions::default(), Dialect::default(), &mut csv).await?;
        tables.to_columns(&TableOptions::default()).await?;
        tables.to_arrow_table(&TableOptions::default()).await
    });
    assert!(!table.await.unwrap().unwrap().is_empty());
    let rows = tokio::spawn(set.rows().try_fold(0, async |count, _| Ok(count + 1)));
    let batches = tokio::spawn(set.values_iter().try_fold(0, async |count, batch| Ok(count + batch.data.len())));
    let ipc = tokio::spawn(set.arrow_values_batches().try_fold(0, async |count, ipc| Ok(count + ipc.len())));
    assert_eq!((rows.await.unwrap().unwrap(), batches.await.unwrap().unwrap()), (9, 10));
    assert!(ipc.await.unwrap().unwrap() > 0);
    let stream = set.streams()[0].clone();
    let tail = TailOptions { since: Some(10), ..TailOptions::default() };
    let told = tokio::spawn(async move { Box::pin(stream.tail(tail)).next().await });
    assert!(matches!(told.await.unwrap(), Some(Ok(TailEvent::Changed { version: 11, .. }))));
    let writes = tokio::spawn(async move {
        set.insert(&HashMap::new(), MergePolicy::Never).await?;
        let filtered = set.filter(&Filter { unit: Some("volts".into()), ..Filter::default() }).await?;
        filtered.pin_versions().await?.count().await
    });
    assert_eq!(writes.await.unwrap().unwrap(), 9);
}

#[tokio::test]
async fn a_server_that_is_not_there_and_one_that_goes_away() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = native::connect(&free.to_string(), Options::default()).await.unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::Unavailable);
    assert!(nobody.message().contains("Connection refused"), "{nobody}");

    let mut running = Running::start();
    let connection = running.connect(true).await;
    running.go_away();
    let gone = connection.info().await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Unavailable, "{gone}");
    assert_eq!(gone.call(), Some("Info"));
}

/// A stream of 1.2 million points, which no buffers between the two hold, so that the answer cannot be through when its
/// first batch is; by a connection over a line of its own.
async fn long_stream(running: &Running) -> (Line, Stream<Channel>, Vec<i64>) {
    let line = running.line().await;
    let connection = native::connect(&line.address.to_string(), Options::default()).await.unwrap();
    let stream = connection.create(Uuid::from_u128(1), "a", &tags("a"), &[]).await.unwrap();
    let mut times = Vec::new();
    for hour in 0..10 {
        let mut wave = wave();
        wave.time.iter_mut().for_each(|time| *time += hour * 3600 * SECOND);
        stream.insert(&wave, MergePolicy::Never).await.unwrap();
        times.append(&mut wave.time);
    }
    (line, stream, times)
}

#[tokio::test]
async fn a_server_that_goes_away_within_an_answer() {
    let running = Running::start();
    let (line, stream, _) = long_stream(&running).await;
    let mut batches = Box::pin(stream.values_batches(ALL_OF_TIME, 0));
    assert!(batches.next().await.unwrap().is_ok());
    line.close();
    let last = batches.fold(None, async |_, batch| Some(batch)).await.unwrap().unwrap_err();
    assert_eq!(last.kind(), ErrorKind::Unavailable, "{last}");
    assert!(last.read_so_far().unwrap().rows > 0, "{last}");
}

#[tokio::test]
async fn a_read_outlives_its_connection() {
    let running = Running::start();
    let (line, stream, expected) = long_stream(&running).await;
    let retry = Retry { retries: 20, retry_delay: Duration::from_millis(10), retry_backoff: 1.0 };
    let patient = stream.with(CallOptions { retry: Some(retry), ..CallOptions::default() });
    let mut batches = Box::pin(patient.values_batches(ALL_OF_TIME, 0));
    let mut read = Vec::new();
    while let Some(mut batch) = batches.try_next().await.unwrap() {
        // Again and again, in the midst of what is under way.
        if read.len() < 400_000 {
            line.cut();
        }
        read.append(&mut batch.data.time);
    }
    assert!(read == expected, "every point once: {} of {}", read.len(), expected.len());
}

#[tokio::test]
async fn only_a_right_key_opens() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    std::fs::write(&file, "right\n").unwrap();
    let running = Running::start_with(Some(Keys::read(&file).unwrap()));
    let connect = async |key: Option<&str>| {
        let options = Options { api_key: key.map(str::to_owned), ..Options::default() };
        native::connect(&running.address.to_string(), options).await
    };
    for wrong in [None, Some("wrong"), Some("")] {
        let error = connect(wrong).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Unauthenticated, "invalid api key"), "{wrong:?}");
    }
    connect(Some("right")).await.unwrap().create(Uuid::from_u128(1), "a", &tags("a"), &[]).await.unwrap();
}
