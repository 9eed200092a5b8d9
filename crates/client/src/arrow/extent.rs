//! How far a table goes, without reading it.

use arrow_ipc::{MessageHeader, RecordBatch, Type};

use super::frames::{Frames, Malformed};
use crate::error::ReadSoFar;

/// How many bytes a time takes.
const TIME_BYTES: usize = 8;

/// How many rows and bytes `bytes` hold, and the last time of their first column, if that holds times or integers.
pub(crate) fn extent(bytes: &[u8]) -> Result<ReadSoFar, Malformed> {
    let mut frames = Frames(bytes);
    let first = frames.next()?.ok_or(Malformed::Empty)?;
    let fields = first.message.header_as_schema().and_then(|schema| schema.fields()).ok_or(Malformed::Empty)?;
    let has_times = fields.iter().next().is_some_and(|time| match time.type_type() {
        Type::Timestamp => true,
        _ => time.type_as_int().is_some_and(|int| int.bitWidth() == 64),
    });
    let mut extent = ReadSoFar { bytes: bytes.len() as u64, ..ReadSoFar::default() };
    while let Some(frame) = frames.next()? {
        if frame.message.header_type() != MessageHeader::RecordBatch {
            return Err(Malformed::OtherMessage);
        }
        let batch = frame.message.header_as_record_batch().ok_or(Malformed::BadMetadata)?;
        let rows = u64::try_from(batch.length()).map_err(|_negative| Malformed::BadMetadata)?;
        extent.rows = extent.rows.saturating_add(rows);
        if has_times {
            extent.last_time = last_time(&batch, frame.body).or(extent.last_time);
        }
    }
    Ok(extent)
}

fn last_time(batch: &RecordBatch<'_>, body: &[u8]) -> Option<i64> {
    let times = batch.buffers().filter(|buffers| buffers.len() > 1)?.get(1);
    let start = usize::try_from(times.offset()).ok()?;
    let end = usize::try_from(batch.length()).ok()?.checked_mul(TIME_BYTES)?.checked_add(start)?;
    let last = body.get(start..end)?.last_chunk::<TIME_BYTES>()?;
    Some(i64::from_le_bytes(*last))
}
