//! What comes out.

use std::collections::HashMap;
use std::fmt::Display;

use btrdb_client::{
    AnyPoint, Columns, Descriptor, Number, Numbers, Point, RawColumns, StatColumns, StatPoint, TableColumn, Uuid,
    Versioned,
};
use serde_json::{Map, Value, json};

use crate::tables::to_hex;
use crate::yaml::double;

pub(super) fn integer(integer: impl Display) -> Value {
    integer.to_string().into()
}

pub(super) fn number(number: Option<Number>) -> Value {
    match number {
        None => Value::Null,
        Some(Number::Float(value)) => double(value),
        Some(Number::Count(count)) => integer(count),
    }
}

pub(super) fn numbers(numbers: &Numbers) -> Vec<Value> {
    (0..numbers.len()).map(|row| number(numbers.get(row))).collect()
}

/// The numbers of a column of a table, null where there is none.
pub(super) fn cells(column: &TableColumn) -> Vec<Value> {
    let is_there = |row: usize| column.present.as_ref().is_none_or(|present| present[row]);
    let cells = numbers(&column.numbers).into_iter().enumerate();
    cells.map(|(row, cell)| if is_there(row) && cell != "nan" { cell } else { Value::Null }).collect()
}

/// A JSON document whose numbers are doubles.
pub(super) fn document(value: Value) -> Value {
    match value {
        Value::Number(number) => double(number.as_f64().unwrap()),
        Value::Array(items) => items.into_iter().map(document).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (key, document(value))).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

fn raw_point(Point { time, value }: Point) -> Value {
    json!([integer(time), double(value)])
}

fn stat_point(point: &StatPoint) -> Value {
    let StatPoint { time, min, mean, max, count, stddev } = *point;
    json!([integer(time), double(min), double(mean), double(max), integer(count), double(stddev)])
}

pub(super) fn point(point: AnyPoint) -> Value {
    match point {
        AnyPoint::Raw(point) => raw_point(point),
        AnyPoint::Stat(point) => stat_point(&point),
    }
}

pub(super) fn columns(columns: &Columns) -> Vec<Value> {
    columns.iter().map(point).collect()
}

/// Points or windows, and the version they were read at; none is told for nothing.
fn read(version: u64, rows: &[Value]) -> Value {
    json!({ "version": if rows.is_empty() { Value::Null } else { integer(version) }, "rows": rows })
}

pub(super) fn raw(columns: &Versioned<RawColumns>) -> Value {
    read(columns.version, &columns.data.iter().map(raw_point).collect::<Vec<_>>())
}

pub(super) fn stats(columns: &Versioned<StatColumns>) -> Value {
    read(columns.version, &columns.data.iter().map(|point| stat_point(&point)).collect::<Vec<_>>())
}

pub(super) fn found(found: Option<Versioned<Point>>) -> Value {
    found.map_or(Value::Null, |found| json!({ "version": integer(found.version), "point": raw_point(found.data) }))
}

pub(super) fn of_each(points: &[Option<Point>]) -> Value {
    points.iter().map(|point| point.map_or(Value::Null, raw_point)).collect()
}

pub(super) fn ipc(bytes: &[u8]) -> Value {
    json!({ "ipc": to_hex(bytes) })
}

pub(super) fn frame(bytes: &[u8]) -> Value {
    json!({ "frame": to_hex(bytes) })
}

pub(super) fn by_uuid(versions: &HashMap<Uuid, u64>) -> Value {
    versions.iter().map(|(uuid, version)| (uuid.to_string(), integer(version))).collect::<Map<_, _>>().into()
}

/// The annotations as stored.
pub(super) fn stored(descriptor: &Descriptor) -> Value {
    known(descriptor, &json!(descriptor.annotations))
}

/// The annotations as the values that they stand for.
pub(super) fn decoded(descriptor: &Descriptor) -> Value {
    known(descriptor, &annotations(descriptor))
}

pub(super) fn annotations(descriptor: &Descriptor) -> Value {
    let value = |key: &String| (key.clone(), document(descriptor.annotation(key).unwrap()));
    descriptor.annotations.keys().map(value).collect::<Map<_, _>>().into()
}

fn known(descriptor: &Descriptor, annotations: &Value) -> Value {
    json!({
        "uuid": descriptor.uuid.to_string(),
        "collection": descriptor.collection,
        "tags": descriptor.tags,
        "annotations": annotations,
        "property_version": integer(descriptor.property_version),
    })
}
