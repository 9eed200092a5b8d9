//! btrdb-local: an embedded BTrDB for one machine, and the tools around it.
//!
//! Each port answers native gRPC, gRPC-web and the explorer's files. All that a call means lives in
//! [`btrdb_engine`]; this crate gives it sockets, threads and a command line.

mod calls;
mod doors;
pub mod export;
mod front;
mod hang_up;
pub mod import;
pub mod keys;
pub mod local;
mod metrics;
pub mod place;
mod progress;
pub mod serve;
mod service;
pub mod simulate;
mod site;
mod stored;
mod subscribe;
mod time;
pub mod tls;
mod turns;
pub mod upkeep;

pub use service::Service;
