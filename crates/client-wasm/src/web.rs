//! The client over gRPC-web, by the `fetch` of wherever this runs: a page, a worker, Node, Deno or Bun.

mod fetch;
mod timer;

use std::sync::Arc;

use btrdb_client::{Answers, Connection, Options, Pending, Request, Result, Transport, endpoint_url};
use send_wrapper::SendWrapper;

pub(crate) use self::fetch::Fetch;
pub use self::timer::WebTimer;

/// A connection of a page or a worker to a BTrDB service.
pub type WebConnection = Connection<WebTransport>;

/// [`connect_with`] an API key and nothing else out of the ordinary.
///
/// # Errors
/// As [`connect_with`].
pub async fn connect(endpoint: &str, api_key: Option<String>) -> Result<WebConnection> {
    connect_with(endpoint, Options { api_key, ..Options::default() }).await
}

/// Connects to the gRPC-web service at `endpoint`: a URL or `host:port` as [`endpoint_url`] says, or a path on the
/// server that the page is from, such as the empty string. Brings a timer where `options` has none.
///
/// # Errors
/// `Connection` where `endpoint` makes no sense, `Unavailable` where nothing answers there or the browser may not ask,
/// `BadResponse` where what answers is not gRPC-web, `Unauthenticated` where the server wants another API key.
pub async fn connect_with(endpoint: &str, options: Options) -> Result<WebConnection> {
    let timer = options.timer.or_else(|| Some(Arc::new(WebTimer)));
    Connection::connect(WebTransport::new(endpoint)?, Options { timer, ..options }).await
}

/// gRPC-web over `fetch`, which says in the client's terms why it failed. Dropping a call aborts its request.
#[derive(Clone, Debug)]
pub struct WebTransport {
    /// What goes before the path of a call: a URL or the beginning of a path, without a slash at its end.
    base: Arc<str>,
    /// What is called instead of the global `fetch`.
    fetch: Option<SendWrapper<Fetch>>,
}

impl WebTransport {
    /// A transport to `endpoint`, which is as [`connect_with`] takes it; asks nothing yet.
    ///
    /// # Errors
    /// `Connection` where `endpoint` makes no sense.
    pub fn new(endpoint: &str) -> Result<Self> {
        let is_path = endpoint.is_empty() || endpoint.starts_with(['/', '.']);
        let base = if is_path { endpoint.trim_end_matches('/').to_owned() } else { endpoint_url(endpoint)? };
        Ok(Self { base: base.into(), fetch: None })
    }

    /// The same, which asks by `fetch` instead of the global function of that name.
    #[must_use]
    #[cfg(feature = "js")]
    pub(crate) fn by(self, fetch: Fetch) -> Self {
        Self { fetch: Some(SendWrapper::new(fetch)), ..self }
    }
}

impl Transport for WebTransport {
    fn call(&self, request: Request) -> Pending<'static, Answers> {
        // There is but one thread that this can be used on.
        Box::pin(SendWrapper::new(fetch::post(self.fetch.clone(), Arc::clone(&self.base), request)))
    }

    fn is_crowded(&self) -> bool {
        self.fetch.as_ref().is_some_and(|fetch| fetch.is_crowded(&self.base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_of_the_page_and_elsewhere() {
        for (endpoint, base) in [
            ("", ""),
            ("/", ""),
            ("/btrdb", "/btrdb"),
            ("./btrdb/", "./btrdb"),
            ("localhost:4410", "http://localhost:4410"),
            ("https://db.example.org/", "https://db.example.org"),
        ] {
            assert_eq!(&*WebTransport::new(endpoint).unwrap().base, base);
        }
        assert!(WebTransport::new("db.example.org").is_err());
    }
}
