//! Arrow in and out, with the general library on this side.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type, TimestampNanosecondType, UInt64Type};
use arrow_array::{
    ArrayRef, Float32Array, Float64Array, Int32Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use btrdb_client::{ErrorKind, MergePolicy, PointWidth, TimeRange};
use bytes::Bytes;
use std::sync::Arc;

use crate::running::Running;

pub(crate) fn read(ipc: &[u8]) -> Vec<RecordBatch> {
    StreamReader::try_new(ipc, None).unwrap().map(Result::unwrap).collect()
}

pub(crate) fn names(batch: &RecordBatch) -> Vec<String> {
    batch.schema().fields().iter().map(|field| field.name().clone()).collect()
}

pub(crate) fn floats(batch: &RecordBatch, column: usize) -> Vec<f64> {
    batch.column(column).as_primitive::<Float64Type>().values().to_vec()
}

pub(crate) fn times(batch: &RecordBatch) -> Vec<i64> {
    batch.column(0).as_primitive::<TimestampNanosecondType>().values().to_vec()
}

fn ipc(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
    for row in 0..batch.num_rows() {
        writer.write(&batch.slice(row, 1)).unwrap();
    }
    writer.finish().unwrap();
    drop(writer);
    bytes
}

/// A schema without batches.
pub(crate) fn template(fields: &[(&str, DataType)]) -> Bytes {
    let fields: Vec<Field> = fields.iter().map(|(name, kind)| Field::new(*name, kind.clone(), false)).collect();
    let mut bytes = Vec::new();
    StreamWriter::try_new(&mut bytes, &Schema::new(fields)).unwrap().finish().unwrap();
    bytes.into()
}

#[tokio::test]
async fn reads_stay_arrow() {
    let running = Running::start();
    let points: Vec<(i64, f64)> = (0..70_000_i32).map(|t| (t.into(), f64::from(t) / 2.0)).collect();
    let stream = running.stream(1, "a", &points).await;
    let range = TimeRange::new(0, 70_000);

    let raw = stream.arrow_values(range, 0, None).await.unwrap();
    let batches = read(&raw.data);
    assert!(batches.len() > 1, "as many as there were messages");
    assert_eq!((raw.version, names(&batches[0])), (12, vec!["time".to_owned(), "value".to_owned()]));
    let all: Vec<f64> = batches.iter().flat_map(|batch| floats(batch, 1)).collect();
    assert!(all.iter().copied().eq(points.iter().map(|point| point.1)));

    let cast = template(&[("t", DataType::Int64), ("v", DataType::Float32)]);
    let cast = read(&stream.arrow_values(TimeRange::new(3, 5), 0, Some(cast)).await.unwrap().data);
    assert_eq!(names(&cast[0]), ["t", "v"]);
    assert_eq!(cast[0].column(0).as_primitive::<Int64Type>().values(), &[3, 4]);
    assert_eq!(cast[0].column(1).as_primitive::<Float32Type>().values(), &[1.5, 2.0]);
    let too_wide = template(&[("t", DataType::Int64)]);
    let refused = stream.arrow_values(range, 0, Some(too_wide)).await.unwrap_err();
    assert_eq!((refused.kind(), refused.btrdb_code()), (ErrorKind::Server, Some(438)));

    let windows = read(&stream.arrow_windows(range, 30_000, 0).await.unwrap().data);
    assert_eq!(names(&windows[0]), ["time", "min", "mean", "max", "count", "stddev"]);
    assert_eq!(windows[0].column(4).as_primitive::<UInt64Type>().values(), &[30_000, 30_000]);
    let aligned = read(&stream.arrow_aligned_windows(range, PointWidth::new(15).unwrap(), 0).await.unwrap().data);
    assert_eq!(times(&aligned[0]), [0, 32_768]);
    let nothing = read(&stream.arrow_values(TimeRange::new(80_000, 90_000), 0, None).await.unwrap().data);
    assert_eq!(nothing.iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
}

#[tokio::test]
async fn points_of_many_types_are_inserted() {
    let running = Running::start();
    let stream = running.stream(1, "a", &[]).await;
    let millis = TimestampMillisecondArray::from(vec![3, 1]).with_timezone("UTC");
    let mixed = ipc(vec![("when", Arc::new(millis)), ("v", Arc::new(Int32Array::from(vec![-7, 5])))]);
    assert_eq!(stream.arrow_insert(&mixed, MergePolicy::Never).await.unwrap(), 11);
    let int64 = arrow_array::Int64Array::from(vec![2, -4]);
    let single = ipc(vec![("t", Arc::new(int64)), ("v", Arc::new(Float32Array::from(vec![0.5, 1.5])))]);
    assert_eq!(stream.arrow_insert(&single, MergePolicy::Never).await.unwrap(), 12);
    let read = stream.values(TimeRange::new(-10, 10_000_000), 0).await.unwrap().data;
    assert_eq!((read.time, read.value), (vec![-4, 2, 1_000_000, 3_000_000], vec![1.5, 0.5, 5.0, -7.0]));

    let time = || -> ArrayRef { Arc::new(arrow_array::Int64Array::from(vec![1])) };
    let value = || -> ArrayRef { Arc::new(Float64Array::from(vec![1.0])) };
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
    let null: ArrayRef = Arc::new(Float64Array::from(vec![None::<f64>]));
    // The first that no double is.
    let large: ArrayRef = Arc::new(arrow_array::Int64Array::from(vec![(1 << 53) + 1]));
    for (bytes, kind) in [
        (ipc(vec![("t", time()), ("v", text)]), ErrorKind::InvalidType),
        (ipc(vec![("t", value()), ("v", value())]), ErrorKind::InvalidType),
        (ipc(vec![("t", time())]), ErrorKind::InvalidValue),
        (ipc(vec![("t", time()), ("v", null)]), ErrorKind::BadValue),
        (ipc(vec![("t", time()), ("v", large)]), ErrorKind::InvalidValue),
        (b"ARROW1 is how a file begins".to_vec(), ErrorKind::InvalidValue),
        (Vec::new(), ErrorKind::InvalidValue),
    ] {
        let error = stream.arrow_insert(&bytes, MergePolicy::Never).await.unwrap_err();
        assert_eq!((error.kind(), error.stream()), (kind, Some(stream.uuid())), "{error}");
    }
    assert_eq!(stream.version().await.unwrap(), 12, "nothing of those was inserted");
}
