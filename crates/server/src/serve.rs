//! `btrdb-local serve`.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use http::HeaderValue;
use thiserror::Error;
use tokio::net::TcpListener;

use crate::{
    Service,
    doors::{Door, House, Limits},
    keys::{KeyError, Keys},
    local::{self, OpenError},
    metrics::Metrics,
    site::{self, NoApp, Shown},
    tls::{Certificate, TlsArgs, TlsError},
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

    /// The TLS door.
    #[command(flatten)]
    pub tls: TlsArgs,

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

    /// Native gRPC only: no gRPC-web and no files, so nothing for browsers. Health and metrics stay.
    #[arg(long, conflicts_with_all = ["app", "cors_origin"])]
    pub native_only: bool,

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
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The explorer's folder.
    #[error(transparent)]
    App(#[from] NoApp),
    /// The address is taken.
    #[error(
        "{0} is in use by another program, perhaps another btrdb-local: stop it, or take another with --listen or --listen-tls"
    )]
    Busy(SocketAddr),
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address as given.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// Serves until it is told to stop (Ctrl-C, SIGTERM), then ends the calls in work and closes the store. Prints where it
/// listens once it answers.
///
/// # Errors
/// When the data folder, the certificate or the explorer cannot be opened, or an address cannot be listened on.
pub async fn run(args: ServeArgs) -> Result<(), ServeError> {
    // The addresses first: they are the cheapest to find taken.
    let plain = if args.tls.tls_only { None } else { Some(listen(args.listen).await?) };
    let encrypted = match args.tls.listen_tls {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let keys = args.api_keys.as_deref().map(Keys::read).transpose()?;
    let options = btrdb_engine::Options { cache_bytes: args.cache_size << 20 };
    let data = args.data.clone();
    let engine = tokio::task::spawn_blocking(move || local::open(&data, options))
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    let certificate = args.tls.certificate(&args.data)?;
    let metrics = Metrics::new();
    let shown = Shown { app: args.app.as_deref(), origins: &args.cors_origin, native_only: args.native_only };
    let router = site::router(Service::new(engine, keys), metrics.clone(), &shown)?;
    let (tls, notice) = certificate.map(|Certificate { acceptor, notice }| (acceptor, notice)).unzip();
    let doors: Vec<Door> = [(plain, None), (encrypted, tls)]
        .into_iter()
        .filter_map(|(listener, tls)| Some(Door { listener: listener?, tls }))
        .collect();
    announce(&doors, notice.flatten().as_deref());
    tracing::info!(data = %args.data.display(), "serving");
    House { router, limits: Limits::default(), metrics }.serve(doors, stop_wanted(), PATIENCE).await;
    Ok(())
}

/// Prints where callers come in, and what they need to know of the certificate.
fn announce(doors: &[Door], notice: Option<&str>) {
    let listening = doors.iter().filter_map(|door| {
        let address = door.listener.local_addr().ok()?;
        Some(format!("listening on {}://{address}", door.scheme()))
    });
    let mut lines = listening.chain(notice.map(str::to_owned)).collect::<Vec<_>>().join("\n");
    lines.push('\n');
    // A server whose output nobody reads serves all the same.
    let mut output = io::stdout().lock();
    let _ = output.write_all(lines.as_bytes()).and_then(|()| output.flush());
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
