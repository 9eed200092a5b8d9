//! In: record batches of two columns as points.

use std::sync::Arc;

use arrow_array::{
    Array, Float64Array, RecordBatch,
    cast::AsArray,
    types::{Float64Type, TimestampNanosecondType},
};
use arrow_buffer::Buffer;
use arrow_cast::{CastOptions, cast_with_options};
use arrow_ipc::reader::StreamDecoder;
use arrow_schema::{ArrowError, DataType, TimeUnit};
use btrdb_core::Point;
use bytes::Bytes;

use super::unusable;
use crate::{Code, Error, MAX_INSERT_POINTS, Result};

/// The points of one IPC stream: a column of times (timestamps of any unit and zone, or integer nanoseconds), then one
/// of numbers. The columns may have any name.
pub(crate) fn decode_points(bytes: &Bytes) -> Result<Vec<Point>> {
    refuse_compression(bytes)?;
    let mut buffer = Buffer::from(bytes.clone());
    let mut decoder = StreamDecoder::new();
    let mut points = Vec::new();
    while !buffer.is_empty() {
        match decoder.decode(&mut buffer).map_err(|error| unusable(&error))? {
            Some(batch) => add_points(&mut points, &batch)?,
            None => break,
        }
    }
    decoder.finish().map_err(|error| unusable(&error))?;
    Ok(points)
}

/// Refuses compressed bodies, whether or not this program can read them elsewhere: a small request could say that it
/// unpacks to any size.
fn refuse_compression(bytes: &[u8]) -> Result<()> {
    let mut rest = bytes;
    // Whatever cannot be followed here is for the decoder to complain about.
    while let Some((prefix, after)) = rest.split_at_checked(8)
        && let ([0xff, 0xff, 0xff, 0xff], length) = prefix.split_at(4)
        && let Ok(length) = <[u8; 4]>::try_from(length)
        && let Some((header, body)) = after.split_at_checked(u32::from_le_bytes(length) as usize)
        && let Ok(message) = arrow_ipc::root_as_message(header)
    {
        let batch = message.header_as_record_batch();
        let batch = batch.or_else(|| message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data()));
        if batch.is_some_and(|batch| batch.compression().is_some()) {
            return Err(Error::new(Code::InvalidParameter, "Arrow data is compressed; send it as it is"));
        }
        let Some(next) = usize::try_from(message.bodyLength()).ok().and_then(|length| body.get(length..)) else {
            break;
        };
        rest = next;
    }
    Ok(())
}

fn add_points(points: &mut Vec<Point>, batch: &RecordBatch) -> Result<()> {
    let [times, values] = batch.columns() else {
        let message = format!("Arrow data has {} columns instead of a time and a value", batch.num_columns());
        return Err(Error::new(Code::InvalidParameter, message));
    };
    if points.len() + batch.num_rows() > MAX_INSERT_POINTS {
        let message = format!("over {MAX_INSERT_POINTS} points in one insert: send fewer at a time");
        return Err(Error::new(Code::InsertTooBig, message));
    }
    if times.null_count() + values.null_count() > 0 {
        return Err(Error::new(Code::BadValue, "Arrow data has nulls; leave such rows out"));
    }
    let times = nanoseconds(times).map_err(|error| unusable(&error))?;
    let values = doubles(values).map_err(|error| unusable(&error))?;
    let times = times.as_primitive::<TimestampNanosecondType>().values();
    points.extend(times.iter().zip(values.values()).map(|(&time, &value)| Point { time, value }));
    Ok(())
}

/// Casts that fail instead of leaving a null.
const STRICT: CastOptions<'static> =
    CastOptions { safe: false, format_options: arrow_cast::display::FormatOptions::new() };

fn nanoseconds(times: &Arc<dyn Array>) -> std::result::Result<Arc<dyn Array>, ArrowError> {
    match times.data_type() {
        DataType::Timestamp(..) | DataType::Int64 => {
            cast_with_options(times, &DataType::Timestamp(TimeUnit::Nanosecond, None), &STRICT)
        }
        other => Err(ArrowError::CastError(format!("a time column of type {other}"))),
    }
}

fn doubles(values: &Arc<dyn Array>) -> std::result::Result<Float64Array, ArrowError> {
    if !values.data_type().is_numeric() {
        return Err(ArrowError::CastError(format!("a value column of type {}", values.data_type())));
    }
    let values = cast_with_options(values, &DataType::Float64, &STRICT)?;
    Ok(values.as_primitive::<Float64Type>().clone())
}
