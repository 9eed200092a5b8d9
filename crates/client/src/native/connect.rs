//! Connecting over a socket.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use super::credentials::Credentials;
use super::environment::Environment;
use super::timer::TokioTimer;
use crate::connection::{Connection, Options};
use crate::endpoint::endpoint_url;
use crate::error::{Error, ErrorKind, Result};

/// How long to try to reach the server at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may be silent before the system asks whether the other side is still there: without it, a
/// subscription to a server that lost its power would wait for ever. Pings of HTTP/2 would do too, but many servers hang
/// up on those who send them.
const TCP_KEEPALIVE: Duration = Duration::from_mins(1);

/// What the server is told of who asks.
const CLIENT_NAME: &str = concat!("btrdb-web-", env!("CARGO_PKG_VERSION"));

/// Which server to log in to. What is left out is looked up as [`Credentials::find`] says.
#[derive(Clone, Default)]
pub struct Login {
    /// `host:port`, or a URL.
    pub endpoint: Option<String>,
    /// The API key.
    pub api_key: Option<String>,
    /// A section of the user's file of profiles, instead of an endpoint.
    pub profile: Option<String>,
    /// A file of the certificates that the server's must come from, as PEM, instead of those that the system trusts.
    pub ca_bundle: Option<PathBuf>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { endpoint, profile, .. } = self;
        f.debug_struct("Login").field("endpoint", endpoint).field("profile", profile).finish_non_exhaustive()
    }
}

/// Connects to the server that `login`, the environment and the user's file of profiles name; the key among `options` is
/// not looked at.
///
/// # Errors
/// As [`Credentials::find`] and [`connect`].
pub async fn connect_as(login: &Login, options: Options) -> Result<Connection<Channel>> {
    let Credentials { endpoint, api_key, ca_bundle } = Credentials::find(login)?;
    open(&endpoint, ca_bundle.as_deref(), Options { api_key, ..options }).await
}

/// Connects to `endpoint`, which is as [`endpoint_url`] says. A server on port 4411, or at a URL of scheme `https`, must
/// show a certificate from one of those that the system trusts, or, where `BTRDB_CA_BUNDLE` names a file, of those in it.
///
/// # Errors
/// `Connection` where `endpoint` makes no sense or the file of certificates cannot be read, `Unavailable` where nothing
/// answers there or its certificate is not trusted, `Unauthenticated` where the server wants another API key.
pub async fn connect(endpoint: &str, options: Options) -> Result<Connection<Channel>> {
    open(endpoint, Environment::of_process().ca_bundle.as_deref(), options).await
}

async fn open(endpoint: &str, ca_bundle: Option<&Path>, options: Options) -> Result<Connection<Channel>> {
    let url = endpoint_url(endpoint)?;
    let malformed =
        |why: tonic::transport::Error| Error::new(ErrorKind::Connection, format!("{endpoint}: {}", causes(&why)));
    let mut to = Endpoint::from_shared(url.clone())
        .map_err(malformed)?
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_keepalive(Some(TCP_KEEPALIVE))
        .tcp_nodelay(true);
    if url.starts_with("https:") {
        to = to.tls_config(tls(ca_bundle)?).map_err(malformed)?;
    }
    let channel = to
        .connect()
        .await
        .map_err(|why| Error::new(ErrorKind::Unavailable, format!("{endpoint}: {}", causes(&why))))?;
    let client_name = options.client_name.or_else(|| Some(CLIENT_NAME.to_owned()));
    let timer = options.timer.or_else(|| Some(Arc::new(TokioTimer)));
    Connection::connect(channel, Options { client_name, timer, ..options }).await
}

fn tls(ca_bundle: Option<&Path>) -> Result<ClientTlsConfig> {
    let Some(file) = ca_bundle else { return Ok(ClientTlsConfig::new().with_enabled_roots()) };
    let pem = std::fs::read(file).map_err(|why| {
        let message = format!("the certificates to trust, {}: {why}", file.display());
        Error::new(ErrorKind::Connection, message)
    })?;
    Ok(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)))
}

/// An error and all below it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(below) = cause {
        let more = below.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = below.source();
    }
    text
}
