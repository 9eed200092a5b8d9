//! Arrays of a group's values.

use std::sync::Arc;

use rusqlite::{
    Connection,
    functions::{Aggregate, Context, FunctionFlags},
    types::Value,
};

use super::{check, failed};
use crate::sql::{value::Cell, work::Work};

/// The largest array, in bytes.
const MAX_ARRAY: usize = 8 << 20;

pub(super) fn register(database: &Connection, flags: FunctionFlags, work: &Arc<Work>) -> rusqlite::Result<()> {
    let collect = ArrayAgg(Arc::clone(work));
    database.create_aggregate_function("pg_array_agg", 1, flags, collect)
}

struct ArrayAgg(Arc<Work>);

impl Aggregate<String, Value> for ArrayAgg {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<String> {
        Ok(String::new())
    }

    fn step(&self, context: &mut Context<'_>, array: &mut String) -> rusqlite::Result<()> {
        let cell = Cell::from(context.get_raw(0));
        check(&[cell], &self.0)?;
        array.push(if array.is_empty() { '[' } else { ',' });
        array.push_str(&cell.json().map_err(failed)?.to_string());
        if array.len() > MAX_ARRAY {
            return Err(failed(format!("an array has more than {MAX_ARRAY} bytes")));
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, array: Option<String>) -> rusqlite::Result<Value> {
        Ok(array.map_or(Value::Null, |array| Value::Blob((array + "]").into_bytes())))
    }
}
