//! Replies of a server to every call of the client: what was asked for or an error, never a panic.

#![no_main]

use btrdb_fuzz::{read_reply, replies, write};

libfuzzer_sys::fuzz_target!(init: write(replies()), |bytes: &[u8]| read_reply(bytes));
