//! Calls that ask for far too much, and bytes that lie.

#![allow(dead_code, clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
};

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use btrdb_core::{LAST_TIME, MAX_TIME, MIN_TIME};
use btrdb_proto as proto;
use btrdb_proto::client::BTrDbClient;
use proto::generate_csv_params::QueryType;
use tonic::{Streaming, codegen::Bytes, transport::Channel};
use uuid::Uuid;

const YEAR: i64 = 365 * 86_400 * 1_000_000_000;

pub(crate) fn uuid(number: u128) -> Bytes {
    Bytes::copy_from_slice(Uuid::from_u128(number).as_bytes())
}

/// A read that no machine could answer at once. Stream 1 has millions of points, 2 a thousand, 100 to 163 some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Raw,
    ArrowRaw,
    FinestWindows,
    NarrowWindows,
    Snapped,
    SnappedToOne,
    Table,
    ThousandsOfStreams,
    Csv,
    CsvWindows,
    Changes,
    Lookup,
}

impl Kind {
    pub(crate) const ALL: [Self; 12] = [
        Self::Raw,
        Self::ArrowRaw,
        Self::FinestWindows,
        Self::NarrowWindows,
        Self::Snapped,
        Self::SnappedToOne,
        Self::Table,
        Self::ThousandsOfStreams,
        Self::Csv,
        Self::CsvWindows,
        Self::Changes,
        Self::Lookup,
    ];
}

/// All points of a stream.
pub(crate) fn all_of(stream: u128) -> proto::ArrowRawValuesParams {
    proto::ArrowRawValuesParams { uuid: uuid(stream), start: MIN_TIME, end: LAST_TIME, ..Default::default() }
}

async fn read<M>(mut answers: Streaming<M>, most: usize) {
    for _ in 0..most {
        match answers.message().await {
            Ok(Some(_)) => {}
            // The end of it, or that there is no room for this now.
            Ok(None) | Err(_) => return,
        }
    }
}

/// Calls, and reads up to `most` messages as fast as they come; over and over.
pub(crate) async fn drain(client: &mut BTrDbClient<Channel>, kind: Kind, most: usize) {
    for _ in 0..if most == usize::MAX { usize::MAX } else { 1 } {
        call(client, kind, most).await;
    }
}

async fn call(client: &mut BTrDbClient<Channel>, kind: Kind, most: usize) {
    let (start, end) = (MIN_TIME, LAST_TIME);
    let windows = |width| proto::WindowsParams { uuid: uuid(2), start: 0, end: YEAR, width, ..Default::default() };
    let table = |streams: Vec<u128>, snap_period_ns| proto::ArrowMultiValuesParams {
        version_major: vec![0; streams.len()],
        uuid: streams.into_iter().map(uuid).collect(),
        start,
        end,
        snap_period_ns,
        ..Default::default()
    };
    let csv = |query_type: QueryType| proto::GenerateCsvParams {
        query_type: query_type.into(),
        start_time: 0,
        end_time: YEAR,
        window_size: 1,
        streams: (1..3).map(|number| proto::StreamCsvConfig { uuid: uuid(number), ..Default::default() }).collect(),
        ..Default::default()
    };
    match kind {
        Kind::Raw => {
            let params = proto::RawValuesParams { uuid: uuid(1), start, end, version_major: 0 };
            if let Ok(answers) = client.raw_values(params).await {
                read(answers.into_inner(), most).await;
            }
        }
        Kind::ArrowRaw => {
            if let Ok(answers) = client.arrow_raw_values(all_of(1)).await {
                read(answers.into_inner(), most).await;
            }
        }
        Kind::FinestWindows => {
            let params = proto::AlignedWindowsParams { uuid: uuid(1), start, end: MAX_TIME, ..Default::default() };
            if let Ok(answers) = client.arrow_aligned_windows(params).await {
                read(answers.into_inner(), most).await;
            }
        }
        Kind::NarrowWindows => {
            if let Ok(answers) = client.windows(windows(1)).await {
                read(answers.into_inner(), most).await;
            }
        }
        Kind::Snapped | Kind::SnappedToOne | Kind::Table | Kind::ThousandsOfStreams => {
            let params = match kind {
                Kind::Snapped => table(vec![1, 2], 1),
                // One row in the end, after reading all points.
                Kind::SnappedToOne => table(vec![1], i64::MAX / 4),
                Kind::Table => table((100..164).chain([1, 2]).collect(), 0),
                _ => table((100..164).chain(1_000_000..1_009_936).collect(), 0),
            };
            if let Ok(answers) = client.arrow_multi_values(params).await {
                read(answers.into_inner(), most).await;
            }
        }
        Kind::Csv | Kind::CsvWindows => {
            let kind = if kind == Kind::Csv { QueryType::RawQuery } else { QueryType::WindowsQuery };
            if let Ok(answers) = client.generate_csv(csv(kind)).await {
                read(answers.into_inner(), most).await;
            }
        }
        Kind::Changes => {
            let params = proto::ChangesParams { uuid: uuid(1), from_major: 1, to_major: 0, resolution: 0 };
            if let Ok(answers) = client.changes(params).await {
                read(answers.into_inner(), most).await;
            }
        }
        Kind::Lookup => {
            let params = proto::LookupStreamsParams { is_collection_prefix: true, ..Default::default() };
            if let Ok(answers) = client.lookup_streams(params).await {
                read(answers.into_inner(), most).await;
            }
        }
    }
}

