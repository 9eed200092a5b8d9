//! What the fuzz targets share: an engine with some streams, every call of the service, every call
//! of the client, and honest messages to start from.

#![allow(clippy::expect_used, reason = "a target that cannot go on should stop")]

mod calls;
mod fixture;
mod replies;
mod seeds;

pub use calls::call;
pub use fixture::{engine, uuid};
pub use replies::{read_arrow, read_frames, read_reply};
pub use seeds::{arrow, arrow_replies, frames, replies, requests, statements, template, write};
