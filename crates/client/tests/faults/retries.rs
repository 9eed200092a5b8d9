//! Calls that are made again, and those that are not.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampNanosecondArray};
use arrow_ipc::writer::StreamWriter;
use btrdb_client::{
    CallOptions, Connection, Error, ErrorKind, Filter, MergePolicy, Options, PointWidth, RawColumns, ReadSoFar, Retry,
    Sleep, StreamSet, TimeRange, Timer, Transport, TransportFault,
};
use btrdb_proto as wire;
use bytes::Bytes;
use futures_util::StreamExt;
use http::Request;
use http_body_util::BodyExt;
use prost::Message;
use tonic::body::Body;

use crate::{Answer, RANGE, STREAM, failure, info, points};

/// Waits for nothing, but notes for how long it should have.
#[derive(Default)]
struct Noting(Mutex<Vec<Duration>>);

impl Timer for Noting {
    fn now(&self) -> i64 {
        1_700_000_000_000_000_000
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.lock().unwrap().push(duration);
        Box::pin(std::future::ready(()))
    }
}

/// What was asked for, each with its message.
type Asked = Arc<Mutex<Vec<(String, Bytes)>>>;

/// A transport that gives `answers` one after the other.
fn answering_in_turn(answers: Vec<Answer>) -> (impl Transport, Asked) {
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    let answers = Arc::new(Mutex::new(VecDeque::from(answers)));
    let transport = tower::service_fn(move |request: Request<Body>| {
        let (answers, noted) = (Arc::clone(&answers), Arc::clone(&noted));
        async move {
            let call = request.uri().path().rsplit('/').next().unwrap().to_owned();
            if call == "Info" {
                return Ok::<_, TransportFault>(info(29).into_response());
            }
            let bytes = request.into_body().collect().await.unwrap().to_bytes();
            noted.lock().unwrap().push((call, bytes.slice(5..)));
            let answer = answers.lock().unwrap().pop_front().unwrap();
            Ok(answer.into_response())
        }
    });
    (transport, asked)
}

async fn connected<T: Transport>(transport: T, retries: u32) -> (Connection<T>, Arc<Noting>) {
    let timer = Arc::new(Noting::default());
    let options = Options { timer: Some(timer.clone()), ..Options::default() };
    let connection = Connection::connect(transport, options).await.unwrap();
    let retry = Some(Retry { retries, ..Retry::default() });
    (connection.with(CallOptions { retry, ..CallOptions::default() }), timer)
}

fn away() -> Answer {
    Answer::status("14", "away")
}

fn in_band(code: u32) -> Answer {
    Answer::sound(&[wire::InsertResponse { stat: Some(failure(code)), ..Default::default() }])
}

fn inserted() -> Answer {
    Answer::sound(&[wire::InsertResponse { version_major: 11, ..Default::default() }])
}

#[tokio::test]
async fn waits_grow_and_end() {
    let (transport, asked) = answering_in_turn(vec![
        away(),
        away(),
        Answer::sound(&[wire::StreamInfoResponse { version_major: 12, ..Default::default() }]),
    ]);
    let (connection, timer) = connected(transport, 3).await;
    assert_eq!(connection.stream_from_uuid(STREAM).version().await.unwrap(), 12);
    assert_eq!(asked.lock().unwrap().len(), 3);
    let waits = timer.0.lock().unwrap().clone();
    let within = |wait: Duration, seconds: f64| (seconds / 2.0..=seconds).contains(&wait.as_secs_f64());
    assert!(waits.len() == 2 && within(waits[0], 3.0) && within(waits[1], 12.0), "{waits:?}");

    let (transport, asked) = answering_in_turn(vec![away(), away()]);
    let (connection, timer) = connected(transport, 2).await;
    let error = connection.stream_from_uuid(STREAM).version().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Unavailable, "away"));
    assert_eq!((asked.lock().unwrap().len(), timer.0.lock().unwrap().len()), (2, 1), "no wait after the last");
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    let not_found = wire::StreamInfoResponse { stat: Some(failure(404)), ..Default::default() };
    let (transport, asked) = answering_in_turn(vec![Answer::sound(&[not_found])]);
    let (connection, _) = connected(transport, 5).await;
    assert!(!connection.stream_from_uuid(STREAM).exists().await.unwrap());
    assert_eq!(asked.lock().unwrap().len(), 1);

    // Off unless asked for.
    let (transport, asked) = answering_in_turn(vec![away()]);
    let connection = Connection::connect(transport, Options::default()).await.unwrap();
    assert_eq!(connection.stream_from_uuid(STREAM).version().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(asked.lock().unwrap().len(), 1);

    let (transport, _) = answering_in_turn(vec![]);
    let connection = Connection::connect(transport, Options::default()).await.unwrap();
    let calls = CallOptions { retry: Some(Retry::default()), ..CallOptions::default() };
    let error = connection.with(calls).stream_from_uuid(STREAM).version().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOperation, "{error}");
}

