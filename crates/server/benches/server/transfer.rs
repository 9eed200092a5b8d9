//! Durable ingest and raw reads, as Arrow over gRPC.

use std::{path::Path, time::Instant};

use btrdb_core::TimeRange;
use btrdb_proto as proto;
use futures_util::{StreamExt, TryStreamExt};
use uuid::Uuid;

use crate::{
    data::{self, CALL},
    rows::Rows,
    running::Server,
};

/// How many streams are written at once.
const STREAMS: u128 = 4;

/// Calls for each of them.
const CALLS: i64 = 5;

pub(crate) async fn measure(folder: &Path, rows: &mut Rows) {
    let server = Server::start(folder);
    let connection = server.connect().await;
    for number in 1..=STREAMS {
        connection.create(Uuid::from_u128(number), &format!("bench/{number}"), &[], &[]).await.unwrap();
    }
    let messages: Vec<_> = (0..CALLS).map(|call| data::arrow(call * CALL, (call + 1) * CALL)).collect();
    let service = server.service().await;
    let began = Instant::now();
    let writers = (1..=STREAMS).map(|number| {
        let (mut service, messages) = (service.clone(), &messages);
        async move {
            for arrow_bytes in messages {
                let uuid = Uuid::from_u128(number).as_bytes().to_vec().into();
                let params = proto::ArrowInsertParams { uuid, arrow_bytes: arrow_bytes.clone(), ..Default::default() };
                let answer = service.arrow_insert(params).await.unwrap().into_inner();
                assert_eq!(answer.stat, None);
            }
        }
    });
    futures_util::future::join_all(writers).await;
    let points = (STREAMS as i64 * CALLS * CALL) as f64;
    rows.ours("durable ingest, ArrowInsert", "points_per_s", vec![points / began.elapsed().as_secs_f64()]);

    let all = TimeRange::new(data::START, data::end(CALLS * CALL));
    let (mut decoded, mut received) = (Vec::new(), Vec::new());
    for number in 1..=STREAMS {
        let began = Instant::now();
        let stream = connection.stream_from_uuid(Uuid::from_u128(number));
        let batches = std::pin::pin!(stream.values_batches(all, 0));
        let count = batches.try_fold(0, async |count, batch| Ok(count + batch.data.time.len())).await.unwrap();
        assert_eq!(count as i64, CALLS * CALL);
        decoded.push(count as f64 / began.elapsed().as_secs_f64());

        let began = Instant::now();
        let uuid = Uuid::from_u128(number).as_bytes().to_vec().into();
        let params = proto::ArrowRawValuesParams { uuid, start: all.start, end: all.end, ..Default::default() };
        let messages = service.clone().arrow_raw_values(params).await.unwrap().into_inner();
        let bytes = messages.fold(0, async |bytes, message| bytes + message.unwrap().arrow_bytes.len()).await;
        assert!(bytes > count * 16);
        received.push(count as f64 / began.elapsed().as_secs_f64());
    }
    rows.ours("raw read as Arrow, decoded by our client", "points_per_s", decoded);
    rows.ours("raw read as Arrow, messages only", "points_per_s", received);
    rows.ours("memory after ingest and reads", "peak_mb", vec![server.peak_memory()]);
}