/// A message in a message in a message.
pub(crate) fn deep(levels: usize) -> Vec<u8> {
    (0..levels).fold(Vec::new(), |inner, _| {
        // Field 100, bytes; the length as a varint of five bytes.
        let mut outer = vec![0xa2, 0x06];
        let mut length = inner.len();
        for _ in 0..4 {
            outer.push(length as u8 & 0x7f | 0x80);
            length >>= 7;
        }
        outer.push(length as u8);
        outer.extend(inner);
        outer
    })
}

/// Sends a message as gRPC-web over HTTP/1.1; returns the whole answer.
pub(crate) fn send(address: &str, call: &str, message: &[u8]) -> String {
    let mut request = format!(
        "POST /v5api.BTrDB/{call} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/grpc-web+proto\r\n\
         X-Grpc-Web: 1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        message.len() + 5
    )
    .into_bytes();
    request.push(0);
    request.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    request.extend_from_slice(message);
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(&request).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// An Arrow stream of a column of times and `values`.
fn stream_of(values: ArrayRef) -> Vec<u8> {
    let times: ArrayRef = Arc::new(Int64Array::from_iter_values(0..values.len() as i64));
    let batch = RecordBatch::try_from_iter([("time", times), ("value", values)]).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// Arrow streams in which one number after another has been replaced by a lie, and some of kinds that make no points.
pub(crate) fn lies() -> impl Iterator<Item = Vec<u8>> {
    let doubles: ArrayRef = Arc::new(Float64Array::from_iter_values((0..32).map(f64::from)));
    let words: ArrayRef = Arc::new(["a", "b", "a"].into_iter().collect::<DictionaryArray<Int32Type>>());
    let lists: ArrayRef =
        Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None]));
    let ints: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None]));
    [doubles, words, lists, ints].into_iter().flat_map(|values| {
        let honest = stream_of(values);
        let places: Vec<usize> = (0..honest.len() - 8).step_by(4).collect();
        places.into_iter().flat_map(move |place| {
            let honest = honest.clone();
            [i64::MAX, i64::MIN, -1, 1 << 40, 1 << 31, 0x7fff_fff8, 12_345_678].into_iter().map(move |lie| {
                let mut bytes = honest.clone();
                bytes[place..place + 8].copy_from_slice(&lie.to_le_bytes());
                bytes
            })
        })
    })
}
