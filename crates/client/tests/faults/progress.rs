//! How far a call came before it failed.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampNanosecondArray};
use arrow_ipc::writer::StreamWriter;
use btrdb_client::{Connection, ErrorKind, MergePolicy, Options, RawColumns, ReadSoFar, WrittenSoFar};
use btrdb_proto as wire;
use bytes::Bytes;
use prost::Message;

use crate::{Answer, RANGE, STREAM, answering, connected, failure, info, points};

#[tokio::test]
async fn reads_say_where_they_broke() {
    let late = wire::RawValuesResponse { stat: Some(failure(432)), ..points(&[]) };
    let stream = connected(Answer::sound(&[points(&[1, 2]), points(&[7]), late])).await.stream_from_uuid(STREAM);
    let error = stream.values(RANGE, 0).await.unwrap_err();
    let bytes = (points(&[1, 2]).encoded_len() + points(&[7]).encoded_len()) as u64;
    assert_eq!(error.read_so_far(), Some(ReadSoFar { rows: 3, last_time: Some(7), bytes }));
    assert!(error.to_string().ends_with("no (BTrDB error 432), after 3 rows up to time 7"), "{error}");

    let at_once = wire::RawValuesResponse { stat: Some(failure(432)), ..points(&[]) };
    let error = connected(Answer::sound(&[at_once])).await.stream_from_uuid(STREAM).values(RANGE, 0).await.unwrap_err();
    assert_eq!(error.read_so_far(), Some(ReadSoFar::default()));
    assert!(error.to_string().ends_with("no (BTrDB error 432)"), "{error}");
}

#[tokio::test]
async fn inserts_say_what_was_acknowledged() {
    let calls = Arc::new(Mutex::new(0));
    let transport = answering(move |call| {
        if call == "Info" {
            return info(29);
        }
        let mut calls = calls.lock().unwrap();
        *calls += 1;
        let stat = (*calls == 3).then(|| failure(403));
        Answer::sound(&[wire::InsertResponse { stat, version_major: 10 + *calls, ..Default::default() }])
    });
    let connection = Connection::connect(transport, Options::default()).await.unwrap();
    let points = RawColumns { time: (0..10).collect(), value: vec![1.0; 10] };
    let four = NonZeroUsize::new(4).unwrap();
    let error =
        connection.stream_from_uuid(STREAM).insert_chunked(&points, MergePolicy::Never, four).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.written_so_far()),
        (ErrorKind::Server, Some(WrittenSoFar { points: 8, version: 12 }))
    );
    assert!(error.to_string().ends_with("after 8 points up to version 12"), "{error}");
}

#[tokio::test]
async fn reads_that_stay_arrow_do_so_too() {
    let whole = wire::ArrowRawValuesResponse { version_major: 12, arrow_bytes: three_rows(), ..Default::default() };
    let bytes = 2 * whole.arrow_bytes.len() as u64;
    let late = wire::ArrowRawValuesResponse { stat: Some(failure(432)), ..Default::default() };
    let transport =
        answering(
            move |call| {
                if call == "Info" { info(30) } else { Answer::sound(&[whole.clone(), whole.clone(), late.clone()]) }
            },
        );
    let connection = Connection::connect(transport, Options::default()).await.unwrap();
    let error = connection.stream_from_uuid(STREAM).arrow_values(RANGE, 0, None).await.unwrap_err();
    assert_eq!(error.read_so_far(), Some(ReadSoFar { rows: 6, last_time: Some(9), bytes }), "{error}");
}

fn three_rows() -> Bytes {
    let time = TimestampNanosecondArray::from(vec![1, 5, 9]).with_timezone("UTC");
    let value = Float64Array::from(vec![0.5; 3]);
    let columns: Vec<(&str, ArrayRef)> = vec![("time", Arc::new(time)), ("value", Arc::new(value))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    bytes.into()
}
