//! From tiles to pixels, as the page draws them: nothing is lost, nothing is made up, nothing jumps.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use btrdb_core::{Point, PointWidth, Stat, StatPoint, TimeRange};
use btrdb_explorer::{
    Cache, Drawn, Extent, Ink, Layer, Painter, Raster, Reach, Resolution, Scale, Source, Span, StreamId, TILE_WINDOWS,
    Tile, TileData, TileKey, Trace, View, Viewport, plan, point_width_for, tile_index, tile_range, trace, value_axis,
};
use proptest::prelude::*;

const STREAM: StreamId = StreamId(1);
const WIDTH: usize = 800;
const HEIGHT: usize = 200;
const YEAR: i64 = 365 * 86_400_000_000_000;
const INK: Ink = Ink {
    colour: [12, 50, 146],
    ground: [252, 252, 250],
    band_alpha: 0.22,
    spread_alpha: 0.0,
    spike_alpha: 0.7,
    ratio: 1.0,
    line_width: 1.5,
    point_radius: None,
    dash: None,
};

fn level(exponent: u8) -> PointWidth {
    PointWidth::new(exponent).unwrap()
}

fn paint(trace: &Trace, scale: Scale, ink: &Ink) -> Raster {
    let mut raster = Raster::default();
    raster.paint((WIDTH, HEIGHT), None, &[Layer { trace, scale, ink: *ink }]);
    raster
}

fn alpha(raster: &Raster, x: usize, y: usize) -> u8 {
    raster.pixels()[(y * WIDTH + x) * 4 + 3]
}

fn span(resolution: Resolution, data: TileData, range: TimeRange) -> Span {
    let key = TileKey { stream: STREAM, resolution, index: tile_index(resolution.point_width(), range.start) };
    Span { range, source: Source::Tile(Tile::new(key, 1, data).into()) }
}

fn windows(points: &[Point], width: PointWidth, range: TimeRange) -> Span {
    let chunks = points.chunk_by(|a, b| width.floor(a.time) == width.floor(b.time));
    let stat = |chunk: &[Point]| Stat::of(&chunk.iter().map(|point| point.value).collect::<Vec<_>>());
    let rows = chunks.map(|chunk| stat(chunk).at(width.floor(chunk[0].time))).collect();
    span(Resolution::Windows(width), TileData::Windows(rows), range)
}

/// A year of a flat line sampled every 8 ms, but for one sample, in tiles of any width around it.
fn tile_with_spike(width: PointWidth, index: i64, spike: i64) -> Tile {
    let resolution = Resolution::Windows(width);
    let range = tile_range(resolution, index);
    let nanos = width.nanos() as i64;
    let row = |at: i64| {
        let time = range.start + at * nanos;
        let here = (time..time.saturating_add(nanos)).contains(&spike);
        let count = (nanos / 8_000_000).max(1) as u64;
        let max = if here { 1.0 } else { 0.0 };
        StatPoint { time, min: 0.0, mean: max / count as f64, max, count, stddev: 0.0 }
    };
    let rows = (0..TILE_WINDOWS as i64).map(row).filter(|row| range.contains(row.time));
    Tile::new(TileKey { stream: STREAM, resolution, index }, 1, TileData::Windows(rows.collect()))
}

#[test]
fn one_sample_in_a_year_is_seen_at_every_zoom_level() {
    let start = 1_700_000_000_000_000_000;
    let spike = start + YEAR / 3 + 123_456_789;
    let mut view = Viewport::new(TimeRange::new(start, start + YEAR));
    let mut levels = 0;
    while view.span_nanos() > 1e9 {
        for coarser in [0, 1, 6] {
            let wanted = point_width_for(&view, WIDTH as f64);
            let drawn = level((wanted.exponent() + coarser).min(56));
            let mut cache = Cache::new(1 << 30);
            let seen = view.outer_range();
            for index in tile_index(drawn, seen.start) - 1..=tile_index(drawn, seen.end) + 1 {
                cache.insert(tile_with_spike(drawn, index, spike));
            }
            let whole = View { viewport: view, width: WIDTH as f64, reach: Reach::NONE };
            let plan = plan(&whole, &[STREAM], &cache);
            let trace = trace(&plan.draw[0].spans, &view, WIDTH as u32);
            assert_eq!(trace.drawn, Drawn::Windows(drawn));
            let (low, high) = trace.extremes.unwrap();
            assert_eq!((low, high), (0.0, 1.0), "the axis has room for it");
            let raster = paint(&trace, Scale::fit(low, high), &INK);
            let x = view.x_from_time(spike, WIDTH as f64) as usize;
            let near = x.saturating_sub(1 << coarser)..(x + (1 << coarser) + 1).min(WIDTH);
            let tall = near.map(|x| (0..HEIGHT).filter(|&y| alpha(&raster, x, y) > 40).count()).max().unwrap();
            assert!(tall > HEIGHT * 4 / 5, "{tall} rows at {} ns", view.span_nanos());
        }
        levels += 1;
        view = view.zoom(0.5, view.x_from_time(spike, WIDTH as f64), WIDTH as f64);
    }
    assert!(levels > 24, "{levels}");
}

