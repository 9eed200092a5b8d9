//! Reading a stream, in batches as they arrive or all at once.

use btrdb_core::{Point, PointWidth, RawColumns, StatColumns, TimeRange, Timestamp};
use btrdb_proto::{ChangesParams, ChangesResponse, NearestParams, NearestResponse};
use futures_core::Stream as Batches;
use futures_util::TryStreamExt;

use super::reading::{Query, Reading};
use super::{Stream, Versioned};
use crate::columns::Columns;
use crate::convert;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Transport;

/// Where [`Stream::nearest`] looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// At the time given, or after it.
    Forward,
    /// Before the time given, which is not included.
    Backward,
}

// What every read that hands out batches says of them.
macro_rules! batches_doc {
    ($first:literal) => {
        concat!(
            $first,
            ", in batches as they arrive. There is at least one batch as a rule, if an empty one; an error is the ",
            "last item. Dropping the batches cancels the call."
        )
    };
}

impl<T: Transport> Stream<T> {
    #[doc = batches_doc!("The points of `range` at `version`, 0 being the newest")]
    pub fn values_batches(
        &self,
        range: TimeRange,
        version: u64,
    ) -> impl Batches<Item = Result<Versioned<RawColumns>>> + use<T> {
        self.reading(Query::Raw, range, version).batches().map_ok(|batch| batch.map(raw))
    }

    #[doc = batches_doc!("Windows of `2^width` ns that start at multiples of that, at `version`, 0 being the newest")]
    ///
    /// The low bits of both ends of `range` are cleared, so the first window may start before it, and what is left over
    /// at the end is not reported. Windows without points are left out.
    pub fn aligned_windows_batches(
        &self,
        range: TimeRange,
        width: PointWidth,
        version: u64,
    ) -> impl Batches<Item = Result<Versioned<StatColumns>>> + use<T> {
        self.reading(Query::Aligned(width), range, version).batches().map_ok(|batch| batch.map(stats))
    }

    #[doc = batches_doc!("Windows of `width` ns that start at `range.start`, at `version`, 0 being the newest")]
    ///
    /// What is left over at the end of `range` is not reported. A window of count 0 is a gap: its other fields mean
    /// nothing. Servers may leave such windows out.
    pub fn windows_batches(
        &self,
        range: TimeRange,
        width: u64,
        version: u64,
    ) -> impl Batches<Item = Result<Versioned<StatColumns>>> + use<T> {
        self.reading(Query::Windows(width), range, version).batches().map_ok(|batch| batch.map(stats))
    }

    /// All points of `range` at `version`, 0 being the newest.
    ///
    /// # Errors
    /// `InvalidTimeRange`, `StreamNotFound`, `VersionNotAvailable`, or whatever keeps the server from answering.
    pub async fn values(&self, range: TimeRange, version: u64) -> Result<Versioned<RawColumns>> {
        self.read_all(Query::Raw, range, version, raw).await
    }

    /// All windows that [`Self::aligned_windows_batches`] gives.
    ///
    /// # Errors
    /// `InvalidPointWidth`, `InvalidTimeRange`, `StreamNotFound`, `VersionNotAvailable`, or whatever keeps the server
    /// from answering.
    pub async fn aligned_windows(
        &self,
        range: TimeRange,
        width: PointWidth,
        version: u64,
    ) -> Result<Versioned<StatColumns>> {
        self.read_all(Query::Aligned(width), range, version, stats).await
    }

    /// All windows that [`Self::windows_batches`] gives.
    ///
    /// # Errors
    /// `InvalidPointWidth` for a width of 0, `InvalidTimeRange`, `StreamNotFound`, `VersionNotAvailable`, or whatever
    /// keeps the server from answering.
    pub async fn windows(&self, range: TimeRange, width: u64, version: u64) -> Result<Versioned<StatColumns>> {
        self.read_all(Query::Windows(width), range, version, stats).await
    }

    /// The point nearest to `time` in `direction` at `version`, 0 being the newest; `None` where there is none.
    ///
    /// # Errors
    /// `InvalidTimeRange`, `StreamNotFound`, `VersionNotAvailable`, or whatever keeps the server from answering.
    pub async fn nearest(
        &self,
        time: Timestamp,
        version: u64,
        direction: Direction,
    ) -> Result<Option<Versioned<Point>>> {
        let params = NearestParams {
            uuid: convert::uuid_bytes(self.uuid()),
            time,
            version_major: version,
            backward: direction == Direction::Backward,
        };
        let call = self.call("Nearest");
        let reply = match self.connection.unary::<NearestResponse>(call, params).await {
            Ok(reply) => reply,
            Err(error) if error.kind() == ErrorKind::NoSuchPoint => return Ok(None),
            Err(error) => return Err(error),
        };
        let missing = || call.failed(Error::new(ErrorKind::BadResponse, "an answer without a point"));
        let data = convert::point(reply.value.ok_or_else(missing)?);
        Ok(Some(Versioned { version: reply.version_major, data }))
    }

    /// Where the versions after `from`, up to and with `to` (0 being the newest), differ from `from`: ascending ranges
    /// whose ends are multiples of `2^resolution` ns. They cover every change, and may cover more.
    ///
    /// # Errors
    /// `Server` with number 427 where `from` is after `to`; `StreamNotFound`, `VersionNotAvailable`, or whatever keeps
    /// the server from answering.
    pub async fn changes(&self, from: u64, to: u64, resolution: PointWidth) -> Result<Versioned<Vec<TimeRange>>> {
        let params = ChangesParams {
            uuid: convert::uuid_bytes(self.uuid()),
            from_major: from,
            to_major: to,
            resolution: resolution.exponent().into(),
        };
        let replies = self.connection.collect::<ChangesResponse>(self.call("Changes"), params).await?;
        let version = replies.iter().map(|reply| reply.version_major).max().unwrap_or(0);
        let ranges = replies.into_iter().flat_map(|reply| reply.ranges).map(convert::time_range);
        Ok(Versioned { version, data: ranges.collect() })
    }

    /// A read that has yet to begin.
    pub(crate) fn reading(&self, query: Query, range: TimeRange, version: u64) -> Reading<T> {
        Reading::new(self.clone(), query, range, version)
    }

    async fn read_all<D: Default>(
        &self,
        query: Query,
        range: TimeRange,
        version: u64,
        form: fn(Columns) -> D,
    ) -> Result<Versioned<D>> {
        let all = self.reading(query, range, version).rest().await?;
        Ok(all.map(|all| all.map(form)).unwrap_or_default())
    }

    /// What an Arrow call gave, or `None` where the server does not know such calls and the plain one is to be made.
    pub(crate) fn or_plain<R>(&self, outcome: Result<R>) -> Result<Option<R>> {
        match outcome {
            Err(error) if error.is_unimplemented() => {
                self.connection.give_up_arrow();
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
    }
}

fn raw(columns: Columns) -> RawColumns {
    columns.into_raw().unwrap_or_default()
}

fn stats(columns: Columns) -> StatColumns {
    columns.into_stats().unwrap_or_default()
}
