//! Watches what comes back from a transport: whether the server itself said no, and that nothing in its words does harm.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tonic::body::Body as RequestBody;
use tonic::client::GrpcService;
use tonic::codegen::{Body, Bytes};
use tonic::{Code, Status};

use crate::transport::Transport;

/// Which compressions an answer may have, the dearest first.
const ACCEPT_ENCODING: &str = "grpc-accept-encoding";

/// Set once the server has sent a status other than OK. Travels with a request as an extension.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusal(Arc<AtomicBool>);

impl Refusal {
    pub(crate) fn was_sent(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn look_at(&self, headers: &mut HeaderMap) {
        if headers.get(Status::GRPC_STATUS).is_some_and(|status| status.as_bytes() != b"0") {
            self.0.store(true, Ordering::Relaxed);
        }
        // tonic panics where these are not base64, and nothing here reads them.
        headers.remove(Status::GRPC_STATUS_DETAILS);
    }
}

/// A transport under watch.
#[derive(Clone, Debug)]
pub(crate) struct Guard<T> {
    pub(crate) transport: T,
    /// Whether answers are wanted compressed, rather than merely understood.
    pub(crate) wants_gzip: bool,
}

impl<T: Transport> GrpcService<RequestBody> for Guard<T> {
    type ResponseBody = GuardedBody<T::ResponseBody>;
    type Error = T::Error;
    type Future = GuardedFuture<T::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.transport.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let refusal = request.extensions().get::<Refusal>().cloned().unwrap_or_default();
        // tonic names first what it understands, which servers take for a wish.
        if !self.wants_gzip
            && let Some(accepted) = request.headers_mut().get_mut(ACCEPT_ENCODING)
        {
            *accepted = HeaderValue::from_static("identity,gzip");
        }
        GuardedFuture { inner: self.transport.call(request), refusal }
    }
}

pin_project! {
    pub(crate) struct GuardedFuture<F> {
        #[pin]
        inner: F,
        refusal: Refusal,
    }
}

impl<F, B, E> Future for GuardedFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<GuardedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        if let Some(status) = not_grpc(&response) {
            // Where even this does not fit into the headers, the page is refused as no message.
            let _ = status.add_header(response.headers_mut());
        } else {
            this.refusal.look_at(response.headers_mut());
        }
        Poll::Ready(Ok(response.map(|inner| GuardedBody { inner, refusal: this.refusal.clone() })))
    }
}

/// What an answer means that is not gRPC at all but the page of a proxy, a portal or a web server. The call ends with
/// it, before anybody takes the page for messages.
fn not_grpc<B>(response: &Response<B>) -> Option<Status> {
    let headers = response.headers();
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_grpc = content_type.is_none_or(|value| value.starts_with("application/grpc"));
    if headers.contains_key(Status::GRPC_STATUS) || (response.status() == StatusCode::OK && is_grpc) {
        return None;
    }
    let code = match response.status() {
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        StatusCode::NOT_FOUND => Code::Unimplemented,
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Code::Unavailable,
        _ => Code::Internal,
    };
    let sent = content_type.map(|value| format!(" with {value}")).unwrap_or_default();
    Some(Status::new(code, format!("what answers there is not BTrDB: HTTP {}{sent}", response.status())))
}

pin_project! {
    pub(crate) struct GuardedBody<B> {
        #[pin]
        inner: B,
        refusal: Refusal,
    }
}

impl<B: Body<Data = Bytes>> Body for GuardedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        let mut frame = ready!(this.inner.poll_frame(cx));
        if let Some(Ok(frame)) = &mut frame
            && let Some(trailers) = frame.trailers_mut()
        {
            this.refusal.look_at(trailers);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.inner.size_hint()
    }
}
