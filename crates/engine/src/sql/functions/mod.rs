//! The functions that PostgreSQL has and SQLite has not, or has otherwise.
//!
//! None of SQLite's own functions over text is offered: theirs may take the square of their arguments' length, and nothing
//! can stop a function while it runs. Ours take time in proportion to what they read, and it counts as work.

mod aggregate;
mod casts;
mod numbers;
mod pairs;
mod patterns;
mod text;

use std::{mem::size_of_val, sync::Arc};

use rusqlite::{
    Connection, Error,
    functions::{Context, FunctionFlags},
    types::Value,
};

use super::{
    value::{Cell, Outcome},
    work::Work,
};
use crate::descriptor::Descriptor;

/// The longest text that a function takes or makes, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// What a call costs, in instructions of SQLite's, and how many bytes a function reads in the time of one; about.
const STEPS_PER_CALL: usize = 8;
const BYTES_PER_STEP: usize = 8;

/// A function: its name, the number of its arguments (−1 for any), and what it does.
type Definition = (&'static str, i32, for<'a> fn(&[Cell<'a>]) -> Outcome<Value>);

/// Adds everything that the printer writes to `database`, the reading of `streams` included.
pub(super) fn register(database: &Connection, streams: Vec<Arc<Descriptor>>, work: &Arc<Work>) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    database.create_scalar_function("pg_stream", 2, flags, move |context| field(&streams, context))?;
    let strict = [casts::STRICT, numbers::STRICT, pairs::STRICT, patterns::STRICT, text::STRICT].concat();
    let lenient = [numbers::LENIENT, pairs::LENIENT, text::LENIENT].concat();
    let all = strict.into_iter().map(|it| (it, true)).chain(lenient.into_iter().map(|it| (it, false)));
    for ((name, arguments, call), is_strict) in all {
        let work = Arc::clone(work);
        database.create_scalar_function(name, arguments, flags, move |context| {
            let cells: Vec<Cell<'_>> = (0..context.len()).map(|index| context.get_raw(index).into()).collect();
            check(&cells, &work)?;
            if is_strict && cells.contains(&Cell::Null) {
                return Ok(Value::Null);
            }
            call(&cells).map_err(failed)
        })?;
    }
    patterns::register(database, flags, work)?;
    aggregate::register(database, flags, work)
}

fn failed(message: String) -> Error {
    Error::UserFunctionError(message.into())
}

/// Counts what a function is about to read as work.
fn check(cells: &[Cell<'_>], work: &Work) -> Result<(), Error> {
    let bytes = cells.iter().map(|cell| match cell {
        Cell::Text(text) => text.len(),
        Cell::Json(json) => json.len(),
        _ => 0,
    });
    let steps = STEPS_PER_CALL + bytes.sum::<usize>() / BYTES_PER_STEP;
    if !work.spend(steps as i64) {
        return Err(failed("no work is left".to_owned()));
    }
    let is_long = |cell: &Cell<'_>| matches!(cell, Cell::Text(text) if text.len() > MAX_TEXT);
    if cells.iter().any(is_long) {
        return Err(failed(format!("a text has more than {MAX_TEXT} bytes")));
    }
    Ok(())
}

/// A text that is not too long.
fn bounded(text: impl Into<String>) -> Outcome<Value> {
    let text = text.into();
    if size_of_val(text.as_bytes()) > MAX_TEXT {
        return Err(format!("a text has more than {MAX_TEXT} bytes"));
    }
    Ok(Value::Text(text))
}

/// A column of a stream, in the order of [`COLUMNS`](super::printer::COLUMNS).
fn field(streams: &[Arc<Descriptor>], context: &Context<'_>) -> rusqlite::Result<Value> {
    let index: i64 = context.get(0)?;
    let Some(stream) = usize::try_from(index).ok().and_then(|index| streams.get(index)) else {
        return Ok(Value::Null);
    };
    let tag = |key: &str| Value::Text(stream.tags.get(key).cloned().unwrap_or_default());
    Ok(match context.get::<i64>(1)? {
        0 => Value::Text(stream.uuid.to_string()),
        1 => Value::Text(stream.collection.clone()),
        2 => tag("name"),
        3 => tag("unit"),
        4 => tag("ingress"),
        5 => tag("distiller"),
        6 => Value::Integer(stream.property_version as i64),
        _ => pairs::hstore(&stream.annotations),
    })
}
