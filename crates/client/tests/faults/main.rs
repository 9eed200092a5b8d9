//! What the client makes of answers that no sound server gives: typed errors, never a quiet end, never a panic. The
//! answers are bytes of the wire, written out here, since the real server cannot be made to send them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod deadlines;
mod pages;
mod progress;
mod queries;
mod retries;
mod web;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use btrdb_client::{
    Connection, ErrorKind, MergePolicy, Options, PointWidth, RawColumns, Result, TimeRange, Transport, TransportFault,
    Uuid,
};
use btrdb_proto as wire;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use prost::Message;
use tonic::body::Body;

pub(crate) const STREAM: Uuid = Uuid::from_u128(7);
pub(crate) const RANGE: TimeRange = TimeRange::new(0, 100);

/// What comes back of a call.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) frames: Vec<Result<Bytes, TransportFault>>,
    pub(crate) trailers: Option<Vec<(&'static str, &'static str)>>,
}

impl Answer {
    /// Messages and an end as they should be.
    pub(crate) fn sound<M: Message>(messages: &[M]) -> Self {
        Self { trailers: Some(vec![("grpc-status", "0")]), ..Self::cut(messages) }
    }

    /// Messages without an end.
    pub(crate) fn cut<M: Message>(messages: &[M]) -> Self {
        Self {
            frames: messages.iter().map(|message| Ok(framed(&message.encode_to_vec()))).collect(),
            ..Self::default()
        }
    }

    /// Bytes without an end.
    pub(crate) fn bytes(bytes: &[u8]) -> Self {
        Self { frames: vec![Ok(Bytes::copy_from_slice(bytes))], ..Self::default() }
    }

    /// A status instead of an answer.
    pub(crate) fn status(code: &'static str, message: &'static str) -> Self {
        Self { headers: vec![("grpc-status", code), ("grpc-message", message)], ..Self::default() }
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let trailers = self.trailers.map(|trailers| Ok(Frame::trailers(header_map(&trailers))));
        let frames = self.frames.into_iter().map(|frame| frame.map(Frame::data)).chain(trailers);
        let mut response = Response::new(Body::new(StreamBody::new(stream::iter(frames))));
        *response.headers_mut() = header_map(&self.headers);
        response
    }
}

pub(crate) fn header_map(headers: &[(&'static str, &'static str)]) -> HeaderMap {
    headers.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

/// `message` with the length that goes before it.
pub(crate) fn framed(message: &[u8]) -> Bytes {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0][..], &length, message].concat().into()
}

pub(crate) fn info(minor_version: u32) -> Answer {
    Answer::sound(&[wire::InfoResponse { major_version: 5, minor_version, ..Default::default() }])
}

/// A transport that answers each call as `answer` says of its name.
pub(crate) fn answering(answer: impl Fn(&str) -> Answer + Clone + Send + Sync + 'static) -> impl Transport {
    tower::service_fn(move |request: Request<Body>| {
        let answer = answer(request.uri().path().rsplit('/').next().unwrap());
        async move { Ok::<_, TransportFault>(answer.into_response()) }
    })
}

/// A connection to a server of the time before Arrow that answers all but `Info` with `answer`.
pub(crate) async fn connected(answer: Answer) -> Connection<impl Transport> {
    let transport = answering(move |call| if call == "Info" { info(29) } else { answer.clone() });
    Connection::connect(transport, Options::default()).await.unwrap()
}

pub(crate) fn points(times: &[i64]) -> wire::RawValuesResponse {
    let values = times.iter().map(|&time| wire::RawPoint { time, value: 1.0 }).collect();
    wire::RawValuesResponse { version_major: 12, values, ..Default::default() }
}

pub(crate) fn failure(code: u32) -> wire::Status {
    wire::Status { code, msg: "no".to_owned(), mash: None }
}

/// How many points come, and how they end.
pub(crate) async fn read<T: Transport>(connection: &Connection<T>) -> (usize, Option<btrdb_client::Error>) {
    let mut batches = Box::pin(connection.stream_from_uuid(STREAM).values_batches(RANGE, 0));
    let mut count = 0;
    while let Some(batch) = batches.next().await {
        match batch {
            Ok(batch) => count += batch.data.len(),
            Err(error) => {
                assert!(batches.next().await.is_none(), "an error is the last item");
                return (count, Some(error));
            }
        }
    }
    (count, None)
}

