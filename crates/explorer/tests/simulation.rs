//! What holds of planning, cache and requests at work together, whoever's hand is at it.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "the benchmark of this name uses the rest of the model")]

#[path = "../benches/simulation/model/mod.rs"]
mod model;

use btrdb_core::TimeRange;
use btrdb_explorer::{FLIGHTS_HTTP1, Viewport};

use model::chance::Chance;
use model::gestures::{self, Frame};
use model::network::{Link, Network};
use model::recording::Recording;
use model::report::{Report, percentile};
use model::session::Session;

const WIDTH: f64 = 1_600.0;

/// What is asked in advance within a second: what is saved up, and what a second brings.
const ADVANCE_BYTES: f64 = 6e6 + 4e6;

fn whole() -> Viewport {
    Viewport::fit(Recording::large().life(), 0.01)
}

fn hour() -> Viewport {
    let life = Recording::large().life();
    let middle = life.start + life.width() as i64 / 2;
    Viewport::new(TimeRange::new(middle, middle + 3_600_000_000_000))
}

fn settled(link: Link, streams: u128, view: Viewport) -> Session {
    let mut session = Session::new(link, Recording::large(), streams, WIDTH, view);
    session.settle();
    session
}

/// What holds of every gesture.
fn check(what: &str, report: &Report) {
    assert_eq!(report.frames_with_loss, 0, "{what}: what has been drawn stays drawn");
    assert_eq!(report.shares()[2], 0.0, "{what}: no column is bare once all has been seen from afar");
    assert!(report.advance <= ADVANCE_BYTES, "{what}: {} bytes in advance within a second", report.advance);
    let slow = percentile(&report.cancelled_after, 0.9);
    assert!(slow <= 100.0, "{what}: overtaken requests are given up after {slow} ms");
}

#[test]
fn ten_seconds_of_panning_come_from_the_cache() {
    for (link, streams) in [(Link::NEAR, 1), (Link::NEAR, 20), (Link::NEAR_H2, 6), (Link::FAR, 3)] {
        let report = settled(link, streams, hour()).play(&gestures::pan(1_000.0, 10_000.0));
        check(link.name, &report);
        assert!(report.revealed > 6.0, "{} screens", report.revealed);
        assert!(report.hits() >= 95.0, "{streams} streams, {}: {} %", link.name, report.hits());
        assert!(report.shares()[0] >= 95.0, "{streams} streams, {}: {:?}", link.name, report.shares());
        assert_eq!(report.cancels, 0, "{streams} streams, {}: what was asked ahead was of use", link.name);
    }
}

#[test]
fn fifty_zooms_are_true_at_once_and_exact_soon() {
    for link in [Link::NEAR, Link::NEAR_H2] {
        let report = settled(link, 1, whole()).play(&gestures::zooms(25, &mut Chance(7)));
        check(link.name, &report);
        assert_eq!(report.first.len(), 50);
        let slowest = |times: &[f64]| percentile(times, 1.0);
        assert!(slowest(&report.first) <= 150.0, "{}: {:?}", link.name, report.first);
        assert!(slowest(&report.last) <= 500.0, "{}: {:?}", link.name, report.last);
    }
}

#[test]
fn no_gesture_uncovers_what_was_covered() {
    let mut chance = Chance(11);
    for link in [Link::NEAR, Link::MOBILE] {
        let gestures: [(&str, Viewport, Vec<Frame>); 4] = [
            ("flings", hour(), gestures::flings(3)),
            ("a rush", whole(), gestures::rush(60, &mut chance)),
            ("boxes", whole(), gestures::boxes(8, whole(), &mut chance)),
            ("a trembling hand", hour(), gestures::trembling(3_000.0, &mut chance)),
        ];
        for (what, view, gesture) in gestures {
            check(&format!("{what}, {}", link.name), &settled(link, 3, view).play(&gesture));
        }
    }
}

#[test]
fn a_second_visit_asks_for_nothing() {
    let stay = vec![Frame::Rest; 200];
    let boxes = gestures::boxes(7, whole(), &mut Chance(5));
    let gesture = [boxes, vec![Frame::Show(hour())], stay.clone(), gestures::pan(1_000.0, 2_000.0), stay].concat();
    let mut session = settled(Link::NEAR, 2, whole());
    let first = session.play(&gesture);
    assert!(first.requests > 10, "{} requests", first.requests);
    session.play(&[Frame::Show(whole())]);
    session.settle();
    let second = session.play(&gesture);
    assert_eq!(second.requests, 0, "the same views again");
    assert!(second.shares()[0] > 99.99, "{:?}", second.shares());
}

#[test]
fn twenty_streams_wait_one_round_trip_or_four() {
    let start = hour().range().start;
    let close = Viewport::new(TimeRange::new(start, start + 40_000_000_000));
    // So wide a line that only round trips count.
    let first = |link: Link| {
        let link = Link { bytes_per_milli: 1e6, ..link };
        let mut session = settled(link, 20, whole());
        let gesture = [vec![Frame::Show(close), Frame::Stop], vec![Frame::Rest; 120]].concat();
        session.play(&gesture).first[0]
    };
    let http2 = first(Link::NEAR_H2);
    assert!(http2 < 2.0 * Link::NEAR_H2.round_trip, "{http2} ms over HTTP/2");
    let rounds = 20_f64 / FLIGHTS_HTTP1 as f64;
    let http1 = first(Link::NEAR);
    // Answers are seen to once a frame.
    let round = Link::NEAR.round_trip + gestures::FRAME_MILLIS;
    assert!(http1 < (rounds + 0.5) * round, "{http1} ms over HTTP/1.1");
}

#[test]
fn lanes_out_of_sight_take_nothing_from_those_in_sight() {
    let gesture = || gestures::boxes(4, whole(), &mut Chance(5));
    let alone = settled(Link::NEAR, 12, whole()).play(&gesture());
    let mut session = Session::new(Link::NEAR, Recording::large(), 60, WIDTH, whole());
    session.in_sight = 12;
    session.settle();
    let among = session.play(&gesture());
    check("twelve of sixty lanes", &among);
    for (alone, among) in [(&alone.first, &among.first), (&alone.last, &among.last)] {
        let total = |times: &[f64]| times.iter().sum::<f64>();
        assert!(total(among) <= 1.1 * total(alone), "{among:?} against {alone:?}");
    }
}

#[test]
fn a_line_that_is_too_narrow_still_brings_something() {
    // Panning four streams takes twice what this line carries.
    let narrow = Link { bytes_per_milli: 125.0, ..Link::MOBILE };
    let report = settled(narrow, 4, hour()).play(&gestures::pan(1_000.0, 6_000.0));
    assert!(report.bytes > 2e5, "{} bytes", report.bytes);
    let boxes = settled(narrow, 4, whole()).play(&gestures::boxes(8, whole(), &mut Chance(3)));
    assert!(boxes.bytes > 2e5, "{} bytes", boxes.bytes);
}

#[test]
fn the_model_network_keeps_its_own_time() {
    let mut network = Network::new(Link { jitter: 0.0, ..Link::NEAR }, 1);
    network.send(1, 0, 1);
    network.send(2, 0, 12_500 * 30);
    let mut landed = Vec::new();
    for now in 1..200 {
        landed.extend(network.step(f64::from(now)).into_iter().map(|id| (id, now)));
    }
    assert_eq!(landed.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2]);
    assert!((51..=54).contains(&landed[0].1), "a round trip and the server: {landed:?}");
    assert!((80..=85).contains(&landed[1].1), "and 30 ms of bytes: {landed:?}");
}
