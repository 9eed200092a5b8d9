//! Many people who pan and zoom at once.

use std::{path::Path, time::Duration};

use btrdb_core::{PointWidth, TimeRange};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::{
    data,
    queries::UUID,
    rows::{Rows, millis},
    running::Server,
};

const EXPLORERS: u64 = 64;
const TILES_PER_SECOND: u32 = 10;
const SECONDS: u32 = 10;

pub(crate) async fn measure(folder: &Path, points: i64, rows: &mut Rows) {
    let server = Server::start(folder);
    let mut explorers = Vec::new();
    for number in 0..EXPLORERS {
        let stream = server.connect().await.stream_from_uuid(UUID);
        explorers.push(tokio::spawn(async move {
            let period = Duration::from_secs(1) / TILES_PER_SECOND;
            // Not all at the same moment.
            let first = Instant::now() + period * number as u32 / EXPLORERS as u32;
            let mut clock = interval_at(first, period);
            clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let mut latencies = Vec::new();
            let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            for _ in 0..TILES_PER_SECOND * SECONDS {
                // From when it was due: whoever waits for the one before waits for this one too.
                let due = clock.tick().await;
                let windows = stream.aligned_windows(tile(&mut state, points), width(state), 0).await.unwrap();
                assert!(windows.data.len() <= 513);
                latencies.push(millis(due.elapsed()));
            }
            latencies
        }));
    }
    let mut latencies = Vec::new();
    for explorer in explorers {
        latencies.append(&mut explorer.await.unwrap());
    }
    rows.ours("64 explorers, 10 tiles of 512 windows a second", "latency_ms", latencies);
}

/// From a tile of 4 s, with points in every window, to one of the whole.
fn width(state: u64) -> PointWidth {
    PointWidth::new(23 + ((state >> 33) % 22) as u8).unwrap()
}

/// 512 windows somewhere in the stream.
fn tile(state: &mut u64, points: i64) -> TimeRange {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let start = data::START + (*state >> 16) as i64 % (points * data::PERIOD);
    TimeRange::new(start, start + (512 << width(*state).exponent()))
}
