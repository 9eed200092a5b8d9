//! The BTrDB service without its door: streams, versions and metadata over a store of blocks.
//!
//! [`Engine`] answers the calls of the wire contract with plain functions and pull-based batches. It knows no socket, no
//! thread and no file: whoever owns those (the server natively, the page in the browser) calls it from where it likes. A
//! read holds nothing but its place in a tree, so stopping to pull is all it takes to slow it down, and dropping it is all
//! it takes to cancel it.

mod arrow;
mod batches;
mod blocks;
mod catalog;
mod changes;
mod check;
mod commit;
mod compact;
mod csv;
mod descriptor;
mod engine;
mod error;
mod frame;
mod fresh;
mod join;
mod journal;
mod limits;
mod messages;
mod metadata;
mod multi;
mod place;
mod reads;
mod records;
mod rights;
#[cfg(feature = "sql")]
mod sql;
pub mod store;
mod stream;
mod turn;
mod versions;
mod watch;
mod writes;

pub use batches::{Batches, Worked};
pub use check::{Checked, Damage, check};
pub use compact::{Compacted, compact};
pub use engine::{Engine, Options};
pub use error::{Code, Error, Result};
pub use limits::*;
pub use messages::Reply;
pub use records::FORMAT;
pub use rights::Rights;
pub use watch::Watch;