#[tokio::test]
async fn a_sound_answer() {
    let connection = connected(Answer::sound(&[points(&[1, 2]), points(&[]), points(&[3])])).await;
    assert!(matches!(read(&connection).await, (3, None)));
    let all = connection.stream_from_uuid(STREAM).values(RANGE, 0).await.unwrap();
    assert_eq!((all.version, all.data.time), (12, vec![1, 2, 3]));
}

#[tokio::test]
async fn errors_of_both_channels_after_data_and_before() {
    let late = wire::RawValuesResponse { stat: Some(failure(450)), ..points(&[]) };
    let (count, error) = read(&connected(Answer::sound(&[points(&[1, 2]), late.clone()])).await).await;
    assert_eq!((count, error.unwrap().kind()), (2, ErrorKind::VersionNotAvailable));

    let (count, error) = read(&connected(Answer::sound(&[late])).await).await;
    let error = error.unwrap();
    assert_eq!((count, error.kind()), (0, ErrorKind::VersionNotAvailable));
    assert_eq!((error.call(), error.stream()), (Some("RawValues"), Some(STREAM)));

    let trailers = Some(vec![("grpc-status", "13"), ("grpc-message", "[404]%20stream%20does%20not%20exist")]);
    let (count, error) = read(&connected(Answer { trailers, ..Answer::cut(&[points(&[1])]) }).await).await;
    let error = error.unwrap();
    assert_eq!((count, error.kind(), error.message()), (1, ErrorKind::StreamNotFound, "stream does not exist"));
}

#[tokio::test]
async fn answers_that_end_too_soon() {
    let whole = framed(&points(&[1, 2, 3]).encode_to_vec());
    for (cut, what) in [
        (Answer::cut(&[points(&[1, 2, 3])]), "no end"),
        (Answer::bytes(&whole[..whole.len() - 4]), "within a message"),
        (Answer::bytes(&whole[..3]), "within a length"),
        (Answer::default(), "nothing at all"),
    ] {
        let (_, error) = read(&connected(cut).await).await;
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::BadResponse), "{what}");
    }
}

