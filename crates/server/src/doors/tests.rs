//! Callers who do not behave, over real sockets, within limits short enough to wait for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

use super::{Door, House, Limits};
use crate::{metrics::Metrics, tls::TlsArgs};

const SHORT: Duration = Duration::from_millis(300);
const SOON: Duration = Duration::from_secs(5);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// An empty SETTINGS frame.
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

struct Served {
    plain: SocketAddr,
    tls: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn serve() -> Served {
    let data = tempfile::tempdir().unwrap();
    let any = "127.0.0.1:0".parse().unwrap();
    let args = TlsArgs {
        listen_tls: Some(any),
        tls_cert: None,
        tls_key: None,
        tls_self_signed: true,
        tls_name: vec!["lab.example".into()],
        tls_only: false,
    };
    let tls = args.certificate(data.path()).unwrap().unwrap().acceptor;
    let (plain, encrypted) = (TcpListener::bind(any).await.unwrap(), TcpListener::bind(any).await.unwrap());
    let addresses = (plain.local_addr().unwrap(), encrypted.local_addr().unwrap());
    let limits = Limits { handshake: SHORT, head: SHORT, silence: SHORT, proof_of_life: SHORT, ..Limits::default() };
    let router = Router::new().route("/", get(|| async { "hello" }));
    let house = House { router, limits, metrics: Metrics::new() };
    let (stop, stopped) = oneshot::channel::<()>();
    let doors = vec![Door { listener: plain, tls: None }, Door { listener: encrypted, tls: Some(tls) }];
    let wish = async { stopped.await.unwrap() };
    let ended = tokio::spawn(house.serve(doors, wish, SOON));
    Served { plain: addresses.0, tls: addresses.1, stop, ended }
}

/// What comes back for `sent` until the server hangs up, and how long that takes.
async fn until_hung_up(address: SocketAddr, sent: &[u8]) -> (Vec<u8>, Duration) {
    let begun = Instant::now();
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(sent).await.unwrap();
    let mut answer = Vec::new();
    // A reset is as good an end as any.
    let _ = timeout(SOON, socket.read_to_end(&mut answer)).await.expect("the server hangs up");
    (answer, begun.elapsed())
}

#[tokio::test]
async fn half_a_request_is_not_waited_for() {
    let served = serve().await;
    for sent in ["", "P", "PRI * HTTP", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let (answer, took) = until_hung_up(served.plain, sent.as_bytes()).await;
        assert!(took >= SHORT, "{sent:?} was given {took:?}");
        assert_eq!(answer.ends_with(b"hello"), sent.ends_with("\r\n\r\n"), "{sent:?}");
    }
}

#[tokio::test]
async fn a_handshake_is_not_waited_for() {
    let served = serve().await;
    for sent in [b"".as_slice(), b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"] {
        until_hung_up(served.tls, sent).await;
    }
}

#[tokio::test]
async fn a_peer_that_died_is_noticed() {
    let served = serve().await;
    let (answer, took) = until_hung_up(served.plain, &[PREFACE, SETTINGS].concat()).await;
    assert!(took >= SHORT, "it was asked first: {took:?}");
    let ping = answer.windows(9).any(|frame| frame[..4] == [0, 0, 8, 6] && frame[4] & 1 == 0);
    assert!(ping, "{answer:?}");
}

#[tokio::test]
async fn a_head_has_a_size() {
    let served = serve().await;
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(128 << 10));
    let (answer, _) = until_hung_up(served.plain, long.as_bytes()).await;
    assert!(!answer.ends_with(b"hello"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn the_end_does_not_wait_for_who_says_nothing() {
    let served = serve().await;
    let _silent = [TcpStream::connect(served.plain).await.unwrap(), TcpStream::connect(served.tls).await.unwrap()];
    until_hung_up(served.plain, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    served.stop.send(()).unwrap();
    timeout(SHORT / 2, served.ended).await.expect("within no time").unwrap();
    assert!(TcpStream::connect(served.plain).await.is_err(), "nobody listens any more");
}
