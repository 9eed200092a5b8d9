//! The server as a process: its port, its doors, its complaints.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::{fs, net::TcpListener};

use btrdb_client::{Direction, ErrorKind, Options, native::connect};
use btrdb_core::{MIN_TIME, MergePolicy, PointWidth, RawColumns, TimeRange};
use common::{
    Server, btrdb_local, complaint,
    http::{get, grpc_web},
};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn one_port_answers_grpc_and_grpc_web_and_files() {
    let (data, app) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(app.path().join("index.html"), "<!doctype html><title>hello</title>").unwrap();
    fs::write(app.path().join("app_bg.wasm"), b"\0asm").unwrap();
    let server = Server::start(data.path(), &["--app", app.path().to_str().unwrap()]);

    let info = server.connect().await.info().await.unwrap();
    assert_eq!(info.major_version, 5);
    assert!(info.minor_version >= 30, "official clients use Arrow from 5.30 on");

    let (head, body) = grpc_web(&server.address, "Info", &[], None);
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains("btrdb-local") && text.contains("grpc-status:0"), "{text}");

    let (head, body) = get(&server.address, "/");
    assert!(head.contains("200 ok") && head.contains("content-security-policy"), "{head}");
    assert!(String::from_utf8_lossy(&body).contains("hello"));
    assert!(get(&server.address, "/app_bg.wasm").0.contains("application/wasm"));
    assert!(get(&server.address, "/missing.js").0.contains("404 not found"));
    assert!(get(&server.address, "/../../etc/passwd").0.contains("404 not found"));
    assert!(get(&server.address, "/healthz").0.contains("200 ok"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_are_let_in_only_when_named() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &["--cors-origin", "https://plots.example"]);
    let (head, _) = grpc_web(&server.address, "Info", &[], Some("https://plots.example"));
    assert!(head.contains("access-control-allow-origin: https://plots.example"), "{head}");
    assert!(head.contains("timing-allow-origin: https://plots.example"), "{head}");
    let exposed = head.lines().find_map(|line| line.strip_prefix("access-control-expose-headers: ")).unwrap();
    for name in ["grpc-status", "grpc-message", "grpc-status-details-bin", "grpc-retry-pushback-ms"] {
        assert!(exposed.split(',').any(|other| other == name), "{name} in {exposed}");
    }
    let (head, _) = grpc_web(&server.address, "Info", &[], Some("https://elsewhere.example"));
    assert!(!head.contains("allow-origin"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_travel_inside_successful_calls() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let connection = server.connect().await;
    let unknown = connection.stream_from_uuid(Uuid::from_u128(1));
    assert!(!unknown.exists().await.unwrap());
    let range = TimeRange::new(0, 10);
    let error = unknown.values(range, 0).await.unwrap_err();
    assert_eq!(error.btrdb_code(), Some(404), "{error}");
    let stream = connection.create(Uuid::from_u128(1), "c", &[], &[]).await.unwrap();
    let nan = RawColumns { time: vec![1], value: vec![f64::NAN] };
    assert_eq!(stream.insert(&nan, MergePolicy::Never).await.unwrap_err().btrdb_code(), Some(425));
    assert_eq!(stream.values(TimeRange::new(10, 0), 0).await.unwrap_err().btrdb_code(), Some(413));
    assert_eq!(stream.windows(range, 0, 0).await.unwrap_err().btrdb_code(), Some(415));
    assert_eq!(stream.values(range, 99).await.unwrap_err().btrdb_code(), Some(450));
    assert!(stream.nearest(0, 0, Direction::Forward).await.unwrap().is_none());
    assert_ne!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_query_ends_with_its_caller_and_hinders_nobody() {
    use futures_util::StreamExt;
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let connection = server.connect().await;
    let stream = connection.create(Uuid::from_u128(1), "c", &[], &[]).await.unwrap();
    stream.insert(&RawColumns { time: vec![0], value: vec![1.0] }, MergePolicy::Never).await.unwrap();
    {
        // A window of one nanosecond over decades: nobody could ever read the answer.
        let mut windows = Box::pin(stream.windows_batches(TimeRange::new(MIN_TIME, 0), 1, 0));
        for _ in 0..3 {
            assert!(!windows.next().await.unwrap().unwrap().data.is_empty());
        }
        let other = stream.aligned_windows(TimeRange::ALL, PointWidth::ALL, 0).await.unwrap();
        assert_eq!(other.data.count, [1]);
    }
    assert!(server.terminate().success(), "what nobody reads does not keep the server from stopping");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_decide_who_may_do_what() {
    let data = tempfile::tempdir().unwrap();
    let keys = data.path().join("keys");
    fs::write(&keys, "all\nsome prefix=north/\nlook read\n").unwrap();
    let server = Server::start(&data.path().join("data"), &["--api-keys", keys.to_str().unwrap()]);
    let connect = |key: Option<&str>| {
        let options = Options { api_key: key.map(str::to_owned), ..Options::default() };
        connect(&server.address, options)
    };
    for wrong in [None, Some("other")] {
        let error = connect(wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert!(error.to_string().contains("invalid api key"), "{error}");
    }
    let (all, some, look) = tokio::join!(connect(Some("all")), connect(Some("some")), connect(Some("look")));
    let (all, some, look) = (all.unwrap(), some.unwrap(), look.unwrap());
    let (north, south) = (Uuid::from_u128(1), Uuid::from_u128(2));
    all.create(south, "south/a", &[], &[]).await.unwrap();
    some.create(north, "north/a", &[], &[]).await.unwrap();
    assert_eq!(some.list_collections("").await.unwrap(), ["north/a"]);
    assert_eq!(look.list_collections("").await.unwrap(), ["north/a", "south/a"]);

    let points = RawColumns { time: vec![1], value: vec![1.0] };
    let refused = |error: btrdb_client::Error| (error.btrdb_code(), error.kind());
    let denied = (Some(437), ErrorKind::PermissionDenied);
    let insert = some.stream_from_uuid(south).insert(&points, MergePolicy::Never).await;
    assert_eq!(refused(insert.unwrap_err()), denied);
    assert_eq!(refused(some.stream_from_uuid(south).version().await.unwrap_err()), denied);
    let insert = look.stream_from_uuid(north).insert(&points, MergePolicy::Never).await;
    assert_eq!(refused(insert.unwrap_err()), denied);
    let delete = look.stream_from_uuid(north).delete(TimeRange::new(0, 10)).await;
    assert_eq!(refused(delete.unwrap_err()), denied);
    assert_eq!(refused(look.create(Uuid::from_u128(3), "x", &[], &[]).await.unwrap_err()), denied);
    some.stream_from_uuid(north).insert(&points, MergePolicy::Never).await.unwrap();
    assert_eq!(look.stream_from_uuid(north).version().await.unwrap(), 11);
}

#[test]
fn a_busy_port_is_said_in_words() {
    let data = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = btrdb_local().args(["serve", "--listen", &address, "--data"]).arg(data.path()).output().unwrap();
    assert!(!output.status.success());
    let said = complaint(&output);
    assert!(said.contains(&address) && said.contains("in use") && said.contains("--listen"), "{said}");
}

#[test]
fn a_folder_in_use_is_said_in_words() {
    let data = tempfile::tempdir().unwrap();
    let _server = Server::start(data.path(), &[]);
    let output = btrdb_local().args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()).output().unwrap();
    assert!(!output.status.success());
    let said = complaint(&output);
    assert!(said.contains("in use by another process") && said.contains(data.path().to_str().unwrap()), "{said}");
}

#[test]
fn a_missing_explorer_is_said_in_words() {
    let data = tempfile::tempdir().unwrap();
    let mut serve = btrdb_local();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--app", "/nowhere", "--data"]).arg(data.path());
    let output = serve.output().unwrap();
    assert!(!output.status.success());
    assert!(complaint(&output).contains("index.html"), "{}", complaint(&output));
}
