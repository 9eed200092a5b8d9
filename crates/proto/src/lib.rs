//! The BTrDB v5 wire contract, generated from `proto/btrdb.proto`.
//!
//! Messages stand at the root of the crate; [`client`] and [`server`] hold the stubs of the one service, over any
//! transport. Times are signed nanoseconds since 1970 UTC, ranges are half-open, a uuid is its 16 bytes.

#[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, reason = "generated code is not ours to polish")]
mod generated {
    tonic::include_proto!("v5api");
}

pub use generated::b_tr_db_client as client;
pub use generated::b_tr_db_server as server;
pub use generated::*;
