//! SIGKILL in the middle of an import: nothing acknowledged is lost, nothing comes twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::process::Stdio;

use btrdb_client::{Connection, Stream};
use btrdb_core::{LAST_TIME, MIN_TIME, MergePolicy, Point, PointWidth, RawColumns, Stat, TimeRange};
use common::{Server, btrdb_local, recording};
use tonic::transport::Channel;
use uuid::Uuid;

const ALL: TimeRange = TimeRange::new(MIN_TIME, LAST_TIME + 1);
const COLLECTION: &str = "seismic/ya/uv05";
const DAY_POINTS: u64 = 8_640_000;

async fn day_stream(connection: &Connection<Channel>) -> Option<Stream<Channel>> {
    let lookup = btrdb_client::Lookup { collection: COLLECTION.into(), ..Default::default() };
    connection.streams_in_collection(&lookup).await.unwrap().pop()
}

async fn count(stream: &Stream<Channel>, version: u64) -> u64 {
    let windows = stream.aligned_windows(TimeRange::ALL, PointWidth::ALL, version).await.unwrap();
    windows.data.count.iter().sum()
}

/// The stored statistics of `stream`, at several widths, are those of its raw points.
async fn check_statistics(stream: &Stream<Channel>) {
    let points: Vec<Point> = stream.values(ALL, 0).await.unwrap().data.iter().collect();
    for exponent in [30, 38, 41, 62] {
        let width = PointWidth::new(exponent).unwrap();
        let windows = stream.aligned_windows(TimeRange::ALL, width, 0).await.unwrap().data;
        let expected: Vec<&[Point]> =
            points.chunk_by(|a, b| (a.time - MIN_TIME) >> exponent == (b.time - MIN_TIME) >> exponent).collect();
        assert_eq!(windows.len(), expected.len());
        for (window, points) in windows.iter().zip(expected) {
            let stat = Stat::of(&points.iter().map(|point| point.value).collect::<Vec<_>>());
            assert_eq!((window.count, window.min, window.max), (stat.count, stat.min, stat.max));
            assert!((window.mean - stat.mean).abs() < 1e-6, "{window:?} {stat:?}");
            assert!((window.stddev - stat.stddev()).abs() < 1e-6, "{window:?} {stat:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_survives_the_death_of_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let connection = server.connect().await;

    let import = |server: &Server| {
        let mut command = btrdb_local();
        command.arg("import").arg(recording("uv05_hhz_day.parquet"));
        command.arg("--map").arg(recording("streams.csv")).args(["--to", &server.address]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let mut importer = import(&server).spawn().unwrap();

    // A second writer keeps its own account of what was acknowledged, until the server dies under it.
    let own = connection.create(Uuid::from_u128(7), "own", &[], &[]).await.unwrap();
    let mut acknowledged = Vec::new();
    let mut seen = (0, 0);
    for time in 0.. {
        let points = RawColumns { time: vec![time, time + 1_000_000], value: vec![time as f64; 2] };
        own.insert(&points, MergePolicy::Never).await.unwrap();
        acknowledged.extend(points.iter());
        if let Some(day) = day_stream(&connection).await {
            let version = day.version().await.unwrap();
            if version > 13 {
                seen = (version, count(&day, version).await);
                break;
            }
        }
        assert!(importer.try_wait().unwrap().is_none(), "the import must still be going on");
    }
    server.kill();
    assert!(!importer.wait().unwrap().success(), "an import whose server dies must say so");
    assert!((1..DAY_POINTS).contains(&seen.1), "killed in the middle: {seen:?}");

    let server = Server::start(folder.path(), &[]);
    let connection = server.connect().await;
    let mut found: Vec<Point> =
        connection.stream_from_uuid(Uuid::from_u128(7)).values(ALL, 0).await.unwrap().data.iter().collect();
    acknowledged.sort_by_key(|point| point.time);
    found.sort_by_key(|point| point.time);
    assert_eq!(found, acknowledged);
    let day = day_stream(&connection).await.unwrap();
    assert!(day.version().await.unwrap() >= seen.0);
    assert_eq!(count(&day, seen.0).await, seen.1, "a version once seen stays what it was");
    check_statistics(&day).await;

    assert!(import(&server).status().unwrap().success());
    assert_eq!(count(&day, 0).await, DAY_POINTS, "what was there is not stored twice");
    assert!(import(&server).status().unwrap().success());
    assert_eq!(count(&day, 0).await, DAY_POINTS);
    check_statistics(&day).await;
}
