//! Rows as JSON objects, and how many of them may wait to be fetched.

use std::sync::atomic::{AtomicUsize, Ordering};

use btrdb_proto::SqlQueryResponse;
use bytes::Bytes;
use rusqlite::Row;
use serde_json::Value as Json;

use super::{bad, too_much, value::Cell};
use crate::{Batches, MAX_SQL_ANSWER, MAX_SQL_ANSWERS, MESSAGE_NAMES, Result, batches::Made};

/// About how many bytes of rows one message holds.
const MESSAGE_BYTES: usize = 1 << 20;

/// The bytes of all answers of this process that are not fetched yet.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// Rows that wait to be fetched.
#[derive(Debug, Default)]
pub(super) struct Answer {
    rows: Vec<Bytes>,
    bytes: usize,
}

impl Drop for Answer {
    fn drop(&mut self) {
        HELD.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Answer {
    pub(super) fn push(&mut self, row: Vec<u8>) -> Result<()> {
        // What a row costs besides its text.
        let bytes = row.len() + size_of::<Bytes>();
        self.bytes += bytes;
        let held = HELD.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if self.bytes > MAX_SQL_ANSWER {
            return Err(too_much(format!("the answer has more than {MAX_SQL_ANSWER} bytes: select less, or LIMIT it")));
        }
        if held > MAX_SQL_ANSWERS {
            let message = format!("{MAX_SQL_ANSWERS} bytes of answers to SQL wait to be fetched: try again later");
            return Err(too_much(message));
        }
        self.rows.push(row.into());
        Ok(())
    }

    /// The rows as messages; one without rows for none.
    pub(super) fn into_batches(self) -> Batches<SqlQueryResponse> {
        let (mut sent, mut is_done) = (0, false);
        Batches::new(std::iter::from_fn(move || {
            if is_done {
                return None;
            }
            let mut bytes = 0;
            let fits = |row: &&Bytes| {
                bytes += row.len();
                bytes - row.len() < MESSAGE_BYTES
            };
            let rows: Vec<Bytes> = self.rows[sent..].iter().take(MESSAGE_NAMES).take_while(fits).cloned().collect();
            sent += rows.len();
            let message = Ok(SqlQueryResponse { sql_query_row: rows, ..SqlQueryResponse::default() });
            is_done = sent == self.rows.len();
            Some(if is_done { Made::Last(message) } else { Made::Message(message) })
        }))
    }
}

/// The names of an answer's columns, ready to be written before their values.
#[derive(Debug)]
pub(super) struct Columns(Vec<Option<Vec<u8>>>);

impl Columns {
    /// Of columns with one name the last is shown: a JSON object cannot have two.
    pub(super) fn new(names: &[String]) -> Self {
        let is_last = |index: usize| !names[index + 1..].contains(&names[index]);
        let key = |name: &String| format!("{}:", Json::String(name.clone())).into_bytes();
        Self(names.iter().enumerate().map(|(index, name)| is_last(index).then(|| key(name))).collect())
    }

    /// A row as a JSON object.
    pub(super) fn row(&self, row: &Row<'_>) -> Result<Vec<u8>> {
        let mut out = vec![b'{'];
        for (index, key) in self.0.iter().enumerate() {
            let Some(key) = key else { continue };
            if out.len() > 1 {
                out.push(b',');
            }
            out.extend_from_slice(key);
            let cell = Cell::from(row.get_ref(index).map_err(|error| bad(error.to_string()))?);
            match cell {
                // It is JSON already.
                Cell::Json(bytes) => out.extend_from_slice(bytes),
                cell => out.extend_from_slice(cell.json().map_err(bad)?.to_string().as_bytes()),
            }
        }
        out.push(b'}');
        Ok(out)
    }
}
