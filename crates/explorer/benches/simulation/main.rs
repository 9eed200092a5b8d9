//! What the explorer's planning is worth: gestures against networks, in figures that are the same on every machine, but
//! for the time that planning takes.
//!
//! Run by `cargo xtask bench explorer`, which says where the rows go (`BENCH_OUT`). An argument leaves only the links
//! that have it in their names.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

mod model;

use std::path::PathBuf;

use btrdb_core::TimeRange;
use btrdb_explorer::Viewport;
use serde_json::{Value, json};

use model::chance::Chance;
use model::gestures::{self, Frame};
use model::network::Link;
use model::recording::Recording;
use model::report::{Report, percentile};
use model::session::Session;

const WIDTH: f64 = 1_600.0;

fn main() {
    let mut rows = Vec::new();
    println!(
        "{:<28}{:>3} {:<10}{:>7}{:>7}{:>6}{:>6}{:>7} {:>13} {:>13}{:>7}{:>7}{:>9}{:>9}{:>12}",
        "link",
        "str",
        "gesture",
        "exact%",
        "coarse",
        "bare%",
        "lost",
        "ahead%",
        "true p50/95",
        "exact p50/95",
        "asked",
        "given",
        "kB",
        "waste%",
        "plan ms"
    );
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    for link in [Link::NEAR, Link::NEAR_H2, Link::FAR, Link::MOBILE].into_iter().filter(|l| l.name.contains(&only)) {
        for streams in [1, 20] {
            for (gesture, report) in all(link, streams) {
                rows.extend(said(&link, streams, gesture, &report));
            }
        }
    }
    if let Some(file) = std::env::var_os("BENCH_OUT").map(PathBuf::from) {
        std::fs::write(file, serde_json::to_string_pretty(&rows).unwrap()).unwrap();
    }
}

/// Each gesture with a session of its own that has seen its first view.
fn all(link: Link, streams: u128) -> Vec<(&'static str, Report)> {
    let recording = Recording::large();
    let life = recording.life();
    let whole = Viewport::fit(life, 0.01);
    let middle = life.start + life.width() as i64 / 2;
    let hour = Viewport::new(TimeRange::new(middle, middle + 3_600_000_000_000));
    let mut chance = Chance(7);
    let gestures: [(&str, Viewport, Vec<Frame>); 6] = [
        ("pan", hour, gestures::pan(1_000.0, 10_000.0)),
        ("flings", hour, gestures::flings(6)),
        ("zooms", whole, gestures::zooms(25, &mut chance)),
        ("rush", whole, gestures::rush(96, &mut chance)),
        ("boxes", whole, gestures::boxes(24, whole, &mut chance)),
        ("trembling", hour, gestures::trembling(10_000.0, &mut chance)),
    ];
    let play = |(name, view, gesture): (&'static str, Viewport, Vec<Frame>)| {
        let mut session = Session::new(link, recording.clone(), streams, WIDTH, view);
        session.settle();
        (name, session.play(&gesture))
    };
    gestures.into_iter().map(play).collect()
}

fn said(link: &Link, streams: u128, gesture: &str, report: &Report) -> Vec<Value> {
    let [exact, coarse, bare] = report.shares();
    let two = |values: &[f64]| [0.5, 0.95].map(|share| percentile(values, share));
    let ([first, first_high], [last, last_high]) = (two(&report.first), two(&report.last));
    let waste = 100.0 * report.wasted / report.bytes.max(1.0);
    println!(
        "{:<28}{streams:>3} {gesture:<10}{exact:>7.2}{coarse:>7.2}{bare:>6.2}{:>6}{:>7.1} {first:>6.0}/{first_high:<6.0} {last:>6.0}/{last_high:<6.0}{:>7}{:>7}{:>9.0}{waste:>9.0} {:>5.2}/{:<5.2}",
        link.name,
        report.frames_with_loss,
        report.hits(),
        report.requests,
        report.cancels,
        report.bytes / 1e3,
        percentile(&report.planning, 0.5),
        percentile(&report.planning, 0.95)
    );
    let case = format!("{gesture} of {streams} streams, {}", link.name);
    let row = |metric: &str, median: f64, p95: f64| json!({"case": case, "metric": metric, "who": "model", "median": median, "p95": p95});
    vec![
        row("columns_exact_percent", exact, exact),
        row("columns_coarse_percent", coarse, coarse),
        row("columns_uncovered_percent", bare, bare),
        row("frames_that_lost_a_column", report.frames_with_loss as f64, report.frames_with_loss as f64),
        row("revealed_from_cache_percent", report.hits(), report.hits()),
        row("first_true_picture_ms", first, first_high),
        row("exact_picture_ms", last, last_high),
        row("requests", report.requests as f64, report.requests as f64),
        row("cancels", report.cancels as f64, report.cancels as f64),
        row(
            "overtaken_to_cancel_ms",
            percentile(&report.cancelled_after, 0.5),
            percentile(&report.cancelled_after, 0.95),
        ),
        row("bytes", report.bytes, report.bytes),
        row("wasted_bytes", report.wasted, report.wasted),
        row("planning_ms", percentile(&report.planning, 0.5), percentile(&report.planning, 0.95)),
    ]
}
