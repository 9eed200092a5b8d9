//! Several streams in one answer: the joined Arrow table and CSV.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use arrow_array::{RecordBatch, cast::AsArray, types::Float64Type, types::TimestampNanosecondType};
use arrow_ipc::reader::StreamReader;
use btrdb_engine::Code;
use btrdb_proto as proto;
use common::{Fixture, code};
use proto::{MergePolicy, generate_csv_params::QueryType};

const SECOND: i64 = 1_000_000_000;

fn fixture(streams: &[&[(i64, f64)]]) -> Fixture {
    let fixture = Fixture::new();
    for (number, points) in (2..).zip(streams) {
        fixture.create(number, &format!("s/{number}"), "n", &[]);
        let values = points.iter().map(|&(time, value)| proto::RawPoint { time, value }).collect();
        let params = proto::InsertParams {
            uuid: vec![number; 16].into(),
            values,
            merge_policy: MergePolicy::Never.into(),
            ..Default::default()
        };
        fixture.engine.insert(&params).unwrap();
    }
    fixture
}

fn params(streams: u8, start: i64, end: i64, snap_period_ns: i64) -> proto::ArrowMultiValuesParams {
    proto::ArrowMultiValuesParams {
        uuid: (2..2 + streams).map(|number| vec![number; 16].into()).collect(),
        version_major: vec![0; streams.into()],
        start,
        end,
        snap_period_ns,
        ..Default::default()
    }
}

/// Rows as a time and the cells, with `None` for NaN.
fn rows(fixture: &Fixture, params: &proto::ArrowMultiValuesParams) -> Vec<(i64, Vec<Option<f64>>)> {
    let mut rows = Vec::new();
    for reply in fixture.engine.arrow_multi_values(params).unwrap() {
        let bytes = reply.unwrap().arrow_bytes;
        for batch in StreamReader::try_new(bytes.as_ref(), None).unwrap() {
            let batch: RecordBatch = batch.unwrap();
            let times = batch.column(0).as_primitive::<TimestampNanosecondType>().values().to_vec();
            for (row, time) in times.into_iter().enumerate() {
                let cell = |column: usize| batch.column(column).as_primitive::<Float64Type>().value(row);
                let cells = (1..batch.num_columns()).map(cell);
                rows.push((time, cells.map(|value| (!value.is_nan()).then_some(value)).collect()));
            }
        }
    }
    rows
}

#[test]
fn the_outer_join_of_the_official_tests() {
    let fixture = fixture(&[
        &[(100, 0.0), (105, 1.0), (110, 2.0), (115, 3.0), (120, 4.0)],
        &[(101, 5.0), (106, 6.0), (110, 7.0), (114, 8.0), (119, 9.0)],
    ]);
    let cells = [
        (100, Some(0.0), None),
        (101, None, Some(5.0)),
        (105, Some(1.0), None),
        (106, None, Some(6.0)),
        (110, Some(2.0), Some(7.0)),
        (114, None, Some(8.0)),
        (115, Some(3.0), None),
        (119, None, Some(9.0)),
        (120, Some(4.0), None),
    ];
    let expected: Vec<_> = cells.into_iter().map(|(time, a, b)| (time, vec![a, b])).collect();
    assert_eq!(rows(&fixture, &params(2, 100, 121, 0)), expected);
}

#[test]
fn snapping_of_the_official_tests() {
    let half = SECOND / 2;
    let fixture = fixture(&[
        &[(half, 1.0), (2 * SECOND, 2.0)],
        &[(half - 1, 3.0), (2 * SECOND, 4.0)],
        &[(SECOND, 5.0), (2 * SECOND, 6.0)],
        &[(SECOND, 7.0), (2 * SECOND, 8.0), (2 * SECOND + 3 * SECOND / 4, 9.0)],
    ]);
    let found = rows(&fixture, &params(4, SECOND, 3 * SECOND, SECOND));
    assert_eq!(
        found,
        [
            (SECOND, vec![Some(1.0), None, Some(5.0), Some(7.0)]),
            (2 * SECOND, vec![Some(2.0), Some(4.0), Some(6.0), Some(8.0)]),
        ]
    );
    let cut = rows(&fixture, &params(4, SECOND, 3 * SECOND - SECOND / 10, SECOND));
    assert_eq!(cut, found);
}

