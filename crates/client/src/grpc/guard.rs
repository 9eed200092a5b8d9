//! Watches what comes back from a transport: whether the server itself said no, and that nothing in its words does harm.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use pin_project_lite::pin_project;
use tonic::Status;
use tonic::body::Body as RequestBody;
use tonic::client::GrpcService;
use tonic::codegen::{Body, Bytes};

use super::GrpcTransport;
use crate::page::Page;

/// Which compressions an answer may have, the dearest first.
const ACCEPT_ENCODING: &str = "grpc-accept-encoding";

/// The status of a call that went well.
const OK: &[u8] = b"0";

/// Set once the server has sent a status other than OK. Travels with a request as an extension.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusal(Arc<AtomicBool>);

impl Refusal {
    pub(crate) fn was_sent(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn look_at(&self, headers: &mut HeaderMap) {
        if headers.get(Status::GRPC_STATUS).is_some_and(|status| status.as_bytes() != OK) {
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

impl<T: GrpcTransport> GrpcService<RequestBody> for Guard<T> {
    type ResponseBody = GuardedBody<T::ResponseBody>;
    type Error = T::Error;
    type Future = GuardedFuture<T::Future, T::ResponseBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.transport.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let refusal = request.extensions().get::<Refusal>().cloned().unwrap_or_default();
        if cfg!(feature = "gzip") {
            // Servers take what is named first for a wish.
            let accepted = if self.wants_gzip { "gzip,deflate,identity" } else { "identity,gzip,deflate" };
            request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
        }
        GuardedFuture { inner: self.transport.call(request), refusal, page: None }
    }
}

pin_project! {
    pub(crate) struct GuardedFuture<F, B> {
        #[pin]
        inner: F,
        refusal: Refusal,
        page: Option<(Page, Pin<Box<B>>)>,
    }
}

impl<F, B, E> Future for GuardedFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
{
    type Output = Result<Response<GuardedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (page, body) = match this.page {
            Some(page) => page,
            none => {
                let mut response = ready!(this.inner.poll(cx))?;
                let Some(page) = page_of(&response) else {
                    this.refusal.look_at(response.headers_mut());
                    let is_ok_early = took_early_ok(response.headers_mut());
                    let refusal = this.refusal.clone();
                    let guarded = |inner| GuardedBody { inner: Some(inner), refusal, is_ok_early, has_begun: false };
                    return Poll::Ready(Ok(response.map(guarded)));
                };
                none.insert((page, Box::pin(response.into_body())))
            }
        };
        while let Some(Ok(frame)) = ready!(body.as_mut().poll_frame(cx)) {
            if !page.takes_more_after(frame.data_ref().map_or(&[], |bytes| bytes)) {
                break;
            }
        }
        let (code, message) = page.status();
        let status = Status::new(code, message);
        let refusal = this.refusal.clone();
        let mut response = Response::new(GuardedBody { inner: None, refusal, is_ok_early: false, has_begun: false });
        // Where even this does not fit into the headers, the call ends for want of a status.
        let _ = status.add_header(response.headers_mut());
        Poll::Ready(Ok(response))
    }
}

fn page_of<B>(response: &Response<B>) -> Option<Page> {
    let headers = response.headers();
    let media_type = headers.get(CONTENT_TYPE).map(|found| String::from_utf8_lossy(found.as_bytes()));
    Page::of(response.status().as_u16(), media_type.as_deref(), headers.contains_key(Status::GRPC_STATUS))
}

/// Takes the status out of `headers` if it is OK: some servers send it there and then another at the end, which counts.
fn took_early_ok(headers: &mut HeaderMap) -> bool {
    let is_ok = headers.get(Status::GRPC_STATUS).is_some_and(|status| status.as_bytes() == OK);
    if is_ok {
        headers.remove(Status::GRPC_STATUS);
    }
    is_ok
}

pin_project! {
    pub(crate) struct GuardedBody<B> {
        // Nothing after a page.
        #[pin]
        inner: Option<B>,
        refusal: Refusal,
        // Whether the headers said that all is well, which holds for an answer that is empty or ends without a status.
        is_ok_early: bool,
        has_begun: bool,
    }
}

impl<B: Body<Data = Bytes>> Body for GuardedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else { return Poll::Ready(None) };
        let mut frame = ready!(inner.poll_frame(cx));
        if frame.is_none() && *this.is_ok_early && !*this.has_begun {
            frame = Some(Ok(Frame::trailers(HeaderMap::new())));
        }
        if let Some(Ok(frame)) = &mut frame {
            *this.has_begun = true;
            if let Some(trailers) = frame.trailers_mut() {
                if *this.is_ok_early && !trailers.contains_key(Status::GRPC_STATUS) {
                    trailers.insert(Status::GRPC_STATUS, HeaderValue::from_static("0"));
                }
                this.refusal.look_at(trailers);
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        let has_more = self.is_ok_early && !self.has_begun;
        !has_more && self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.inner.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}
