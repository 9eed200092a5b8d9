//! What answers is no BTrDB but a proxy, a portal or a web server.

use btrdb_client::{Connection, ErrorKind, Options, TransportFault};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tonic::body::Body;

/// What connecting ends in where a page of `content_type` is answered with `status`.
async fn kind(status: u16, content_type: Option<&'static str>) -> (ErrorKind, String) {
    let transport = tower::service_fn(move |_: Request<Body>| {
        let page = http_body_util::Full::new(Bytes::from_static(b"<html><body>no</body></html>"));
        let mut response = Response::new(Body::new(page));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        if let Some(content_type) = content_type {
            response.headers_mut().insert("content-type", content_type.parse().unwrap());
        }
        async { Ok::<_, TransportFault>(response) }
    });
    let error = Connection::connect(transport, Options::default()).await.unwrap_err();
    (error.kind(), error.message().to_owned())
}

#[tokio::test]
async fn pages_say_what_is_wrong() {
    for (status, content_type, expected) in [
        (502, Some("text/html"), ErrorKind::Unavailable),
        (503, Some("text/html; charset=utf-8"), ErrorKind::Unavailable),
        (503, None, ErrorKind::Unavailable),
        (504, Some("text/plain"), ErrorKind::Unavailable),
        (429, None, ErrorKind::Unavailable),
        (401, Some("text/html"), ErrorKind::Unauthenticated),
        (403, Some("text/html"), ErrorKind::PermissionDenied),
        (404, Some("text/html"), ErrorKind::Unimplemented),
        (500, Some("text/html"), ErrorKind::BadResponse),
        (200, Some("text/html"), ErrorKind::BadResponse),
        (200, None, ErrorKind::BadResponse),
    ] {
        let (kind, message) = kind(status, content_type).await;
        assert_eq!(kind, expected, "{status} {content_type:?}: {message}");
        if status != 200 {
            assert!(message.contains(&status.to_string()), "{message}");
        }
        assert!((status == 200 && content_type.is_none()) || message.contains("saying \"no\""), "{message}");
    }
    let (_, message) = kind(200, Some("text/html")).await;
    assert!(message.contains("text/html"), "{message}");
}
