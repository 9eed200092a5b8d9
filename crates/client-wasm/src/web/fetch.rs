//! One call as one `fetch`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use btrdb_client::grpc_web::{self, WebBody};
use btrdb_client::{Stall, TransportFault};
use bytes::Bytes;
use futures_core::Stream;
use http::header::{ACCEPT, CONTENT_TYPE, TE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use js_sys::{Promise, Reflect, Uint8Array};
use send_wrapper::SendWrapper;
use tonic::body::Body;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, ReadableStream, RequestInit};

#[wasm_bindgen]
extern "C" {
    /// That of the global scope, whichever it is. Throws where there is none.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;

    /// A function like the global `fetch`. Of what it answers, only `status`, `headers.get` and `body.getReader().read` are
    /// used. What it is called with besides what `fetch` takes: `stallMs`, in how many milliseconds something has to come.
    #[derive(Clone, Debug)]
    pub type Fetch;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn ask(this: &Fetch, none: &JsValue, url: &str, init: &RequestInit) -> Result<Promise, JsValue>;

    /// Of a body.
    #[wasm_bindgen(js_name = ReadableStream)]
    type Content;

    #[wasm_bindgen(method, catch, structural, js_name = getReader)]
    fn reader(this: &Content) -> Result<Reader, JsValue>;

    /// Whatever was thrown, in words.
    #[wasm_bindgen(js_name = String)]
    fn text(thrown: &JsValue) -> String;

    /// A reader of a stream of bytes into memory that it is lent, or of any stream: that does not look at what it is lent.
    #[derive(Debug)]
    #[wasm_bindgen(js_name = ReadableStreamBYOBReader)]
    type Reader;

    /// Throws where the stream is of anything but bytes, or bytes cannot be read that way.
    #[wasm_bindgen(constructor, catch, js_class = "ReadableStreamBYOBReader")]
    fn of_bytes(stream: &ReadableStream) -> Result<Reader, JsValue>;

    #[wasm_bindgen(method, structural)]
    fn read(this: &Reader, into: Option<&Uint8Array>) -> Promise;

    /// What reading a stream gives.
    type ReadResult;

    #[wasm_bindgen(method, getter, structural)]
    fn done(this: &ReadResult) -> bool;

    #[wasm_bindgen(method, getter, structural)]
    fn value(this: &ReadResult) -> Uint8Array;
}

/// The headers of an answer that mean something here.
const ANSWER_HEADERS: [&str; 4] = ["content-type", "grpc-message", "grpc-retry-pushback-ms", "grpc-status"];

/// How many bytes of an answer are read at a time at first: enough for most answers as a whole.
const FIRST_MEMORY: u32 = 64 << 10;

/// And after a read that filled that.
const LARGEST_MEMORY: u32 = 1 << 20;

const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// Makes the call that `request` is at `url`.
pub(super) async fn post(
    by: Option<Fetch>,
    url: String,
    request: Request<Body>,
) -> Result<Response<WebBody<Chunks>>, TransportFault> {
    let (head, body) = request.into_parts();
    let refused = |why: tonic::Status| TransportFault::BadResponse(format!("the request cannot be made: {why}"));
    let body = body.collect().await.map_err(refused)?.to_bytes();
    let unreachable = |thrown: JsValue| unreachable(&url, head.uri.path(), &thrown);
    let abort = Abort::new().map_err(unreachable)?;
    let init = init(&head.headers, &body, &abort.0).map_err(unreachable)?;
    if let Some(Stall(limit)) = head.extensions.get() {
        // Of an object that was made here nothing is refused.
        let _ = Reflect::set(&init, &"stallMs".into(), &(limit.as_secs_f64() * 1e3).into());
    }
    let asked = match &by {
        Some(by) => by.ask(&JsValue::UNDEFINED, &url, &init),
        None => fetch(&url, &init),
    };
    let answer = match asked {
        Ok(promise) => JsFuture::from(promise).await,
        Err(thrown) => Err(thrown),
    };
    let answer: web_sys::Response = answer.map_err(unreachable)?.unchecked_into();
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let chunks = Chunks::new(answer.body().as_ref(), abort).map_err(|thrown| broken(&thrown))?;
    Ok(grpc_web::response(status, headers(&answer.headers()), chunks))
}

