//! Sets of streams: choosing, pinning, reading and writing side by side.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;

use btrdb_client::{
    AnyPoint, ErrorKind, Filter, MergePolicy, Point, PointWidth, RawColumns, Row, StreamSet, TableOptions, TextMatch,
    TimeRange, Uuid, annotation_text,
};
use futures_util::TryStreamExt;
use tonic::transport::Channel;

use crate::running::{Running, columns};
use crate::{SECOND, tags};

/// The streams of the protocol's example of several at once.
pub(crate) async fn two(running: &Running) -> StreamSet<Channel> {
    let first: Vec<(i64, f64)> = (0..5_i32).map(|k| (100 + i64::from(k) * 5, f64::from(k))).collect();
    let second = [(101, 5.0), (106, 6.0), (110, 7.0), (114, 8.0), (119, 9.0)];
    let streams = vec![running.stream(1, "s1", &first).await, running.stream(2, "s2", &second).await];
    let set = StreamSet::new(streams).unwrap();
    set.filter(&Filter { start: Some(100), end: Some(121), ..Filter::default() }).await.unwrap()
}

/// The value of each stream at each time.
pub(crate) fn shown(rows: &[Row]) -> Vec<(i64, Vec<Option<f64>>)> {
    let value = |point: &Option<AnyPoint>| match point {
        Some(AnyPoint::Raw(Point { value, .. })) => Some(*value),
        Some(AnyPoint::Stat(stat)) => Some(stat.mean),
        None => None,
    };
    rows.iter().map(|row| (row.time, row.points.iter().map(value).collect())).collect()
}

async fn rows(set: &StreamSet<Channel>) -> Vec<(i64, Vec<Option<f64>>)> {
    shown(&set.rows().try_collect::<Vec<_>>().await.unwrap())
}

#[tokio::test]
async fn rows_are_merged_by_time() {
    let running = Running::start();
    let set = two(&running).await;
    let expected = [
        (100, vec![Some(0.0), None]),
        (101, vec![None, Some(5.0)]),
        (105, vec![Some(1.0), None]),
        (106, vec![None, Some(6.0)]),
        (110, vec![Some(2.0), Some(7.0)]),
        (114, vec![None, Some(8.0)]),
        (115, vec![Some(3.0), None]),
        (119, vec![None, Some(9.0)]),
        (120, vec![Some(4.0), None]),
    ];
    assert_eq!(rows(&set).await, expected);
    let windows = set.clone().windows(10).unwrap();
    assert_eq!(rows(&windows).await, [(100, vec![Some(0.5), Some(5.5)]), (110, vec![Some(2.5), Some(8.0)])]);
    assert_eq!(windows.values().await.unwrap()[1].data.times(), [100, 110]);
    assert_eq!(windows.windows(5).unwrap_err().kind(), ErrorKind::InvalidOperation);
    let aligned = set.clone().aligned_windows(PointWidth::MIN).unwrap();
    assert!(set.allow_window() && !aligned.allow_window(), "one nanosecond is a width too");
    assert_eq!(set.clone().windows(0).unwrap_err().kind(), ErrorKind::InvalidPointWidth);
}

#[tokio::test]
async fn times_around_zero_and_several_points_at_one() {
    let running = Running::start();
    let first = running.stream(1, "s1", &[(-5, 1.0), (0, 2.0), (0, 3.0)]).await;
    let second = running.stream(2, "s2", &[(-7, 4.0), (0, 5.0)]).await;
    let set = StreamSet::new(vec![first, second]).unwrap();
    let expected = [
        (-7, vec![None, Some(4.0)]),
        (-5, vec![Some(1.0), None]),
        (0, vec![Some(2.0), Some(5.0)]),
        (0, vec![Some(3.0), None]),
    ];
    assert_eq!(rows(&set).await, expected, "all of time without a filter");
    let from_zero = set.filter(&Filter { start: Some(0), ..Filter::default() }).await.unwrap();
    assert_eq!(rows(&from_zero).await, expected[2..], "a start of 0 is a start");
}