#[tokio::test]
async fn answers_that_make_no_sense() {
    for (nonsense, what) in [
        (framed(&[0xff; 40]), "no protobuf"),
        (Bytes::from_static(&[1, 0, 0, 0, 2, 8, 1]), "compressed, though nobody asked"),
        (Bytes::from_static(&[9, 0, 0, 0, 2, 8, 1]), "a flag that does not exist"),
        (Bytes::from_static(&[0, 0xff, 0xff, 0xff, 0xff, 8, 1]), "four gigabytes to come"),
        (Bytes::from_static(b"<html>502 Bad Gateway</html>"), "a page"),
    ] {
        let (_, error) = read(&connected(Answer::bytes(&nonsense)).await).await;
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::BadResponse), "{what}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks() {
    let broken = || Err(TransportFault::Unavailable("the connection broke".to_owned()));
    let mut answer = Answer::cut(&[points(&[1])]);
    answer.frames.push(broken());
    let (count, error) = read(&connected(answer).await).await;
    let error = error.unwrap();
    assert_eq!((count, error.kind(), error.message()), (1, ErrorKind::Unavailable, "the connection broke"));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn statuses_before_any_answer() {
    for (code, kind) in [
        ("16", ErrorKind::Unauthenticated),
        ("7", ErrorKind::PermissionDenied),
        ("14", ErrorKind::Unavailable),
        ("4", ErrorKind::DeadlineExceeded),
        ("1", ErrorKind::Cancelled),
        ("12", ErrorKind::Unimplemented),
        ("13", ErrorKind::Server),
        ("2", ErrorKind::Server),
        ("3", ErrorKind::InvalidValue),
        ("99", ErrorKind::Server),
    ] {
        let error =
            Connection::connect(answering(move |_| Answer::status(code, "invalid api key")), Options::default());
        let error = error.await.unwrap_err();
        assert_eq!((error.kind(), error.message(), error.call()), (kind, "invalid api key", Some("Info")), "{code}");
        assert_eq!(error.stream(), None);
    }
}

#[tokio::test]
async fn details_that_are_not_base64() {
    for hostile in [
        Answer { headers: vec![("grpc-status", "13"), ("grpc-status-details-bin", "!")], ..Answer::default() },
        Answer {
            trailers: Some(vec![("grpc-status", "13"), ("grpc-status-details-bin", "!")]),
            ..Answer::cut(&[points(&[1])])
        },
    ] {
        let (_, error) = read(&connected(hostile).await).await;
        assert_eq!(error.unwrap().kind(), ErrorKind::Server);
    }
}

#[tokio::test]
async fn a_message_of_many_megabytes() {
    let times: Vec<i64> = (0..400_000).collect();
    let message = points(&times);
    assert!(message.encoded_len() > 6 << 20);
    assert!(matches!(read(&connected(Answer::sound(&[message])).await).await, (400_000, None)));
}

#[tokio::test]
async fn an_unknown_stream_does_not_exist_by_either_channel() {
    let in_band = wire::StreamInfoResponse { stat: Some(failure(404)), ..Default::default() };
    for answer in [Answer::sound(&[in_band]), Answer::status("2", "[404] stream does not exist")] {
        assert!(!connected(answer).await.stream_from_uuid(STREAM).exists().await.unwrap());
    }
    let refused = connected(Answer::status("7", "no")).await.stream_from_uuid(STREAM).exists().await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn answers_without_what_was_asked_for() {
    let connection = connected(Answer::sound(&[wire::StreamInfoResponse::default()])).await;
    let error = connection.stream_from_uuid(STREAM).descriptor().await.unwrap_err();
    assert_eq!((error.kind(), error.stream()), (ErrorKind::BadResponse, Some(STREAM)));

    let descriptor = Some(wire::StreamDescriptor { uuid: Bytes::from_static(b"short"), ..Default::default() });
    let connection = connected(Answer::sound(&[wire::StreamInfoResponse { descriptor, ..Default::default() }])).await;
    let error = connection.stream_from_uuid(STREAM).descriptor().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
}

#[tokio::test]
async fn what_is_said_at_the_end_counts() {
    let early = vec![("grpc-status", "0")];
    let late = Some(vec![("grpc-status", "13"), ("grpc-message", "disk full")]);
    let answer = Answer { headers: early.clone(), trailers: late, ..Answer::cut(&[points(&[1])]) };
    let (count, error) = read(&connected(answer).await).await;
    let error = error.unwrap();
    assert_eq!((count, error.kind(), error.message()), (1, ErrorKind::Server, "disk full"));

    let empty = Answer { headers: early.clone(), ..Answer::default() };
    assert!(matches!(read(&connected(empty).await).await, (0, None)), "OK, and nothing else to say");

    let cut = Answer { headers: early, ..Answer::cut(&[points(&[1])]) };
    let (count, error) = read(&connected(cut).await).await;
    assert_eq!((count, error.unwrap().kind()), (1, ErrorKind::BadResponse));
}

/// A server that says it has Arrow but does not, in one way or the other.
fn without_arrow(no: Answer, asked: Arc<Mutex<Vec<String>>>) -> impl Transport {
    answering(move |call| {
        asked.lock().unwrap().push(call.to_owned());
        match call {
            "Info" => info(30),
            "RawValues" => Answer::sound(&[points(&[1])]),
            "Insert" => Answer::sound(&[wire::InsertResponse { version_major: 11, ..Default::default() }]),
            call if call.starts_with("Arrow") => no.clone(),
            _ => Answer::sound(&[wire::WindowsResponse::default()]),
        }
    })
}

#[tokio::test]
async fn falls_back_to_plain_messages_for_good() {
    let not_implemented = wire::ArrowRawValuesResponse { stat: Some(failure(501)), ..Default::default() };
    let late = Answer { trailers: Some(vec![("grpc-status", "12")]), ..Answer::default() };
    for no in [Answer::status("12", "unknown method"), late, Answer::sound(&[not_implemented])] {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let transport = without_arrow(no, Arc::clone(&asked));
        let connection = Connection::connect(transport, Options::default()).await.unwrap();
        let stream = connection.stream_from_uuid(STREAM);
        assert_eq!(stream.values(RANGE, 0).await.unwrap().data.time, [1]);
        stream.windows(RANGE, 10, 0).await.unwrap();
        stream.aligned_windows(RANGE, PointWidth::MIN, 0).await.unwrap();
        let one = RawColumns { time: vec![1], value: vec![1.0] };
        assert_eq!(stream.insert(&one, MergePolicy::Never).await.unwrap(), 11);
        let expected = ["Info", "ArrowRawValues", "RawValues", "Windows", "AlignedWindows", "Insert"];
        assert_eq!(*asked.lock().unwrap(), expected);
    }
}

#[tokio::test]
async fn arrow_is_used_as_the_server_says_or_the_caller_wishes() {
    for (minor, wish, uses_arrow) in
        [(29, None, false), (30, None, true), (34, None, true), (34, Some(false), false), (29, Some(true), true)]
    {
        let asked = Arc::new(Mutex::new(HashSet::new()));
        let noted = Arc::clone(&asked);
        let transport = answering(move |call| {
            noted.lock().unwrap().insert(call.to_owned());
            if call == "Info" { info(minor) } else { Answer::status("13", "enough") }
        });
        let options = Options { arrow: wish, ..Options::default() };
        let connection = Connection::connect(transport, options).await.unwrap();
        connection.stream_from_uuid(STREAM).values(RANGE, 0).await.unwrap_err();
        assert_eq!(asked.lock().unwrap().contains("ArrowRawValues"), uses_arrow, "5.{minor} {wish:?}");
    }
}

#[tokio::test]
async fn arrow_that_is_not_arrow() {
    for bytes in [&b""[..], b"nonsense", &[0xff; 64]] {
        let reply = wire::ArrowRawValuesResponse { arrow_bytes: Bytes::copy_from_slice(bytes), ..Default::default() };
        let transport =
            answering(move |call| if call == "Info" { info(30) } else { Answer::sound(std::slice::from_ref(&reply)) });
        let connection = Connection::connect(transport, Options::default()).await.unwrap();
        let (_, error) = read(&connection).await;
        let error = error.unwrap();
        assert_eq!((error.kind(), error.call()), (ErrorKind::BadResponse, Some("ArrowRawValues")));
    }
}

#[tokio::test]
async fn says_who_asks() {
    let seen = Arc::new(Mutex::new(HeaderMap::new()));
    let noted = Arc::clone(&seen);
    let transport = tower::service_fn(move |request: Request<Body>| {
        *noted.lock().unwrap() = request.headers().clone();
        async { Ok::<_, TransportFault>(info(34).into_response()) }
    });
    let header = |name: &str| seen.lock().unwrap().get(name).map(|value| value.to_str().unwrap().to_owned());

    Connection::connect(transport.clone(), Options::default()).await.unwrap();
    assert_eq!((header("authorization"), header("x-api-client")), (None, None));

    let options = || Options { api_key: Some("K3Y".into()), client_name: Some("a test".into()), ..Options::default() };
    Connection::connect(transport.clone(), options()).await.unwrap();
    assert_eq!(header("authorization").as_deref(), Some("Bearer K3Y"));
    assert_eq!(header("x-api-client").as_deref(), Some("a test"));
    assert!(!format!("{:?}", options()).contains("K3Y"), "a key is for the server alone");

    // Understood, but asked for only where the line is slow; and not at all where nobody here unpacks it.
    let accepted = header("grpc-accept-encoding");
    Connection::connect(transport.clone(), Options { gzip: true, ..Options::default() }).await.unwrap();
    let wanted = header("grpc-accept-encoding");
    if cfg!(feature = "gzip") {
        let (understood, wished) = ("identity,gzip,deflate", "gzip,deflate,identity");
        assert_eq!((accepted.as_deref(), wanted.as_deref()), (Some(understood), Some(wished)));
    } else {
        assert_eq!((accepted, wanted), (None, None));
    }

    let broken = Options { api_key: Some("two\nlines".into()), ..Options::default() };
    assert_eq!(Connection::connect(transport, broken).await.unwrap_err().kind(), ErrorKind::InvalidValue);
}

#[tokio::test]
async fn dropping_the_batches_drops_the_answer() {
    struct Noting<S>(S, Arc<Mutex<bool>>);
    impl<S> Drop for Noting<S> {
        fn drop(&mut self) {
            *self.1.lock().unwrap() = true;
        }
    }
    impl<S: Stream + Unpin> Stream for Noting<S> {
        type Item = S::Item;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<S::Item>> {
            self.0.poll_next_unpin(cx)
        }
    }

    let dropped = Arc::new(Mutex::new(false));
    let noted = Arc::clone(&dropped);
    let transport = tower::service_fn(move |request: Request<Body>| {
        let response = if request.uri().path().ends_with("/Info") {
            info(29).into_response()
        } else {
            let message = framed(&points(&[1]).encode_to_vec());
            let endless = stream::repeat(message).map(|bytes| Ok::<_, TransportFault>(Frame::data(bytes)));
            Response::new(Body::new(StreamBody::new(Noting(endless, Arc::clone(&noted)))))
        };
        async { Ok::<_, TransportFault>(response) }
    });
    let connection = Connection::connect(transport, Options::default()).await.unwrap();
    let mut batches = Box::pin(connection.stream_from_uuid(STREAM).values_batches(RANGE, 0));
    for _ in 0..3 {
        assert_eq!(batches.next().await.unwrap().unwrap().data.time, [1]);
    }
    assert!(!*dropped.lock().unwrap());
    drop(batches);
    assert!(*dropped.lock().unwrap());
}
