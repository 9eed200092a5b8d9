//! `btrdb-local serve`.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use axum::serve::ListenerExt;
use clap::Args;
use http::HeaderValue;
use thiserror::Error;
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    Service,
    keys::{KeyError, Keys},
    local::{self, OpenError},
    site::{self, NoApp},
};

/// How long calls in work may take to finish once the server is told to stop.
const PATIENCE: Duration = Duration::from_secs(5);

/// What `btrdb-local serve` takes.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The data folder; made where it is missing. One process at a time can have it.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,

    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4410")]
    pub listen: SocketAddr,

    /// A file of API keys, one a line: a key, plain or as `btrdb-local hash-key` prints it, then `read` and
    /// `prefix=COLLECTION` if wished. Without it everybody who reaches the address may do everything.
    #[arg(long, value_name = "FILE")]
    pub api_keys: Option<PathBuf>,

    /// A folder with the explorer, as `cargo xtask dist` makes it.
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,

    /// An origin whose pages may call this server, such as `https://plots.example`; may be given several times. The
    /// explorer that this server shows itself needs none.
    #[arg(long, value_name = "ORIGIN")]
    pub cors_origin: Vec<HeaderValue>,

    /// Memory for tree nodes, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    pub cache_size: u64,
}

/// Why a server does not start, or ends.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The data folder.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The key file.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The explorer's folder.
    #[error(transparent)]
    App(#[from] NoApp),
    /// The address is taken.
    #[error("{0} is in use by another program, perhaps another btrdb-local: stop it, or take another with --listen")]
    Busy(SocketAddr),
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address as given.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The listener failed.
    #[error("the server stopped")]
    Stopped(#[source] io::Error),
}

/// Serves until it is told to stop (Ctrl-C, SIGTERM), then ends the calls in work and closes the store. Prints where it
/// listens once it answers.
///
/// # Errors
/// When the data folder or the explorer cannot be opened, or the address cannot be listened on.
pub async fn run(args: ServeArgs) -> Result<(), ServeError> {
    // The address first: it is the cheaper of the two to find taken.
    let listener = listen(args.listen).await?;
    let keys = args.api_keys.as_deref().map(Keys::read).transpose()?;
    let options = btrdb_engine::Options { cache_bytes: args.cache_size << 20 };
    let data = args.data.clone();
    let engine = tokio::task::spawn_blocking(move || local::open(&data, options))
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    let router = site::router(Service::new(engine, keys), args.app.as_deref(), &args.cors_origin)?;
    let address = listener.local_addr().map_err(ServeError::Stopped)?;
    println!("listening on http://{address}");
    tracing::info!(%address, data = %args.data.display(), "serving");
    // Small answers must not wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
    });
    let (stopping, stopped) = oneshot::channel();
    let router = axum::serve(listener, router).with_graceful_shutdown(async {
        stop_wanted().await;
        // Nobody listens any more only where the server has ended by itself.
        let _ = stopping.send(());
    });
    tokio::select! {
        ended = router => ended.map_err(ServeError::Stopped),
        () = patience(stopped) => Ok(()),
    }
}

/// Ends a while after the wish to stop: calls in work may finish, one that nobody reads from must not hold the server.
async fn patience(stopped: oneshot::Receiver<()>) {
    if stopped.await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(PATIENCE).await;
    tracing::warn!("calls still in work after {PATIENCE:?} are cut off");
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::Busy(address),
        _ => ServeError::Listen { address, source },
    })
}

/// Waits for Ctrl-C or, where there is such a thing, SIGTERM.
async fn stop_wanted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => signal.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = terminate => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    tracing::info!("stopping: ending the calls in work");
}
