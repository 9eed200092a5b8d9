//! Every request of the service against an engine: an answer or an error, never a panic.

#![no_main]

use btrdb_fuzz::{call, engine, requests, write};

libfuzzer_sys::fuzz_target!(init: write(requests()), |bytes: &[u8]| call(&engine(), bytes));
