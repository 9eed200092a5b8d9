//! What stands between a door and the service, whichever way a call came: keys are checked before a byte of a request is
//! read, answers are compressed for who wants that, and every call is counted and logged.

mod gzip;
mod record;
mod subject;

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response, header::AUTHORIZATION};
use http_body::{Frame, SizeHint};
use tonic::{Status, body::Body};
use tower::{BoxError, Layer, Service};

use crate::{keys::Keys, metrics::Metrics};
pub(crate) use record::{Note, Record};
pub(crate) use subject::Subject;

/// The layer of [`Calls`].
#[derive(Clone)]
pub(crate) struct CallsLayer {
    pub(crate) metrics: Arc<Metrics>,
    /// Without keys everybody may call.
    pub(crate) keys: Option<Arc<Keys>>,
}

/// A gRPC service whose calls are checked, compressed and counted.
#[derive(Clone)]
pub(crate) struct Calls<S> {
    inner: S,
    layer: CallsLayer,
}

impl<S> Layer<S> for CallsLayer {
    type Service = Calls<S>;

    fn layer(&self, inner: S) -> Calls<S> {
        Calls { inner, layer: self.clone() }
    }
}

type Answered = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl<S, B> Service<Request<B>> for Calls<S>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answered;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Answered {
        let record = Arc::new(Record::begin(request.uri().path(), self.layer.metrics.clone()));
        let known = self.layer.keys.as_ref().is_none_or(|keys| {
            let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
            keys.rights_of(authorization).is_some()
        });
        if !known {
            let refused = seen(Status::unauthenticated("invalid api key").into_http(), record);
            return Box::pin(async { Ok(refused) });
        }
        let compress = gzip::is_wanted(request.headers());
        request.extensions_mut().insert(record.clone());
        let read = record.clone();
        let request = request.map(|body| Body::new(Seen { body: Body::new(body), record: read, way: Way::In }));
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await?;
            Ok(seen(if compress { gzip::compressed(response) } else { response }, record))
        })
    }
}

/// `response`, with its end written into `record`.
fn seen(response: Response<Body>, record: Arc<Record>) -> Response<Body> {
    record.status(response.headers());
    response.map(|body| Body::new(Seen { body, record, way: Way::Out }))
}

#[derive(Clone, Copy)]
enum Way {
    In,
    Out,
}

/// A body whose bytes are counted, and whose status is noted. As long as it lives, the call does.
struct Seen {
    body: Body,
    record: Arc<Record>,
    way: Way,
}

impl http_body::Body for Seen {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
            match self.way {
                Way::In => self.record.received(bytes),
                Way::Out => {
                    self.record.sent(bytes);
                    if let Some(trailers) = frame.trailers_ref() {
                        self.record.status(trailers);
                    }
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
