//! In: record batches of two columns as points.

use arrow_ipc::{MessageHeader, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use btrdb_core::Point;
use bytes::Bytes;

use super::{
    frames::{Frames, malformed},
    schema,
};
use crate::{Code, Error, MAX_INSERT_POINTS, Result};

/// The points of one IPC stream: a column of times (timestamps of any unit and zone, or integer nanoseconds), then one
/// of numbers. The columns may have any name.
pub(crate) fn decode_points(bytes: &Bytes) -> Result<Vec<Point>> {
    let mut frames = Frames(bytes);
    let schema = schema::read(&mut frames)?;
    let [time, value] = &**schema.fields() else {
        let found = schema.fields().len();
        return Err(malformed(&format!("it has {found} columns instead of a time and a value")));
    };
    let (time, value) = (Times::of(time.data_type())?, Values::of(value.data_type())?);
    let mut points = Vec::new();
    while let Some((message, body)) = frames.next()? {
        let is_batch = message.header_type() == MessageHeader::RecordBatch;
        let batch = message.header_as_record_batch().filter(|_| is_batch);
        let batch = batch.ok_or_else(|| malformed("a message that is no record batch"))?;
        add_points(&mut points, &batch, body, time, value)?;
    }
    Ok(points)
}

fn add_points(points: &mut Vec<Point>, batch: &RecordBatch<'_>, body: &[u8], time: Times, value: Values) -> Result<()> {
    if batch.compression().is_some() {
        return Err(malformed("it is compressed"));
    }
    let rows = usize::try_from(batch.length()).map_err(|_negative| malformed("a negative number of rows"))?;
    if points.len().saturating_add(rows) > MAX_INSERT_POINTS {
        let message = format!("over {MAX_INSERT_POINTS} points in one insert: send fewer at a time");
        return Err(Error::new(Code::InsertTooBig, message));
    }
    let times = column(batch, body, 0, 8)?;
    let values = column(batch, body, 1, value.width())?;
    points.reserve(rows);
    for (time_bytes, bytes) in times.as_chunks().0.iter().zip(values.chunks_exact(value.width())) {
        let time = i64::from_le_bytes(*time_bytes).checked_mul(time.0);
        let time = time.ok_or_else(|| malformed("a time beyond all nanoseconds"))?;
        points.push(Point { time, value: value.read(bytes) });
    }
    Ok(())
}

/// The values of the column numbered `number`, `width` bytes each: a field node and two buffers, which values are there and
/// the values.
fn column<'a>(batch: &RecordBatch<'_>, body: &'a [u8], number: usize, width: usize) -> Result<&'a [u8]> {
    let wrong = || malformed("a column whose length or place is wrong");
    let (nodes, buffers) = (batch.nodes().ok_or_else(wrong)?, batch.buffers().ok_or_else(wrong)?);
    if nodes.len() != 2 || buffers.len() != 4 || nodes.get(number).length() != batch.length() {
        return Err(wrong());
    }
    if nodes.get(number).null_count() != 0 {
        return Err(Error::new(Code::BadValue, "Arrow data has nulls; leave such rows out"));
    }
    let buffer = buffers.get(2 * number + 1);
    let (start, length) = (usize::try_from(buffer.offset()).ok(), usize::try_from(buffer.length()).ok());
    let (start, length) = start.zip(length).ok_or_else(wrong)?;
    let needed = usize::try_from(batch.length()).ok().and_then(|rows| rows.checked_mul(width)).ok_or_else(wrong)?;
    let all = body.get(start..).and_then(|from| from.get(..length)).ok_or_else(wrong)?;
    all.get(..needed).ok_or_else(wrong)
}

/// A column of times: how many nanoseconds one of its units has.
#[derive(Clone, Copy)]
struct Times(i64);

impl Times {
    fn of(data_type: &DataType) -> Result<Self> {
        Ok(Self(match data_type {
            DataType::Int64 | DataType::Timestamp(TimeUnit::Nanosecond, _) => 1,
            DataType::Timestamp(TimeUnit::Microsecond, _) => 1_000,
            DataType::Timestamp(TimeUnit::Millisecond, _) => 1_000_000,
            DataType::Timestamp(TimeUnit::Second, _) => 1_000_000_000,
            other => return Err(malformed(&format!("a time column of type {other}"))),
        }))
    }
}

/// A column of numbers.
#[derive(Clone, Copy)]
enum Values {
    Signed(usize),
    Unsigned(usize),
    Half,
    Single,
    Double,
}

impl Values {
    fn of(data_type: &DataType) -> Result<Self> {
        let width = data_type.primitive_width().unwrap_or_default();
        Ok(match data_type {
            DataType::Float16 => Self::Half,
            DataType::Float32 => Self::Single,
            DataType::Float64 => Self::Double,
            signed if signed.is_signed_integer() => Self::Signed(width),
            unsigned if unsigned.is_unsigned_integer() => Self::Unsigned(width),
            other => return Err(malformed(&format!("a value column of type {other}"))),
        })
    }

    /// How many bytes a value has.
    const fn width(self) -> usize {
        match self {
            Self::Signed(width) | Self::Unsigned(width) => width,
            Self::Half => 2,
            Self::Single => 4,
            Self::Double => 8,
        }
    }

    /// The value in `bytes`, which are as many as it has.
    fn read(self, bytes: &[u8]) -> f64 {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        let word = u64::from_le_bytes(word);
        match self {
            Self::Double => f64::from_bits(word),
            Self::Single => f32::from_bits(word as u32).into(),
            Self::Half => half(word as u16),
            Self::Unsigned(_) => word as f64,
            Self::Signed(width) => {
                let unused = 64 - 8 * width as u32;
                ((word << unused) as i64 >> unused) as f64
            }
        }
    }
}

/// A number of half precision: a sign, five bits of exponent, ten of fraction.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_width_are_read() {
        let read = |values: Values, bytes: &[u8]| values.read(bytes);
        assert_eq!(read(Values::Signed(1), &[0xff]), -1.0);
        assert_eq!(read(Values::Signed(2), &[0, 0x80]), -32_768.0);
        assert_eq!(read(Values::Signed(8), &i64::MIN.to_le_bytes()), i64::MIN as f64);
        assert_eq!(read(Values::Unsigned(4), &[0xff; 4]), f64::from(u32::MAX));
        assert_eq!(read(Values::Single, &1.5_f32.to_le_bytes()), 1.5);
    }

    #[test]
    fn halves_are_exact() {
        for (bits, value) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65_504.0), (1, 2_f64.powi(-24)), (0x3555, 0.333_251_953_125)]
        {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7c00).is_infinite() && half(0x7e00).is_nan());
    }
}
