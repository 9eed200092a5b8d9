//! What can go wrong in a tree: a node that cannot be read, a query that names no windows.

use btrdb_core::TimeRange;
use thiserror::Error;

use crate::Address;

/// A node that is missing, damaged or out of reach.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("block {} of times {} to {} cannot be read: {reason}", .address.get(), .range.start, .range.end)]
pub struct NodeError {
    /// The node.
    pub address: Address,
    /// The times whose points are out of reach with it.
    pub range: TimeRange,
    /// Why, in words.
    pub reason: String,
}

/// A query whose ends or width are not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QueryError {
    /// The range is empty, backwards or beyond the limits of time (code 413).
    #[error("{0}")]
    TimeRange(&'static str),
    /// A window width of 0 or beyond 2^63 (code 415).
    #[error("{0}")]
    PointWidth(&'static str),
}
