use std::rc::Rc;

use btrdb_core::{Point, Stat};
use proptest::prelude::*;

use super::*;
use crate::resolution::level;
use crate::{StreamId, Tile, TileKey};

fn tile(resolution: Resolution, data: TileData) -> Source {
    let key = TileKey { stream: StreamId(1), resolution, index: 0 };
    Source::Tile(Rc::new(Tile::new(key, 1, data)))
}

fn stat(points: &[Point]) -> Stat {
    Stat::of(&points.iter().map(|point| point.value).collect::<Vec<_>>())
}

fn windows(exponent: u8, points: &[Point]) -> Source {
    let width = level(exponent);
    let chunks = points.chunk_by(|a, b| width.floor(a.time) == width.floor(b.time));
    let columns = chunks.map(|chunk| stat(chunk).at(width.floor(chunk[0].time))).collect();
    tile(Resolution::Windows(width), TileData::Windows(columns))
}

fn raw(points: &[Point]) -> Source {
    tile(Resolution::Raw(level(0)), TileData::Raw(points.iter().copied().collect()))
}

fn span(start: i64, end: i64, source: Source) -> Span {
    Span { range: TimeRange::new(start, end), source }
}

fn view(start: i64, end: i64) -> Viewport {
    Viewport::new(TimeRange::new(start, end))
}

#[test]
fn a_lone_spike_is_in_its_column() {
    let mut points: Vec<_> = (0..1024).map(|time| Point::new(time, 0.0)).collect();
    points[700].value = 9.0;
    let trace = trace(&[span(0, 1024, windows(2, &points))], &view(0, 1024), 100);
    assert_eq!(trace.columns[68], Extent { min: 0.0, max: 9.0 });
    assert_eq!(trace.columns.iter().filter(|column| column.max > 0.0).count(), 1);
    assert_eq!(trace.extremes, Some((0.0, 9.0)));
    assert!(trace.line[1..].iter().all(|vertex| vertex.joined));
    assert_eq!(trace.drawn, Drawn::Windows(level(2)));
    assert_eq!((&trace.empty, &trace.missing), (&vec![], &vec![]));
}

#[test]
fn stand_ins_fill_all_the_columns_they_cover() {
    let points = [Point::new(3, 1.0), Point::new(70, 2.0), Point::new(130, 3.0)];
    let trace = trace(&[span(0, 192, windows(6, &points))], &view(0, 192), 96);
    let lows: Vec<_> = trace.columns.iter().map(|column| column.min).collect();
    assert_eq!((lows[0], lows[31], lows[32], lows[63], lows[64], lows[95]), (1.0, 1.0, 2.0, 2.0, 3.0, 3.0));
    assert_eq!(trace.line.iter().map(|vertex| vertex.x).collect::<Vec<_>>(), [16.0, 48.0, 80.0]);
}

#[test]
fn a_far_coarser_stand_in_is_not_drawn_over_what_is_known_beside_it() {
    let fine: Vec<_> = (0..512).map(|time| Point::new(time, 1.0)).collect();
    let coarse: Vec<_> = (0..4096).map(|time| Point::new(time, if time < 2048 { 1.0 } else { 50.0 })).collect();
    for exact_first in [true, false] {
        let (exact, rough) = (windows(1, &fine), windows(12, &coarse));
        let spans = if exact_first {
            [span(0, 512, exact), span(512, 600, rough)]
        } else {
            [span(0, 400, rough), span(400, 512, exact)]
        };
        let trace = trace(&spans, &view(0, 512), 512);
        let known = if exact_first { 0..512 } else { 400..512 };
        assert!(trace.columns[known].iter().all(|column| *column == Extent { min: 1.0, max: 1.0 }));
        assert!(trace.line.is_sorted_by(|one, next| one.x < next.x));
        assert!(trace.columns.iter().all(|column| !column.is_empty()));
    }
}

#[test]
fn not_loaded_and_empty_are_two_things() {
    let points: Vec<_> = (0..100).chain(300..400).map(|time| Point::new(time, 1.0)).collect();
    let spans = [span(0, 500, windows(0, &points)), span(500, 1000, Source::NotLoaded)];
    let trace = trace(&spans, &view(0, 1000), 1000);
    assert_eq!(trace.missing, [(500.0, 1000.0)]);
    assert_eq!(trace.empty, [(100.0, 300.0), (400.0, 500.0)]);
    assert_eq!(trace.line.iter().filter(|vertex| !vertex.joined).count(), 2, "the line breaks at the gap");
}

#[test]
fn nothing_at_all_is_empty_from_edge_to_edge() {
    let trace = trace(&[span(0, 1000, windows(0, &[]))], &view(0, 1000), 500);
    assert_eq!(trace.empty, [(0.0, 500.0)]);
    assert_eq!((trace.extremes, trace.line.len()), (None, 0));
}

#[test]
fn raw_points_stand_where_they_are() {
    let points: Vec<_> = (-2..=12).map(|at| Point::new(at * 100, at as f64)).collect();
    let trace = trace(&[span(-150, 1150, raw(&points))], &view(0, 1000), 1000);
    let xs: Vec<_> = trace.line.iter().map(|vertex| vertex.x).collect();
    assert_eq!(xs, (-2..=12).map(|at| f64::from(at) * 100.0).collect::<Vec<_>>());
    assert!(trace.line.iter().all(|vertex| vertex.point));
    assert!(trace.line[1..].iter().all(|vertex| vertex.joined));
    assert_eq!((trace.drawn, trace.point_spacing), (Drawn::Raw, Some(100.0)));
    assert_eq!(trace.empty, []);
}

