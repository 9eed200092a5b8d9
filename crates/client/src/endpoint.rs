//! Where a server is.

use http::Uri;

use crate::error::{Error, ErrorKind, Result};

/// The port at which BTrDB speaks TLS.
const TLS_PORT: &str = "4411";

/// The URL that `endpoint` means: itself if it is one of scheme `http` or `https`, else `host:port` with `https` on port
/// 4411 and `http` on any other. Without a slash at its end.
///
/// # Errors
/// `Connection` where `endpoint` is neither.
pub fn endpoint_url(endpoint: &str) -> Result<String> {
    let url = if endpoint.starts_with("http://") || endpoint.starts_with("https://") {
        Some(endpoint.trim_end_matches('/').to_owned())
    } else {
        from_host_and_port(endpoint)
    };
    let means_a_host = |url: &String| {
        let uri: Option<Uri> = url.parse().ok();
        uri.is_some_and(|uri| uri.scheme().is_some() && uri.host().is_some_and(|host| !host.is_empty()))
    };
    url.filter(means_a_host).ok_or_else(|| {
        let message = format!("an endpoint is a URL, or host:port such as localhost:4410, but not {endpoint:?}");
        Error::new(ErrorKind::Connection, message)
    })
}

fn from_host_and_port(endpoint: &str) -> Option<String> {
    let (host, port) = endpoint.rsplit_once(':')?;
    if host.contains('/') || port.parse::<u16>().is_err() {
        return None;
    }
    let scheme = if port == TLS_PORT { "https" } else { "http" };
    Some(format!("{scheme}://{endpoint}"))
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
            ("https://db.example.org/btrdb/", "https://db.example.org/btrdb"),
        ] {
            assert_eq!(endpoint_url(endpoint).unwrap(), expected, "{endpoint}");
        }
        for endpoint in [
            "",
            "localhost",
            ":4410",
            "localhost:",
            "localhost:btrdb",
            "localhost:70000",
            "a/b:1",
            "ftp://x",
            "two words:80",
            "http://",
            "http://a b",
        ] {
            assert_eq!(endpoint_url(endpoint).unwrap_err().kind(), ErrorKind::Connection, "{endpoint}");
        }
    }
}
