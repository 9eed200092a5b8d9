//! Out: columns as record batches.

use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampNanosecondArray, UInt64Array};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use btrdb_core::{RawColumns, StatColumns, Timestamp};
use bytes::Bytes;

use super::{Template, unusable};
use crate::Result;

/// The zone of every time column; clients compare it to the letter.
const UTC: &str = "UTC";

fn time_field() -> Field {
    Field::new("time", DataType::Timestamp(TimeUnit::Nanosecond, Some(UTC.into())), false)
}

fn float_field(name: &str) -> Field {
    Field::new(name, DataType::Float64, false)
}

static POINTS: LazyLock<SchemaRef> = LazyLock::new(|| Arc::new(Schema::new(vec![time_field(), float_field("value")])));

static WINDOWS: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        time_field(),
        float_field("min"),
        float_field("mean"),
        float_field("max"),
        Field::new("count", DataType::UInt64, false),
        float_field("stddev"),
    ]))
});

/// One stream of points, in the columns of `template` where one is given.
pub(crate) fn encode_points(points: RawColumns, template: Option<&Template>) -> Result<Bytes> {
    let columns: Vec<ArrayRef> = vec![times(points.time), floats(points.value)];
    encode(&POINTS, columns, template)
}

/// One stream of stat points.
pub(crate) fn encode_windows(windows: StatColumns) -> Result<Bytes> {
    let columns: Vec<ArrayRef> = vec![
        times(windows.time),
        floats(windows.min),
        floats(windows.mean),
        floats(windows.max),
        Arc::new(UInt64Array::from(windows.count)),
        floats(windows.stddev),
    ];
    encode(&WINDOWS, columns, None)
}

/// One stream of a table: a column of times, then one of values for each of `names`.
pub(crate) fn encode_table(
    names: &[String],
    time: Vec<Timestamp>,
    values: Vec<Vec<f64>>,
    template: Option<&Template>,
) -> Result<Bytes> {
    let fields: Vec<Field> = std::iter::once(time_field()).chain(names.iter().map(|name| float_field(name))).collect();
    let columns = std::iter::once(times(time)).chain(values.into_iter().map(floats)).collect();
    encode(&Arc::new(Schema::new(fields)), columns, template)
}

fn times(times: Vec<Timestamp>) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from(times).with_timezone(UTC))
}

fn floats(values: Vec<f64>) -> ArrayRef {
    Arc::new(Float64Array::from(values))
}

fn encode(schema: &SchemaRef, columns: Vec<ArrayRef>, template: Option<&Template>) -> Result<Bytes> {
    let batch = RecordBatch::try_new(Arc::clone(schema), columns).map_err(|error| unusable(&error))?;
    let batch = match template {
        Some(template) => template.cast(&batch)?,
        None => batch,
    };
    write(&batch).map(Bytes::from).map_err(|error| unusable(&error))
}

fn write(batch: &RecordBatch) -> std::result::Result<Vec<u8>, ArrowError> {
    let room = batch.get_array_memory_size() + 1024;
    let mut writer = StreamWriter::try_new(Vec::with_capacity(room), &batch.schema())?;
    writer.write(batch)?;
    writer.into_inner()
}