#[tokio::test]
async fn inserts_are_repeated_where_that_does_no_harm() {
    let one = RawColumns { time: vec![1], value: vec![1.0] };
    for (policy, first, calls) in [
        (MergePolicy::Never, away(), 1),
        (MergePolicy::Never, in_band(402), 1),
        (MergePolicy::Never, in_band(426), 2),
        (MergePolicy::Equal, away(), 2),
        (MergePolicy::Retain, in_band(402), 2),
        (MergePolicy::Replace, away(), 2),
        (MergePolicy::Replace, in_band(425), 1),
    ] {
        let (transport, asked) = answering_in_turn(vec![first, inserted()]);
        let (connection, _) = connected(transport, 5).await;
        let outcome = connection.stream_from_uuid(STREAM).insert(&one, policy).await;
        assert_eq!((outcome.is_ok(), asked.lock().unwrap().len()), (calls == 2, calls), "{policy:?}");
    }
}

/// Messages, and then the connection breaks.
fn broken(messages: &[wire::RawValuesResponse]) -> Answer {
    faulty(messages, TransportFault::Unavailable("the connection broke".to_owned()))
}

/// Messages, and then an end that is none.
fn cut_short(messages: &[wire::RawValuesResponse]) -> Answer {
    faulty(messages, TransportFault::CutShort("a message lacks 8 bytes".to_owned()))
}

fn faulty(messages: &[wire::RawValuesResponse], fault: TransportFault) -> Answer {
    let mut answer = Answer::cut(messages);
    answer.frames.push(Err(fault));
    answer
}

#[tokio::test]
async fn a_read_goes_on_where_it_broke() {
    let (transport, asked) = answering_in_turn(vec![
        broken(&[points(&[1, 2]), points(&[2])]),
        away(),
        broken(&[points(&[2])]),
        Answer::sound(&[points(&[2, 2, 2]), points(&[3])]),
    ]);
    let (connection, _) = connected(transport, 3).await;
    let all = connection.stream_from_uuid(STREAM).values(RANGE, 0).await.unwrap();
    assert_eq!((all.version, all.data.time), (12, vec![1, 2, 2, 2, 3]), "each point once");
    let asked = asked.lock().unwrap();
    let sent: Vec<_> = asked.iter().map(|(_, bytes)| wire::RawValuesParams::decode(&bytes[..]).unwrap()).collect();
    let sent: Vec<_> = sent.iter().map(|params| (params.start, params.end, params.version_major)).collect();
    assert_eq!(sent, [(0, 100, 0), (2, 100, 12), (2, 100, 12), (2, 100, 12)], "at the version it began with");
}

