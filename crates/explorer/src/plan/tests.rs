use std::collections::BTreeSet;

use btrdb_core::{Point, RawColumns, Stat, StatColumns};
use proptest::prelude::*;

use super::*;
use crate::cover::Source;
use crate::resolution::level;
use crate::{Tile, TileData, tile_range};

const STREAM: StreamId = StreamId(3);
const WIDTH: f64 = 1000.0;

/// A server that holds the points in a plain list.
struct Model {
    points: Vec<Point>,
}

impl Model {
    /// `count` points from `start` on, `interval` nanoseconds apart.
    fn regular(start: i64, interval: i64, count: i64) -> Self {
        Self { points: (0..count).map(|at| Point::new(start + at * interval, (at % 7) as f64)).collect() }
    }

    fn within(&self, range: TimeRange) -> &[Point] {
        let from = self.points.partition_point(|point| point.time < range.start);
        let to = self.points.partition_point(|point| point.time < range.end);
        &self.points[from..to]
    }

    fn tile(&self, resolution: Resolution, index: i64) -> Tile {
        let points = self.within(tile_range(resolution, index));
        let data = match resolution {
            Resolution::Raw(_) => TileData::Raw(points.iter().copied().collect::<RawColumns>()),
            Resolution::Windows(width) => {
                let stat = |points: &[Point]| Stat::of(&points.iter().map(|point| point.value).collect::<Vec<_>>());
                let chunks = points.chunk_by(|a, b| width.floor(a.time) == width.floor(b.time));
                TileData::Windows(
                    chunks.map(|chunk| stat(chunk).at(width.floor(chunk[0].time))).collect::<StatColumns>(),
                )
            }
        };
        Tile::new(crate::TileKey { stream: STREAM, resolution, index }, 1, data)
    }

    fn answer(&self, request: &Request, cache: &mut Cache) {
        for index in request.first..=request.last {
            cache.insert(self.tile(request.resolution, index));
        }
    }
}

fn view(start: i64, end: i64) -> View {
    View { viewport: Viewport::new(TimeRange::new(start, end)), width: WIDTH, reach: Reach::NONE }
}

/// Answers what is asked for, one request at a time, until nothing is; returns all requests.
fn settle(view: &View, model: &Model, cache: &mut Cache) -> Vec<Request> {
    let mut asked = Vec::new();
    for _ in 0..100 {
        let Some(request) = plan(view, &[STREAM], cache).fetch.into_iter().next() else { return asked };
        model.answer(&request, cache);
        asked.push(request);
    }
    panic!("still asking after 100 answers: {:?}", &asked[90..]);
}

#[test]
fn the_cheapest_answer_is_asked_for_first() {
    let mut cache = Cache::new(1 << 30);
    let day = view(0, 86_400_000_000_000);
    let first = plan(&day, &[STREAM], &cache);
    assert!(first.fetch.iter().all(|request| request.purpose == Purpose::FirstAnswer));
    assert_eq!(first.fetch[0].resolution, Resolution::Windows(level(38)), "the stored level above 2^36");
    assert_eq!(first.draw[0].spans.len(), 1);
    assert_eq!(first.draw[0].spans[0].source, Source::NotLoaded);

    let model = Model::regular(0, 10_000_000, 8_640_000);
    first.fetch.iter().for_each(|request| model.answer(request, &mut cache));
    let second = plan(&day, &[STREAM], &cache);
    let visible = day.viewport.outer_range();
    let mut shown = second.draw[0].spans.iter().filter(|span| span.range.overlaps(visible));
    assert!(shown.all(|span| span.source != Source::NotLoaded), "something true at once");
    assert!(!second.draw[0].settled);
    assert!(second.fetch.iter().all(|request| request.resolution == Resolution::Windows(level(36))));
    assert_eq!(second.fetch.len(), 1, "one request for one gap");

    settle(&day, &model, &mut cache);
    let last = plan(&day, &[STREAM], &cache);
    assert!(last.draw[0].settled && last.fetch.is_empty(), "a second visit asks for nothing");
}

