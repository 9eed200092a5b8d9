//! Connecting over a socket.

use std::time::Duration;

use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use crate::connection::{Connection, Options};
use crate::endpoint::endpoint_url;
use crate::error::{Error, ErrorKind, Result};

/// How long to try to reach the server at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What the server is told of who asks.
const CLIENT_NAME: &str = concat!("btrdb-web-", env!("CARGO_PKG_VERSION"));

/// Connects to `endpoint`, which is as [`endpoint_url`] says.
///
/// # Errors
/// `Connection` where `endpoint` is neither, `Unavailable` where nothing answers there, `Unauthenticated` where the
/// server wants another API key.
pub async fn connect(endpoint: &str, options: Options) -> Result<Connection<Channel>> {
    let url = endpoint_url(endpoint)?;
    let malformed =
        |why: tonic::transport::Error| Error::new(ErrorKind::Connection, format!("{endpoint}: {}", causes(&why)));
    let mut to =
        Endpoint::from_shared(url.clone()).map_err(malformed)?.connect_timeout(CONNECT_TIMEOUT).tcp_nodelay(true);
    if url.starts_with("https:") {
        to = to.tls_config(ClientTlsConfig::new().with_enabled_roots()).map_err(malformed)?;
    }
    let channel = to
        .connect()
        .await
        .map_err(|why| Error::new(ErrorKind::Unavailable, format!("{endpoint}: {}", causes(&why))))?;
    let options = Options { client_name: options.client_name.or_else(|| Some(CLIENT_NAME.to_owned())), ..options };
    Connection::connect(channel, options).await
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
