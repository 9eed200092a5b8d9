//! Several streams read side by side.

mod arrow;
mod csv;
mod filter;
mod insert;
mod join;
mod names;
mod points;
mod records;
mod rows;
mod series;
mod table;
mod text_table;
mod values;

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroUsize;

use btrdb_core::{PointWidth, TimeRange, Timestamp};
use bytes::Bytes;
use uuid::Uuid;

pub use self::csv::Dialect;
pub use self::filter::{Filter, TextMatch};
pub use self::names::{Naming, TableOptions};
pub use self::records::{Record, Records};
pub use self::rows::Row;
pub use self::series::Series;
pub use self::table::{Table, TableColumn};
pub use self::values::StreamBatch;
use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::stream::{ALL_OF_TIME, Descriptor, Query, Stream};
use crate::together;
use crate::transport::Transport;

/// How many calls a set makes at a time unless told otherwise. A browser opens six connections to a server that speaks
/// HTTP/1.1, and some are needed for everything else.
pub const DEFAULT_PARALLEL: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// Several streams, the range of time they are read in, whether as points or as windows, and at which versions.
///
/// Ranges, windows and versions are set by methods that return the set again; nothing is asked for until something is
/// read. A set reads points unless [`windows`](Self::windows) or [`aligned_windows`](Self::aligned_windows) was called,
/// all of time unless filtered, and the newest versions unless pinned.
pub struct StreamSet<T> {
    streams: Vec<Stream<T>>,
    scope: Scope,
    pinned: HashMap<Uuid, u64>,
    query: Query,
    parallel: NonZeroUsize,
}

/// What filters have said about what is read of each stream.
#[derive(Clone, Debug, Default)]
struct Scope {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    sampling_frequency: Option<f64>,
    schema: Option<Bytes>,
}

impl Scope {
    fn range(&self) -> TimeRange {
        TimeRange::new(self.start.unwrap_or(ALL_OF_TIME.start), self.end.unwrap_or(ALL_OF_TIME.end))
    }
}

impl<T: Transport> StreamSet<T> {
    /// The set of `streams`, in their order.
    ///
    /// # Errors
    /// `InvalidValue` for no streams at all.
    pub fn new(streams: Vec<Stream<T>>) -> Result<Self> {
        if streams.is_empty() {
            return Err(Error::new(ErrorKind::InvalidValue, "a set of streams needs a stream"));
        }
        Ok(Self::left(streams))
    }

    /// The set of what streams a filter has left, in their order: there may be none.
    pub fn left(streams: Vec<Stream<T>>) -> Self {
        Self { streams, scope: Scope::default(), pinned: HashMap::new(), query: Query::Raw, parallel: DEFAULT_PARALLEL }
    }

    /// The streams, in the order of every result.
    pub fn streams(&self) -> &[Stream<T>] {
        &self.streams
    }

    /// How many streams there are.
    pub fn len(&self) -> usize {
        self.streams.len()
    }

    /// Whether a filter has left none.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// The stream of `uuid`, if it is in the set.
    pub fn get(&self, uuid: Uuid) -> Option<&Stream<T>> {
        self.streams.iter().find(|stream| stream.uuid() == uuid)
    }

    /// The place of the stream of `uuid`, counted from 0, if it is in the set.
    pub fn index(&self, uuid: Uuid) -> Option<usize> {
        self.streams.iter().position(|stream| stream.uuid() == uuid)
    }

    /// The range of time that is read.
    pub fn range(&self) -> TimeRange {
        self.scope.range()
    }

    /// What is known of each stream; asked for where it is not at hand.
    ///
    /// # Errors
    /// `StreamNotFound`, or whatever keeps the server from answering.
    pub async fn descriptors(&self) -> Result<Vec<Descriptor>> {
        self.each(|stream, _| async move { stream.descriptor().await }).await
    }

    /// The same set, whose calls follow `calls`.
    #[must_use]
    pub fn with(mut self, calls: CallOptions) -> Self {
        self.streams = self.streams.iter().map(|stream| stream.with(calls)).collect();
        self
    }

    /// The same set, which makes at most `calls` calls at a time; 4 otherwise.
    #[must_use]
    pub fn parallel(mut self, calls: NonZeroUsize) -> Self {
        self.parallel = calls;
        self
    }

    /// The same set, read as windows of `width` nanoseconds from the start of the range on.
    ///
    /// # Errors
    /// `InvalidOperation` where windows were asked for before; `InvalidPointWidth` for a width of 0.
    pub fn windows(self, width: u64) -> Result<Self> {
        if width == 0 {
            return Err(Error::new(ErrorKind::InvalidPointWidth, "windows of 0 ns: the width is at least 1"));
        }
        self.read_as(Query::Windows(width))
    }

    /// The same set, read as windows of `2^width` nanoseconds on the grid of the epoch.
    ///
    /// # Errors
    /// `InvalidOperation` where windows were asked for before.
    pub fn aligned_windows(self, width: PointWidth) -> Result<Self> {
        self.read_as(Query::Aligned(width))
    }

    /// Whether windows may still be asked for: they were not before.
    pub fn allow_window(&self) -> bool {
        self.query == Query::Raw
    }

    /// The same set, read at `versions`; streams that it does not name are read at their newest.
    #[must_use]
    pub fn with_versions(mut self, versions: HashMap<Uuid, u64>) -> Self {
        self.pinned = versions;
        self
    }

    /// The same set, read at the versions that are the newest now.
    ///
    /// # Errors
    /// `StreamNotFound`, or whatever keeps the server from answering.
    pub async fn pin_versions(self) -> Result<Self> {
        let versions = self.newest_versions().await?;
        Ok(self.with_versions(versions))
    }

    /// The versions that are read: the pinned ones, or where none are pinned the newest there are now.
    ///
    /// # Errors
    /// `StreamNotFound`, or whatever keeps the server from answering.
    pub async fn versions(&self) -> Result<HashMap<Uuid, u64>> {
        if self.pinned.is_empty() { self.newest_versions().await } else { Ok(self.pinned.clone()) }
    }

    async fn newest_versions(&self) -> Result<HashMap<Uuid, u64>> {
        let versions = self.each(|stream, _| async move { Ok((stream.uuid(), stream.version().await?)) }).await?;
        Ok(versions.into_iter().collect())
    }

    fn read_as(mut self, query: Query) -> Result<Self> {
        if !self.allow_window() {
            let message = "the set is read as windows already: clone it before, to read it in several ways";
            return Err(Error::new(ErrorKind::InvalidOperation, message));
        }
        self.query = query;
        Ok(self)
    }

    fn version_of(&self, stream: &Stream<T>) -> u64 {
        self.pinned.get(&stream.uuid()).copied().unwrap_or(0)
    }

    /// What `work` gives of each stream and the version to read it at, in order, a few at a time.
    fn each<V, F>(&self, work: impl Fn(Stream<T>, u64) -> F) -> impl Future<Output = Result<Vec<V>>>
    where
        V: Send,
        F: Future<Output = Result<V>> + Send,
    {
        let works: Vec<F> = self.streams.iter().map(|stream| work(stream.clone(), self.version_of(stream))).collect();
        together::all(works, self.parallel)
    }
}

impl<T> Clone for StreamSet<T> {
    fn clone(&self) -> Self {
        Self {
            streams: self.streams.clone(),
            scope: self.scope.clone(),
            pinned: self.pinned.clone(),
            query: self.query,
            parallel: self.parallel,
        }
    }
}

impl<T> fmt::Debug for StreamSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSet")
            .field("streams", &self.streams)
            .field("scope", &self.scope)
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}