#[tokio::test]
async fn a_read_that_may_resume_goes_on_where_it_was_cut_short_and_nothing_else_is_made_again() {
    let resuming = |connection: Connection<_>| {
        connection.with(CallOptions { resume: Some(Retry::default()), ..CallOptions::default() })
    };
    let answers = || vec![cut_short(&[points(&[1, 2])]), away(), Answer::sound(&[points(&[2, 3])])];
    let (transport, asked) = answering_in_turn(answers());
    let stream = resuming(connected(transport, 5).await.0).stream_from_uuid(STREAM);
    assert_eq!(stream.values(RANGE, 0).await.unwrap().data.time, [1, 2, 3]);
    assert_eq!(asked.lock().unwrap().len(), 3);

    let (transport, asked) = answering_in_turn(vec![away()]);
    let stream = resuming(connected(transport, 5).await.0).stream_from_uuid(STREAM);
    assert_eq!(stream.version().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(asked.lock().unwrap().len(), 1, "no read of points");

    // With a mere retry an answer cut short is one that makes no sense.
    let (transport, asked) = answering_in_turn(answers());
    let (connection, _) = connected(transport, 5).await;
    let error = connection.stream_from_uuid(STREAM).values(RANGE, 0).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::BadResponse, false));
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_server_says_when_to_call_again() {
    let version = || Answer::sound(&[wire::StreamInfoResponse { version_major: 12, ..Default::default() }]);
    let away = |millis: &'static str| {
        let mut answer = away();
        answer.headers.push(("grpc-retry-pushback-ms", millis));
        answer
    };
    let (transport, _) = answering_in_turn(vec![away("250"), away("0"), version()]);
    let (connection, timer) = connected(transport, 3).await;
    assert_eq!(connection.stream_from_uuid(STREAM).version().await.unwrap(), 12);
    assert_eq!(*timer.0.lock().unwrap(), [Duration::from_millis(250), Duration::ZERO]);
    for never in ["-1", "soon"] {
        let (transport, asked) = answering_in_turn(vec![away(never), version()]);
        let (connection, _) = connected(transport, 3).await;
        let error = connection.stream_from_uuid(STREAM).version().await.unwrap_err();
        assert_eq!((error.kind(), asked.lock().unwrap().len()), (ErrorKind::Unavailable, 1), "{never}");
    }
}

#[tokio::test]
async fn uncommitted_points_are_not_lost_on_the_way() {
    let buffered = |times: &[i64]| wire::RawValuesResponse { version_minor: 3, ..points(times) };
    let (transport, asked) = answering_in_turn(vec![broken(&[buffered(&[1])]), Answer::sound(&[buffered(&[1, 5])])]);
    let (connection, _) = connected(transport, 3).await;
    assert_eq!(connection.stream_from_uuid(STREAM).values(RANGE, 0).await.unwrap().data.time, [1, 5]);
    let again = wire::RawValuesParams::decode(&asked.lock().unwrap()[1].1[..]).unwrap();
    assert_eq!((again.start, again.version_major), (1, 0), "no version holds them yet");
}

#[tokio::test]
async fn windows_go_on_with_the_next_window() {
    let windows = |times: &[i64]| wire::WindowsResponse {
        version_major: 12,
        values: times.iter().map(|&time| wire::StatPoint { time, count: 1, ..Default::default() }).collect(),
        ..Default::default()
    };
    let broken = || {
        let mut answer = Answer::cut(&[windows(&[0, 10])]);
        answer.frames.push(Err(TransportFault::Unavailable("the connection broke".to_owned())));
        answer
    };
    let (transport, asked) = answering_in_turn(vec![broken(), Answer::sound(&[windows(&[20])])]);
    let (connection, _) = connected(transport, 3).await;
    let stream = connection.stream_from_uuid(STREAM);
    assert_eq!(stream.windows(TimeRange::new(0, 30), 10, 0).await.unwrap().data.time, [0, 10, 20]);
    let again = wire::WindowsParams::decode(&asked.lock().unwrap()[1].1[..]).unwrap();
    assert_eq!((again.start, again.end, again.width), (20, 30, 10));

    // Nothing is left to ask for where the last window had come.
    let (transport, asked) = answering_in_turn(vec![broken()]);
    let (connection, _) = connected(transport, 3).await;
    let stream = connection.stream_from_uuid(STREAM);
    assert_eq!(stream.windows(TimeRange::new(0, 20), 10, 0).await.unwrap().data.time, [0, 10]);
    assert_eq!(asked.lock().unwrap().len(), 1);

    let aligned = |times: &[i64]| wire::AlignedWindowsResponse {
        version_major: 12,
        values: windows(times).values,
        ..Default::default()
    };
    let mut first = Answer::cut(&[aligned(&[0, 8])]);
    first.frames.push(Err(TransportFault::Unavailable("the connection broke".to_owned())));
    let (transport, asked) = answering_in_turn(vec![first, Answer::sound(&[aligned(&[24])])]);
    let (connection, _) = connected(transport, 3).await;
    let stream = connection.stream_from_uuid(STREAM);
    let read = stream.aligned_windows(TimeRange::new(3, 33), PointWidth::new(3).unwrap(), 0).await.unwrap();
    assert_eq!(read.data.time, [0, 8, 24]);
    assert_eq!(wire::AlignedWindowsParams::decode(&asked.lock().unwrap()[1].1[..]).unwrap().start, 16);
}

