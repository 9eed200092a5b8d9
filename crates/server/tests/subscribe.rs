//! Points as they arrive, over a real bidirectional call.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use arrow_array::{RecordBatch, cast::AsArray, types::TimestampNanosecondType};
use arrow_ipc::reader::StreamReader;
use btrdb_core::{MergePolicy, RawColumns};
use btrdb_proto::{SubscriptionResp, SubscriptionUpdate, SubscriptionUpdateOp, client::BTrDbClient};
use common::Server;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Streaming, transport::Endpoint};
use uuid::Uuid;

fn update(op: SubscriptionUpdateOp, uuid: Uuid) -> SubscriptionUpdate {
    SubscriptionUpdate { op: op.into(), uuid: vec![uuid.as_bytes().to_vec().into()] }
}

async fn subscribe(server: &Server) -> (mpsc::Sender<SubscriptionUpdate>, Streaming<SubscriptionResp>) {
    let channel = Endpoint::new(format!("http://{}", server.address)).unwrap().connect().await.unwrap();
    let (updates, receiver) = mpsc::channel(8);
    let answers = BTrDbClient::new(channel).subscribe(ReceiverStream::new(receiver)).await.unwrap();
    (updates, answers.into_inner())
}

fn times(answer: &SubscriptionResp) -> Vec<i64> {
    let reader = StreamReader::try_new(answer.arrow_bytes.as_ref(), None).unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let times = batches.iter().map(|batch| batch.column(0).as_primitive::<TimestampNanosecondType>().values());
    times.flat_map(|times| times.to_vec()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn inserts_arrive_as_they_were_sent() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let connection = server.connect().await;
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let a = connection.create(first, "a", &[], &[]).await.unwrap();
    let b = connection.create(second, "b", &[], &[]).await.unwrap();
    let (updates, mut answers) = subscribe(&server).await;
    updates.send(update(SubscriptionUpdateOp::AddUuids, first)).await.unwrap();

    // The subscription is at work once an insert comes through; what was inserted before it need not.
    let point = |time: i64| RawColumns { time: vec![time], value: vec![0.0] };
    let mut time = 0;
    let begun = loop {
        time += 1;
        a.insert(&point(time), MergePolicy::Never).await.unwrap();
        let soon = std::time::Duration::from_millis(50);
        if let Ok(answer) = tokio::time::timeout(soon, answers.message()).await {
            break answer.unwrap().unwrap();
        }
    };
    assert_eq!(begun.uuid, first.as_bytes().as_slice());

    b.insert(&point(5), MergePolicy::Never).await.unwrap();
    let unsorted = RawColumns { time: vec![900, 800, 800], value: vec![1.0; 3] };
    a.insert(&unsorted, MergePolicy::Replace).await.unwrap();
    loop {
        let answer = answers.message().await.unwrap().unwrap();
        assert_eq!(answer.uuid, first.as_bytes().as_slice(), "nothing of a stream that was not asked for");
        if times(&answer) == [900, 800, 800] {
            break;
        }
    }
    updates.send(update(SubscriptionUpdateOp::AddUuids, Uuid::from_u128(99))).await.unwrap();
    let refused = answers.message().await.unwrap().unwrap();
    assert_eq!(refused.stat.unwrap().code, 404);
    assert!(answers.message().await.unwrap().is_none());
}
