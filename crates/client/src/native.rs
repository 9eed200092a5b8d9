//! Connecting over a socket.

use std::time::Duration;

use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use crate::connection::{Connection, Options};
use crate::error::{Error, ErrorKind, Result};

/// The port at which BTrDB speaks TLS.
const TLS_PORT: &str = "4411";

/// How long to try to reach the server at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What the server is told of who asks.
const CLIENT_NAME: &str = concat!("btrdb-web-", env!("CARGO_PKG_VERSION"));

/// Connects to `endpoint`: a URL of scheme `http` or `https`, or `host:port`, which means `https` on port 4411 and
/// `http` on any other.
///
/// # Errors
/// `Connection` where `endpoint` is neither, `Unavailable` where nothing answers there, `Unauthenticated` where the
/// server wants another API key.
pub async fn connect(endpoint: &str, options: Options) -> Result<Connection<Channel>> {
    let url = url(endpoint)?;
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

/// The URL that `endpoint` means.
fn url(endpoint: &str) -> Result<String> {
    if endpoint.starts_with("http://") || endpoint.starts_with("https://") {
        return Ok(endpoint.trim_end_matches('/').to_owned());
    }
    match endpoint.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok() => {
            let scheme = if port == TLS_PORT { "https" } else { "http" };
            Ok(format!("{scheme}://{endpoint}"))
        }
        _ => Err(Error::new(
            ErrorKind::Connection,
            format!("an endpoint is a URL or host:port, such as localhost:4410, not {endpoint:?}"),
        )),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (endpoint, expected) in [
            ("localhost:4410", "http://localhost:4410"),
            ("db.example.org:4411", "https://db.example.org:4411"),
            ("10.0.0.1:80", "http://10.0.0.1:80"),
            ("[::1]:4410", "http://[::1]:4410"),
            ("https://db.example.org", "https://db.example.org"),
            ("http://db.example.org:4411/", "http://db.example.org:4411"),
        ] {
            assert_eq!(url(endpoint).unwrap(), expected, "{endpoint}");
        }
        for endpoint in
            ["", "localhost", ":4410", "localhost:", "localhost:btrdb", "localhost:70000", "a/b:1", "ftp://x"]
        {
            assert_eq!(url(endpoint).unwrap_err().kind(), ErrorKind::Connection, "{endpoint}");
        }
    }
}
