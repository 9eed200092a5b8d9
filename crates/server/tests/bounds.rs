//! Nothing that a caller sends hurts the server or its other callers: memory stays under a cap, a hang-up ends the work,
//! and small calls are answered while large ones run.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;
mod hostile;

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use btrdb_core::{MergePolicy, PointWidth, RawColumns, TimeRange};
use btrdb_proto as proto;
use btrdb_proto::client::BTrDbClient;
use common::Server;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tonic::transport::Channel;
use uuid::Uuid;

/// What a server may keep in memory besides its cache, in MiB; docs/protocol.md says what it is made of.
const BESIDES_CACHE: u64 = 512;

/// The cache of the servers here, in MiB.
const CACHE: u64 = 16;

/// How long small calls may take while large ones run; both sides share the processors of this machine.
const SOON: Duration = Duration::from_secs(3);

fn start(data: &tempfile::TempDir) -> Server {
    Server::start(data.path(), &["--cache-size", &CACHE.to_string()])
}

/// Asserts the cap, and says how far below the server stayed.
fn check_memory(server: &Server, what: &str) {
    let peak = server.peak_memory();
    println!("{what}: at most {peak} MiB resident");
    assert!(peak <= CACHE + BESIDES_CACHE, "{what}: {peak} MiB resident");
}

/// Points a millisecond apart whose values do not pack well.
async fn fill(server: &Server, stream: u128, points: i64) {
    let connection = server.connect().await;
    let stream = connection.create(Uuid::from_u128(stream), &format!("s/{stream}"), &[], &[]).await.unwrap();
    let batch = 500_000;
    for from in (0..points).step_by(batch) {
        let time: Vec<i64> = (from..points.min(from + batch as i64)).map(|number| number * 1_000_000).collect();
        let value = time.iter().map(|time| (*time as f64).sin()).collect();
        stream.insert_batch(&RawColumns { time, value }, MergePolicy::Never).await.unwrap();
    }
}

/// Makes the calls of somebody who looks at a plot, for a while; returns the longest that one took.
async fn longest_wait(server: &Server, stream: u128, how_long: Duration) -> Duration {
    let connection = server.connect().await;
    let stream = connection.stream_from_uuid(Uuid::from_u128(stream));
    let (begun, mut longest, mut tile) = (Instant::now(), Duration::ZERO, 0);
    while begun.elapsed() < how_long {
        let asked = Instant::now();
        let range = TimeRange::new(tile << 30, (tile + 512) << 30);
        let width = PointWidth::new(30).unwrap();
        stream.aligned_windows(range, width, 0).await.unwrap();
        stream.insert(&RawColumns { time: vec![-1 - tile], value: vec![1.0] }, MergePolicy::Never).await.unwrap();
        stream.version().await.unwrap();
        longest = longest.max(asked.elapsed());
        tile += 1;
    }
    println!("{tile} rounds of small calls, the longest took {longest:?}");
    longest
}

