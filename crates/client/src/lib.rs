//! A BTrDB client over any gRPC transport: a native channel (feature `native`), a browser, or this very process.
//!
//! All times are nanoseconds since 1970-01-01T00:00:00Z as signed 64-bit integers; all ranges are half-open. Version 0
//! means the newest; what is read carries the version it was read at.
//!
//! Dropping the future of a call, or the batches of a read, cancels the call.

mod arrow;
mod call;
mod connection;
mod convert;
mod endpoint;
mod error;
mod guard;
mod lookup;
#[cfg(feature = "native")]
pub mod native;
mod reads;
mod stream;
mod transport;
mod writes;

pub use btrdb_core::{
    LAST_TIME, MAX_TIME, MIN_TIME, MergePolicy, Point, PointWidth, RawColumns, StatColumns, StatPoint, TimeRange,
    Timestamp,
};
pub use uuid::Uuid;

pub use crate::connection::{Connection, Info, Options};
pub use crate::endpoint::endpoint_url;
pub use crate::error::{Error, ErrorKind, Result};
pub use crate::lookup::Lookup;
pub use crate::reads::Direction;
pub use crate::stream::{Descriptor, Stream, Versioned};
pub use crate::transport::{Transport, TransportFault};
pub use crate::writes::POINTS_PER_CALL;
