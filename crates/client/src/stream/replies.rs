//! The answers to a read, of whichever of the six calls, as columns.

use btrdb_core::TimeRange;
use btrdb_proto::{AlignedWindowsParams, ArrowRawValuesParams, WindowsParams};
use bytes::Bytes;

use super::Stream;
use super::reading::Query;
use crate::call::{Attempts, Decode, Messages, encoded};
use crate::columns::Columns;
use crate::convert;
use crate::error::Result;
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
pub(crate) type Replies = Messages<Batch>;

/// Asks `stream` for `query`, by Arrow where the server can.
pub(crate) async fn open<T: Transport>(
    stream: &Stream<T>,
    query: Query,
    range: TimeRange,
    version: u64,
    attempts: &mut Attempts,
) -> Result<Replies> {
    let (connection, name) = (&stream.connection, query.call_name());
    if connection.uses_arrow() {
        let (name, decode): (_, Decode<Batch>) = match query {
            Query::Raw => ("ArrowRawValues", convert::arrow_raw),
            Query::Windows(_) => ("ArrowWindows", convert::arrow_stats),
            Query::Aligned(_) => ("ArrowAlignedWindows", convert::arrow_stats),
        };
        // The messages that ask for points are alike, too: that for Arrow ends in a schema that need not be there.
        let opened =
            connection.open(stream.call(name).reading(), params(stream, query, range, version), decode, attempts);
        if let Some(replies) = stream.or_plain(attempts.within(opened).await)? {
            return Ok(replies);
        }
    }
    let decode = if query == Query::Raw { convert::raw } else { convert::stats };
    let opened = connection.open(stream.call(name).reading(), params(stream, query, range, version), decode, attempts);
    attempts.within(opened).await
}

fn params<T: Transport>(stream: &Stream<T>, query: Query, range: TimeRange, version: u64) -> Bytes {
    match query {
        Query::Raw => encoded(&arrow_raw_params(stream, range, version, Bytes::new())),
        Query::Windows(width) => encoded(&windows_params(stream, range, width, version)),
        Query::Aligned(width) => encoded(&aligned_params(stream, range, width, version)),
    }
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