/// Asserts that the server does nothing any more.
async fn check_idle(server: &Server) {
    sleep(Duration::from_millis(500)).await;
    let before = server.processor_time();
    sleep(Duration::from_millis(500)).await;
    let spent = server.processor_time() - before;
    println!("{spent} ms of work in half a second after the hang-up");
    assert!(spent <= 50, "{spent} ms of work for callers who have hung up");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of its own: cargo xtask test --only bounds"]
async fn large_reads_stay_small_and_end_with_their_callers() {
    let data = tempfile::tempdir().unwrap();
    let server = start(&data);
    // Six times the cache, once decoded.
    fill(&server, 1, 6_000_000).await;
    fill(&server, 2, 1_000).await;
    for number in 0..64 {
        fill(&server, 100 + number, 1_500).await;
    }
    check_memory(&server, "filling");

    let mut explorers = JoinSet::new();
    for number in 0..16 {
        let (mut client, connection) = (server.raw_client().await, server.connect().await);
        explorers.spawn(async move {
            hostile::drain(&mut client, hostile::Kind::ArrowRaw, 5_000).await;
            let stream = connection.stream_from_uuid(Uuid::from_u128(1));
            for tile in 0..20 {
                let range = TimeRange::new((number + tile) << 37, (number + tile + 4) << 37);
                stream.aligned_windows(range, PointWidth::new(28).unwrap(), 0).await.unwrap();
            }
        });
    }
    explorers.join_all().await;
    check_memory(&server, "16 explorers and full scans");

    for kinds in hostile::Kind::ALL.chunks(4).chain([&hostile::Kind::ALL[..]]) {
        let mut callers = JoinSet::new();
        for number in 0..64 {
            let (mut client, kind) = (server.raw_client().await, kinds[number % kinds.len()]);
            callers.spawn(async move { hostile::drain(&mut client, kind, usize::MAX).await });
        }
        sleep(Duration::from_millis(300)).await;
        let longest = longest_wait(&server, 2, Duration::from_secs(2)).await;
        assert!(longest < SOON, "{kinds:?}: {longest:?}");
        callers.shutdown().await;
        check_idle(&server).await;
        check_memory(&server, &format!("64 of {kinds:?}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of its own: cargo xtask test --only bounds"]
async fn readers_that_never_read_give_way() {
    let data = tempfile::tempdir().unwrap();
    let server = start(&data);
    fill(&server, 1, 200_000).await;
    fill(&server, 2, 1_000).await;
    let mut unread = Vec::new();
    for _ in 0..4 {
        let client = server.raw_client().await;
        let calls = (0..100).map(|_| {
            let mut client = client.clone();
            async move { client.arrow_raw_values(hostile::all_of(1)).await.unwrap().into_inner() }
        });
        let calls = futures_util::future::join_all(calls);
        // More than there are places for: the last wait for the first to be given up.
        unread.push(timeout(Duration::from_mins(1), calls).await.unwrap());
    }
    let longest = longest_wait(&server, 2, Duration::from_secs(1)).await;
    assert!(longest < Duration::from_secs(30), "{longest:?}");
    check_memory(&server, "400 answers that nobody reads");
    drop(unread);
    check_idle(&server).await;
    let longest = longest_wait(&server, 2, Duration::from_secs(1)).await;
    assert!(longest < SOON, "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of its own: cargo xtask test --only bounds"]
async fn silent_connections_give_way() {
    let data = tempfile::tempdir().unwrap();
    let server = start(&data);
    fill(&server, 2, 1_000).await;
    let silent: Vec<TcpStream> = (0..800).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    let longest = longest_wait(&server, 2, Duration::from_secs(1)).await;
    assert!(longest < SOON, "{longest:?}");
    check_memory(&server, &format!("{} connections that say nothing", silent.len()));
}

/// Asserts that a call is refused, in-band or by the transport, and says how.
fn refused<T: std::fmt::Debug>(what: &str, answer: &Result<T, tonic::Status>, stat: fn(&T) -> Option<&proto::Status>) {
    match answer {
        Err(status) => assert!(status.code() != tonic::Code::Internal, "{what}: {status:?}"),
        Ok(answer) => assert!(stat(answer).is_some(), "{what} was taken"),
    }
}

async fn large_requests(mut client: BTrDbClient<Channel>) {
    let text = "x".repeat(3 << 20);
    let create = |collection: &str, annotations| proto::CreateParams {
        uuid: hostile::uuid(77),
        collection: collection.into(),
        annotations,
        ..Default::default()
    };
    let pair =
        |key: String, value: &str| proto::KeyOptValue { key, val: Some(proto::OptValue { value: value.into() }) };
    let answer = client.create(create(&text, Vec::new())).await.map(tonic::Response::into_inner);
    let said = answer.as_ref().unwrap().stat.as_ref().unwrap();
    assert!(said.code == 407 && said.msg.len() < 1_000, "{}", said.msg.len());
    let answer = client.create(create("a", vec![pair(text, "")])).await.map(tonic::Response::into_inner);
    refused("a key of megabytes", &answer, |answer| answer.stat.as_ref());
    let many = (0..100_000).map(|number| pair(format!("a{number}"), "v")).collect();
    let answer = client.create(create("a", many)).await.map(tonic::Response::into_inner);
    refused("100,000 annotations", &answer, |answer| answer.stat.as_ref());
    let large = (0..40).map(|number| pair(format!("a{number}"), &"v".repeat(60_000))).collect();
    let answer = client.create(create("a", large)).await.map(tonic::Response::into_inner);
    assert_eq!(answer.unwrap().stat.unwrap().code, 426);
    let values = vec![proto::RawPoint::default(); 1_100_001];
    let insert = proto::InsertParams { uuid: hostile::uuid(2), values, ..Default::default() };
    let answer = client.insert(insert).await.map(tonic::Response::into_inner);
    refused("more points than are taken", &answer, |answer| answer.stat.as_ref());
    let lookup =
        proto::LookupStreamsParams { tags: vec![proto::KeyOptValue::default(); 1_000_000], ..Default::default() };
    let answer = client.lookup_streams(lookup).await.map(tonic::Response::into_inner);
    assert_eq!(answer.unwrap_err().code(), tonic::Code::ResourceExhausted);
    let mut values: Vec<proto::RawPoint> = Vec::new();
    values.extend((0..1_000_000).map(|time| proto::RawPoint { time, value: f64::NAN }));
    let insert = proto::InsertParams { uuid: hostile::uuid(2), values, ..Default::default() };
    let answer = client.insert(insert).await.map(tonic::Response::into_inner);
    refused("a million bad points", &answer, |answer| answer.stat.as_ref());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of its own: cargo xtask test --only bounds"]
async fn large_requests_wait_for_each_other_not_for_memory() {
    let data = tempfile::tempdir().unwrap();
    let server = start(&data);
    fill(&server, 2, 1_000).await;
    let mut callers = JoinSet::new();
    for _ in 0..4 {
        callers.spawn(large_requests(server.raw_client().await));
    }
    let longest = longest_wait(&server, 2, Duration::from_secs(3)).await;
    assert!(longest < SOON, "{longest:?}");
    callers.join_all().await;
    check_memory(&server, "4 callers with large requests");
    let deep = hostile::deep(10_000);
    let status = hostile::send(&server.address, "StreamInfo", &deep);
    assert!(status.contains("grpc-status"), "{status}");
    assert_eq!(server.connect().await.info().await.unwrap().major_version, 5);
}

/// More than may be in memory at once: those that wait must not keep the others from arriving.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of its own: cargo xtask test --only bounds"]
async fn large_inserts_over_one_connection_take_turns() {
    let data = tempfile::tempdir().unwrap();
    let server = start(&data);
    let connection = server.connect().await;
    let mut inserts = JoinSet::new();
    for number in 1..=12 {
        let stream = connection.create(Uuid::from_u128(number), &format!("s/{number}"), &[], &[]).await.unwrap();
        inserts.spawn(async move {
            let time: Vec<i64> = (0..700_000).collect();
            let value = time.iter().map(|time| (*time as f64).sin()).collect();
            stream.insert_batch(&RawColumns { time, value }, MergePolicy::Never).await.unwrap()
        });
    }
    assert_eq!(inserts.join_all().await, [11; 12]);
    check_memory(&server, "12 large inserts at once");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of its own: cargo xtask test --only bounds"]
async fn arrow_that_lies_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = start(&data);
    fill(&server, 2, 1_000).await;
    let mut client = server.raw_client().await;
    let (mut taken, mut refused) = (0, 0);
    for arrow_bytes in hostile::lies() {
        let insert =
            proto::ArrowInsertParams { uuid: hostile::uuid(2), arrow_bytes: arrow_bytes.into(), ..Default::default() };
        let answer = client.arrow_insert(insert).await.unwrap_or_else(|status| panic!("{status:?}")).into_inner();
        if answer.stat.is_some() { refused += 1 } else { taken += 1 }
    }
    println!("{refused} lies refused, {taken} of no consequence");
    assert!(refused > 100);
    check_memory(&server, "Arrow that lies");
    for template_bytes in hostile::lies() {
        let params = proto::ArrowRawValuesParams { template_bytes: template_bytes.into(), ..hostile::all_of(2) };
        let mut answers = client.arrow_raw_values(params).await.unwrap().into_inner();
        while answers.message().await.unwrap_or_else(|status| panic!("{status:?}")).is_some() {}
    }
    check_memory(&server, "templates that lie");
}
