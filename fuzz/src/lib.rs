//! What the fuzz targets share: an engine with some streams, every call of the service, and honest messages to start from.

#![allow(clippy::expect_used, reason = "a target that cannot go on should stop")]

mod calls;
mod fixture;
mod seeds;

pub use calls::call;
pub use fixture::{engine, uuid};
pub use seeds::{arrow, requests, statements, template, write};
