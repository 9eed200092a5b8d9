//! Points for insertion as others write them: a column of times and one of numbers, of whatever type.

use arrow_ipc::{Endianness, Field, MessageHeader, Precision, TimeUnit, Type};
use btrdb_core::{RawColumns, Timestamp};

use super::frames::{Frames, Malformed};
use super::read::values;
use crate::error::{Error, ErrorKind};

/// Why bytes are not points.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum NotPoints {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("{0} columns where a time and a value are needed")]
    Columns(usize),
    #[error("a time is a timestamp or an int64 of nanoseconds, but column {0:?} is not")]
    Time(String),
    #[error("a value is a float or an integer, but column {0:?} is not")]
    Value(String),
    #[error("no double is sure to be {0}: integers go up to 2^53 either way")]
    Inexact(i128),
}

/// The largest of the integers that have a double each, all smaller ones too.
const LARGEST_EXACT: i128 = 1 << 53;

/// What a column of numbers holds.
#[derive(Clone, Copy)]
enum Numbers {
    Time { nanos: i64 },
    Int { bytes: usize, is_signed: bool },
    Float { bytes: usize },
}

/// The points in `bytes`, an IPC stream of two columns, whatever they are called: a timestamp of any unit and zone or
/// an int64 of nanoseconds, and a number of any width. Nulls, dictionaries and compression are refused.
pub(crate) fn read_points(bytes: &[u8]) -> Result<RawColumns, NotPoints> {
    let mut frames = Frames(bytes);
    let first = frames.next()?.ok_or(Malformed::Empty)?;
    let schema = first.message.header_as_schema().ok_or(Malformed::Empty)?;
    if schema.endianness() != Endianness::Little {
        return Err(Malformed::OtherSchema.into());
    }
    let fields = schema.fields().ok_or(Malformed::Empty)?;
    if fields.len() != 2 {
        return Err(NotPoints::Columns(fields.len()));
    }
    let (time, value) = (fields.get(0), fields.get(1));
    let name = |field: &Field<'_>| field.name().unwrap_or_default().to_owned();
    let is_time = |kind: &_| matches!(kind, Numbers::Time { .. } | Numbers::Int { bytes: 8, is_signed: true });
    let is_value = |kind: &_| matches!(kind, Numbers::Int { .. } | Numbers::Float { .. });
    let time = numbers(&time).filter(is_time).ok_or_else(|| NotPoints::Time(name(&time)))?;
    let value = numbers(&value).filter(is_value).ok_or_else(|| NotPoints::Value(name(&value)))?;
    let mut points = RawColumns::default();
    while let Some(frame) = frames.next()? {
        if frame.message.header_type() != MessageHeader::RecordBatch {
            return Err(Malformed::OtherMessage.into());
        }
        let batch = frame.message.header_as_record_batch().ok_or(Malformed::BadMetadata)?;
        let columns = values(&batch, frame.body, &[time.width(), value.width()])?;
        for cell in columns[0].chunks_exact(time.width()) {
            points.time.push(time.as_time(cell).ok_or(Malformed::BadTime)?);
        }
        for cell in columns[1].chunks_exact(value.width()) {
            points.value.push(value.as_float(cell)?);
        }
    }
    frames.finish()?;
    Ok(points)
}

fn numbers(field: &Field<'_>) -> Option<Numbers> {
    if field.dictionary().is_some() {
        return None;
    }
    match field.type_type() {
        Type::Timestamp => field.type_as_timestamp().map(|time| {
            let nanos = match time.unit() {
                TimeUnit::SECOND => 1_000_000_000,
                TimeUnit::MILLISECOND => 1_000_000,
                TimeUnit::MICROSECOND => 1_000,
                _ => 1,
            };
            Numbers::Time { nanos }
        }),
        Type::FloatingPoint => match field.type_as_floating_point()?.precision() {
            Precision::DOUBLE => Some(Numbers::Float { bytes: 8 }),
            Precision::SINGLE => Some(Numbers::Float { bytes: 4 }),
            _ => None,
        },
        Type::Int => {
            let int = field.type_as_int()?;
            let bytes = usize::try_from(int.bitWidth()).ok().filter(|bits| [8, 16, 32, 64].contains(bits))? / 8;
            Some(Numbers::Int { bytes, is_signed: int.is_signed() })
        }
        _ => None,
    }
}

impl Numbers {
    fn width(self) -> usize {
        match self {
            Self::Time { .. } => 8,
            Self::Int { bytes, .. } | Self::Float { bytes } => bytes,
        }
    }

    fn as_time(self, cell: &[u8]) -> Option<Timestamp> {
        let count = i64::try_from(integer(cell, true)).ok()?;
        let nanos = if let Self::Time { nanos } = self { nanos } else { 1 };
        count.checked_mul(nanos)
    }

    fn as_float(self, cell: &[u8]) -> Result<f64, NotPoints> {
        let integer = match self {
            Self::Float { .. } => {
                return Ok(match cell {
                    [a, b, c, d] => f64::from(f32::from_le_bytes([*a, *b, *c, *d])),
                    _ => cell.first_chunk().copied().map_or(f64::NAN, f64::from_le_bytes),
                });
            }
            Self::Int { is_signed, .. } => integer(cell, is_signed),
            Self::Time { .. } => integer(cell, true),
        };
        if integer.abs() <= LARGEST_EXACT { Ok(integer as f64) } else { Err(NotPoints::Inexact(integer)) }
    }
}

/// The integer that up to 8 little-endian bytes stand for.
fn integer(cell: &[u8], is_signed: bool) -> i128 {
    let is_negative = is_signed && cell.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut bytes = [if is_negative { 0xff } else { 0 }; 16];
    bytes[..cell.len()].copy_from_slice(cell);
    i128::from_le_bytes(bytes)
}

impl From<NotPoints> for Error {
    fn from(why: NotPoints) -> Self {
        let kind = match why {
            NotPoints::Malformed(Malformed::Nulls) => ErrorKind::BadValue,
            NotPoints::Malformed(_) | NotPoints::Columns(_) | NotPoints::Inexact(_) => ErrorKind::InvalidValue,
            NotPoints::Time(_) | NotPoints::Value(_) => ErrorKind::InvalidType,
        };
        Self::new(kind, why.to_string())
    }
}
