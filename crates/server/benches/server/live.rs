//! Live inserts: 20 streams of 120 points a second, a batch a second each.

use std::{path::Path, time::Duration};

use btrdb_core::{MergePolicy, RawColumns};
use tokio::time::{Instant, interval};
use uuid::Uuid;

use crate::{
    data::PERIOD,
    rows::{Rows, millis},
    running::{Server, btrdb_local, run, size},
};

const STREAMS: u128 = 20;
const RATE: i64 = 120;

pub(crate) async fn measure(folder: &Path, seconds: u64, rows: &mut Rows) {
    let server = Server::start(folder);
    let connection = server.connect().await;
    let mut streams = Vec::new();
    for number in 1..=STREAMS {
        let stream = connection.create(Uuid::from_u128(number), &format!("live/{number}"), &[], &[]).await.unwrap();
        streams.push(stream);
    }
    let (mut clock, mut latencies) = (interval(Duration::from_secs(1)), Vec::new());
    let before = server.written();
    for second in 0..seconds as i64 {
        clock.tick().await;
        let inserts = streams.iter().enumerate().map(|(number, stream)| {
            let points = batch(number as i64, second);
            async move {
                let began = Instant::now();
                stream.insert_batch(&points, MergePolicy::Never).await.unwrap();
                millis(began.elapsed())
            }
        });
        latencies.extend(futures_util::future::join_all(inserts).await);
    }
    let after = server.written();
    server.stop();
    let unpacked = size(folder);
    run(btrdb_local().arg("compact").arg("--data").arg(folder));
    let kept = size(folder) as f64;
    let case = format!("live inserts, {seconds} s of 20 × 120 points/s");
    let points = (STREAMS as i64 * RATE * seconds as i64) as f64;
    rows.ours(&case, "insert_ms", latencies);
    rows.ours(&case, "disk_written_per_byte_kept", vec![(after.0 - before.0) as f64 / kept]);
    rows.ours(&case, "file_written_per_byte_kept", vec![(after.1 - before.1) as f64 / kept]);
    rows.ours(&case, "uncompacted_bytes_per_point", vec![unpacked as f64 / points]);
    rows.ours(&case, "compacted_bytes_per_point", vec![kept / points]);
}

/// A second of a phasor's magnitude: a swing, and noise with all its bits.
fn batch(stream: i64, second: i64) -> RawColumns {
    let index = second * RATE..(second + 1) * RATE;
    let value = |index: i64| {
        let noise = ((index + stream * 1_000_003).wrapping_mul(6_364_136_223_846_793_005) >> 40) as f64 / 1e4;
        132_000.0 + 40.0 * (index as f64 / 700.0 + stream as f64).sin() + noise / 100.0
    };
    RawColumns { time: index.clone().map(|index| index * PERIOD).collect(), value: index.map(value).collect() }
}
