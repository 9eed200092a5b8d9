//! Reads and inserts whose columns stay Arrow: IPC streams in and out, for whoever has an Arrow library.

use btrdb_core::{MergePolicy, PointWidth, TimeRange};
use bytes::Bytes;

use super::replies::{aligned_params, arrow_raw_params, windows_params};
use super::{Stream, Versioned};
use crate::arrow;
use crate::call::{Call, encoded};
use crate::convert;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Transport;

// What every read of Arrow says of what it returns.
macro_rules! ipc_doc {
    ($first:literal) => {
        concat!($first, ", as one Arrow IPC stream of as many record batches as the server sent messages.")
    };
}

impl<T: Transport> Stream<T> {
    #[doc = ipc_doc!("All points of `range` at `version`, 0 being the newest")]
    ///
    /// `template` is an IPC stream of a schema alone, of as many fields, which the server casts to by position; without
    /// it they are `time: timestamp[ns, UTC]` and `value: float64`.
    ///
    /// # Errors
    /// As [`Self::values`]; `Server` with number 438 for a template that does not fit; `Unimplemented` where the server
    /// has no Arrow.
    pub async fn arrow_values(
        &self,
        range: TimeRange,
        version: u64,
        template: Option<Bytes>,
    ) -> Result<Versioned<Bytes>> {
        let call = self.call("ArrowRawValues").reading();
        let params = arrow_raw_params(self, range, version, template.unwrap_or_default());
        self.ipc_stream(call, encoded(&params)).await
    }

    #[doc = ipc_doc!("What [`Self::windows`] gives")]
    ///
    /// # Errors
    /// As [`Self::windows`]; `Unimplemented` where the server has no Arrow.
    pub async fn arrow_windows(&self, range: TimeRange, width: u64, version: u64) -> Result<Versioned<Bytes>> {
        let call = self.call("ArrowWindows").reading();
        let params = windows_params(self, range, width, version);
        self.ipc_stream(call, encoded(&params)).await
    }

    #[doc = ipc_doc!("What [`Self::aligned_windows`] gives")]
    ///
    /// # Errors
    /// As [`Self::aligned_windows`]; `Unimplemented` where the server has no Arrow.
    pub async fn arrow_aligned_windows(
        &self,
        range: TimeRange,
        width: PointWidth,
        version: u64,
    ) -> Result<Versioned<Bytes>> {
        let call = self.call("ArrowAlignedWindows").reading();
        let params = aligned_params(self, range, width, version);
        self.ipc_stream(call, encoded(&params)).await
    }

    /// [`Self::insert`] of the rows of an Arrow IPC stream: a column of times and one of values, whatever they are
    /// called. A time is a timestamp of any unit and zone, or an int64 of nanoseconds; a value a float or an integer
    /// of at most 2^53 either way, which becomes a double.
    ///
    /// # Errors
    /// As [`Self::insert`]; `InvalidType` for columns of other types; `BadValue` for nulls; `InvalidValue` for larger
    /// integers, and for bytes that are no such IPC stream, are compressed or have dictionaries. Nothing is inserted then.
    pub async fn arrow_insert(&self, ipc: &[u8], policy: MergePolicy) -> Result<u64> {
        let points = arrow::read_points(ipc).map_err(|why| self.call("ArrowInsert").failed(why.into()))?;
        self.insert(&points, policy).await
    }

    async fn ipc_stream(&self, call: Call, params: Bytes) -> Result<Versioned<Bytes>> {
        let replies =
            self.connection.collected(call, params).await.map_err(|failure| failure.after_rows(convert::ipc))?;
        one_ipc_stream(call, &replies, convert::ipc)
    }
}

/// All that `replies` bring, of which each is a version and an IPC stream to `ipc`.
pub(crate) fn one_ipc_stream(
    call: Call,
    replies: &[Bytes],
    ipc: fn(&Bytes) -> Result<(u64, Bytes)>,
) -> Result<Versioned<Bytes>> {
    let replies: Result<Vec<_>> = replies.iter().map(ipc).collect();
    let (versions, streams): (Vec<u64>, Vec<Bytes>) = replies.map_err(|error| call.failed(error))?.into_iter().unzip();
    let bad = |message: String| call.failed(Error::new(ErrorKind::BadResponse, message));
    let data = arrow::joined(&streams).map_err(|why| bad(why.to_string()))?;
    let data = data.ok_or_else(|| bad("an answer without a schema".to_owned()))?.into();
    Ok(Versioned { version: versions.into_iter().max().unwrap_or(0), data })
}
