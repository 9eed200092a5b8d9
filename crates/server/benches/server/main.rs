//! What `btrdb-local` can do, measured on the real binary over real sockets, beside DuckDB with the same data in the same run.
//!
//! Run by `cargo xtask bench server`, which says where a Python with DuckDB is (`BENCH_PYTHON`), how many points the large
//! stream has (`BENCH_POINTS`), how many seconds the live inserts take (`BENCH_LIVE_SECONDS`) and where the rows go
//! (`BENCH_OUT`).

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::large_futures,
    reason = "a benchmark that cannot go on should stop"
)]

mod data;
mod disk;
mod explorers;
mod live;
mod peers;
mod queries;
mod rows;
mod running;
mod transfer;

use rows::Rows;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a whole number"))
}

#[tokio::main]
async fn main() {
    let points = number("BENCH_POINTS", 100_000_000) as i64;
    let live_seconds = number("BENCH_LIVE_SECONDS", 60);
    let folder = tempfile::tempdir().unwrap();
    let mut rows = Rows::default();

    rows.say("ingest and raw reads");
    transfer::measure(&folder.path().join("transfer"), &mut rows).await;
    rows.say("windows over a stream that grows");
    let large = queries::measure(&folder.path().join("large"), points, &mut rows).await;
    rows.say("64 explorers");
    explorers::measure(&large, points, &mut rows).await;
    rows.say("live inserts");
    live::measure(&folder.path().join("live"), live_seconds, &mut rows).await;
    rows.say("files and room on disk");
    disk::measure(&folder.path().join("disk"), &mut rows).await;
    rows.say("DuckDB on the same data");
    peers::measure(folder.path(), points, &mut rows);
    rows.finish();
}
