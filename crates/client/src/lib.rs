//! A BTrDB client over any gRPC transport: a native channel (feature `native`), a browser, or this very process.
//!
//! All times are nanoseconds since 1970-01-01T00:00:00Z as signed 64-bit integers; all ranges are half-open. Version 0
//! means the newest; what is read carries the version it was read at.
//!
//! Dropping the future of a call, or the batches of a read, cancels the call.
//!
#![cfg_attr(feature = "native", doc = "```no_run")]
#![cfg_attr(not(feature = "native"), doc = "```ignore")]
//! use btrdb_client::{Aggregate, Filter, Naming, Options, native, time};
//!
//! # async fn example() -> btrdb_client::Result<()> {
//! let connection = native::connect("localhost:4410", Options::default()).await?;
//! let phases = connection.streams(["sunshine/PMU1/L1MAG", "sunshine/PMU1/L2MAG"], &[], false).await?;
//! let noon = time::to_nanoseconds("2017-07-14 12:00:00")?;
//! let hour = Filter { start: Some(noon), end: Some(noon + 3_600_000_000_000), ..Filter::default() };
//! let minutes = phases.filter(&hour).await?.windows(60_000_000_000)?;
//! for series in minutes.to_series(Aggregate::Max, &Naming::default()).await? {
//!     println!("{}: {:?}", series.name, series.numbers);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Every name of the official Python library and what stands for it here: `docs/parity.md` in the repository.

mod arrow;
mod call;
mod columns;
mod connection;
mod convert;
mod endpoint;
mod error;
mod grpc;
pub mod grpc_web;
#[cfg(feature = "native")]
pub mod native;
mod page;
pub mod point_width;
mod stream;
mod streamset;
mod text;
pub mod time;
mod timer;
mod together;
mod transport;

pub use btrdb_core::{
    LAST_TIME, MAX_TIME, MIN_TIME, MergePolicy, Point, PointWidth, RawColumns, StatColumns, StatPoint, TimeRange,
    Timestamp,
};
pub use uuid::Uuid;

pub use crate::call::{CallOptions, Retry, Stall};
pub use crate::columns::{Aggregate, AnyPoint, Columns, Number, Numbers};
pub use crate::connection::{Connection, Identifier, Info, Lookup, MetadataUsage, Options};
pub use crate::endpoint::endpoint_url;
pub use crate::error::{Error, ErrorKind, ReadSoFar, Result, WrittenSoFar};
pub use crate::grpc::GrpcTransport;
pub use crate::stream::{
    ALL_OF_TIME, Descriptor, Direction, POINTS_PER_CALL, Stream, TailEvent, TailOptions, Update, Versioned,
    annotation_text,
};
pub use crate::streamset::{
    DEFAULT_PARALLEL, Dialect, Filter, Naming, Record, Records, Row, Series, StreamBatch, StreamSet, Table,
    TableColumn, TableOptions, TextMatch,
};
pub use crate::timer::{Sleep, Timer};
pub use crate::transport::{Answers, Pending, Request, Transport, TransportFault};

/// The Rust of the guide, which must compile.
#[cfg(all(doctest, feature = "native"))]
#[doc = include_str!("../../../docs/guide.md")]
struct Guide;
