//! Reading: nothing is taken on trust, since the bytes are a server's.

use arrow_ipc::{Message, MessageHeader, MetadataVersion, RecordBatch, root_as_message};
use btrdb_core::{RawColumns, StatColumns};

use super::schema::{self, Column, RAW, STATS, VALUE_BYTES};

/// Why bytes are not an Arrow IPC stream of the schema expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("Arrow data without a schema")]
    Empty,
    #[error("Arrow data cut short")]
    CutShort,
    #[error("Arrow data without a continuation marker")]
    NoMarker,
    #[error("Arrow metadata that makes no sense")]
    BadMetadata,
    #[error("Arrow data of another version than V5")]
    OtherVersion,
    #[error("Arrow data of another schema than the protocol's")]
    OtherSchema,
    #[error("an Arrow message that is neither schema nor record batch")]
    OtherMessage,
    #[error("compressed Arrow data")]
    Compressed,
    #[error("nulls in Arrow data")]
    Nulls,
    #[error("an Arrow column whose length or place is wrong")]
    BadBuffer,
    #[error("bytes after the end of Arrow data")]
    Trailing,
}

/// The points in `bytes`.
pub(crate) fn read_raw(bytes: &[u8]) -> Result<RawColumns, Malformed> {
    let mut columns = RawColumns::default();
    read(bytes, &RAW, |[time, value]| {
        columns.time.extend(words(time).map(i64::from_le_bytes));
        columns.value.extend(words(value).map(f64::from_le_bytes));
    })?;
    Ok(columns)
}

/// The windows in `bytes`.
pub(crate) fn read_stats(bytes: &[u8]) -> Result<StatColumns, Malformed> {
    let mut columns = StatColumns::default();
    read(bytes, &STATS, |[time, min, mean, max, count, stddev]| {
        columns.time.extend(words(time).map(i64::from_le_bytes));
        columns.min.extend(words(min).map(f64::from_le_bytes));
        columns.mean.extend(words(mean).map(f64::from_le_bytes));
        columns.max.extend(words(max).map(f64::from_le_bytes));
        columns.count.extend(words(count).map(u64::from_le_bytes));
        columns.stddev.extend(words(stddev).map(f64::from_le_bytes));
    })?;
    Ok(columns)
}

/// The values of a column, each as its bytes: a message from the wire is aligned to nothing.
fn words(column: &[u8]) -> impl Iterator<Item = [u8; VALUE_BYTES]> + '_ {
    column.as_chunks().0.iter().copied()
}

/// Hands the columns of each record batch in `bytes` to `take`, all of them of one length.
fn read<'a, const N: usize>(
    bytes: &'a [u8],
    columns: &[Column; N],
    mut take: impl FnMut([&'a [u8]; N]),
) -> Result<(), Malformed> {
    let mut rest = Rest(bytes);
    let Some((first, _no_body)) = rest.message()? else { return Err(Malformed::Empty) };
    let schema = first.header_as_schema().ok_or(Malformed::Empty)?;
    if !schema::is(&schema, columns) {
        return Err(Malformed::OtherSchema);
    }
    while let Some((message, body)) = rest.message()? {
        if message.header_type() != MessageHeader::RecordBatch {
            return Err(Malformed::OtherMessage);
        }
        let batch = message.header_as_record_batch().ok_or(Malformed::BadMetadata)?;
        take(values(&batch, body)?);
    }
    if rest.0.is_empty() { Ok(()) } else { Err(Malformed::Trailing) }
}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// The next message and its body; `None` at the end, marked as such or not.
    fn message(&mut self) -> Result<Option<(Message<'a>, &'a [u8])>, Malformed> {
        const MARKER: [u8; 4] = [0xff; 4];
        if self.0.is_empty() {
            return Ok(None);
        }
        if self.take_word()? != MARKER {
            return Err(Malformed::NoMarker);
        }
        let length = i32::from_le_bytes(self.take_word()?);
        if length == 0 {
            return Ok(None);
        }
        let metadata = self.take(length.into())?;
        let message = root_as_message(metadata).map_err(|_why| Malformed::BadMetadata)?;
        if message.version() != MetadataVersion::V5 {
            return Err(Malformed::OtherVersion);
        }
        let body = self.take(message.bodyLength())?;
        Ok(Some((message, body)))
    }

    fn take_word(&mut self) -> Result<[u8; 4], Malformed> {
        let (word, rest) = self.0.split_first_chunk().ok_or(Malformed::CutShort)?;
        self.0 = rest;
        Ok(*word)
    }

    fn take(&mut self, length: i64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_negative| Malformed::BadMetadata)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed::CutShort)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// The values of each column of `batch`. A column is a field node and two buffers: which values are there, all of them
/// here, and the values.
fn values<'a, const N: usize>(batch: &RecordBatch<'_>, body: &'a [u8]) -> Result<[&'a [u8]; N], Malformed> {
    if batch.compression().is_some() {
        return Err(Malformed::Compressed);
    }
    let nodes = batch.nodes().ok_or(Malformed::BadMetadata)?;
    let buffers = batch.buffers().ok_or(Malformed::BadMetadata)?;
    if nodes.len() != N || buffers.len() != 2 * N {
        return Err(Malformed::BadMetadata);
    }
    let rows = usize::try_from(batch.length()).map_err(|_negative| Malformed::BadMetadata)?;
    let needed = rows.checked_mul(VALUE_BYTES).ok_or(Malformed::BadBuffer)?;
    let mut columns: [&[u8]; N] = [&[]; N];
    for (index, column) in columns.iter_mut().enumerate() {
        let node = nodes.get(index);
        if node.null_count() != 0 {
            return Err(Malformed::Nulls);
        }
        if node.length() != batch.length() {
            return Err(Malformed::BadBuffer);
        }
        within(body, buffers.get(2 * index))?;
        *column = within(body, buffers.get(2 * index + 1))?.get(..needed).ok_or(Malformed::BadBuffer)?;
    }
    Ok(columns)
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