#[test]
fn noise_of_deviation_one_is_drawn_two_units_wide() {
    // Sums of twelve even numbers are as good as normal, with a deviation of 1.
    let mut state = 7_u64;
    let mut even = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let range = TimeRange::new(0, 1 << 21);
    let points: Vec<_> = (range.start..range.end)
        .step_by(2)
        .map(|time| Point::new(time, (0..12).map(|_| even()).sum::<f64>() - 6.0))
        .collect();
    // One and a half windows a column, and half of one: merged, and alone.
    for exponent in [10, 13] {
        let spans = [windows(&points, level(exponent), range)];
        let trace = trace(&spans, &Viewport::new(range), WIDTH as u32);
        let scale = Scale { low: -6.0, high: 6.0 };
        let (without, with) = (paint(&trace, scale, &INK), paint(&trace, scale, &Ink { spread_alpha: 0.15, ..INK }));
        let more = |x: usize, y: usize| u32::from(alpha(&with, x, y) - alpha(&without, x, y));
        // Where the mean line is, the picture below does not show.
        let rows = |x: usize| {
            let lit: Vec<_> = (0..HEIGHT).filter(|&y| more(x, y) >= 19).collect();
            lit[lit.len() - 1] as f64 + 1.0 - lit[0] as f64
        };
        let mean = (0..WIDTH).map(rows).sum::<f64>() / WIDTH as f64;
        let unit = HEIGHT as f64 / 12.0;
        assert!((mean / (2.0 * unit) - 1.0).abs() < 0.02, "{mean} rows for {}", 2.0 * unit);
    }
}

#[test]
fn not_loaded_empty_and_thin_look_different() {
    let width = level(10);
    let row = |at: i64| StatPoint { time: at << 10, min: 0.2, mean: 0.5, max: 0.8, count: 100, stddev: 0.1 };
    let full = (0..300).map(row);
    let thin = (300..500).map(|at| StatPoint { count: 5, ..row(at) });
    let range = TimeRange::new(0, 600 << 10);
    let loaded = span(Resolution::Windows(width), TileData::Windows(full.chain(thin).collect()), range);
    let view = Viewport::new(TimeRange::new(0, 800 << 10));
    let spans = [loaded, Span { range: TimeRange::new(600 << 10, 800 << 10), source: Source::NotLoaded }];
    let trace = trace(&spans, &view, WIDTH as u32);
    assert_eq!((&trace.missing[..], &trace.empty[..]), (&[(600.0, 800.0)][..], &[(500.0, 600.0)][..]));
    let mut raster = paint(&trace, Scale { low: 0.0, high: 1.0 }, &INK);
    for &(from, to) in &trace.missing {
        raster.hatch(from, to, [27, 32, 39], 0.16, 8);
    }
    let inked = |columns: std::ops::Range<usize>| {
        columns.flat_map(|x| (0..HEIGHT).map(move |y| (x, y))).filter(|&(x, y)| alpha(&raster, x, y) > 0).count()
    };
    assert_eq!(inked(502..600), 0, "empty: the ground and nothing else");
    assert_eq!(inked(600..800), 200 * HEIGHT / 8, "not loaded: a diagonal every eight pixels");
    let (full, thin) = (alpha(&raster, 100, 60), alpha(&raster, 400, 60));
    assert!(full == 56 && thin > 0 && thin < full / 2, "{full}, and {thin} where thin");
}

