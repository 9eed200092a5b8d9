//! gRPC-web for transports that speak HTTP but not HTTP/2, such as a browser's `fetch`: what comes back, as gRPC has it.
//!
//! An answer's body is frames: a byte of flags, four of length, and so many bytes. Most hold messages, as in gRPC; the
//! last holds what HTTP/2 would have sent as trailers, with the status of the call. Nothing here waits or asks: bytes
//! come in, and messages, trailers or a fault come out.

mod body;
mod frames;
mod inflate;
mod trailers;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

pub use self::body::WebBody;
pub use self::frames::Frames;

/// The media type of requests, and of the answers wanted.
pub const MEDIA_TYPE: &str = "application/grpc-web+proto";

/// The answer to a call, from the status and the headers that came and the chunks of the body as they come. `headers`
/// are those that a page may see: of another origin's it may miss some.
pub fn response<S>(status: StatusCode, mut headers: HeaderMap, chunks: S) -> Response<WebBody<S>> {
    let media_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_page = media_type.is_some_and(|found| !found.starts_with(b"application/grpc-web"));
    // Messages are unpacked here.
    headers.remove("grpc-encoding");
    let mut response = Response::new(if is_page { WebBody::of_page(chunks) } else { WebBody::new(chunks) });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
