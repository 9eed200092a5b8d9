//! One call as one `fetch`.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use btrdb_client::grpc_web::{self, Head};
use btrdb_client::{Answers, Request, Result, TransportFault};
use bytes::Bytes;
use futures_core::Stream;
use js_sys::{Promise, Reflect, Uint8Array};
use send_wrapper::SendWrapper;
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
    /// Besides it has `isCrowded`.
    #[derive(Clone, Debug)]
    pub type Fetch;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn ask(this: &Fetch, none: &JsValue, url: &str, init: &RequestInit) -> Result<Promise, JsValue>;

    /// Whether requests to the server of `base` wait in line.
    #[wasm_bindgen(method, structural, js_name = isCrowded)]
    pub(super) fn is_crowded(this: &Fetch, base: &str) -> bool;

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

/// How many bytes of an answer are read at a time at first: enough for most answers as a whole.
const FIRST_MEMORY: u32 = 64 << 10;

/// And after a read that filled that.
const LARGEST_MEMORY: u32 = 1 << 20;

/// Makes the call that `request` is at the server of `base`.
pub(super) async fn post(by: Option<SendWrapper<Fetch>>, base: Arc<str>, request: Request) -> Result<Answers> {
    let unreachable = |thrown: JsValue| unreachable(&base, &thrown);
    let abort = Abort::new().map_err(unreachable)?;
    let init = init(&request, &abort.0).map_err(unreachable)?;
    if let Some(limit) = request.stall {
        // Of an object that was made here nothing is refused.
        let _ = Reflect::set(&init, &"stallMs".into(), &(limit.as_secs_f64() * 1e3).into());
    }
    let url = format!("{base}{}", request.path());
    let asked = match &by {
        Some(by) => by.ask(&JsValue::UNDEFINED, &url, &init),
        None => fetch(&url, &init),
    };
    let answer = match asked {
        Ok(promise) => JsFuture::from(promise).await,
        Err(thrown) => Err(thrown),
    };
    let answer: web_sys::Response = answer.map_err(unreachable)?.unchecked_into();
    let headers = answer.headers();
    let header = |name| headers.get(name).ok().flatten();
    let head = Head {
        status: answer.status(),
        media_type: header("content-type"),
        grpc_status: header("grpc-status"),
        grpc_message: header("grpc-message"),
        pushback: header("grpc-retry-pushback-ms"),
        details: header("grpc-status-details-bin"),
    };
    let chunks = Chunks::new(answer.body().as_ref(), abort).map_err(|thrown| broken(&thrown))?;
    grpc_web::answers(head, chunks).await
}

fn init(request: &Request, abort: &AbortController) -> Result<RequestInit, JsValue> {
    let sent = Headers::new()?;
    for (name, value) in headers(request) {
        sent.set(name, &value)?;
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&sent);
    init.set_body(&Uint8Array::from(&grpc_web::body(&request.message)[..]));
    init.set_signal(Some(&abort.signal()));
    Ok(init)
}

/// The headers of a request. Each is one more that a server elsewhere has to allow, so none is sent that says no more
/// than that compressed answers would be understood.
fn headers(request: &Request) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
    let always = [("content-type", grpc_web::MEDIA_TYPE), ("accept", grpc_web::MEDIA_TYPE), ("x-grpc-web", "1")];
    let wish = request.wants_gzip.then_some(("grpc-accept-encoding", "gzip,deflate,identity"));
    let timeout = request.timeout.map(|limit| ("grpc-timeout", grpc_web::timeout(limit).into()));
    let named = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
    always.into_iter().chain(wish).chain(named).map(|(name, value)| (name, value.into())).chain(timeout)
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
struct Chunks(SendWrapper<Reading>);

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
fn unreachable(base: &str, thrown: &JsValue) -> TransportFault {
    let server = match base {
        "" => "the server of this page".to_owned(),
        base => format!("the server at {base}"),
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
    use std::time::Duration;

    use super::*;

    #[test]
    fn headers_that_a_server_elsewhere_has_to_allow() {
        let plain = Request {
            call: "Info",
            message: Bytes::new(),
            headers: Arc::new([]),
            timeout: None,
            stall: None,
            wants_gzip: false,
        };
        let names = |request: &Request| headers(request).map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(&plain), ["content-type", "accept", "x-grpc-web"]);
        let full = Request {
            headers: Arc::new([("authorization", "Bearer K3Y".to_owned())]),
            timeout: Some(Duration::from_secs(1)),
            wants_gzip: true,
            ..plain
        };
        let expected = [
            ("grpc-accept-encoding", "gzip,deflate,identity".into()),
            ("authorization", "Bearer K3Y".into()),
            ("grpc-timeout", "1000000u".into()),
        ];
        assert_eq!(headers(&full).skip(3).collect::<Vec<_>>(), expected);
    }
}
