//! How far a call came before it failed.

use btrdb_core::Timestamp;

/// What a read delivered before it failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadSoFar {
    /// How many points or windows.
    pub rows: u64,
    /// The time of the last of them, in nanoseconds since 1970 UTC; `None` where there was none.
    pub last_time: Option<Timestamp>,
    /// How many bytes the messages took that brought them, once decompressed.
    pub bytes: u64,
}

/// What an insert of several calls wrote before one of them failed. The failed call itself may have been carried out or
/// not, unless the server said no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WrittenSoFar {
    /// How many points the server acknowledged, counted from the first one given.
    pub points: u64,
    /// The version after them; 0 where there was none.
    pub version: u64,
}
