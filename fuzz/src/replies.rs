//! The client, and a server that answers with whatever bytes there are.

use btrdb_client::grpc_web::{self, Frames, Head, Trailers};
use btrdb_client::{
    Aggregate, Answers, Connection, Direction, Error, Lookup, MergePolicy, Naming, Options, Pending, PointWidth,
    RawColumns, Request, Stream, StreamSet, TableOptions, TimeRange, Transport, TransportFault, Uuid,
};
use btrdb_proto as proto;
use bytes::Bytes;
use futures_util::stream;
use futures_util::{FutureExt, StreamExt};
use prost::Message;

const RANGE: TimeRange = TimeRange::new(0, 1_000);
const WIDTH: PointWidth = PointWidth::MIN;
/// What ends an answer that went well.
const END: &[u8] = b"\x80\0\0\0\x0fgrpc-status:0\r\n";

/// Answers `Info` as a server with or without Arrow does, and everything else with a body of gRPC-web.
#[derive(Clone)]
struct Server {
    minor_version: u32,
    body: Bytes,
}

impl Transport for Server {
    fn call(&self, request: Request) -> Pending<'static, Answers> {
        let minor_version = self.minor_version;
        let info = proto::InfoResponse { major_version: 5, minor_version, ..Default::default() };
        let body = match request.call {
            "Info" => vec![framed(&info.encode_to_vec()), Bytes::from_static(END)],
            _ => vec![self.body.clone()],
        };
        let chunks = stream::iter(body.into_iter().map(Ok).collect::<Vec<_>>());
        Box::pin(grpc_web::answers(Head { status: 200, ..Head::default() }, chunks))
    }
}

/// `message` with the head of its frame.
fn framed(message: &[u8]) -> Bytes {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[0][..], &length, message].concat().into()
}

/// A connection to a server that answers with `body`.
fn connected(has_arrow: bool, body: Bytes) -> Connection<Server> {
    let server = Server { minor_version: if has_arrow { 30 } else { 29 }, body };
    now(Connection::connect(server, Options::default())).expect("an answer to Info")
}

/// What `work` gives, which waits for nothing.
fn now<V>(work: impl Future<Output = V>) -> V {
    work.now_or_never().expect("an answer that is there already")
}

/// Looks at the outcome of a call: an error says something.
fn check<V>(outcome: Result<V, Error>) {
    if let Err(error) = outcome {
        assert!(!error.to_string().is_empty());
    }
}

/// Reads batches until there are no more or one is an error, after which there are none.
fn drain<V>(batches: impl futures_util::Stream<Item = Result<V, Error>>) {
    let mut batches = std::pin::pin!(batches);
    while let Some(batch) = now(batches.next()) {
        let is_last = batch.is_err();
        check(batch);
        assert!(!is_last || now(batches.next()).is_none(), "something after an error");
    }
}

type Read = fn(&Stream<Server>);

/// Every call of the client but the reads of Arrow.
const CALLS: &[Read] = &[
    |stream| drain(stream.values_batches(RANGE, 0)),
    |stream| drain(stream.windows_batches(RANGE, 10, 0)),
    |stream| drain(stream.aligned_windows_batches(RANGE, WIDTH, 0)),
    |stream| check(now(stream.nearest(5, 0, Direction::Forward))),
    |stream| check(now(stream.changes(1, 2, WIDTH))),
    |stream| check(now(stream.count(RANGE, 0))),
    |stream| check(now(stream.refresh_metadata())),
    |stream| check(now(stream.version())),
    |stream| check(now(stream.exists())),
    |stream| check(now(stream.delete(RANGE))),
    |stream| check(now(stream.flush())),
    |stream| check(now(stream.insert(&RawColumns { time: vec![1], value: vec![1.0] }, MergePolicy::Never))),
    |stream| check(now(stream.connection().list_collections(""))),
    |stream| check(now(stream.connection().streams_in_collection(&Lookup::prefix("")))),
    |stream| check(now(stream.connection().collection_metadata(""))),
    |stream| check(now(stream.connection().query("select * from streams", &[]))),
    |stream| check(now(stream.connection().list_unique_names(""))),
    |stream| check(now(set(stream).to_series(Aggregate::Mean, &Naming::default()))),
];

/// The reads whose answers hold Arrow of one stream.
const ARROW_READS: &[Read] = &[
    |stream| drain(stream.values_batches(RANGE, 0)),
    |stream| drain(stream.windows_batches(RANGE, 10, 0)),
    |stream| drain(stream.aligned_windows_batches(RANGE, WIDTH, 0)),
    |stream| check(now(stream.arrow_values(RANGE, 0, None))),
    |stream| check(now(stream.arrow_windows(RANGE, 10, 0))),
];

/// The reads whose answers hold Arrow of several streams.
const ARROW_TABLES: &[Read] = &[
    |stream| check(now(set(stream).arrow_values())),
    |stream| drain(set(stream).arrow_values_batches()),
    |stream| check(now(set(stream).to_columns(&TableOptions::default()))),
];

fn set(stream: &Stream<Server>) -> StreamSet<Server> {
    let other = stream.connection().stream_from_uuid(Uuid::from_u128(2));
    StreamSet::new(vec![stream.clone(), other]).expect("two streams")
}

/// Makes the call that the first byte names, whose answer is the message in the others.
pub fn read_reply(bytes: &[u8]) {
    if let Some((number, message)) = bytes.split_first()
        && let Some(call) = CALLS.get(usize::from(*number))
    {
        call(&stream(false, [&framed(message)[..], END].concat()));
    }
}

/// Makes every read of Arrow, whose answers hold `arrow` twice; and inserts it.
pub fn read_arrow(arrow: &[u8]) {
    let arrow_bytes = Bytes::copy_from_slice(arrow);
    let reply = proto::ArrowRawValuesResponse { version_major: 11, arrow_bytes, ..Default::default() };
    let table = proto::ArrowMultiValuesResponse { arrow_bytes: reply.arrow_bytes.clone(), ..Default::default() };
    for (reads, message) in [(ARROW_READS, reply.encode_to_vec()), (ARROW_TABLES, table.encode_to_vec())] {
        let message = framed(&message);
        let stream = stream(true, [&message[..], &message, END].concat());
        reads.iter().for_each(|read| read(&stream));
    }
    let server = stream(false, END.to_vec());
    check(now(server.arrow_insert(arrow, MergePolicy::Never)));
}

/// Reads an answer of gRPC-web in chunks of as many bytes as the first byte says, as frames and as points.
pub fn read_frames(bytes: &[u8]) {
    let Some((size, body)) = bytes.split_first() else { return };
    let chunked = frames(body.chunks(usize::from(*size).max(1)));
    let whole = frames(std::iter::once(body));
    assert_eq!(chunked, whole, "how it is cut into chunks makes no difference");
    CALLS[0](&stream(false, body.to_vec()));
}

/// The messages, each after its length, the trailers and the fault of an answer in chunks.
fn frames<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, Result<Option<Trailers>, TransportFault>) {
    let (mut frames, mut messages) = (Frames::default(), Vec::new());
    for chunk in chunks {
        let mut chunk = Bytes::copy_from_slice(chunk);
        loop {
            match frames.message_in(&mut chunk) {
                Ok(Some(message)) => messages.extend(framed(&message)),
                Ok(None) => break,
                Err(fault) => return (messages, Err(fault)),
            }
        }
    }
    (messages, frames.finish())
}

/// A stream on a server that answers with `body`.
fn stream(has_arrow: bool, body: Vec<u8>) -> Stream<Server> {
    connected(has_arrow, body.into()).stream_from_uuid(Uuid::from_u128(1))
}
