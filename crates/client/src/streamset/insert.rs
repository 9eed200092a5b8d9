//! Writing to several streams.

use std::collections::HashMap;

use btrdb_core::{MergePolicy, RawColumns};
use bytes::Bytes;
use uuid::Uuid;

use super::StreamSet;
use crate::error::{Error, ErrorKind, Result};
use crate::stream::Stream;
use crate::together;
use crate::transport::Transport;

impl<T: Transport> StreamSet<T> {
    /// Inserts the points given for each stream, as [`Stream::insert`] does. Returns the versions after that. Streams
    /// for which none are given stay as they are.
    ///
    /// # Errors
    /// As of that, naming the stream; `InvalidValue` for points of a stream that is not in the set, before anything is
    /// written. What was inserted before an error stays.
    pub async fn insert(&self, points: &HashMap<Uuid, RawColumns>, policy: MergePolicy) -> Result<HashMap<Uuid, u64>> {
        self.write(points, |stream, points| async move { stream.insert(points, policy).await }).await
    }

    /// [`Self::insert`] of Arrow IPC streams, as [`Stream::arrow_insert`] takes them.
    ///
    /// # Errors
    /// As [`Self::insert`] and [`Stream::arrow_insert`].
    pub async fn arrow_insert(&self, tables: &HashMap<Uuid, Bytes>, policy: MergePolicy) -> Result<HashMap<Uuid, u64>> {
        self.write(tables, |stream, ipc| async move { stream.arrow_insert(ipc, policy).await }).await
    }

    async fn write<'a, D, F>(
        &self,
        data: &'a HashMap<Uuid, D>,
        insert: impl Fn(Stream<T>, &'a D) -> F,
    ) -> Result<HashMap<Uuid, u64>>
    where
        D: Sync,
        F: Future<Output = Result<u64>> + Send,
    {
        let mut writes = Vec::with_capacity(data.len());
        for (&uuid, data) in data {
            let stream = self.get(uuid).ok_or_else(|| {
                Error::new(ErrorKind::InvalidValue, format!("points for stream {uuid}, which is not in the set"))
            })?;
            let inserted = insert(stream.clone(), data);
            writes.push(async move { Ok((uuid, inserted.await?)) });
        }
        Ok(together::all(writes, self.parallel).await?.into_iter().collect())
    }
}
