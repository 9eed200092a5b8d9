//! The doors of a server: listeners, plain and TLS, that lead to the same routes.
//!
//! One loop accepts at all of them and hands every connection to a task of its own, so that nobody who says nothing, or
//! little, holds up the others.

mod limits;
mod patient;
#[cfg(test)]
mod tests;

use std::{future::Future, io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use futures_util::future::select_all;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::metrics::Metrics;
pub(crate) use limits::Limits;
use patient::Patient;

/// How long to wait after an `accept` that failed for want of file handles.
const RECOVERY: Duration = Duration::from_secs(1);

/// A listener, and what a caller has to go through before the first request.
pub(crate) struct Door {
    /// Where callers come in.
    pub(crate) listener: TcpListener,
    /// What TLS is spoken with; `None` at a plain door.
    pub(crate) tls: Option<TlsAcceptor>,
}

impl Door {
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The next caller.
    async fn accept(&self) -> (&Self, TcpStream) {
        loop {
            match self.listener.accept().await {
                Ok((socket, _)) => return (self, socket),
                Err(error) if of_one_caller(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections; trying again");
                    sleep(RECOVERY).await;
                }
            }
        }
    }
}

/// Whether an `accept` failed because of the one who called, who is gone.
fn of_one_caller(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// What the connections of all doors share.
pub(crate) struct House {
    pub(crate) router: Router,
    pub(crate) limits: Limits,
    pub(crate) metrics: Arc<Metrics>,
}

impl House {
    /// Answers at `doors` until `stop`, then ends the connections: calls in work may finish, for at most `patience`.
    pub(crate) async fn serve(self, doors: Vec<Door>, stop: impl Future<Output = ()>, patience: Duration) {
        let house = Arc::new(self);
        let (stopping, stopped) = watch::channel(());
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                ((door, socket), ..) = select_all(doors.iter().map(|door| Box::pin(door.accept()))) => {
                    let (tls, stopped) = (door.tls.clone(), stopped.clone());
                    tokio::spawn(house.clone().welcome(socket, door.scheme(), tls, stopped));
                }
                () = &mut stop => break,
            }
        }
        drop(doors);
        drop(stopped);
        // Nobody to tell is as well.
        let _ = stopping.send(());
        if timeout(patience, stopping.closed()).await.is_err() {
            tracing::warn!("calls still in work after {patience:?} are cut off");
        }
    }

    /// One connection, from its first byte to its end.
    async fn welcome(
        self: Arc<Self>,
        socket: TcpStream,
        scheme: &'static str,
        tls: Option<TlsAcceptor>,
        mut stopped: watch::Receiver<()>,
    ) {
        let _open = self.metrics.connection(scheme);
        if let Err(error) = self.limits.apply(&socket) {
            tracing::debug!(%error, "a socket option is not there");
        }
        let Some(tls) = tls else { return self.answer(socket, stopped).await };
        tokio::select! {
            shaken = timeout(self.limits.handshake, tls.accept(socket)) => match shaken {
                Ok(Ok(socket)) => self.answer(socket, stopped).await,
                Ok(Err(error)) => self.no_handshake(&error),
                Err(late) => self.no_handshake(&late),
            },
            // Dropped without a word: no request has been made.
            _ = stopped.changed() => {}
        }
    }

    fn no_handshake(&self, error: &dyn std::error::Error) {
        self.metrics.handshakes_failed.inc();
        tracing::debug!(%error, "no TLS with a caller");
    }

    /// The requests of one connection.
    async fn answer<S: AsyncRead + AsyncWrite + Unpin + 'static>(&self, socket: S, mut stopped: watch::Receiver<()>) {
        let builder: auto::Builder<TokioExecutor> = self.limits.builder();
        let socket = TokioIo::new(Patient::new(socket, self.limits.head));
        let service = TowerToHyperService::new(self.router.clone());
        let mut connection = pin!(builder.serve_connection(socket, service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            _ = stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
    }
}
