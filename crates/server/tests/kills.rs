//! SIGKILL at random points of random programs: what was acknowledged is there, every version reads as it did, and what
//! was not acknowledged is wholly there or wholly not.
//!
//! `BTRDB_KILLS` says how often (30 unless set), `BTRDB_SEED` repeats a program; the seed is printed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;
mod program;

use std::{
    env,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use common::Server;
use program::{Random, Writer};
use tokio::{task::JoinSet, time::sleep};

/// How many callers write at once, each to streams of its own: so many calls are cut off by each kill.
const WRITERS: u64 = 4;

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable}={text} is not a number")))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of its own: cargo xtask test --only kills"]
async fn nothing_acknowledged_is_lost() {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let (kills, seed) = (number("BTRDB_KILLS").unwrap_or(30), number("BTRDB_SEED").unwrap_or(clock.as_micros() as u64));
    println!("{kills} kills; to repeat: BTRDB_SEED={seed}");
    let (data, begun) = (tempfile::tempdir().unwrap(), Instant::now());
    let mut random = Random::new(seed);
    let mut writers: Vec<Writer> = (0..WRITERS).map(|number| Writer::new(number, Random::new(random.next()))).collect();
    for kill in 0..=kills {
        let server = Server::start(data.path(), &["--cache-size", "16"]);
        let mut checks = JoinSet::new();
        for mut writer in writers.drain(..) {
            let mut client = server.raw_client().await;
            checks.spawn(async move {
                writer.check(&mut client).await;
                (writer, client)
            });
        }
        let checked = checks.join_all().await;
        if kill == kills {
            let sums = checked.iter().map(|(writer, _)| writer.summary());
            println!("{sums:?} in {:?}", begun.elapsed(), sums = sums.collect::<Vec<_>>());
            return;
        }
        let mut programs = JoinSet::new();
        for (mut writer, mut client) in checked {
            programs.spawn(async move {
                writer.run(&mut client).await;
                writer
            });
        }
        // Long enough for some calls, of which the last may be at any point.
        sleep(Duration::from_micros(20_000 + random.below(400_000))).await;
        server.kill();
        writers = programs.join_all().await;
        writers.sort_by_key(Writer::number);
    }
}