fn init(headers: &HeaderMap, body: &Bytes, abort: &AbortController) -> Result<RequestInit, JsValue> {
    let sent = Headers::new()?;
    for (name, value) in [(CONTENT_TYPE, grpc_web::MEDIA_TYPE), (ACCEPT, grpc_web::MEDIA_TYPE)] {
        sent.set(name.as_str(), value)?;
    }
    sent.set("x-grpc-web", "1")?;
    for (name, value) in headers.iter().filter(|(name, value)| is_sent(name, value)) {
        sent.set(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&sent);
    init.set_body(&Uint8Array::from(&body[..]));
    init.set_signal(Some(&abort.signal()));
    Ok(init)
}

/// Whether a header of gRPC goes along. Each is one more that a server elsewhere has to allow, so none is sent that says
/// no more than that compressed answers would be understood.
fn is_sent(name: &HeaderName, value: &HeaderValue) -> bool {
    let is_wish = name != ACCEPT_ENCODING || !value.as_bytes().starts_with(b"identity");
    name != CONTENT_TYPE && name != TE && is_wish
}

fn headers(of: &Headers) -> HeaderMap {
    let header = |name: &'static str| {
        let value = HeaderValue::try_from(of.get(name).ok()??).ok()?;
        Some((HeaderName::from_static(name), value))
    };
    ANSWER_HEADERS.into_iter().filter_map(header).collect()
}

/// Aborts a request when it is dropped, wherever the request is by then. After its end that does nothing.
#[derive(Debug)]
struct Abort(AbortController);

impl Abort {
    fn new() -> Result<Self, JsValue> {
        AbortController::new().map(Self)
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The body of an answer as it comes. A chunk is asked for when it is waited for, so whoever reads slowly slows down the
/// server. Dropping it aborts the request.
#[derive(Debug)]
pub struct Chunks(SendWrapper<Reading>);

#[derive(Debug)]
struct Reading {
    /// `None` at the end.
    reader: Option<Reader>,
    /// What to read into, which is lent while a read is pending; `None` where the stream brings memory of its own.
    memory: Option<Uint8Array>,
    pending: Option<JsFuture>,
    _abort: Abort,
}

impl Chunks {
    fn new(body: Option<&ReadableStream>, abort: Abort) -> Result<Self, JsValue> {
        let (mut reader, mut memory) = (None, None);
        if let Some(body) = body {
            if let Ok(of_bytes) = Reader::of_bytes(body) {
                reader = Some(of_bytes);
                memory = Some(Uint8Array::new_with_length(FIRST_MEMORY));
            } else {
                reader = Some(body.unchecked_ref::<Content>().reader()?);
            }
        }
        Ok(Self(SendWrapper::new(Reading { reader, memory, pending: None, _abort: abort })))
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, TransportFault>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Reading { reader, memory, pending, .. } = &mut *self.0;
        let Some(source) = reader else { return Poll::Ready(None) };
        let read = pending.get_or_insert_with(|| JsFuture::from(source.read(memory.as_ref())));
        let outcome = ready!(Pin::new(read).poll(cx));
        *pending = None;
        let next = match outcome.map(JsCast::unchecked_into::<ReadResult>) {
            Ok(read) if read.done() => None,
            Ok(read) => {
                let chunk = read.value();
                if let Some(memory) = memory {
                    *memory = next_memory(&chunk);
                }
                return Poll::Ready(Some(Ok(chunk.to_vec().into())));
            }
            Err(thrown) => Some(Err(broken(&thrown))),
        };
        *reader = None;
        Poll::Ready(next)
    }
}

/// What to read into after `chunk`: what that is in, or more where that was full. Memory for each chunk anew would wait for
/// the collector, several times what is read by then.
fn next_memory(chunk: &Uint8Array) -> Uint8Array {
    let buffer = chunk.buffer();
    if chunk.length() == FIRST_MEMORY { Uint8Array::new_with_length(LARGEST_MEMORY) } else { Uint8Array::new(&buffer) }
}

/// What it means that there is no answer. A browser tells a page no more than that, for the page's own good.
fn unreachable(url: &str, path: &str, thrown: &JsValue) -> TransportFault {
    let server = match url.strip_suffix(path) {
        None | Some("") => "the server of this page".to_owned(),
        Some(base) => format!("the server at {base}"),
    };
    let why = words(thrown);
    TransportFault::Unavailable(format!("{server} cannot be reached, or does not allow this page ({why})"))
}

/// What it means that an answer ends in its midst.
fn broken(thrown: &JsValue) -> TransportFault {
    TransportFault::Unavailable(format!("the connection broke ({})", words(thrown)))
}

/// What was thrown, with its cause, in which Node says what happened.
fn words(thrown: &JsValue) -> String {
    let cause = Reflect::get(thrown, &"cause".into()).ok().filter(|cause| !cause.is_null_or_undefined());
    match cause {
        Some(cause) => format!("{}: {}", text(thrown), text(&cause)),
        None => text(thrown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_a_server_elsewhere_has_to_allow() {
        let sent =
            |name: &'static str, value| is_sent(&HeaderName::from_static(name), &HeaderValue::from_static(value));
        assert!(sent("authorization", "Bearer K3Y") && sent("grpc-timeout", "1S"));
        assert!(sent("grpc-accept-encoding", "gzip,deflate,identity"));
        assert!(!sent("grpc-accept-encoding", "identity,gzip,deflate"));
        assert!(!sent("te", "trailers") && !sent("content-type", "application/grpc"));
    }
}