/// A table of a row at each of `times`.
fn table(times: &[i64]) -> wire::ArrowMultiValuesResponse {
    let (time, value) = (times.to_vec(), vec![1.0; times.len()]);
    let time: ArrayRef = Arc::new(TimestampNanosecondArray::from(time).with_timezone("UTC"));
    let batch = RecordBatch::try_from_iter([("time", time), ("x", Arc::new(Float64Array::from(value)) as ArrayRef)]);
    let batch = batch.unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    wire::ArrowMultiValuesResponse { arrow_bytes: writer.into_inner().unwrap().into(), stat: None }
}

/// Reads a set of one stream, of version 12 if that `is_pinned`, and gives how many tables came and how they ended.
async fn read_tables(answers: Vec<Answer>, is_pinned: bool, frequency: f64) -> (usize, Option<Error>, Vec<(i64, u64)>) {
    let (transport, asked) = answering_in_turn(answers);
    let options = Options { timer: Some(Arc::new(Noting::default())), arrow: Some(true), ..Options::default() };
    let calls = CallOptions { retry: Some(Retry { retries: 3, ..Retry::default() }), ..CallOptions::default() };
    let connection = Connection::connect(transport, options).await.unwrap().with(calls);
    let versions = if is_pinned { HashMap::from([(STREAM, 12)]) } else { HashMap::new() };
    let set = StreamSet::new(vec![connection.stream_from_uuid(STREAM)]).unwrap().with_versions(versions);
    let filter = Filter {
        start: Some(RANGE.start),
        end: Some(RANGE.end),
        sampling_frequency: Some(frequency),
        ..Filter::default()
    };
    let mut tables = Box::pin(set.filter(&filter).await.unwrap().arrow_values_batches());
    let (mut count, mut error) = (0, None);
    while let Some(table) = tables.next().await {
        match table {
            Ok(_) => count += 1,
            Err(why) => error = Some(why),
        }
    }
    let sent = asked.lock().unwrap();
    let sent = sent.iter().map(|(_, bytes)| wire::ArrowMultiValuesParams::decode(&bytes[..]).unwrap());
    (count, error, sent.map(|params| (params.start, params.version_major[0])).collect())
}

#[tokio::test]
async fn tables_go_on_after_the_last_row() {
    let broken = |times: &[i64]| {
        let mut answer = Answer::cut(&[table(times)]);
        answer.frames.push(Err(TransportFault::Unavailable("the connection broke".to_owned())));
        answer
    };
    let (count, error, sent) =
        read_tables(vec![broken(&[1, 7]), away(), Answer::sound(&[table(&[9])])], true, 0.0).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((count, sent), (2, vec![(0, 12), (8, 12), (8, 12)]));

    let (count, error, sent) = read_tables(vec![broken(&[0, 20]), Answer::sound(&[table(&[40])])], true, 1e8).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((count, sent), (2, vec![(0, 12), (30, 12)]), "the next time on the grid of 10 ns");

    let (count, error, sent) = read_tables(vec![broken(&[1, 99])], true, 0.0).await;
    assert!(error.is_none(), "nothing is left to ask for: {error:?}");
    assert_eq!((count, sent.len()), (1, 1));

    // Of the newest version, which may be another by now.
    let (count, error, _) = read_tables(vec![broken(&[1, 7])], false, 0.0).await;
    let error = error.unwrap();
    assert_eq!((count, error.kind()), (1, ErrorKind::Unavailable));
    let bytes = table(&[1, 7]).arrow_bytes.len() as u64;
    assert_eq!(error.read_so_far(), Some(ReadSoFar { rows: 2, last_time: Some(7), bytes }));
}
