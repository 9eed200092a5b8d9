//! Reading a stream, in batches as they arrive or all at once.

use btrdb_core::{Point, PointWidth, RawColumns, StatColumns, TimeRange, Timestamp};
use btrdb_proto::{
    AlignedWindowsParams, ArrowRawValuesParams, ChangesParams, NearestParams, RawValuesParams, WindowsParams,
};
use bytes::Bytes;
use futures_core::Stream as Batches;
use futures_util::future::Either;
use futures_util::{TryFutureExt, TryStreamExt};

use crate::arrow;
use crate::call::{Call, Messages};
use crate::connection::Client;
use crate::convert::{self, Reply, raw_columns, stat_columns};
use crate::error::{Error, ErrorKind, Result};
use crate::stream::{Stream, Versioned};
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
        let stream = self.clone();
        async move { stream.open_values(range, version).await }.try_flatten_stream()
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
        let stream = self.clone();
        async move { stream.open_aligned_windows(range, width, version).await }.try_flatten_stream()
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
        let stream = self.clone();
        async move { stream.open_windows(range, width, version).await }.try_flatten_stream()
    }

    /// All points of `range` at `version`, 0 being the newest.
    ///
    /// # Errors
    /// `InvalidTimeRange`, `StreamNotFound`, `VersionNotAvailable`, or whatever keeps the server from answering.
    pub async fn values(&self, range: TimeRange, version: u64) -> Result<Versioned<RawColumns>> {
        collect(self.open_values(range, version).await?, RawColumns::append).await
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
        collect(self.open_aligned_windows(range, width, version).await?, StatColumns::append).await
    }

    /// All windows that [`Self::windows_batches`] gives.
    ///
    /// # Errors
    /// `InvalidPointWidth` for a width of 0, `InvalidTimeRange`, `StreamNotFound`, `VersionNotAvailable`, or whatever
    /// keeps the server from answering.
    pub async fn windows(&self, range: TimeRange, width: u64, version: u64) -> Result<Versioned<StatColumns>> {
        collect(self.open_windows(range, width, version).await?, StatColumns::append).await
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
        let send = |mut client: Client<T>, request| async move { client.nearest(request).await };
        let reply = match self.connection.unary(call, params, send).await {
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
        let send = |mut client: Client<T>, request| async move { client.changes(request).await };
        let replies = self.connection.open(self.call("Changes"), params, send).await?;
        let ranges = replies.map_ok(|reply| Versioned {
            version: reply.version_major,
            data: reply.ranges.into_iter().map(convert::time_range).collect(),
        });
        collect(ranges, |all: &mut Vec<_>, mut more| all.append(&mut more)).await
    }

    async fn open_values(
        &self,
        range: TimeRange,
        version: u64,
    ) -> Result<impl Batches<Item = Result<Versioned<RawColumns>>> + use<T>> {
        let TimeRange { start, end } = range;
        let uuid = convert::uuid_bytes(self.uuid());
        if self.connection.uses_arrow() {
            let call = self.call("ArrowRawValues");
            let params = ArrowRawValuesParams {
                uuid: uuid.clone(),
                start,
                end,
                version_major: version,
                template_bytes: Bytes::new(),
            };
            let send = |mut client: Client<T>, request| async move { client.arrow_raw_values(request).await };
            if let Some(replies) = self.or_plain(self.connection.open(call, params, send).await)? {
                return Ok(Either::Left(decoded(replies, call, |reply| {
                    (reply.version_major, arrow::read_raw(&reply.arrow_bytes))
                })));
            }
        }
        let call = self.call("RawValues");
        let params = RawValuesParams { uuid, start, end, version_major: version };
        let send = |mut client: Client<T>, request| async move { client.raw_values(request).await };
        let replies = self.connection.open(call, params, send).await?;
        Ok(Either::Right(decoded(replies, call, |reply| (reply.version_major, Ok(raw_columns(&reply.values))))))
    }

    async fn open_aligned_windows(
        &self,
        range: TimeRange,
        width: PointWidth,
        version: u64,
    ) -> Result<impl Batches<Item = Result<Versioned<StatColumns>>> + use<T>> {
        let params = AlignedWindowsParams {
            uuid: convert::uuid_bytes(self.uuid()),
            start: range.start,
            end: range.end,
            version_major: version,
            point_width: width.exponent().into(),
        };
        if self.connection.uses_arrow() {
            let call = self.call("ArrowAlignedWindows");
            let send = |mut client: Client<T>, request| async move { client.arrow_aligned_windows(request).await };
            if let Some(replies) = self.or_plain(self.connection.open(call, params.clone(), send).await)? {
                return Ok(Either::Left(decoded(replies, call, |reply| {
                    (reply.version_major, arrow::read_stats(&reply.arrow_bytes))
                })));
            }
        }
        let call = self.call("AlignedWindows");
        let send = |mut client: Client<T>, request| async move { client.aligned_windows(request).await };
        let replies = self.connection.open(call, params, send).await?;
        Ok(Either::Right(decoded(replies, call, |reply| (reply.version_major, Ok(stat_columns(&reply.values))))))
    }

    async fn open_windows(
        &self,
        range: TimeRange,
        width: u64,
        version: u64,
    ) -> Result<impl Batches<Item = Result<Versioned<StatColumns>>> + use<T>> {
        let params = WindowsParams {
            uuid: convert::uuid_bytes(self.uuid()),
            start: range.start,
            end: range.end,
            version_major: version,
            width,
            // Any other value asks for less exact windows, which no server of today gives.
            depth: 0,
        };
        if self.connection.uses_arrow() {
            let call = self.call("ArrowWindows");
            let send = |mut client: Client<T>, request| async move { client.arrow_windows(request).await };
            if let Some(replies) = self.or_plain(self.connection.open(call, params.clone(), send).await)? {
                return Ok(Either::Left(decoded(replies, call, |reply| {
                    (reply.version_major, arrow::read_stats(&reply.arrow_bytes))
                })));
            }
        }
        let call = self.call("Windows");
        let send = |mut client: Client<T>, request| async move { client.windows(request).await };
        let replies = self.connection.open(call, params, send).await?;
        Ok(Either::Right(decoded(replies, call, |reply| (reply.version_major, Ok(stat_columns(&reply.values))))))
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

/// The answers of `call` as columns.
fn decoded<R: Reply, D>(
    replies: Messages<R>,
    call: Call,
    decode: fn(R) -> (u64, Result<D, arrow::Malformed>),
) -> impl Batches<Item = Result<Versioned<D>>> {
    let decode = move |reply| match decode(reply) {
        (version, Ok(data)) => Ok(Versioned { version, data }),
        (_, Err(malformed)) => Err(call.failed(Error::new(ErrorKind::BadResponse, malformed.to_string()))),
    };
    replies.and_then(move |reply| std::future::ready(decode(reply)))
}

/// All of `batches` in one, at the version that they name.
async fn collect<D: Default>(
    batches: impl Batches<Item = Result<Versioned<D>>>,
    append: fn(&mut D, D),
) -> Result<Versioned<D>> {
    let all = Versioned::default();
    batches
        .try_fold(all, |mut all, batch| {
            all.version = all.version.max(batch.version);
            append(&mut all.data, batch.data);
            std::future::ready(Ok(all))
        })
        .await
}
