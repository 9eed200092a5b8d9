//! The answers to a read, of whichever of the six calls, as columns.

use std::pin::Pin;
use std::task::{Context, Poll};

use btrdb_core::{RawColumns, StatColumns, TimeRange};
use btrdb_proto::{AlignedWindowsParams, ArrowRawValuesParams, ArrowRawValuesResponse, RawValuesParams, WindowsParams};
use bytes::Bytes;
use futures_core::Stream as Batches;

use super::Stream;
use super::plain::Plain;
use super::reading::Query;
use crate::arrow::{self, Malformed};
use crate::call::{Attempts, Call, Messages};
use crate::columns::Columns;
use crate::convert;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Transport;

/// Some rows, as one message brought them.
pub(crate) struct Batch {
    pub(crate) version: u64,
    /// Whether `version` holds all that was read, and nothing is still waiting to be committed.
    pub(crate) is_committed: bool,
    /// How many bytes the message took, once decompressed.
    pub(crate) bytes: u64,
    pub(crate) columns: Columns,
}

/// Answers under way. Dropping them cancels the call.
pub(crate) struct Replies {
    call: Call,
    messages: AnyMessages,
}

enum AnyMessages {
    Raw(Messages<Plain<RawColumns>>),
    Stats(Messages<Plain<StatColumns>>),
    // The answers of all three calls are alike.
    ArrowRaw(Messages<ArrowRawValuesResponse>),
    ArrowStats(Messages<ArrowRawValuesResponse>),
}

impl Replies {
    /// Asks `stream` for `query`, by Arrow where the server can.
    pub(crate) async fn open<T: Transport>(
        stream: &Stream<T>,
        query: Query,
        range: TimeRange,
        version: u64,
        attempts: &mut Attempts,
    ) -> Result<Self> {
        if stream.connection.uses_arrow() {
            let opened = open_arrow(stream, query, range, version, attempts).await;
            if let Some(replies) = stream.or_plain(opened)? {
                return Ok(replies);
            }
        }
        open_plain(stream, query, range, version, attempts).await
    }

    /// The next rows.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Batch>>> {
        macro_rules! poll {
            ($messages:ident, $reply:ident => $columns:expr) => {
                Pin::new(&mut *$messages).poll_next(cx).map_ok(|$reply| {
                    let is_committed = $reply.version_minor == 0 && $reply.version_major != 0;
                    let (version, bytes) = ($reply.version_major, $messages.bytes_of_last);
                    Ok::<_, Malformed>(Batch { version, is_committed, bytes, columns: $columns })
                })
            };
        }
        let polled = match &mut self.messages {
            AnyMessages::Raw(raw) => poll!(raw, reply => Columns::Raw(reply.columns)),
            AnyMessages::Stats(stats) => poll!(stats, reply => Columns::Stats(reply.columns)),
            AnyMessages::ArrowRaw(raw) => poll!(raw, reply => Columns::Raw(arrow::read_raw(&reply.arrow_bytes)?)),
            AnyMessages::ArrowStats(stats) => {
                poll!(stats, reply => Columns::Stats(arrow::read_stats(&reply.arrow_bytes)?))
            }
        };
        polled.map(|next| {
            next.map(|outcome| {
                outcome?.map_err(|why| self.call.failed(Error::new(ErrorKind::BadResponse, why.to_string())))
            })
        })
    }
}

async fn open_arrow<T: Transport>(
    stream: &Stream<T>,
    query: Query,
    range: TimeRange,
    version: u64,
    attempts: &mut Attempts,
) -> Result<Replies> {
    let connection = &stream.connection;
    let call = stream.call(match query {
        Query::Raw => "ArrowRawValues",
        Query::Windows(_) => "ArrowWindows",
        Query::Aligned(_) => "ArrowAlignedWindows",
    });
    let messages = match query {
        Query::Raw => {
            let params = arrow_raw_params(stream, range, version, Bytes::new());
            let opened = connection.open(call, &params, attempts);
            AnyMessages::ArrowRaw(attempts.within(opened).await?)
        }
        Query::Windows(width) => {
            let params = windows_params(stream, range, width, version);
            let opened = connection.open(call, &params, attempts);
            AnyMessages::ArrowStats(attempts.within(opened).await?)
        }
        Query::Aligned(width) => {
            let params = aligned_params(stream, range, width, version);
            let opened = connection.open(call, &params, attempts);
            AnyMessages::ArrowStats(attempts.within(opened).await?)
        }
    };
    Ok(Replies { call, messages })
}

async fn open_plain<T: Transport>(
    stream: &Stream<T>,
    query: Query,
    range: TimeRange,
    version: u64,
    attempts: &mut Attempts,
) -> Result<Replies> {
    let connection = &stream.connection;
    let call = stream.call(query.call_name());
    let messages = match query {
        Query::Raw => {
            let TimeRange { start, end } = range;
            let uuid = convert::uuid_bytes(stream.uuid());
            let params = RawValuesParams { uuid, start, end, version_major: version };
            let opened = connection.open(call, &params, attempts);
            AnyMessages::Raw(attempts.within(opened).await?)
        }
        Query::Windows(width) => {
            let params = windows_params(stream, range, width, version);
            let opened = connection.open(call, &params, attempts);
            AnyMessages::Stats(attempts.within(opened).await?)
        }
        Query::Aligned(width) => {
            let params = aligned_params(stream, range, width, version);
            let opened = connection.open(call, &params, attempts);
            AnyMessages::Stats(attempts.within(opened).await?)
        }
    };
    Ok(Replies { call, messages })
}

pub(crate) fn arrow_raw_params<T: Transport>(
    stream: &Stream<T>,
    TimeRange { start, end }: TimeRange,
    version: u64,
    template_bytes: Bytes,
) -> ArrowRawValuesParams {
    let uuid = convert::uuid_bytes(stream.uuid());
    ArrowRawValuesParams { uuid, start, end, version_major: version, template_bytes }
}

pub(crate) fn windows_params<T: Transport>(
    stream: &Stream<T>,
    TimeRange { start, end }: TimeRange,
    width: u64,
    version: u64,
) -> WindowsParams {
    let uuid = convert::uuid_bytes(stream.uuid());
    // Any other depth asks for less exact windows, which no server of today gives.
    WindowsParams { uuid, start, end, version_major: version, width, depth: 0 }
}

pub(crate) fn aligned_params<T: Transport>(
    stream: &Stream<T>,
    TimeRange { start, end }: TimeRange,
    width: btrdb_core::PointWidth,
    version: u64,
) -> AlignedWindowsParams {
    let uuid = convert::uuid_bytes(stream.uuid());
    AlignedWindowsParams { uuid, start, end, version_major: version, point_width: width.exponent().into() }
}
