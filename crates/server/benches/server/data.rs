//! A 120 Hz stream of any length, the same every time.

use std::{fs::File, path::Path, sync::Arc};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampNanosecondArray};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use bytes::Bytes;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, Encoding, ZstdLevel},
    file::properties::WriterProperties,
};

pub(crate) const START: i64 = 1_700_000_000_000_000_000;

/// 120 Hz, as a clock of whole nanoseconds has it.
pub(crate) const PERIOD: i64 = 8_333_333;

/// As many points as one call may carry.
pub(crate) const CALL: i64 = 1_000_000;

/// A mains frequency: 60 Hz, a slow swing, noise with all its bits.
fn value(index: i64) -> f64 {
    let noise = (index.wrapping_mul(6_364_136_223_846_793_005) >> 40) as f64 / 1e9;
    60.0 + 0.02 * (index as f64 / 5_000.0).sin() + noise
}

pub(crate) fn end(points: i64) -> i64 {
    START + points * PERIOD
}

fn batch(from: i64, to: i64) -> RecordBatch {
    let time_type = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let fields = vec![Field::new("time", time_type, false), Field::new("value", DataType::Float64, false)];
    let times = TimestampNanosecondArray::from_iter_values((from..to).map(|index| START + index * PERIOD));
    let values = Float64Array::from_iter_values((from..to).map(value));
    let columns: Vec<ArrayRef> = vec![Arc::new(times.with_timezone("UTC")), Arc::new(values)];
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// Points `from` to `to` as an Arrow IPC stream.
pub(crate) fn arrow(from: i64, to: i64) -> Bytes {
    let batch = batch(from, to);
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap().into()
}

/// The first `points` points as a Parquet file, for those who read such.
pub(crate) fn parquet(file: &Path, points: i64) {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .set_column_encoding("time".into(), Encoding::DELTA_BINARY_PACKED)
        .set_column_encoding("value".into(), Encoding::BYTE_STREAM_SPLIT)
        .build();
    let mut writer = ArrowWriter::try_new(File::create(file).unwrap(), batch(0, 1).schema(), Some(properties)).unwrap();
    for from in (0..points).step_by(CALL as usize) {
        writer.write(&batch(from, points.min(from + CALL))).unwrap();
    }
    writer.close().unwrap();
}
