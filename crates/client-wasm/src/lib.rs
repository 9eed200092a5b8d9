//! BTrDB in the browser: the client over `fetch`, for Rust compiled to WebAssembly, and with the feature `js` for
//! JavaScript.
//!
//! All times are nanoseconds since 1970-01-01T00:00:00Z as signed 64-bit integers, `bigint` in JavaScript; all ranges are
//! half-open. Dropping what a call returns aborts its request.

#[cfg(feature = "js")]
pub mod js;
mod web;

pub use crate::web::{WebConnection, WebTimer, WebTransport, connect, connect_with};
