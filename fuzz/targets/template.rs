//! Templates, which answers are cast to.

#![no_main]

use btrdb_fuzz::{engine, template, uuid, write};
use btrdb_proto::ArrowRawValuesParams;

libfuzzer_sys::fuzz_target!(init: write(template()), |bytes: &[u8]| {
    let template_bytes = bytes.to_vec().into();
    let params = ArrowRawValuesParams { uuid: uuid(1), end: 1_000, template_bytes, ..Default::default() };
    if let Ok(mut answer) = engine().arrow_raw_values(&params) {
        let _ = answer.turn();
    }
});
