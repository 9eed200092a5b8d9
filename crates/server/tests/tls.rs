//! The TLS door, with the clients that the project ships.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use btrdb_client::{Connection, Options};
use common::{
    Server, btrdb_local, complaint,
    http::{Answer, grpc_web_request, parsed, preflight_request},
    recording,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

const SELF_SIGNED: [&str; 3] = ["--listen-tls", "127.0.0.1:0", "--tls-self-signed"];

fn certificate(data: &Path) -> Vec<u8> {
    fs::read(data.join("self-signed.crt")).unwrap()
}

/// A connection by which clients are told to trust `data`'s certificate, and nothing else.
async fn connect(server: &Server, data: &Path) -> Connection<Channel> {
    let (_, port) = server.tls.as_deref().unwrap().rsplit_once(':').unwrap();
    let trust = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(certificate(data)));
    let endpoint = Endpoint::new(format!("https://localhost:{port}")).unwrap().tls_config(trust).unwrap();
    Connection::connect(endpoint.connect().await.unwrap(), Options::default()).await.unwrap()
}

/// One exchange over TLS, as a browser that speaks no HTTP/2 has it.
async fn exchange(server: &Server, data: &Path, request: &[u8]) -> Answer {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&certificate(data)).unwrap()).unwrap();
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let socket = tokio::net::TcpStream::connect(server.tls.as_deref().unwrap()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut socket = TlsConnector::from(Arc::new(config)).connect(name, socket).await.unwrap();
    assert_eq!(socket.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    socket.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    parsed(&answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_doors_answer_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (data, app) = (folder.path().join("data"), folder.path().join("app"));
    fs::create_dir(&app).unwrap();
    fs::write(app.join("index.html"), "<!doctype html><title>hello</title>").unwrap();
    let origin = ["--app", app.to_str().unwrap(), "--cors-origin", "https://plots.example"];
    let server = Server::start(&data, &[&SELF_SIGNED[..], &origin[..]].concat());

    let info = connect(&server, &data).await.info().await.unwrap();
    assert_eq!(info, server.connect().await.info().await.unwrap());

    let (head, body) = exchange(&server, &data, &grpc_web_request("Info", &[], false, "")).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(String::from_utf8_lossy(&body).contains("grpc-status:0"), "{head}");
    let page = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let (head, body) = exchange(&server, &data, page).await;
    assert!(head.contains("content-security-policy") && body.starts_with(b"<!doctype html>"), "{head}");

    let preflight = preflight_request("https://plots.example");
    let plain = common::http::exchange(&server.address, &preflight).0;
    for head in [plain, exchange(&server, &data, &preflight).await.0] {
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("access-control-allow-origin: https://plots.example"), "{head}");
        assert!(head.contains("access-control-max-age: 7200"), "{head}");
        for allowed in ["authorization", "content-type", "grpc-accept-encoding", "grpc-timeout", "x-grpc-web"] {
            assert!(head.contains(allowed), "{allowed}: {head}");
        }
    }
    let preflight = preflight_request("https://elsewhere.example");
    let (head, _) = exchange(&server, &data, &preflight).await;
    assert!(!head.contains("access-control-allow-origin"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_outlives_its_server() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &SELF_SIGNED);
    connect(&server, data.path()).await;
    let first = certificate(data.path());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = fs::metadata(data.path().join("self-signed.key")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
    assert!(server.terminate().success());
    let server = Server::start(data.path(), &SELF_SIGNED);
    assert_eq!(certificate(data.path()), first);
    connect(&server, data.path()).await;
    drop(server);

    let mut other = btrdb_local();
    other.args(["serve", "--listen", "127.0.0.1:0", "--tls-name", "lab.example", "--data"]).arg(data.path());
    let output = other.args(SELF_SIGNED).output().unwrap();
    let said = complaint(&output);
    assert!(!output.status.success() && said.contains("lab.example") && said.contains("remove"), "{said}");
}

/// The official shape: a certificate and a key in files, and the command that finds its trust in the environment.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_through_the_tls_door() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made");
    drop(Server::start(&made, &SELF_SIGNED));
    let (cert, key) = (made.join("self-signed.crt"), made.join("self-signed.key"));
    let files = ["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let server = Server::start(&folder.path().join("data"), &[&SELF_SIGNED[..2], &files[..]].concat());

    let csv = folder.path().join("a.csv");
    fs::write(&csv, "time,volts\n1,1.5\n2,2.5\n").unwrap();
    let import = |trusted: &Path| -> Command {
        let mut command = btrdb_local();
        command.arg("import").arg(&csv).args(["--collection", "lab", "--to"]);
        command.arg(format!("https://{}", server.tls.as_deref().unwrap())).env("SSL_CERT_FILE", trusted);
        command
    };
    let output = import(&cert).output().unwrap();
    assert!(output.status.success(), "{}", complaint(&output));
    assert_eq!(server.connect().await.list_collections("").await.unwrap(), ["lab"]);
    let stranger = import(&recording("streams.csv")).output().unwrap();
    assert!(!stranger.status.success());
    assert!(complaint(&stranger).contains("certificate"), "{}", complaint(&stranger));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_holds_nobody_up() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &SELF_SIGNED);
    let address = server.tls.clone().unwrap();
    let _silent: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let soon = Duration::from_secs(2);
    tokio::time::timeout(soon, connect(&server, data.path())).await.unwrap();
    let stopped = tokio::task::spawn_blocking(move || server.terminate());
    assert!(tokio::time::timeout(soon, stopped).await.unwrap().unwrap().success(), "nor the end");
}

#[test]
fn a_plain_door_can_be_left_out() {
    let data = tempfile::tempdir().unwrap();
    let mut serve = btrdb_local();
    serve.args(["serve", "--tls-only", "--data"]).arg(data.path()).args(SELF_SIGNED);
    let mut process = serve.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with("listening on https://127.0.0.1:"));
    assert!(lines.next().unwrap().ends_with("self-signed.crt"));
    // 32 bytes, as openssl shows them.
    assert_eq!(lines.next().unwrap().trim_start().len(), "SHA-256 ".len() + 32 * 3 - 1);
    process.kill().unwrap();
    process.wait().unwrap();
}

#[test]
fn what_does_not_go_together_is_said_in_words() {
    let data = tempfile::tempdir().unwrap();
    let missing = data.path().join("missing.pem").to_str().unwrap().to_owned();
    let not_pem = data.path().join("not.pem").to_str().unwrap().to_owned();
    fs::write(&not_pem, "hello").unwrap();
    let cases: [(&[&str], &str); 7] = [
        (&["--listen-tls", "127.0.0.1:0", "--tls-self-signed", "--tls-name", "not a name"], "not a name"),
        (&["--listen-tls", "127.0.0.1:0"], "--tls-self-signed"),
        (&["--tls-self-signed"], "--listen-tls"),
        (&["--listen-tls", "127.0.0.1:0", "--tls-cert", &missing], "--tls-key"),
        (&["--listen-tls", "127.0.0.1:0", "--tls-cert", &missing, "--tls-key", &missing], "missing.pem"),
        (&["--listen-tls", "127.0.0.1:0", "--tls-cert", &not_pem, "--tls-key", &not_pem], "BEGIN CERTIFICATE"),
        (&["--native-only", "--app", "."], "--app"),
    ];
    for (args, expected) in cases {
        let mut serve = btrdb_local();
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path().join("data")).args(args);
        let output = serve.output().unwrap();
        assert!(!output.status.success(), "{args:?}");
        assert!(complaint(&output).contains(expected), "{args:?}: {}", complaint(&output));
    }
}
