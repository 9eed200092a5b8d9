//! Arrow in the replies of a server, read and joined by the client: columns or an error, never a panic.

#![no_main]

use btrdb_fuzz::{arrow_replies, read_arrow, write};

libfuzzer_sys::fuzz_target!(init: write(arrow_replies()), |bytes: &[u8]| read_arrow(bytes));