#[test]
fn a_hole_among_raw_points_breaks_the_line() {
    let times = (0..20).chain(60..80);
    let points: Vec<_> = times.map(|at| Point::new(at * 10, 0.5)).collect();
    let trace = trace(&[span(0, 800, raw(&points))], &view(0, 800), 800);
    assert_eq!(trace.empty, [(190.0, 600.0)]);
    let broken: Vec<_> = trace.line.iter().filter(|vertex| !vertex.joined).map(|vertex| vertex.x).collect();
    assert_eq!(broken, [0.0, 600.0]);
}

#[test]
fn between_two_points_these_give_the_scale() {
    let points = [Point::new(0, 0.0), Point::new(1000, 10.0)];
    let trace = trace(&[span(-1000, 2000, raw(&points))], &view(400, 600), 200);
    assert_eq!(trace.extremes, Some((0.0, 10.0)));
    assert_eq!(trace.empty, []);
}

#[test]
fn the_pointer_finds_what_is_near() {
    let points: Vec<_> = (0..10).map(|at| Point::new(at * 100, at as f64)).collect();
    let trace = trace(&[span(0, 1000, raw(&points))], &view(0, 1000), 1000);
    assert_eq!(trace.nearest(330.0, 50.0).map(|vertex| (vertex.time, vertex.value)), Some((300, 3.0)));
    assert_eq!(trace.nearest(360.0, 50.0).map(|vertex| vertex.time), Some(400));
    assert_eq!(trace.nearest(-80.0, 50.0), None);
}

#[test]
fn what_is_no_number_is_left_out() {
    let points =
        [Point::new(0, f64::NAN), Point::new(10, f64::INFINITY), Point::new(20, 1e300), Point::new(30, -1e300)];
    let trace = trace(&[span(0, 40, raw(&points))], &view(0, 40), 40);
    assert_eq!(trace.extremes, Some((-1e300, 1e300)));
}

proptest! {
    /// Against a plain scan: whatever the fineness, up to windows of a pixel, each column has exactly the extent of the
    /// windows whose middle lies in it, and no value is lost.
    #[test]
    fn columns_agree_with_a_scan_of_the_points(
        points in prop::collection::btree_map(0_i64..4096, -100.0..100.0_f64, 1..500), exponent in 0_u8..5, width in 64_u32..250,
    ) {
        let points: Vec<_> = points.into_iter().map(|(time, value)| Point::new(time, value)).collect();
        let nanos = i64::try_from(level(exponent).nanos()).unwrap();
        prop_assume!(4096.0 / f64::from(width) >= nanos as f64);
        let trace = trace(&[span(0, 4096, windows(exponent, &points))], &view(0, 4096), width);
        let mut expected = vec![Extent::EMPTY; width as usize];
        for point in &points {
            let middle = point.time.div_euclid(nanos) as f64 * nanos as f64 + nanos as f64 / 2.0;
            let column = (middle * f64::from(width) / 4096.0).floor() as usize;
            expected[column].add(point.value, point.value);
        }
        prop_assert_eq!(&trace.columns, &expected);
        let highest = points.iter().map(|point| point.value).fold(f64::NEG_INFINITY, f64::max);
        prop_assert_eq!(trace.extremes.unwrap().1, highest);
    }

    /// The mean line keeps within the extents of its columns, and goes from left to right.
    #[test]
    fn the_mean_line_runs_inside_the_band(
        points in prop::collection::btree_map(0_i64..4096, -100.0..100.0_f64, 1..500), exponent in 0_u8..9, is_raw in any::<bool>(),
    ) {
        let points: Vec<_> = points.into_iter().map(|(time, value)| Point::new(time, value)).collect();
        let source = if is_raw { raw(&points) } else { windows(exponent, &points) };
        let trace = trace(&[span(0, 4096, source)], &view(0, 4096), 100);
        for pair in trace.line.windows(2) {
            prop_assert!(pair[0].x < pair[1].x + 1.0);
        }
        for vertex in &trace.line {
            let column = trace.columns[(vertex.x.floor().max(0.0) as usize).min(99)];
            prop_assert!(column.is_empty() || (column.min - 1e-9..=column.max + 1e-9).contains(&vertex.value));
        }
    }

    /// Cutting the same windows into more spans changes nothing.
    #[test]
    fn the_number_of_spans_does_not_matter(
        points in prop::collection::btree_map(0_i64..1024, -100.0..100.0_f64, 1..300), cut in 1_i64..127,
    ) {
        let points: Vec<_> = points.into_iter().map(|(time, value)| Point::new(time, value)).collect();
        let source = windows(3, &points);
        let whole = trace(&[span(0, 1024, source.clone())], &view(0, 1024), 128);
        let parts = trace(&[span(0, cut * 8, source.clone()), span(cut * 8, 1024, source)], &view(0, 1024), 128);
        prop_assert_eq!(whole, parts);
    }
}
