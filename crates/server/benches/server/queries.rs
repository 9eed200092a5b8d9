//! A thousand windows over the whole of a stream whose span grows, warm and cold.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use btrdb_client::Stream;
use btrdb_core::TimeRange;
use btrdb_proto as proto;
use tonic::transport::Channel;
use uuid::Uuid;

use crate::{
    data::{self, CALL},
    rows::{Rows, millis},
    running::Server,
};

pub(crate) const UUID: Uuid = Uuid::from_u128(120);
pub(crate) const WINDOWS: i64 = 1_000;

/// The time of one query over the first `points` points, in milliseconds.
async fn query(stream: &Stream<Channel>, points: i64) -> f64 {
    let range = TimeRange::new(data::START, data::end(points));
    let began = Instant::now();
    let windows = stream.windows(range, (points * data::PERIOD / WINDOWS) as u64, 0).await.unwrap();
    let elapsed = millis(began.elapsed());
    let counted: u64 = windows.data.iter().map(|window| window.count).sum();
    assert!(points as u64 - counted < WINDOWS as u64, "the windows cover all but a rest: {counted} of {points}");
    elapsed
}

/// The folder with the large stream.
pub(crate) async fn measure(folder: &Path, points: i64, rows: &mut Rows) -> PathBuf {
    let server = Server::start(folder);
    let stream = server.connect().await.create(UUID, "bench/large", &[], &[]).await.unwrap();
    let mut service = server.service().await;
    let (mut stored, mut sizes) = (0, vec![points / 100, points / 10, points]);
    sizes.retain(|size| *size >= CALL);
    for size in sizes {
        while stored < size {
            let to = size.min(stored + CALL);
            let uuid = UUID.as_bytes().to_vec().into();
            let params = proto::ArrowInsertParams { uuid, arrow_bytes: data::arrow(stored, to), ..Default::default() };
            service.arrow_insert(params).await.unwrap();
            stored = to;
        }
        let mut warm = Vec::new();
        for _ in 0..220 {
            warm.push(query(&stream, size).await);
        }
        rows.ours(&format!("1,000 windows over all of {size:e} points"), "warm_ms", warm.split_off(20));
    }
    server.stop();

    let mut cold = Vec::new();
    for _ in 0..7 {
        let server = Server::start(folder);
        let stream = server.connect().await.stream_from_uuid(UUID);
        cold.push(query(&stream, points).await);
        server.stop();
    }
    rows.ours(&format!("1,000 windows over all of {points:e} points"), "cold_ms", cold);
    folder.to_owned()
}
