//! Reading: nothing is taken on trust, since the bytes are a server's.

use arrow_ipc::{MessageHeader, RecordBatch, Schema};
use btrdb_core::{RawColumns, StatColumns, Timestamp};

use super::frames::{Frames, Malformed};
use super::schema::{self, RAW, STATS, VALUE_BYTES};

/// The points in `bytes`.
pub(crate) fn read_raw(bytes: &[u8]) -> Result<RawColumns, Malformed> {
    let mut columns = RawColumns::default();
    read_fixed(
        bytes,
        |schema| schema::is(schema, &RAW),
        |[time, value]| {
            columns.time.extend(words(time).map(i64::from_le_bytes));
            columns.value.extend(words(value).map(f64::from_le_bytes));
        },
    )?;
    Ok(columns)
}

/// The windows in `bytes`.
pub(crate) fn read_stats(bytes: &[u8]) -> Result<StatColumns, Malformed> {
    let mut columns = StatColumns::default();
    read_fixed(
        bytes,
        |schema| schema::is(schema, &STATS),
        |[time, min, mean, max, count, stddev]| {
            columns.time.extend(words(time).map(i64::from_le_bytes));
            columns.min.extend(words(min).map(f64::from_le_bytes));
            columns.mean.extend(words(mean).map(f64::from_le_bytes));
            columns.max.extend(words(max).map(f64::from_le_bytes));
            columns.count.extend(words(count).map(u64::from_le_bytes));
            columns.stddev.extend(words(stddev).map(f64::from_le_bytes));
        },
    )?;
    Ok(columns)
}

/// Adds the rows in `bytes`, a column of times and one of doubles for each of `values`, to the columns given.
pub(crate) fn read_floats(bytes: &[u8], times: &mut Vec<Timestamp>, values: &mut [Vec<f64>]) -> Result<(), Malformed> {
    let width = values.len();
    read(
        bytes,
        width + 1,
        |schema| schema::is_time_and_floats(schema, width),
        |columns| {
            let Some((time, floats)) = columns.split_first() else { return };
            times.extend(words(time).map(i64::from_le_bytes));
            for (column, bytes) in values.iter_mut().zip(floats) {
                column.extend(words(bytes).map(f64::from_le_bytes));
            }
        },
    )
}

/// The values of a column, each as its bytes: a message from the wire is aligned to nothing.
pub(super) fn words(column: &[u8]) -> impl Iterator<Item = [u8; VALUE_BYTES]> + '_ {
    column.as_chunks().0.iter().copied()
}

/// [`read`] of a schema of `N` columns.
fn read_fixed<'a, const N: usize>(
    bytes: &'a [u8],
    fits: impl FnOnce(&Schema<'_>) -> bool,
    mut take: impl FnMut([&'a [u8]; N]),
) -> Result<(), Malformed> {
    read(bytes, N, fits, |columns| {
        if let Some(columns) = columns.first_chunk() {
            take(*columns);
        }
    })
}

/// Hands the columns of each record batch in `bytes` to `take`, all of them of one length.
fn read<'a>(
    bytes: &'a [u8],
    width: usize,
    fits: impl FnOnce(&Schema<'_>) -> bool,
    mut take: impl FnMut(&[&'a [u8]]),
) -> Result<(), Malformed> {
    let mut frames = Frames(bytes);
    let first = frames.next()?.ok_or(Malformed::Empty)?;
    let schema = first.message.header_as_schema().ok_or(Malformed::Empty)?;
    if !fits(&schema) {
        return Err(Malformed::OtherSchema);
    }
    let widths = vec![VALUE_BYTES; width];
    while let Some(frame) = frames.next()? {
        if frame.message.header_type() != MessageHeader::RecordBatch {
            return Err(Malformed::OtherMessage);
        }
        let batch = frame.message.header_as_record_batch().ok_or(Malformed::BadMetadata)?;
        take(&values(&batch, frame.body, &widths)?);
    }
    frames.finish()
}

/// The values of each column of `batch`, whose values are as many bytes wide as `widths` says. A column is a field node
/// and two buffers: which values are there, all of them here, and the values.
pub(super) fn values<'a>(
    batch: &RecordBatch<'_>,
    body: &'a [u8],
    widths: &[usize],
) -> Result<Vec<&'a [u8]>, Malformed> {
    if batch.compression().is_some() {
        return Err(Malformed::Compressed);
    }
    let nodes = batch.nodes().ok_or(Malformed::BadMetadata)?;
    let buffers = batch.buffers().ok_or(Malformed::BadMetadata)?;
    if nodes.len() != widths.len() || buffers.len() != 2 * widths.len() {
        return Err(Malformed::BadMetadata);
    }
    let rows = usize::try_from(batch.length()).map_err(|_negative| Malformed::BadMetadata)?;
    let column = |(index, width): (usize, &usize)| {
        let node = nodes.get(index);
        if node.null_count() != 0 {
            return Err(Malformed::Nulls);
        }
        if node.length() != batch.length() {
            return Err(Malformed::BadBuffer);
        }
        let needed = rows.checked_mul(*width).ok_or(Malformed::BadBuffer)?;
        within(body, buffers.get(2 * index))?;
        within(body, buffers.get(2 * index + 1))?.get(..needed).ok_or(Malformed::BadBuffer)
    };
    widths.iter().enumerate().map(column).collect()
}

fn within<'a>(body: &'a [u8], buffer: &arrow_ipc::Buffer) -> Result<&'a [u8], Malformed> {
    let (Ok(start), Ok(length)) = (usize::try_from(buffer.offset()), usize::try_from(buffer.length())) else {
        return Err(Malformed::BadBuffer);
    };
    let end = start.checked_add(length).ok_or(Malformed::BadBuffer)?;
    if start % VALUE_BYTES != 0 {
        return Err(Malformed::BadBuffer);
    }
    body.get(start..end).ok_or(Malformed::BadBuffer)
}
