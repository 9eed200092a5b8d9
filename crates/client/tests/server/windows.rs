//! The worked examples of the protocol: what windows, counts and the first and last points are.

use btrdb_client::{
    ALL_OF_TIME, CallOptions, ErrorKind, MAX_TIME, Options, Point, PointWidth, Retry, StatPoint, TimeRange, Timestamp,
    native,
};

use crate::SECOND;
use crate::running::{Running, columns};

/// 2017-07-14T02:40:00Z.
const START: Timestamp = 1_500_000_000 * SECOND;

fn pw(exponent: u8) -> PointWidth {
    PointWidth::new(exponent).unwrap()
}

/// The values 1 to 10, a tenth of a second apart.
fn ten() -> Vec<(i64, f64)> {
    (0..10_i32).map(|k| (START + i64::from(k) * SECOND / 10, f64::from(k + 1))).collect()
}

fn five() -> Vec<(i64, f64)> {
    (0..5_i32).map(|k| (100 + i64::from(k) * 5, f64::from(k))).collect()
}

const THIRD: f64 = 0.816_496_580_927_726;

#[tokio::test]
async fn aligned_windows_of_the_manual() {
    let running = Running::start();
    let stream = running.stream(1, "ten", &ten()).await;
    let read = stream.aligned_windows(TimeRange::new(START, START + SECOND), pw(28), 0).await.unwrap();
    let stat = |time, min, mean, max, count, stddev| StatPoint { time, min, mean, max, count, stddev };
    let expected = [
        stat(1_499_999_999_814_008_832, 1.0, 1.0, 1.0, 1, 0.0),
        stat(1_500_000_000_082_444_288, 2.0, 3.0, 4.0, 3, THIRD),
        stat(1_500_000_000_350_879_744, 5.0, 6.0, 7.0, 3, THIRD),
        stat(1_500_000_000_619_315_200, 8.0, 8.5, 9.0, 2, 0.5),
    ];
    assert_eq!(read.data.iter().collect::<Vec<_>>(), expected);

    let stream = running.stream(2, "five", &five()).await;
    let read = stream.aligned_windows(TimeRange::new(100, 121), pw(3), 0).await.unwrap().data;
    assert_eq!((read.time, read.count, read.mean), (vec![96, 104, 112], vec![1, 2, 1], vec![0.0, 1.5, 3.0]));
    assert_eq!(read.stddev, [0.0, 0.5, 0.0]);
}

#[tokio::test]
async fn windows_of_the_manual() {
    let running = Running::start();
    let stream = running.stream(1, "ten", &ten()).await;
    let read = stream.windows(TimeRange::new(START, START + SECOND), 300_000_000, 0).await.unwrap().data;
    assert_eq!(read.time, [START, START + 300_000_000, START + 600_000_000]);
    assert_eq!((read.mean, read.count, read.stddev), (vec![2.0, 5.0, 8.0], vec![3; 3], vec![THIRD; 3]));

    let stream = running.stream(2, "five", &five()).await;
    let read = stream.windows(TimeRange::new(100, 121), 10, 0).await.unwrap().data;
    assert_eq!((read.time, read.mean), (vec![100, 110], vec![0.5, 2.5]));
    let sparse = stream.windows(TimeRange::new(0, 200), 50, 0).await.unwrap().data;
    assert_eq!((sparse.time, sparse.count), (vec![0, 50, 100, 150], vec![0, 0, 5, 0]), "gaps have count 0");
}

#[tokio::test]
async fn counts_and_the_first_and_last_points() {
    let running = Running::start();
    let points: Vec<(i64, f64)> =
        (10..1000_i32).map(|t| (t.into(), f64::from(t))).chain([(MAX_TIME - 2, 0.0)]).collect();
    let stream = running.stream(1, "a", &points).await;
    // The windows are 2^8 ns wide: from 0 to 768.
    assert_eq!(stream.count(TimeRange::new(10, 1000), 0).await.unwrap(), 758);
    assert_eq!(stream.count_in_windows(TimeRange::new(10, 1000), pw(3), 0).await.unwrap(), 990, "from 8 to 1000");
    assert_eq!(stream.count_exactly(TimeRange::new(10, 1000), 0).await.unwrap(), 990);
    assert_eq!(stream.count(ALL_OF_TIME, 0).await.unwrap(), 991);
    assert_eq!(stream.count_exactly(ALL_OF_TIME, 0).await.unwrap(), 991);
    assert_eq!(stream.count(ALL_OF_TIME, 10).await.unwrap(), 0, "before anything was inserted");
    let nothing = stream.count_exactly(TimeRange::new(5, 5), 0).await.unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::InvalidTimeRange);

    let found = stream.earliest(0).await.unwrap().unwrap();
    assert_eq!((found.version, found.data), (11, Point::new(10, 10.0)));
    assert_eq!(stream.latest(0).await.unwrap().unwrap().data, Point::new(MAX_TIME - 2, 0.0));
    assert_eq!(stream.current(0).await.unwrap().unwrap().data, Point::new(999, 999.0), "the future is not yet");
    assert_eq!(stream.earliest(10).await.unwrap(), None);
}

#[tokio::test]
async fn packed_answers_and_timed_calls_are_no_different() {
    let running = Running::start_as(None, tonic::transport::Server::builder(), true);
    let stream = running.stream(1, "ten", &ten()).await;
    let range = TimeRange::new(START, START + SECOND);
    assert_eq!(stream.values(range, 0).await.unwrap().data, columns(&ten()));
    let timeout = Some(std::time::Duration::from_mins(1));
    let calls = CallOptions { timeout, retry: Some(Retry::default()), ..CallOptions::default() };
    let timed = native::connect(&running.address.to_string(), Options { calls, gzip: true, ..Options::default() })
        .await
        .unwrap();
    let timed = timed.stream_from_uuid(stream.uuid());
    assert_eq!(timed.values(range, 0).await.unwrap().data, columns(&ten()));
    assert_eq!(timed.connection().calls(), calls);
}
