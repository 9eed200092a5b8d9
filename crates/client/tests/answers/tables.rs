//! Arrow in and out of the cases, by the general library.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray, RecordBatch, StringArray};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use saphyr::{Scalar, Yaml};
use serde_json::{Value, json};

use crate::yaml::{double, integer};

/// Runs `$body` with `$kind` standing for the Arrow type of `$data_type`.
macro_rules! with_type {
    ($data_type:expr, $kind:ident => $body:expr) => {
        match $data_type {
            DataType::Int8 => {
                type $kind = Int8Type;
                $body
            }
            DataType::Int16 => {
                type $kind = Int16Type;
                $body
            }
            DataType::Int32 => {
                type $kind = Int32Type;
                $body
            }
            DataType::Int64 => {
                type $kind = Int64Type;
                $body
            }
            DataType::UInt8 => {
                type $kind = UInt8Type;
                $body
            }
            DataType::UInt16 => {
                type $kind = UInt16Type;
                $body
            }
            DataType::UInt32 => {
                type $kind = UInt32Type;
                $body
            }
            DataType::UInt64 => {
                type $kind = UInt64Type;
                $body
            }
            DataType::Timestamp(TimeUnit::Second, _) => {
                type $kind = TimestampSecondType;
                $body
            }
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                type $kind = TimestampMillisecondType;
                $body
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                type $kind = TimestampMicrosecondType;
                $body
            }
            DataType::Timestamp(TimeUnit::Nanosecond, _) => {
                type $kind = TimestampNanosecondType;
                $body
            }
            other => panic!("no case has columns of {other}"),
        }
    };
}

/// The IPC stream, in hexadecimal, of the table that `yaml` describes: columns by name, each a list of its type and the
/// values.
pub(crate) fn write(yaml: &Yaml<'_>) -> String {
    let columns = yaml.as_mapping().expect("columns by name").iter().map(|(name, column)| {
        let (name, column) = (name.as_str().expect("a name"), column.as_vec().expect("a list"));
        let (kind, values) = column.split_first().expect("a type and values");
        let values = array(&data_type(kind.as_str().expect("a type")), values);
        (Field::new(name, values.data_type().clone(), true), values)
    });
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.unzip();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).expect("columns of one length");
    ipc(&schema, &[batch])
}

/// The IPC stream without batches, in hexadecimal, of the fields that `yaml` lists as `name: type`.
pub(crate) fn write_schema(yaml: &Yaml<'_>) -> String {
    let fields = yaml.as_vec().expect("a list of fields").iter().map(|field| {
        let (name, kind) = field.as_str().and_then(|field| field.split_once(": ")).expect("name: type");
        match kind.strip_suffix(" not null") {
            Some(kind) => Field::new(name, data_type(kind), false),
            None => Field::new(name, data_type(kind), true),
        }
    });
    ipc(&Schema::new(fields.collect::<Vec<_>>()), &[])
}

fn ipc(schema: &Schema, batches: &[RecordBatch]) -> String {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, schema).expect("memory");
    for batch in batches {
        writer.write(batch).expect("memory");
    }
    writer.finish().expect("memory");
    to_hex(&bytes)
}

#[allow(clippy::useless_conversion, reason = "it is one for all columns but those of 64 bits")]
fn array(kind: &DataType, values: &[Yaml<'_>]) -> ArrayRef {
    let float = |value: &Yaml<'_>| match value {
        Yaml::Value(Scalar::Integer(integer)) => Some(*integer as f64),
        Yaml::Value(Scalar::FloatingPoint(float)) => Some(float.0),
        _ => None,
    };
    match kind {
        DataType::Utf8 => Arc::new(values.iter().map(|value| value.as_str()).collect::<StringArray>()),
        DataType::Float64 => Arc::new(values.iter().map(float).collect::<PrimitiveArray<Float64Type>>()),
        DataType::Float32 => {
            let narrow = values.iter().map(|value| float(value).map(|value| value as f32));
            Arc::new(narrow.collect::<PrimitiveArray<Float32Type>>())
        }
        kind => with_type!(kind, Kind => {
            let native = |value: &Yaml<'_>| integer(value).map(|value| value.try_into().expect("a value of the type"));
            let array: PrimitiveArray<Kind> = values.iter().map(native).collect();
            Arc::new(array.with_data_type(kind.clone()))
        }),
    }
}

