//! Numbers, and the choice between values.

use std::cmp::Ordering;

use rusqlite::types::Value;
use serde_json::Value as Json;

use super::Definition;
use crate::sql::value::{Cell, Outcome, boolean, json, text};

pub(super) const STRICT: &[Definition] = &[
    ("pg_ceil", 1, |args| whole(args[0], f64::ceil)),
    ("pg_floor", 1, |args| whole(args[0], f64::floor)),
    ("pg_mod", 2, |args| match args[0].int()?.checked_rem(args[1].int()?) {
        Some(rest) => Ok(Value::Integer(rest)),
        None => Err("division by zero".to_owned()),
    }),
];

pub(super) const LENIENT: &[Definition] = &[
    ("pg_greatest", -1, |args| Ok(owned(args, Ordering::Greater))),
    ("pg_least", -1, |args| Ok(owned(args, Ordering::Less))),
    ("pg_limit", 1, |args| count(args[0], -1)),
    ("pg_offset", 1, |args| count(args[0], 0)),
];

fn whole(cell: Cell<'_>, round: fn(f64) -> f64) -> Outcome<Value> {
    match cell {
        Cell::Int(it) => Ok(Value::Integer(it)),
        other => Ok(Value::Real(round(other.real()?))),
    }
}

/// How many rows, `none` for NULL.
fn count(cell: Cell<'_>, none: i64) -> Outcome<Value> {
    match cell {
        Cell::Null => Ok(Value::Integer(none)),
        other => match other.int()? {
            it if it >= 0 => Ok(Value::Integer(it)),
            it => Err(format!("LIMIT and OFFSET must not be negative, {it} is")),
        },
    }
}

/// The cell that comes out `wanted` against all others, NULLs aside.
fn owned(cells: &[Cell<'_>], wanted: Ordering) -> Value {
    let mut best = Cell::Null;
    for cell in cells.iter().filter(|cell| **cell != Cell::Null) {
        if best == Cell::Null || compare(*cell, best) == wanted {
            best = *cell;
        }
    }
    match best {
        Cell::Null => Value::Null,
        Cell::Bool(it) => boolean(it),
        Cell::Int(it) => Value::Integer(it),
        Cell::Real(it) => Value::Real(it),
        Cell::Text(it) => text(it),
        Cell::Json(it) => serde_json::from_slice::<Json>(it).map_or(Value::Null, |it| json(&it)),
    }
}

fn compare(one: Cell<'_>, other: Cell<'_>) -> Ordering {
    match (one, other) {
        (Cell::Int(one), Cell::Int(other)) => one.cmp(&other),
        (Cell::Int(_) | Cell::Real(_), Cell::Int(_) | Cell::Real(_)) => {
            one.real().unwrap_or_default().total_cmp(&other.real().unwrap_or_default())
        }
        _ => one.text().cmp(&other.text()),
    }
}
