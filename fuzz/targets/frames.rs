//! Answers of gRPC-web: messages and a status or a fault, however they are cut into chunks; never a panic.

#![no_main]

use btrdb_fuzz::{frames, read_frames, write};

libfuzzer_sys::fuzz_target!(init: write(frames()), |bytes: &[u8]| read_frames(bytes));