/// Every pixel that one picture shows, the other shows at most a pixel away.
fn assert_no_jump(one: &Raster, other: &Raster) -> Result<(), TestCaseError> {
    for (from, to) in [(one, other), (other, one)] {
        for x in 2..WIDTH - 2 {
            for y in (0..HEIGHT).filter(|&y| alpha(from, x, y) > 100) {
                let near = (x - 1..=x + 1).any(|x| (y.max(1) - 1..(y + 2).min(HEIGHT)).any(|y| alpha(to, x, y) > 24));
                prop_assert!(near, "{} {}", x, y);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Where points take over from windows, nothing moves by more than a pixel.
    #[test]
    fn nothing_jumps_where_points_take_over(
        values in prop::collection::vec(-1.0..1.0_f64, 4000), pace in 200_i64..330, wave in any::<bool>(), shift in 0_i64..1000,
    ) {
        // Windows of 2^9 ns, two points in each, give or take a half: there the plan changes over. A column is 1,000 ns.
        let points: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(at, &value)| Point::new(at as i64 * pace, if wave { (at as f64 / 40.0).sin() } else { value }))
            .take_while(|point| point.time < 1_000 * WIDTH as i64 + 5_000)
            .collect();
        let range = TimeRange::new(0, 1_000 * WIDTH as i64 + 5_000);
        let view = Viewport::new(TimeRange::new(shift, shift + 1_000 * WIDTH as i64));
        let from_windows = trace(&[windows(&points, level(9), range)], &view, WIDTH as u32);
        let raw = TileData::Raw(points.iter().copied().collect());
        let from_points = trace(&[span(Resolution::Raw(level(9)), raw, range)], &view, WIDTH as u32);
        let scale = Scale::fit(-1.0, 1.0);
        assert_no_jump(&paint(&from_windows, scale, &INK), &paint(&from_points, scale, &INK))?;
    }

    /// Whatever a database may hold: nothing panics, and the axis is that of the numbers.
    #[test]
    fn hostile_data_give_a_picture_and_a_true_axis(
        rows in prop::collection::vec((hostile_time(), hostile_value(), hostile_value(), hostile_value(), 0_u64..4), 0..12),
        start in hostile_time(), span_nanos in prop_oneof![Just(1_i64), 1_i64..1000, 1_i64..i64::MAX], is_raw in any::<bool>(),
        exponent in 0_u8..57,
    ) {
        let mut rows = rows;
        rows.sort_unstable_by_key(|row| row.0);
        let range = TimeRange::new(TimeRange::ALL.start, TimeRange::ALL.end);
        let resolution = if is_raw { Resolution::Raw(level(exponent)) } else { Resolution::Windows(level(exponent)) };
        let data = if is_raw {
            TileData::Raw(rows.iter().map(|row| Point::new(row.0, row.1)).collect())
        } else {
            let stat = |row: &(i64, f64, f64, f64, u64)| {
                StatPoint { time: row.0, min: row.1, mean: row.2, max: row.3, count: row.4, stddev: row.2 }
            };
            TileData::Windows(rows.iter().map(stat).collect())
        };
        let view = Viewport::new(TimeRange::new(start.min(i64::MAX - 1), start.saturating_add(span_nanos)));
        let trace = trace(&[span(resolution, data, range)], &view, WIDTH as u32);
        for vertex in &trace.line {
            prop_assert!(vertex.value.is_finite(), "{:?}", vertex);
        }
        let Some((low, high)) = trace.extremes else { return Ok(()) };
        prop_assert!(low <= high && low.is_finite() && high.is_finite());
        let scale = Scale::fit(low, high);
        prop_assert!(scale.low < scale.high && scale.low.is_finite() && scale.high.is_finite(), "{:?}", scale);
        if low.abs() <= 1e300 && high.abs() <= 1e300 {
            prop_assert!(scale.low <= low && high <= scale.high, "{:?} for {} to {}", scale, low, high);
        }
        let axis = value_axis(&scale, HEIGHT as f64, "V");
        for tick in &axis.ticks {
            prop_assert!((scale.low..=scale.high).contains(&tick.value), "{:?} in {:?}", tick, scale);
        }
        for pair in axis.ticks.windows(2) {
            prop_assert!(pair[0].value < pair[1].value, "{:?}", axis);
        }
        paint(&trace, scale, &Ink { point_radius: Some(2.0), spread_alpha: 0.15, ..INK });
    }
}

fn hostile_time() -> impl Strategy<Value = i64> {
    let TimeRange { start, end } = TimeRange::ALL;
    prop_oneof![Just(start), Just(end - 1), Just(0), -1000..1000_i64, start..end]
}

fn hostile_value() -> impl Strategy<Value = f64> {
    let odd =
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 0.0, -0.0];
    prop_oneof![prop::sample::select(odd.to_vec()), -1.0..1.0_f64, any::<f64>()]
}

#[test]
fn points_far_enough_apart_stand_alone_on_their_line() {
    let points: Vec<_> = (0..200).map(|at| Point::new(at * 4000, (at as f64 / 9.0).sin())).collect();
    let range = TimeRange::new(0, 1_000 * WIDTH as i64);
    let spans = [span(Resolution::Raw(level(12)), TileData::Raw(points.iter().copied().collect()), range)];
    let trace = trace(&spans, &Viewport::new(range), WIDTH as u32);
    assert!(trace.point_spacing.is_some_and(|spacing| (spacing - 4.0).abs() < 1e-9));
    let with = paint(&trace, Scale::fit(-1.0, 1.0), &Ink { point_radius: Some(2.0), ..INK });
    for vertex in trace.line.iter().filter(|vertex| (4.0..796.0).contains(&vertex.x)) {
        assert!(vertex.point && vertex.joined);
        let y = Scale::fit(-1.0, 1.0).y(vertex.value, HEIGHT as f64);
        assert!(alpha(&with, vertex.x as usize, y as usize) > 200, "{vertex:?}");
    }
    assert_eq!(
        trace.columns.iter().filter(|column| **column != Extent { min: 1.0, max: -1.0 } && !column.is_empty()).count(),
        200
    );
}
