//! What each stream of a set holds.

use futures_core::Stream as Batches;
use futures_util::stream::{StreamExt, TryStreamExt, iter};

use super::StreamSet;
use crate::columns::Columns;
use crate::error::Result;
use crate::stream::{Reading, Stream, Versioned};
use crate::together;
use crate::transport::Transport;

/// Some points or windows of one stream of a set.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamBatch {
    /// The place of the stream in the set, counted from 0.
    pub index: usize,
    /// The version they were read at.
    pub version: u64,
    /// The points or windows, which follow those of the stream's batch before.
    pub data: Columns,
}

impl<T: Transport> StreamSet<T> {
    /// All points or windows of each stream, in the order of the streams.
    ///
    /// # Errors
    /// `StreamNotFound`, `VersionNotAvailable`, `InvalidTimeRange`, `InvalidPointWidth`, or whatever keeps the server from
    /// answering.
    pub async fn values(&self) -> Result<Vec<Versioned<Columns>>> {
        let readings: Vec<_> = self.readings().map(Reading::rest).collect();
        let all = together::all(readings, self.parallel).await?;
        let nothing = || Versioned { version: 0, data: self.query.no_columns() };
        Ok(all.into_iter().map(|read| read.unwrap_or_else(nothing)).collect())
    }

    /// The points or windows of each stream in batches as they arrive, those of one stream in order, those of several
    /// mixed. Memory holds one batch of each call under way, however much there is to read. An error is the last item;
    /// dropping the batches cancels the calls.
    pub fn values_iter(&self) -> impl Batches<Item = Result<StreamBatch>> + use<T> {
        let batches = |(index, reading): (usize, Reading<T>)| {
            let batch = move |Versioned { version, data }| StreamBatch { index, version, data };
            reading.batches().map_ok(batch)
        };
        let readings: Vec<_> = self.readings().enumerate().map(batches).collect();
        let mixed = iter(readings).flatten_unordered(self.parallel.get());
        // No stream goes on once one has failed.
        mixed.scan(false, |has_failed, batch| {
            let item = (!*has_failed).then_some(batch);
            *has_failed |= matches!(item, Some(Err(_)));
            std::future::ready(item)
        })
    }

    /// A read of each stream that has yet to begin.
    pub(super) fn readings(&self) -> impl Iterator<Item = Reading<T>> + '_ {
        let read = |stream: &Stream<T>| stream.reading(self.query, self.range(), self.version_of(stream));
        self.streams.iter().map(read)
    }
}