#[test]
fn close_in_raw_points_replace_windows() {
    let mut cache = Cache::new(1 << 30);
    let model = Model::regular(0, 10_000_000, 100_000);
    let far = view(0, 1_000_000_000_000);
    settle(&far, &model, &mut cache);
    assert!(!plan(&far, &[STREAM], &cache).draw[0].raw);

    let near = view(500_000_000_000, 505_000_000_000);
    let asked = settle(&near, &model, &mut cache);
    let drawn = plan(&near, &[STREAM], &cache);
    assert!(drawn.draw[0].raw && drawn.draw[0].settled);
    assert!(drawn.draw[0].spans.iter().all(|span| span.resolution().is_some_and(Resolution::is_raw)));
    assert_eq!(drawn.draw[0].census.points, 500.0);
    assert!(drawn.draw[0].census.exact);
    assert!(!asked.iter().any(|request| request.purpose == Purpose::Visible && !request.resolution.is_raw()));

    let deepest = view(500_003_000_000, 500_003_000_100);
    assert!(settle(&deepest, &model, &mut cache).is_empty(), "closer in there is nothing more to ask for");
    let drawn = plan(&deepest, &[STREAM], &cache);
    assert!(drawn.draw[0].raw && drawn.draw[0].settled, "between two points, still raw");
}

#[test]
fn a_link_into_the_deep_settles_too() {
    let mut cache = Cache::new(1 << 30);
    let model = Model::regular(0, 10_000_000, 1_000_000);
    let deep = view(5_000_000_000_000, 5_000_000_000_160);
    let asked = settle(&deep, &model, &mut cache);
    assert!(plan(&deep, &[STREAM], &cache).draw[0].raw);
    assert!(asked.len() <= 4, "{asked:?}");
}

#[test]
fn a_few_points_beside_many_do_not_ask_for_the_many() {
    // Six hours without a signal but for three points, between two hours of 100 Hz each.
    let (hour, second) = (3_600_000_000_000, 1_000_000_000);
    let mut model = Model::regular(0, 10_000_000, 720_000);
    model.points.extend([3, 5, 7].map(|at| Point::new(at * hour + 7 * second, 1.0)));
    model.points.extend(Model::regular(8 * hour, 10_000_000, 720_000).points);
    let limit = RAW_POINTS_AT_MOST as usize;
    let most = |asked: Vec<Request>| {
        let raw = asked.into_iter().filter(|request| request.resolution.is_raw());
        raw.map(|request| model.within(request.range()).len()).max().unwrap_or(0)
    };
    for (start, end) in [(5 * hour, 5 * hour + 600 * second), (4 * hour, 6 * hour), (5 * hour, 5 * hour + 8 * second)] {
        let mut cold = Cache::new(1 << 30);
        assert!(most(settle(&view(start, end), &model, &mut cold)) <= limit, "{start} to {end}, by a link");
        let mut warm = Cache::new(1 << 30);
        settle(&view(0, 10 * hour), &model, &mut warm);
        let ahead = View { reach: Reach::AT_REST, ..view(start, end) };
        assert!(most(settle(&ahead, &model, &mut warm)) <= limit, "{start} to {end}, by a zoom");
        let drawn = plan(&ahead, &[STREAM], &warm).draw.remove(0);
        assert!(drawn.settled && drawn.census.points > 0.0);
    }
}

#[test]
fn where_nothing_is_nothing_is_asked() {
    let mut cache = Cache::new(1 << 30);
    let model = Model::regular(0, 10_000_000, 100_000);
    settle(&view(0, 1_000_000_000_000), &model, &mut cache);
    let after = view(1_010_000_000_000, 1_011_000_000_000);
    let asked = settle(&after, &model, &mut cache);
    assert!(asked.is_empty(), "the coarse picture shows that the stream has ended: {asked:?}");
    assert!(plan(&after, &[STREAM], &cache).draw[0].settled);
}

#[test]
fn a_changed_tile_is_drawn_until_its_successor_is_there() {
    let mut cache = Cache::new(1 << 30);
    let model = Model::regular(0, 10_000_000, 8_640_000);
    let day = view(0, 86_400_000_000_000);
    settle(&day, &model, &mut cache);
    cache.mark_changed(STREAM, &[TimeRange::new(1_000, 2_000)], 1, 2);
    let changed = plan(&day, &[STREAM], &cache);
    assert!(changed.draw[0].spans.iter().all(|span| span.source != Source::NotLoaded));
    assert_eq!(changed.fetch.len(), 1);
    assert_eq!((changed.fetch[0].first, changed.fetch[0].last), (0, 0), "only what was touched");
}

#[test]
fn what_lies_ahead_comes_last_and_in_the_direction_of_motion() {
    let mut cache = Cache::new(1 << 30);
    let model = Model::regular(0, 10_000_000, 8_640_000);
    let back = Reach { before: 1.5, after: 1.0, levels: false };
    let middle = View { reach: back, ..view(40_000_000_000_000, 41_000_000_000_000) };
    let still = View { reach: Reach::NONE, ..middle };
    settle(&still, &model, &mut cache);
    let fetch = plan(&middle, &[STREAM], &cache).fetch;
    assert_eq!(fetch.len(), 2);
    assert_eq!([fetch[0].purpose, fetch[1].purpose], [Purpose::Ahead, Purpose::Behind]);
    assert!(fetch[0].range().start < fetch[1].range().start, "earlier times first when moving back");
}

