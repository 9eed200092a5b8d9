//! The schema at the start of an IPC stream.

use std::sync::Arc;

use arrow_ipc::{Endianness, Precision, Type};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::frames::{Frames, malformed};
use crate::Result;

/// The most columns of a schema: those of the widest table.
const MAX_COLUMNS: usize = crate::MAX_MULTI_STREAMS + 1;

/// The schema that comes next in `frames`, of plain columns only.
pub(super) fn read(frames: &mut Frames<'_>) -> Result<SchemaRef> {
    let missing = || malformed("it has no schema");
    let (message, _no_body) = frames.next()?.ok_or_else(missing)?;
    let schema = message.header_as_schema().ok_or_else(missing)?;
    if schema.endianness() != Endianness::Little {
        return Err(malformed("it is big-endian"));
    }
    let fields = schema.fields().unwrap_or_default();
    if fields.len() > MAX_COLUMNS {
        return Err(malformed("it has too many columns"));
    }
    let fields = fields.iter().map(|field| {
        let name = field.name().unwrap_or_default();
        let unknown = || malformed(&format!("column {:?} has a type that is not offered", shortened(name)));
        let data_type = data_type(&field).ok_or_else(unknown)?;
        Ok(Field::new(name, data_type, field.nullable()))
    });
    Ok(Arc::new(Schema::new(fields.collect::<Result<Vec<Field>>>()?)))
}

fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}

/// The type of a column of numbers, times or text.
fn data_type(field: &arrow_ipc::Field<'_>) -> Option<DataType> {
    if field.dictionary().is_some() || field.children().is_some_and(|children| !children.is_empty()) {
        return None;
    }
    match field.type_type() {
        Type::Int => {
            let int = field.type_as_int()?;
            match (int.bitWidth(), int.is_signed()) {
                (8, true) => Some(DataType::Int8),
                (16, true) => Some(DataType::Int16),
                (32, true) => Some(DataType::Int32),
                (64, true) => Some(DataType::Int64),
                (8, false) => Some(DataType::UInt8),
                (16, false) => Some(DataType::UInt16),
                (32, false) => Some(DataType::UInt32),
                (64, false) => Some(DataType::UInt64),
                _ => None,
            }
        }
        Type::FloatingPoint => match field.type_as_floating_point()?.precision() {
            Precision::HALF => Some(DataType::Float16),
            Precision::SINGLE => Some(DataType::Float32),
            Precision::DOUBLE => Some(DataType::Float64),
            _ => None,
        },
        Type::Timestamp => {
            let timestamp = field.type_as_timestamp()?;
            let unit = match timestamp.unit() {
                arrow_ipc::TimeUnit::SECOND => TimeUnit::Second,
                arrow_ipc::TimeUnit::MILLISECOND => TimeUnit::Millisecond,
                arrow_ipc::TimeUnit::MICROSECOND => TimeUnit::Microsecond,
                arrow_ipc::TimeUnit::NANOSECOND => TimeUnit::Nanosecond,
                _ => return None,
            };
            Some(DataType::Timestamp(unit, timestamp.timezone().map(Into::into)))
        }
        Type::Bool => Some(DataType::Boolean),
        Type::Utf8 => Some(DataType::Utf8),
        Type::LargeUtf8 => Some(DataType::LargeUtf8),
        _ => None,
    }
}
