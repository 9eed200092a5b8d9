//! The client over gRPC-web, by the browser's `fetch`.

use std::task::{Context, Poll};

use btrdb_client::{Connection, Options, Result, TransportFault, endpoint_url};
use futures_util::TryFutureExt;
use futures_util::future::MapErr as MapFuture;
use futures_util::future::MapOk;
use http::{Request, Response};
use http_body_util::BodyExt;
use http_body_util::combinators::MapErr as MapBody;
use tonic::body::Body;
use tonic_web_wasm_client::{Client, Error as FetchError, ResponseBody};
use tower_service::Service;

/// A connection of a page or a worker to a BTrDB service.
pub type WebConnection = Connection<WebTransport>;

/// Connects to the gRPC-web service at `endpoint`: a URL or `host:port` as [`endpoint_url`] says, or a path on the
/// server that the page is from, such as the empty string.
///
/// # Errors
/// `Connection` where `endpoint` makes no sense, `Unavailable` where nothing answers there or the browser may not ask,
/// `BadResponse` where what answers is not gRPC-web, `Unauthenticated` where the server wants another API key.
pub async fn connect(endpoint: &str, api_key: Option<String>) -> Result<WebConnection> {
    let transport = WebTransport::new(endpoint)?;
    Connection::connect(transport, Options { api_key, ..Options::default() }).await
}

/// gRPC-web over `fetch`, which says in the client's terms why it failed. Dropping a call aborts its request.
#[derive(Clone, Debug)]
pub struct WebTransport(Client);

impl WebTransport {
    /// A transport to `endpoint`, which is as [`connect`] takes it; asks nothing yet.
    ///
    /// # Errors
    /// `Connection` where `endpoint` makes no sense.
    pub fn new(endpoint: &str) -> Result<Self> {
        let is_path = endpoint.is_empty() || endpoint.starts_with(['/', '.']);
        let base = if is_path { endpoint.trim_end_matches('/').to_owned() } else { endpoint_url(endpoint)? };
        // No timeout among its options: theirs would cut off a long read in full flow.
        Ok(Self(Client::new(base)))
    }
}

type FetchResponse = Response<ResponseBody>;
type WebBody = MapBody<ResponseBody, fn(FetchError) -> TransportFault>;
type WebFuture<F> = MapFuture<MapOk<F, fn(FetchResponse) -> Response<WebBody>>, fn(FetchError) -> TransportFault>;

impl Service<Request<Body>> for WebTransport {
    type Response = Response<WebBody>;
    type Error = TransportFault;
    type Future = WebFuture<<Client as Service<Request<Body>>>::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportFault>> {
        self.0.poll_ready(cx).map_err(fault)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.0.call(request).map_ok(with_faults as fn(_) -> _).map_err(fault as fn(_) -> _)
    }
}

fn with_faults(response: FetchResponse) -> Response<WebBody> {
    response.map(|body| body.map_err(fault_of_body as fn(_) -> _))
}

/// What it means that reading an answer failed after it had begun.
fn fault_of_body(error: FetchError) -> TransportFault {
    match error {
        FetchError::JsError(text) => TransportFault::Unavailable(format!("the connection broke ({text})")),
        other => fault(other),
    }
}

/// What a failed `fetch` means. A browser tells a page no more than that it failed, for the page's own good.
fn fault(error: FetchError) -> TransportFault {
    match error {
        FetchError::JsError(text) => {
            TransportFault::Unavailable(format!("the server cannot be reached, or does not allow this page ({text})"))
        }
        FetchError::InvalidContentType(found) => {
            TransportFault::BadResponse(format!("what answers there is not gRPC-web but sends {found}"))
        }
        FetchError::MissingContentTypeHeader => {
            TransportFault::BadResponse("what answers there is not gRPC-web".to_owned())
        }
        FetchError::MalformedResponse => TransportFault::BadResponse("the answer was cut short".to_owned()),
        other => TransportFault::BadResponse(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_of_the_page_and_elsewhere() {
        for endpoint in ["", "/", "/btrdb", "./btrdb/", "localhost:4410", "https://db.example.org"] {
            assert!(WebTransport::new(endpoint).is_ok(), "{endpoint}");
        }
        assert!(WebTransport::new("db.example.org").is_err());
    }

    #[test]
    fn faults_keep_their_words() {
        let unreachable = fault(FetchError::JsError("TypeError: Failed to fetch".to_owned()));
        assert!(matches!(&unreachable, TransportFault::Unavailable(text) if text.contains("Failed to fetch")));
        let page = fault(FetchError::InvalidContentType("text/html".to_owned()));
        assert!(matches!(&page, TransportFault::BadResponse(text) if text.contains("text/html")));
    }
}