#[tokio::test]
async fn more_streams_than_calls_at_a_time() {
    let running = Running::start();
    let mut streams = Vec::new();
    let mut expected: BTreeMap<i64, Vec<Option<f64>>> = BTreeMap::new();
    for id in 0..5 {
        // Several messages each, not all of one pace, and many points at one time where a message ends.
        let points: Vec<(i64, f64)> = (0..40_000)
            .map(|k| if k < 30_000 { k * (id + 1) } else { 40_000 * (id + 1) + k / 20_000 })
            .zip((0..40_000).map(f64::from))
            .collect();
        let distinct: BTreeMap<i64, f64> =
            points.iter().copied().filter(|(time, _)| *time < 30_000 * (id + 1)).collect();
        for (time, value) in distinct {
            expected.entry(time).or_insert_with(|| vec![None; 5])[id as usize] = Some(value);
        }
        streams.push(running.stream(id as u128 + 1, &id.to_string(), &points).await);
    }
    let all = StreamSet::new(streams).unwrap();
    for parallel in [1, 2, 8] {
        let set = all.clone().parallel(NonZeroUsize::new(parallel).unwrap());
        let merged = rows(&set).await;
        let total: usize = merged.iter().map(|(_, points)| points.iter().flatten().count()).sum();
        assert_eq!(total, 200_000, "{parallel} at a time");
        assert!(merged.is_sorted_by_key(|(time, _)| *time));
        let mut read = [0; 5];
        let mut batches = Box::pin(set.values_iter());
        while let Some(batch) = batches.try_next().await.unwrap() {
            read[batch.index] += batch.data.len();
        }
        assert_eq!(read, [40_000; 5]);
        // What is not of the crowded end can be told exactly.
        let sparse: Vec<_> = merged.into_iter().filter(|(time, _)| *time < 30_000).collect();
        let wanted: Vec<_> = expected.range(..30_000).map(|(time, points)| (*time, points.clone())).collect();
        assert!(sparse == wanted, "{parallel} at a time");
    }
}

#[tokio::test]
async fn a_stream_without_points_among_more_than_calls_at_a_time() {
    let running = Running::start();
    let (empty, full) = (running.stream(1, "e", &[]).await, running.stream(2, "f", &[(1, 1.0)]).await);
    let set = StreamSet::new(vec![empty, full]).unwrap().parallel(NonZeroUsize::MIN);
    let read = tokio::time::timeout(std::time::Duration::from_secs(10), rows(&set)).await;
    assert_eq!(read.unwrap(), [(1, vec![None, Some(1.0)])]);
    assert_eq!(rows(&set.aligned_windows(btrdb_client::PointWidth::new(4).unwrap()).unwrap()).await.len(), 1);
}

#[tokio::test]
async fn filters_choose_streams() {
    let running = Running::start();
    let connection = running.connect(true).await;
    let mut streams = Vec::new();
    for (id, collection, name, phase) in
        [(1, "North/pmu", "L1MAG", "A"), (2, "north/pmu", "L2MAG", "B"), (3, "south", "L1ANG", "A")]
    {
        let note = [("phase".to_owned(), annotation_text(&phase.into()))];
        connection.create(Uuid::from_u128(id), collection, &tags(name), &note).await.unwrap();
        // Handles that know nothing yet.
        streams.push(connection.stream_from_uuid(Uuid::from_u128(id)));
    }
    let set = StreamSet::new(streams).unwrap();
    let left = async |filter: Filter| {
        let filtered = set.filter(&filter).await.unwrap();
        filtered.streams().iter().map(|stream| stream.uuid().as_u128()).collect::<Vec<_>>()
    };
    let pair = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    let none = Filter::default;
    assert_eq!(left(none()).await, [1, 2, 3]);
    assert_eq!(left(Filter { collection: Some("NORTH/PMU".into()), ..none() }).await, [1, 2], "in either case");
    assert_eq!(left(Filter { collection: Some("north".into()), ..none() }).await, [] as [u128; 0], "no beginning");
    assert_eq!(left(Filter { name: Some(regex::Regex::new("^L1").unwrap().into()), ..none() }).await, [1, 3]);
    assert_eq!(left(Filter { name: Some(TextMatch::by(|name| name.ends_with("MAG"))), ..none() }).await, [1, 2]);
    assert_eq!(left(Filter { unit: Some("VOLTS".into()), ..none() }).await, [1, 2, 3]);
    assert_eq!(left(Filter { tags: pair("name", "L2MAG"), ..none() }).await, [2]);
    assert_eq!(left(Filter { annotations: pair("phase", "A"), ..none() }).await, [1, 3]);
    let both = Filter { name: Some("l1mag".into()), annotations: pair("phase", "B"), ..none() };
    assert_eq!(left(both).await, [] as [u128; 0]);
}

