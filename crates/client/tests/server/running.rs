//! The real server, on a port of its own.

use std::convert::Infallible;
use std::net::SocketAddr;

use crate::line::Line;
use btrdb_client::{Connection, MergePolicy, Options, RawColumns, Stream, Uuid, native};
use btrdb_local::keys::Keys;
use btrdb_local::{Service, local};
use btrdb_proto::server::BTrDbServer;
use http::{Request, Response};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::server::NamedService;
use tonic::transport::{Channel, Server};

pub(crate) fn columns(points: &[(i64, f64)]) -> RawColumns {
    RawColumns {
        time: points.iter().map(|point| point.0).collect(),
        value: points.iter().map(|point| point.1).collect(),
    }
}

/// A server over an empty folder, on threads of its own. It goes away with the test, and its connections with it.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    threads: Option<Runtime>,
    _folder: TempDir,
}

impl Running {
    pub(crate) fn start() -> Self {
        Self::start_with(None)
    }

    pub(crate) fn start_with(keys: Option<Keys>) -> Self {
        Self::start_as(keys, Server::builder(), false)
    }

    /// A server that speaks as `server` says, and packs what it says if `gzip`.
    pub(crate) fn start_as(keys: Option<Keys>, server: Server, gzip: bool) -> Self {
        Self::start_with_service(keys, server, |service| {
            if gzip { service.send_compressed(CompressionEncoding::Gzip) } else { service }
        })
    }

    /// A server whose service is what `wrap` makes of it.
    pub(crate) fn start_behind<S: Served>(wrap: impl FnOnce(BTrDbServer<Service>) -> S) -> Self {
        Self::start_with_service(None, Server::builder(), wrap)
    }

    fn start_with_service<S: Served>(
        keys: Option<Keys>,
        server: Server,
        wrap: impl FnOnce(BTrDbServer<Service>) -> S,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = local::open(folder.path(), btrdb_engine::Options::default()).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let threads = Some(serve(wrap(Service::new(engine, keys).into_server()), listener, server));
        Self { address, threads, _folder: folder }
    }

    pub(crate) fn go_away(&mut self) {
        self.threads.take().into_iter().for_each(Runtime::shutdown_background);
    }

    pub(crate) async fn connect(&self, arrow: bool) -> Connection<Channel> {
        let options = Options { arrow: Some(arrow), ..Options::default() };
        native::connect(&self.address.to_string(), options).await.unwrap()
    }

    /// A line to it that can be cut.
    pub(crate) async fn line(&self) -> Line {
        Line::to(self.address).await
    }

    /// A connection, and a stream of `points` called `name` in the collection `a`, of the uuid `id`.
    pub(crate) async fn stream(&self, id: u128, name: &str, points: &[(i64, f64)]) -> Stream<Channel> {
        let connection = self.connect(true).await;
        let stream = connection.create(Uuid::from_u128(id), "a", &crate::tags(name), &[]).await.unwrap();
        stream.insert(&columns(points), MergePolicy::Never).await.unwrap();
        stream
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.go_away();
    }
}

/// What a server can offer.
pub(crate) trait Served:
    tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
    + NamedService
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> Served for S where
    S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + NamedService
        + Clone
        + Send
        + Sync
        + 'static
{
}

fn serve(service: impl Served, listener: std::net::TcpListener, mut server: Server) -> Runtime {
    listener.set_nonblocking(true).unwrap();
    let threads = Runtime::new().unwrap();
    threads.spawn(async move {
        let incoming = TcpListenerStream::new(TcpListener::from_std(listener).unwrap());
        server.add_service(service).serve_with_incoming(incoming).await
    });
    threads
}