#[test]
fn snapping_thins_a_30_hz_stream_to_the_wanted_rate() {
    let period = SECOND / 30;
    let points: Vec<_> = (0..18_000).map(|i| (i * period, i as f64)).collect();
    let fixture = fixture(&[&points]);
    for (rate, expected) in [(30.0, 18_000.0), (15.0, 9_000.0), (1.0, 600.0), (0.1, 60.0)] {
        let snap = (1e9 / rate) as i64;
        let found = rows(&fixture, &params(1, 0, 600 * SECOND, snap)).len() as f64;
        assert!((found - expected).abs() <= 1.0 + expected * 1e-3, "{rate} Hz: {found}");
    }
}

#[test]
fn of_several_points_in_a_cell_the_nearest_counts() {
    let fixture = fixture(&[&[(8, 1.0), (9, 2.0), (9, 3.0), (12, 4.0), (21, 5.0)], &[(9, 1.0), (11, 2.0)]]);
    assert_eq!(rows(&fixture, &params(2, 0, 100, 10)), [(10, vec![Some(3.0), Some(1.0)]), (20, vec![Some(5.0), None])]);
    let last_wins = rows(&fixture, &params(1, 9, 10, 0));
    assert_eq!(last_wins, [(9, vec![Some(3.0)])]);
}

#[test]
fn tables_refuse_what_makes_no_table() {
    let fixture = fixture(&[&[(1, 1.0)]]);
    let refused = |params: proto::ArrowMultiValuesParams| code(fixture.engine.arrow_multi_values(&params));
    let good = params(1, 0, 10, 0);
    assert_eq!(refused(good.clone()), None);
    assert_eq!(refused(params(0, 0, 10, 0)), Some(Code::InvalidParameter));
    let versions = proto::ArrowMultiValuesParams { version_major: vec![], ..good.clone() };
    assert_eq!(refused(versions), Some(Code::InvalidParameter));
    let twice = vec![vec![2; 16].into(); 2];
    let twice = proto::ArrowMultiValuesParams { uuid: twice, version_major: vec![0; 2], ..good.clone() };
    assert_eq!(refused(twice), Some(Code::InvalidParameter));
    assert_eq!(refused(params(1, 0, 10, -1)), Some(Code::InvalidParameter));
    assert_eq!(refused(params(1, 10, 10, 0)), Some(Code::InvalidTimeRange));
    assert_eq!(refused(params(2, 0, 10, 0)), Some(Code::NoSuchStream));
    assert_eq!(rows(&fixture, &params(1, 5, 10, 0)), []);
}

fn csv(fixture: &Fixture, query: QueryType, more: &proto::GenerateCsvParams) -> Vec<Vec<String>> {
    let streams = [2_u8, 3].map(|number| proto::StreamCsvConfig {
        label: format!("s{number}"),
        uuid: vec![number; 16].into(),
        version: 0,
    });
    let params = proto::GenerateCsvParams { query_type: query.into(), streams: streams.to_vec(), ..more.clone() };
    let replies: Vec<_> = fixture.engine.generate_csv(&params).unwrap().map(Result::unwrap).collect();
    assert!(replies.iter().enumerate().all(|(row, reply)| reply.is_header == (row == 0)));
    replies.into_iter().map(|reply| reply.row).collect()
}

#[test]
fn csv_merges_streams_by_time() {
    let fixture = fixture(&[&[(-1, 0.5), (3 * SECOND, 1e300)], &[(3 * SECOND, -2.0), (4 * SECOND, 1.0)]]);
    let range = proto::GenerateCsvParams { start_time: -10, end_time: 10 * SECOND, ..Default::default() };
    let raw = csv(&fixture, QueryType::RawQuery, &range);
    assert_eq!(raw[0], ["Timestamp (ns)", "Human-Readable Time (UTC)", "s2", "s3"]);
    assert_eq!(raw[1], ["-1", "1969-12-31T23:59:59Z", "0.500000", ""]);
    assert_eq!(raw[2][..2], ["3000000000", "1970-01-01T00:00:03Z"]);
    assert_eq!((raw[2][2].len(), raw[2][3].as_str()), (308, "-2.000000"));
    assert_eq!(raw[3], ["4000000000", "1970-01-01T00:00:04Z", "", "1.000000"]);
    assert_eq!(raw.len(), 4);

    let versions = proto::GenerateCsvParams { include_versions: true, window_size: 5 * SECOND as u64, ..range };
    let windows = csv(&fixture, QueryType::WindowsQuery, &proto::GenerateCsvParams { start_time: 0, ..versions });
    assert_eq!(windows[0][2..4], ["s2, ver. 11 (Min)", "s2, ver. 11 (Mean)"]);
    assert_eq!(windows[0].len(), 10);
    assert_eq!(windows[1][6..], ["-2.000000", "-0.500000", "1.000000", "2"]);
    assert_eq!(windows.len(), 2, "windows without points leave no row");
}
