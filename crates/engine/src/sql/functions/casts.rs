//! Casts, which refuse what they cannot read, where SQLite's make 0 of it.

use rusqlite::types::Value;
use serde_json::Value as Json;
use uuid::Uuid;

use super::{Definition, bounded, pairs};
use crate::sql::value::{Cell, Outcome, boolean, invalid, json, text};

pub(super) const STRICT: &[Definition] = &[
    ("pg_text", 1, |args| match args[0] {
        Cell::Json(bytes) => bounded(pairs::shown(bytes)?),
        other => bounded(other.text()),
    }),
    ("pg_int", 1, |args| Ok(Value::Integer(args[0].int()?))),
    ("pg_real", 1, |args| Ok(Value::Real(args[0].real()?))),
    ("pg_number", 1, |args| match args[0] {
        Cell::Int(it) => Ok(Value::Integer(it)),
        Cell::Text(it) if it.trim().parse::<i64>().is_ok() => Ok(Value::Integer(args[0].int()?)),
        other => Ok(Value::Real(other.real()?)),
    }),
    // What leaves a condition: SQLite's 0 or 1.
    ("pg_bool", 1, |args| truth(args[0]).map(boolean)),
    ("pg_not", 1, |args| truth(args[0]).map(|it| boolean(!it))),
    ("pg_to_bool", 1, |args| match args[0] {
        Cell::Text(it) => match it.trim().to_lowercase().as_str() {
            "t" | "tr" | "tru" | "true" | "y" | "ye" | "yes" | "on" | "1" => Ok(boolean(true)),
            "f" | "fa" | "fal" | "fals" | "false" | "n" | "no" | "of" | "off" | "0" => Ok(boolean(false)),
            _ => Err(invalid("boolean", it)),
        },
        Cell::Json(b"true") => Ok(boolean(true)),
        Cell::Json(b"false") => Ok(boolean(false)),
        other => truth(other).map(boolean),
    }),
    ("pg_uuid", 1, |args| Ok(text(uuid(&args[0].text())?))),
    ("pg_uuids", 1, |args| uuids(args[0]).map(text)),
    ("pg_uuid_array", 1, |args| Ok(Value::Blob(uuids(args[0])?.into_bytes()))),
    ("pg_json", 1, |args| match args[0] {
        Cell::Text(it) => serde_json::from_str::<Json>(it)
            .map(|it| json(&it))
            .map_err(|error| format!("{}: {error}", invalid("json", it))),
        other => Ok(json(&other.json()?)),
    }),
    ("pg_to_json", 1, |args| Ok(json(&args[0].json()?))),
];

fn truth(cell: Cell<'_>) -> Outcome<bool> {
    match cell {
        Cell::Bool(it) => Ok(it),
        Cell::Int(it) => Ok(it != 0),
        Cell::Real(it) => Ok(it != 0.0),
        other => Err(format!("{other:?} is neither true nor false")),
    }
}

fn uuid(text: &str) -> Outcome<String> {
    Uuid::try_parse(text.trim()).map(|it| it.to_string()).map_err(|error| format!("{}: {error}", invalid("uuid", text)))
}

/// An array of uuids as JSON.
fn uuids(array: Cell<'_>) -> Outcome<String> {
    let items = pairs::items(array)?;
    let uuids: Outcome<Vec<Json>> = items
        .into_iter()
        .map(|item| match item {
            Json::String(text) => uuid(&text).map(Json::String),
            Json::Null => Ok(Json::Null),
            other => Err(invalid("uuid", &other.to_string())),
        })
        .collect();
    Ok(Json::Array(uuids?).to_string())
}
