//! Changing a stream.

use std::num::NonZeroUsize;

use btrdb_core::{MergePolicy, RawColumns, TimeRange};
use btrdb_proto::{
    ArrowInsertParams, DeleteParams, DeleteResponse, FlushParams, FlushResponse, InsertParams, InsertResponse,
    ObliterateParams, ObliterateResponse,
};

use super::Stream;
use crate::arrow;
use crate::convert;
use crate::error::{Error, ErrorKind, Result, WrittenSoFar};
use crate::transport::Transport;

/// How many points one insert call carries unless asked otherwise: what every BTrDB client sends and every server takes.
pub const POINTS_PER_CALL: NonZeroUsize = NonZeroUsize::new(50_000).unwrap();

impl<T: Transport> Stream<T> {
    /// Inserts `points`, which need not be in order, in calls of [`POINTS_PER_CALL`]. Returns the version after the last
    /// call, or 0 for no points, which asks nothing.
    ///
    /// # Errors
    /// `BadValue` for a value that is not finite, `InvalidTimeRange` for a time out of bounds, `StreamNotFound`;
    /// `InvalidValue` for columns of unequal length. What earlier calls inserted stays: [`Error::written_so_far`] says
    /// how much that is.
    pub async fn insert(&self, points: &RawColumns, policy: MergePolicy) -> Result<u64> {
        self.insert_chunked(points, policy, POINTS_PER_CALL).await
    }

    /// [`Self::insert`] in calls of `points_per_call`.
    ///
    /// # Errors
    /// As [`Self::insert`]; where a call is more than the server takes, `Server` with number 414.
    pub async fn insert_chunked(
        &self,
        points: &RawColumns,
        policy: MergePolicy,
        points_per_call: NonZeroUsize,
    ) -> Result<u64> {
        self.check_lengths(points)?;
        let mut written = WrittenSoFar::default();
        let size = points_per_call.get();
        for (times, values) in points.time.chunks(size).zip(points.value.chunks(size)) {
            let inserted = self.insert_slices(times, values, policy).await;
            written.version = inserted.map_err(|error| error.after_writing(written))?;
            written.points += times.len() as u64;
        }
        Ok(written.version)
    }

    /// Inserts `points` in one call, whatever their number; none at all just asks for the version.
    ///
    /// # Errors
    /// As [`Self::insert_chunked`].
    pub async fn insert_batch(&self, points: &RawColumns, policy: MergePolicy) -> Result<u64> {
        self.check_lengths(points)?;
        self.insert_slices(&points.time, &points.value, policy).await
    }

    /// Removes the points of `range`; older versions keep them. Returns the new version.
    ///
    /// # Errors
    /// `InvalidTimeRange`, `StreamNotFound`, or whatever keeps the server from answering.
    pub async fn delete(&self, range: TimeRange) -> Result<u64> {
        let params = DeleteParams { uuid: convert::uuid_bytes(self.uuid()), start: range.start, end: range.end };
        Ok(self.connection.unary::<DeleteResponse>(self.call("Delete"), params).await?.version_major)
    }

    /// Commits what the server may still hold back. Returns the version then.
    ///
    /// # Errors
    /// `StreamNotFound`, or whatever keeps the server from answering.
    pub async fn flush(&self) -> Result<u64> {
        let params = FlushParams { uuid: convert::uuid_bytes(self.uuid()) };
        Ok(self.connection.unary::<FlushResponse>(self.call("Flush"), params).await?.version_major)
    }

    /// Removes the stream, its points and all that is known of it, for good. Its uuid cannot be used again.
    ///
    /// # Errors
    /// `StreamNotFound`, or whatever keeps the server from answering.
    pub async fn obliterate(&self) -> Result<()> {
        let params = ObliterateParams { uuid: convert::uuid_bytes(self.uuid()) };
        self.connection.unary::<ObliterateResponse>(self.call("Obliterate").repeatable(false), params).await.map(drop)
    }

    async fn insert_slices(&self, times: &[i64], values: &[f64], policy: MergePolicy) -> Result<u64> {
        let uuid = convert::uuid_bytes(self.uuid());
        let merge_policy = convert::merge_policy(policy);
        // A policy that merges makes of the same points inserted twice what they are once.
        let is_repeatable = policy != MergePolicy::Never;
        if self.connection.uses_arrow() {
            let arrow_bytes = arrow::write_raw(times, values).into();
            let params =
                ArrowInsertParams { uuid: uuid.clone(), sync: false, merge_policy, rounding: None, arrow_bytes };
            let call = self.call("ArrowInsert").repeatable(is_repeatable);
            let outcome = self.connection.unary::<InsertResponse>(call, params).await;
            if let Some(reply) = self.or_plain(outcome)? {
                return Ok(reply.version_major);
            }
        }
        let values = convert::raw_points(times, values);
        let params = InsertParams { uuid, sync: false, values, merge_policy, rounding: None };
        let call = self.call("Insert").repeatable(is_repeatable);
        Ok(self.connection.unary::<InsertResponse>(call, params).await?.version_major)
    }

    fn check_lengths(&self, points: &RawColumns) -> Result<()> {
        if points.time.len() == points.value.len() {
            return Ok(());
        }
        let message = format!("{} times for {} values", points.time.len(), points.value.len());
        Err(self.call("Insert").failed(Error::new(ErrorKind::InvalidValue, message)))
    }
}
