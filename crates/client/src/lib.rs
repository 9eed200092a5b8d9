//! A BTrDB client over any gRPC transport: a native channel (feature `native`), a browser, or this very process.
//!
//! All times are nanoseconds since 1970-01-01T00:00:00Z as signed 64-bit integers; all ranges are half-open. Version 0
//! means the newest; what is read carries the version it was read at.
//!
//! Dropping the future of a call, or the batches of a read, cancels the call.

mod arrow;
mod call;
mod columns;
mod connection;
mod convert;
mod endpoint;
mod error;
mod guard;
#[cfg(feature = "native")]
pub mod native;
pub mod point_width;
mod stream;
mod streamset;
mod text;
pub mod time;
mod timer;
mod transport;

pub use btrdb_core::{
    LAST_TIME, MAX_TIME, MIN_TIME, MergePolicy, Point, PointWidth, RawColumns, StatColumns, StatPoint, TimeRange,
    Timestamp,
};
pub use uuid::Uuid;

pub use crate::call::{CallOptions, Retry};
pub use crate::columns::{Aggregate, AnyPoint, Columns, Number, Numbers};
pub use crate::connection::{Connection, Identifier, Info, Lookup, MetadataUsage, Options};
pub use crate::endpoint::endpoint_url;
pub use crate::error::{Error, ErrorKind, ReadSoFar, Result, WrittenSoFar};
pub use crate::stream::{
    ALL_OF_TIME, Descriptor, Direction, POINTS_PER_CALL, Stream, TailEvent, TailOptions, Update, Versioned,
    annotation_text,
};
pub use crate::streamset::{
    DEFAULT_PARALLEL, Dialect, Filter, Naming, Record, Records, Row, Series, StreamBatch, StreamSet, Table,
    TableColumn, TableOptions, TextMatch,
};
pub use crate::timer::{Sleep, Timer};
pub use crate::transport::{Transport, TransportFault};
