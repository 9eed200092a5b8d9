//! What happens to calls between the door and the engine: compression, counting, logging.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::Stdio,
    time::Duration,
};

use btrdb_client::{Connection, Options, native::connect};
use btrdb_core::{MergePolicy, RawColumns, TimeRange};
use btrdb_proto::{AlignedWindowsParams, InfoParams, RawValuesParams, client::BTrDbClient};
use common::{
    Server, btrdb_local,
    http::{exchange, get, get_with, grpc_web, grpc_web_request, parsed},
    recording,
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use prost::Message;
use tonic::{
    codec::CompressionEncoding,
    transport::{Channel, Endpoint},
};
use uuid::Uuid;

const STREAM: Uuid = Uuid::from_u128(0x00c0_ffee);

/// A stream of points that a compressor likes, and so many that an answer takes several messages.
async fn fill(connection: &Connection<Channel>) {
    let stream = connection.create(STREAM, "c", &[], &[]).await.unwrap();
    let time: Vec<i64> = (0..20_000).map(|k| k * 8_333_333).collect();
    let value = time.iter().map(|time| (time / 8_333_333 % 7) as f64).collect();
    stream.insert(&RawColumns { time, value }, MergePolicy::Never).await.unwrap();
}

fn everything() -> RawValuesParams {
    RawValuesParams { uuid: STREAM.as_bytes().to_vec().into(), start: 0, end: 1 << 50, version_major: 0 }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The messages and the trailers of a gRPC-web body, decompressed, and whether any was compressed.
fn messages(mut body: &[u8]) -> (Vec<u8>, bool) {
    let (mut all, mut any) = (Vec::new(), false);
    while let [flag, a, b, c, d, rest @ ..] = body {
        let (message, after) = rest.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        if *flag == 1 {
            any = true;
            GzDecoder::new(message).read_to_end(&mut all).unwrap();
        } else {
            all.extend_from_slice(message);
        }
        body = after;
    }
    (all, any)
}

/// A counter of `/metrics`, by its beginning.
fn metric(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name} in {text}"));
    line.trim().parse().unwrap()
}

fn metrics(server: &Server, headers: &str) -> String {
    let (head, body) = get_with(&server.address, "/metrics", headers);
    assert!(head.contains("200 ok") && head.contains("openmetrics-text"), "{head}");
    String::from_utf8(body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn gzip_both_ways_over_native_grpc() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    fill(&server.connect().await).await;
    let channel = Endpoint::new(format!("http://{}", server.address)).unwrap().connect().await.unwrap();
    let mut answers = Vec::new();
    for client in [
        BTrDbClient::new(channel.clone()),
        BTrDbClient::new(channel.clone())
            .send_compressed(CompressionEncoding::Gzip)
            .accept_compressed(CompressionEncoding::Gzip),
    ] {
        let answer = client.max_decoding_message_size(usize::MAX).raw_values(everything()).await.unwrap();
        let encoding = answer.metadata().get("grpc-encoding").map(|value| value.to_str().unwrap().to_owned());
        let mut stream = answer.into_inner();
        let mut values = Vec::new();
        while let Some(message) = stream.message().await.unwrap() {
            values.extend(message.values.iter().map(|point| (point.time, point.value)));
        }
        answers.push((encoding, values, metric(&metrics(&server, ""), r#"btrdb_sent_bytes_total{call="RawValues"}"#)));
    }
    let [(None, plain, plain_bytes), (Some(encoding), packed, both_bytes)] = &answers[..] else {
        panic!("only the second client asked: {:?}", answers.iter().map(|(encoding, ..)| encoding).collect::<Vec<_>>());
    };
    assert_eq!((encoding.as_str(), plain.len()), ("gzip", 20_000));
    assert_eq!(plain, packed);
    assert!(both_bytes - plain_bytes < plain_bytes / 2.0, "{plain_bytes} {both_bytes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gzip_both_ways_over_grpc_web() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    fill(&server.connect().await).await;
    // uuid and end, as protobuf writes them; start is 0.
    let mut params = vec![0x0a, 16];
    params.extend_from_slice(STREAM.as_bytes());
    params.push(0x19);
    params.extend_from_slice(&(1_i64 << 50).to_le_bytes());
    let (head, plain) = grpc_web(&server.address, "RawValues", &params, None);
    assert!(!head.contains("\ngrpc-encoding:"), "{head}");
    let offer = "Grpc-Encoding: gzip\r\nGrpc-Accept-Encoding: identity, gzip\r\n";
    let (head, packed) = exchange(&server.address, &grpc_web_request("RawValues", &gzip(&params), true, offer));
    assert!(head.contains("\ngrpc-encoding: gzip"), "{head}");
    assert!(packed.len() < plain.len() / 2, "{} {}", packed.len(), plain.len());
    let (unpacked, any) = messages(&packed);
    assert!(any && unpacked.len() > 200_000);
    assert_eq!(messages(&plain), (unpacked, false));
    // What is small stays as it is, although it may be compressed.
    let (head, small) = exchange(&server.address, &grpc_web_request("Info", &[], false, offer));
    assert!(head.contains("\ngrpc-encoding: gzip") && !messages(&small).1, "{head}");
}

#[test]
fn windows_take_at_most_fifty_bytes_and_compressed_thirty_two() {
    let data = tempfile::tempdir().unwrap();
    let files = ["uv05_hhz_day.parquet", "--map", "streams.csv"].map(|name| match name.strip_prefix("--") {
        Some(_) => name.into(),
        None => recording(name),
    });
    assert!(btrdb_local().arg("import").args(files).arg("--data").arg(data.path()).status().unwrap().success());
    let server = Server::start(data.path(), &[]);
    let uuid = Uuid::parse_str("d682fafe-4232-5288-b6b7-e9e1e61f1d51").unwrap();
    let offer = "Grpc-Accept-Encoding: gzip\r\n";
    // A screen's width of windows, from some fifty points each to hours, in the middle of the day.
    for (exponent, windows) in [(29, 1_600), (32, 1_600), (33, 512)] {
        let start = (1_283_320_000_000_000_000_i64 >> exponent) << exponent;
        let params = AlignedWindowsParams {
            uuid: uuid.as_bytes().to_vec().into(),
            start,
            end: start + (windows << exponent),
            version_major: 0,
            point_width: exponent,
        };
        let params = params.encode_to_vec();
        let taken = |headers: &str| {
            let request = grpc_web_request("ArrowAlignedWindows", &params, false, headers);
            exchange(&server.address, &request).1.len() as f64 / windows as f64
        };
        let (plain, packed) = (taken(""), taken(offer));
        assert!(plain <= 50.0 && packed <= 32.0, "{windows} of 2^{exponent} ns: {plain} and {packed} bytes a window");
        assert!(plain > 40.0 && packed > 10.0, "there are as many windows as were asked for: {plain} and {packed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_is_refused_before_it_goes_off() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let bomb = gzip(&vec![0; 128 << 20]);
    assert!(bomb.len() < 1 << 20);
    for _ in 0..4 {
        let request = grpc_web_request("Insert", &bomb, true, "Grpc-Encoding: gzip\r\n");
        let (head, body) = exchange(&server.address, &request);
        let said = head + &String::from_utf8_lossy(&body);
        assert!(said.contains("grpc-status: 8") || said.contains("grpc-status:8"), "{said}");
    }
    if let Ok(status) = fs::read_to_string(format!("/proc/{}/status", server.id())) {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(kibibytes < 96 << 10, "{kibibytes} KiB at most, of a bomb of 128 MiB");
    }
    assert!(server.connect().await.info().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_calls_and_are_for_those_who_may_see_all() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    fs::write(&keys, "all\nsome prefix=north/\nlook read\n").unwrap();
    let server = Server::start(&folder.path().join("data"), &["--api-keys", keys.to_str().unwrap()]);
    let options = Options { api_key: Some("all".into()), ..Options::default() };
    let connection = connect(&server.address, options).await.unwrap();
    fill(&connection).await;
    assert!(!connection.stream_from_uuid(Uuid::from_u128(9)).exists().await.unwrap());
    assert!(server_refuses(&server).await);

    for (key, expected) in [("", "401"), ("wrong", "401"), ("some", "403"), ("look", "403")] {
        let header = format!("Authorization: Bearer {key}\r\n");
        let (head, body) = get_with(&server.address, "/metrics", &header);
        assert!(head.starts_with(&format!("http/1.1 {expected}")), "{key}: {head}");
        assert!(!String::from_utf8_lossy(&body).contains("btrdb_calls"));
    }
    assert!(get(&server.address, "/metrics").0.contains("www-authenticate: bearer"));
    assert!(get(&server.address, "/healthz").0.contains("200 ok"), "health needs no key");

    let text = metrics(&server, "Authorization: Bearer all\r\n");
    assert!(text.ends_with("# EOF\n"));
    for (name, expected) in [
        (r#"btrdb_calls_total{call="Create",code="Ok"}"#, 1.0),
        (r#"btrdb_calls_total{call="StreamInfo",code="404"}"#, 1.0),
        (r#"btrdb_calls_total{call="Info",code="Unauthenticated"}"#, 1.0),
        (r#"btrdb_call_duration_seconds_count{call="Create"}"#, 1.0),
        (r#"btrdb_calls_in_work{call="Create"}"#, 0.0),
        ("btrdb_tls_handshakes_failed_total", 0.0),
    ] {
        assert_eq!(metric(&text, name), expected, "{name} in {text}");
    }
    assert!(metric(&text, r#"btrdb_received_bytes_total{call="ArrowInsert"}"#) > 320_000.0);
    assert!(metric(&text, r#"btrdb_connections{door="http"}"#) >= 1.0);
    if cfg!(target_os = "linux") {
        assert!(metric(&text, "process_resident_memory_bytes") > 1e6);
    }
}

async fn server_refuses(server: &Server) -> bool {
    let channel = Endpoint::new(format!("http://{}", server.address)).unwrap().connect().await.unwrap();
    let refused = BTrDbClient::new(channel).info(InfoParams {}).await.unwrap_err();
    refused.code() == tonic::Code::Unauthenticated
}

#[test]
fn who_has_no_key_is_refused_before_the_request_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    fs::write(&keys, "all\n").unwrap();
    let server = Server::start(&folder.path().join("data"), &["--api-keys", keys.to_str().unwrap()]);
    let request = grpc_web_request("Insert", &vec![0; 32 << 20], false, "");
    let head = request.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap() + 4;
    let mut socket = TcpStream::connect(&server.address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket.write_all(&request[..head]).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    let (head, body) = parsed(&answer);
    let said = head + &String::from_utf8_lossy(&body);
    assert!(said.contains("invalid"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn native_only_has_nothing_for_browsers() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &["--native-only"]);
    assert_eq!(server.connect().await.info().await.unwrap().major_version, 5);
    let (head, _) = grpc_web(&server.address, "Info", &[], None);
    assert!(head.starts_with("http/1.1 415"), "{head}");
    assert!(get(&server.address, "/").0.starts_with("http/1.1 404"));
    assert!(get(&server.address, "/healthz").0.contains("200 ok"));
    assert!(metrics(&server, "").contains(r#"call="Info",code="Ok""#));
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_name_calls_and_streams_but_neither_keys_nor_data() {
    let folder = tempfile::tempdir().unwrap();
    let (keys, log) = (folder.path().join("keys"), folder.path().join("log"));
    fs::write(&keys, "the-key-itself\n").unwrap();
    let mut command = btrdb_local();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path().join("data"));
    command.arg("--api-keys").arg(&keys).env("RUST_LOG", "trace").stderr(Stdio::from(fs::File::create(&log).unwrap()));
    let server = Server::run(&mut command);

    let options = Options { api_key: Some("the-key-itself".into()), ..Options::default() };
    let connection = connect(&server.address, options).await.unwrap();
    // The bytes of the value and of an annotation are letters, so that any dump of a message would show them.
    let value = f64::from_le_bytes(*b"TheValue");
    let stream = connection.create(STREAM, "c", &[], &[("note".into(), "TheAnnotation".into())]).await.unwrap();
    stream.insert(&RawColumns { time: vec![1], value: vec![value] }, MergePolicy::Never).await.unwrap();
    assert_eq!(stream.values(TimeRange::new(0, 10), 0).await.unwrap().data.value, [value]);
    assert!(stream.values(TimeRange::new(10, 0), 0).await.is_err());
    assert_eq!(stream.refresh_metadata().await.unwrap().annotations["note"], "TheAnnotation");
    let header = "Authorization: Bearer the-key-itself\r\nX-Wrong: Bearer the-key-itself\r\n";
    exchange(&server.address, &grpc_web_request("Info", &[], false, header));
    let wrong = "Authorization: Bearer the-wrong-key\r\n";
    exchange(&server.address, &grpc_web_request("Info", &[], false, wrong));
    get_with(&server.address, "/metrics", header);
    assert!(server.terminate().success());

    let log = fs::read_to_string(&log).unwrap();
    let line = |call: &str, level: &str| {
        let quoted = format!("{call:?}");
        let line = log.lines().find(|line| line.contains(&quoted) && line.contains(level));
        line.unwrap_or_else(|| panic!("no {level} of {call}")).to_owned()
    };
    assert!(line("ArrowInsert", "DEBUG").contains(&STREAM.to_string()));
    assert!(line("ArrowRawValues", "WARN").contains("413"));
    assert!(line("Info", "WARN").contains("Unauthenticated"));
    let shown = value.to_string();
    for secret in ["the-key-itself", "the-wrong-key", "TheValue", "TheAnnotation", &shown[..6]] {
        let leak = log.lines().find(|line| line.contains(secret));
        assert_eq!(leak, None, "{secret}");
    }
}
