//! What one connection may take, in room and in time. `docs/serving.md` lists it for operators.

use std::{io, time::Duration};

use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::conn::auto::Builder,
};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// The limits of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How long a TLS handshake may take.
    pub(crate) handshake: Duration,
    /// How long the head of a request may take to arrive, and how long a connection over HTTP/1.1 may be idle.
    pub(crate) head: Duration,
    /// How many bytes the head of a request may have.
    pub(crate) head_bytes: u32,
    /// How many calls may be in work over one HTTP/2 connection; further ones wait at the caller's.
    pub(crate) calls: u32,
    /// How many bytes a caller may send ahead of what is taken in: of one request, and of all over one HTTP/2 connection.
    /// Requests that wait for memory must not keep those from arriving that have it.
    pub(crate) ahead: (u32, u32),
    /// After what silence a peer is asked whether it is still there: an HTTP/2 ping, a TCP probe.
    pub(crate) silence: Duration,
    /// How long it may take to say so.
    pub(crate) proof_of_life: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            head_bytes: 64 << 10,
            calls: 256,
            ahead: (256 << 10, 4 << 20),
            silence: Duration::from_secs(30),
            proof_of_life: Duration::from_secs(20),
        }
    }
}

impl Limits {
    /// Who serves connections within these limits, whether they speak HTTP/1.1 or HTTP/2.
    pub(super) fn builder(&self) -> Builder<TokioExecutor> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.head)
            .max_buf_size(self.head_bytes as usize)
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(self.silence)
            .keep_alive_timeout(self.proof_of_life)
            .max_concurrent_streams(self.calls)
            .initial_stream_window_size(self.ahead.0)
            .initial_connection_window_size(self.ahead.1)
            .max_header_list_size(self.head_bytes);
        builder
    }

    /// Readies a socket: small answers must not wait for the acknowledgement of the one before, and a peer that vanished
    /// without a word is noticed.
    pub(super) fn apply(&self, socket: &TcpStream) -> io::Result<()> {
        socket.set_nodelay(true)?;
        let probes = TcpKeepalive::new().with_time(self.silence).with_interval(self.proof_of_life / 4);
        SockRef::from(socket).set_tcp_keepalive(&probes)
    }
}
