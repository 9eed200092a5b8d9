//! Following streams, by asking and by being told.

use std::time::Duration;

use btrdb_client::{ErrorKind, MergePolicy, TailEvent, TailOptions, TimeRange, Uuid, native};
use futures_util::{StreamExt, TryStreamExt};

use crate::running::{Running, columns};
use crate::tags;

const SOON: Duration = Duration::from_millis(10);

#[tokio::test]
async fn changes_are_told_with_what_they_made() {
    let running = Running::start();
    let stream = running.stream(1, "a", &[(10, 1.0)]).await;
    let options = TailOptions { interval: SOON, since: Some(10), ..TailOptions::default() };
    let mut events = Box::pin(stream.tail(options));
    let changed = |since, version, ranges: &[(i64, i64)]| TailEvent::Changed {
        since,
        version,
        ranges: ranges.iter().map(|&(start, end)| TimeRange::new(start, end)).collect(),
    };
    assert_eq!(events.next().await.unwrap().unwrap(), changed(10, 11, &[(10, 11)]));
    let points = |version, points: &[(i64, f64)]| TailEvent::Points { version, points: columns(points) };
    assert_eq!(events.next().await.unwrap().unwrap(), points(11, &[(10, 1.0)]));

    stream.insert(&columns(&[(20, 2.0), (40, 4.0)]), MergePolicy::Never).await.unwrap();
    stream.delete(TimeRange::new(10, 11)).await.unwrap();
    let mut known = Vec::new();
    let mut version = 11;
    while version < 13 {
        match events.next().await.unwrap().unwrap() {
            TailEvent::Changed { since, version: now, .. } => {
                assert_eq!(since, version);
                version = now;
            }
            TailEvent::Points { points, .. } => known.extend(points.time),
        }
    }
    stream.insert(&columns(&[(50, 5.0)]), MergePolicy::Never).await.unwrap();
    while !known.contains(&50) {
        if let TailEvent::Points { points, .. } = events.next().await.unwrap().unwrap() {
            known.extend(points.time);
        }
    }
    known.sort_unstable();
    assert_eq!(known, [20, 40, 50], "what was deleted leaves no points");

    stream.obliterate().await.unwrap();
    let last = events.try_fold((), |(), _| std::future::ready(Ok(()))).await.unwrap_err();
    assert_eq!(last.kind(), ErrorKind::StreamNotFound);
}

#[tokio::test]
async fn what_was_there_before_is_not_told() {
    let running = Running::start();
    let stream = running.stream(1, "a", &[(10, 1.0)]).await;
    let options = TailOptions { interval: SOON, start: 100, ..TailOptions::default() };
    let mut events = Box::pin(stream.tail(options));
    let quiet = tokio::time::timeout(Duration::from_millis(100), events.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    stream.insert(&columns(&[(20, 2.0), (200, 4.0)]), MergePolicy::Never).await.unwrap();
    let ranges = vec![TimeRange::new(200, 201)];
    assert_eq!(events.next().await.unwrap().unwrap(), TailEvent::Changed { since: 11, version: 12, ranges });
    let told = TailEvent::Points { version: 12, points: columns(&[(200, 4.0)]) };
    assert_eq!(events.next().await.unwrap().unwrap(), told);
}

#[tokio::test]
async fn the_server_tells_of_inserts() {
    let running = Running::start();
    let first = running.stream(1, "a", &[(10, 1.0)]).await;
    let second = running.stream(2, "b", &[]).await;
    let connection = running.connect(true).await;
    let (mut inserts, updates) = native::subscribe(&connection, [first.uuid()]).await.unwrap();
    // Nothing says when the server has begun to listen, so points are inserted until one is told.
    let mut time = 100;
    let told = loop {
        first.insert(&columns(&[(time, 2.0)]), MergePolicy::Never).await.unwrap();
        time += 1;
        if let Ok(told) = tokio::time::timeout(Duration::from_millis(100), inserts.next()).await {
            break told.unwrap().unwrap();
        }
    };
    assert_eq!((told.0, told.1.value), (first.uuid(), vec![2.0]));
    updates.add([second.uuid()]);
    let told = loop {
        second.insert(&columns(&[(time, 3.0)]), MergePolicy::Never).await.unwrap();
        time += 1;
        let next = tokio::time::timeout(Duration::from_millis(100), inserts.next()).await;
        if let Ok(Some(told)) = next.map(|told| told.transpose().unwrap().filter(|told| told.0 == second.uuid())) {
            break told;
        }
    };
    assert_eq!(told.1.value, [3.0]);
    updates.add([Uuid::from_u128(77)]);
    let end = inserts.try_fold((), |(), _| std::future::ready(Ok(()))).await.unwrap_err();
    assert_eq!((end.kind(), end.call()), (ErrorKind::StreamNotFound, Some("Subscribe")));
    connection.create(Uuid::from_u128(5), "z", &tags("z"), &[]).await.unwrap();
}
