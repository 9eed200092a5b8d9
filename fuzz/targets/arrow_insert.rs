//! Arrow bytes of an insert.

#![no_main]

use btrdb_fuzz::{arrow, engine, uuid, write};
use btrdb_proto::ArrowInsertParams;

libfuzzer_sys::fuzz_target!(init: write(arrow()), |bytes: &[u8]| {
    let arrow_bytes = bytes.to_vec().into();
    let _ = engine().arrow_insert(&ArrowInsertParams { uuid: uuid(1), arrow_bytes, ..Default::default() });
});