#[test]
fn lanes_out_of_sight_wait_for_those_in_sight() {
    let cache = Cache::new(1 << 30);
    let day = View { reach: Reach::AT_REST, ..view(0, 86_400_000_000_000) };
    let lanes: Vec<_> =
        (0..200).map(|lane| (StreamId(lane), Nearness::of(lane as f64 * 50.0 - 500.0, 50.0, 600.0))).collect();
    let main = plan_lanes(&day, &lanes, &cache);
    let asked = |purpose: Purpose| {
        let of_it = main.fetch.iter().filter(|request| request.purpose == purpose);
        of_it.map(|request| request.stream.0).collect::<BTreeSet<_>>()
    };
    assert_eq!(asked(Purpose::FirstAnswer), (10..22).collect(), "what is in sight");
    assert_eq!(asked(Purpose::OutOfSight), (0..10).chain(22..34).collect(), "what the wheel would bring");
    assert_eq!(main.fetch.len(), 34, "and nothing else: {:?}", main.fetch.last());
    assert!(main.fetch.is_sorted_by_key(|request| request.purpose));
    assert_eq!(main.coverage().unloaded, 1.0, "of what is in sight");

    let lanes: Vec<_> = lanes.iter().map(|&(stream, nearness)| (stream, nearness.at_least_near())).collect();
    let overview = plan_lanes(&day, &lanes, &cache);
    assert_eq!(overview.fetch.iter().filter(|request| request.purpose.is_in_advance()).count(), 188);
    let merged = merge_requests(vec![main.fetch, overview.fetch]);
    assert!(merged[..12].iter().all(|request| !request.purpose.is_in_advance()));
}

proptest! {
    /// However a stream's points are spread: no answer brings more points than may be asked for at once.
    #[test]
    fn no_request_is_for_very_many_points(
        strays in prop::collection::btree_set(-1_000_000_000_000_i64..1_000_000_000_000, 0..40),
        burst in -900_000_000_000_i64..900_000_000_000, log_interval in 0.0..20.0_f64,
        views in prop::collection::vec((-1_200_000_000_000_i64..1_200_000_000_000, 3.0..41.0_f64), 1..5),
    ) {
        let mut model = Model::regular(burst, log_interval.exp2() as i64, 100_000);
        model.points.extend(strays.iter().map(|&time| Point::new(time, 1.0)));
        model.points.sort_by_key(|point| point.time);
        let mut cache = Cache::new(1 << 30);
        for (start, log_span) in views {
            let view = View { reach: Reach::AT_REST, ..view(start, start + log_span.exp2() as i64 + 1) };
            for request in settle(&view, &model, &mut cache) {
                let points = model.within(request.range()).len() as u64;
                prop_assert!(!request.resolution.is_raw() || points <= RAW_POINTS_AT_MOST, "{points} for {request:?}");
            }
        }
    }

    /// Every view of any stream settles; nothing is asked for twice; and what is drawn then is exact: raw points, or
    /// windows of the width of the screen, wherever there are points.
    #[test]
    fn every_view_settles(
        times in prop::collection::btree_set(-1_000_000_000_000_i64..1_000_000_000_000, 0..400),
        views in prop::collection::vec((-1_200_000_000_000_i64..1_200_000_000_000, 3.0..41.0_f64, any::<bool>()), 1..6),
    ) {
        let model = Model { points: times.iter().map(|&time| Point::new(time, 1.0)).collect() };
        let mut cache = Cache::new(1 << 30);
        let mut seen = BTreeSet::new();
        for (start, log_span, ahead) in views {
            let reach = if ahead { Reach::AT_REST } else { Reach::NONE };
            let view = View { reach, ..view(start, start + log_span.exp2() as i64 + 1) };
            for request in settle(&view, &model, &mut cache) {
                for index in request.first..=request.last {
                    prop_assert!(seen.insert((request.resolution, index)), "asked for {:?} {} twice", request.resolution, index);
                }
            }
            let drawn = plan(&view, &[STREAM], &cache).draw.remove(0);
            prop_assert!(drawn.settled);
            let visible = view.viewport.outer_range();
            for &time in times.range(visible.start..visible.end) {
                let span = drawn.spans.iter().find(|span| span.range.contains(time)).unwrap();
                let resolution = span.resolution().unwrap();
                prop_assert!(resolution.is_raw() || resolution.point_width() <= drawn.wanted, "{:?} for {:?}", resolution, drawn.wanted);
            }
        }
    }
}