fn data_type(name: &str) -> DataType {
    let unit = |unit: &str| match unit {
        "s" => TimeUnit::Second,
        "ms" => TimeUnit::Millisecond,
        "us" => TimeUnit::Microsecond,
        "ns" => TimeUnit::Nanosecond,
        other => panic!("{other} is no unit of time"),
    };
    if let Some(time) = name.strip_prefix("timestamp[").and_then(|rest| rest.strip_suffix(']')) {
        return match time.split_once(", tz=") {
            Some((time, zone)) => DataType::Timestamp(unit(time), Some(zone.into())),
            None => DataType::Timestamp(unit(time), None),
        };
    }
    match name {
        "int8" => DataType::Int8,
        "int16" => DataType::Int16,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "uint8" => DataType::UInt8,
        "uint16" => DataType::UInt16,
        "uint32" => DataType::UInt32,
        "uint64" => DataType::UInt64,
        "float" => DataType::Float32,
        "double" => DataType::Float64,
        "string" => DataType::Utf8,
        other => panic!("{other} is no type that a case has"),
    }
}

/// A type as pyarrow writes it.
fn type_name(kind: &DataType) -> String {
    let unit = |unit: &TimeUnit| match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "us",
        TimeUnit::Nanosecond => "ns",
    };
    match kind {
        DataType::Float32 => "float".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Timestamp(time, Some(zone)) => format!("timestamp[{}, tz={zone}]", unit(time)),
        DataType::Timestamp(time, None) => format!("timestamp[{}]", unit(time)),
        other => other.to_string().to_lowercase(),
    }
}

/// `result` with every IPC stream as what it holds: under `ipc` schema and columns, under `frame` names and columns, where
/// NaN is nothing.
pub(crate) fn read_all(result: Value) -> Value {
    match result {
        Value::Object(fields) => match fields.iter().next() {
            Some((key, Value::String(ipc))) if key == "ipc" => {
                let (schema, columns) = read(ipc);
                json!({ "schema": schema.fields().iter().map(|field| field_text(field)).collect::<Vec<_>>(), "columns": columns })
            }
            Some((key, Value::String(ipc))) if key == "frame" => {
                let (schema, mut columns) = read(ipc);
                let time = columns.remove(0);
                let present = |column: Vec<Value>| -> Vec<Value> {
                    column.into_iter().map(|cell| if cell == "nan" { Value::Null } else { cell }).collect()
                };
                let named = schema.fields().iter().skip(1).zip(columns);
                let named = named.map(|(field, column)| json!([field.name(), present(column)]));
                json!({ "time": time, "columns": named.collect::<Vec<_>>() })
            }
            _ => {
                fields.into_iter().map(|(key, value)| (key, read_all(value))).collect::<serde_json::Map<_, _>>().into()
            }
        },
        Value::Array(items) => items.into_iter().map(read_all).collect(),
        other => other,
    }
}

fn field_text(field: &Field) -> String {
    let nullable = if field.is_nullable() { "" } else { " not null" };
    format!("{}: {}{nullable}", field.name(), type_name(field.data_type()))
}

fn read(hexadecimal: &str) -> (Arc<Schema>, Vec<Vec<Value>>) {
    let bytes = from_hex(hexadecimal);
    let reader = StreamReader::try_new(bytes.as_slice(), None).expect("an IPC stream");
    let schema = reader.schema();
    let mut columns = vec![Vec::new(); schema.fields().len()];
    for batch in reader {
        let batch = batch.expect("a record batch");
        for (cells, column) in columns.iter_mut().zip(batch.columns()) {
            cells.extend((0..batch.num_rows()).map(|row| cell(column, row)));
        }
    }
    (schema, columns)
}

fn cell(column: &ArrayRef, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Float64 => double(column.as_primitive::<Float64Type>().value(row)),
        DataType::Float32 => double(column.as_primitive::<Float32Type>().value(row).into()),
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Null => Value::Null,
        kind => with_type!(kind, Kind => column.as_primitive::<Kind>().value(row).to_string().into()),
    }
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).expect("half a byte");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal")).collect()
}
