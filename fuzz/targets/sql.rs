//! Statements of SQL against an engine: rows or an error, never a panic, and an end.

#![no_main]

use std::sync::atomic::{AtomicU32, Ordering};

use btrdb_fuzz::{engine, statements, write};
use btrdb_proto::SqlQueryParams;

libfuzzer_sys::fuzz_target!(init: write(statements()), |bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // After a newline come the parameters.
    let mut lines = text.split('\n');
    let query = lines.next().unwrap_or_default().to_owned();
    let params = SqlQueryParams { query, params: lines.map(str::to_owned).collect(), ..SqlQueryParams::default() };
    let looks = AtomicU32::new(0);
    // Statements that take long are for the tests of bounds; here nobody waits for them.
    let is_unwanted = move || looks.fetch_add(1, Ordering::Relaxed) > 100;
    if let Ok(answer) = engine().sql_query(&params, is_unwanted) {
        answer.for_each(|message| assert!(message.is_ok()));
    }
});