#[tokio::test]
async fn filters_narrow_the_range() {
    let running = Running::start();
    let set = two(&running).await;
    let later = set.filter(&Filter { start: Some(110), ..Filter::default() }).await.unwrap();
    assert_eq!(later.range(), TimeRange::new(110, 121), "the end stays");
    let kind = async |filter: Filter| later.filter(&filter).await.unwrap_err().kind();
    assert_eq!(kind(Filter { end: Some(110), ..Filter::default() }).await, ErrorKind::InvalidTimeRange);
    let frequency = |sampling_frequency| Filter { sampling_frequency: Some(sampling_frequency), ..Filter::default() };
    assert_eq!(kind(frequency(30.0)).await, ErrorKind::InvalidValue, "without start or end");
    for odd in [-1.0, f64::NAN, f64::INFINITY, 2e9] {
        assert_eq!(kind(Filter { start: Some(0), ..frequency(odd) }).await, ErrorKind::InvalidValue, "{odd}");
    }
}

#[tokio::test]
async fn pinned_versions_hold_for_every_read() {
    let running = Running::start();
    let set = two(&running).await.pin_versions().await.unwrap();
    let more = HashMap::from([(Uuid::from_u128(1), columns(&[(103, 9.5)]))]);
    assert_eq!(set.insert(&more, MergePolicy::Never).await.unwrap(), HashMap::from([(Uuid::from_u128(1), 12)]));
    let newest = set.clone().with_versions(HashMap::new());
    assert_eq!((rows(&set).await.len(), rows(&newest).await.len()), (9, 10));
    assert_eq!((set.count_exactly().await.unwrap(), newest.count_exactly().await.unwrap()), (10, 11));
    assert_eq!(
        (set.versions().await.unwrap()[&Uuid::from_u128(1)], newest.versions().await.unwrap()[&Uuid::from_u128(1)]),
        (11, 12)
    );
    let table = set.to_columns(&TableOptions::default()).await.unwrap();
    assert_eq!((table.time.len(), newest.to_columns(&TableOptions::default()).await.unwrap().time.len()), (9, 10));
}

#[tokio::test]
async fn first_and_last_points_in_the_range() {
    let running = Running::start();
    let set = two(&running).await;
    let point = |time, value| Some(Point::new(time, value));
    assert_eq!(set.earliest().await.unwrap(), [point(100, 0.0), point(101, 5.0)]);
    assert_eq!(set.latest().await.unwrap(), [point(120, 4.0), point(119, 9.0)]);
    let narrow = set.filter(&Filter { start: Some(116), end: Some(119), ..Filter::default() }).await.unwrap();
    assert_eq!(narrow.earliest().await.unwrap(), [point(120, 4.0), point(119, 9.0)]);
    assert_eq!(narrow.latest().await.unwrap(), [point(115, 3.0), point(114, 8.0)]);
    assert_eq!(set.count().await.unwrap(), 9, "of windows of 8 ns up to 120");
    assert_eq!(set.current().await.unwrap_err().kind(), ErrorKind::InvalidValue, "now is long after");
    let open = set.filter(&Filter { end: Some(4_000 * 1_000_000 * SECOND / 2), ..Filter::default() }).await.unwrap();
    assert_eq!(open.current().await.unwrap(), [point(120, 4.0), point(119, 9.0)]);
}

#[tokio::test]
async fn inserts_reach_their_streams() {
    let running = Running::start();
    let set = two(&running).await;
    let one = |time| RawColumns { time: vec![time], value: vec![1.0] };
    let ids = [Uuid::from_u128(1), Uuid::from_u128(2)];
    let points = HashMap::from([(ids[0], one(111)), (ids[1], one(112))]);
    assert_eq!(set.insert(&points, MergePolicy::Replace).await.unwrap(), HashMap::from([(ids[0], 12), (ids[1], 12)]));
    let stranger = HashMap::from([(Uuid::from_u128(9), one(1)), (ids[0], one(2))]);
    assert_eq!(set.insert(&stranger, MergePolicy::Never).await.unwrap_err().kind(), ErrorKind::InvalidValue);
    let ipc = set.streams()[0].arrow_values(TimeRange::new(111, 112), 0, None).await.unwrap().data;
    let tables = HashMap::from([(ids[1], ipc)]);
    assert_eq!(set.arrow_insert(&tables, MergePolicy::Never).await.unwrap(), HashMap::from([(ids[1], 13)]));
    assert_eq!(rows(&set).await.iter().filter(|(time, _)| (111..=112).contains(time)).count(), 2);
}
