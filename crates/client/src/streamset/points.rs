//! How many points a set has, and which come first and last.

use btrdb_core::Point;

use super::StreamSet;
use crate::error::{Error, ErrorKind, Result};
use crate::stream::{Direction, Versioned};
use crate::transport::Transport;

impl<T: Transport> StreamSet<T> {
    /// About how many points all streams together hold in the range, each as [`Stream::count`](crate::Stream::count)
    /// counts them.
    ///
    /// # Errors
    /// As of that.
    pub async fn count(&self) -> Result<u64> {
        let range = self.range();
        let counts = self.each(|stream, version| async move { stream.count(range, version).await });
        Ok(counts.await?.into_iter().fold(0, u64::saturating_add))
    }

    /// How many points all streams together hold in the range, exactly.
    ///
    /// # Errors
    /// As [`Stream::count_exactly`](crate::Stream::count_exactly).
    pub async fn count_exactly(&self) -> Result<u64> {
        let range = self.range();
        let counts = self.each(|stream, version| async move { stream.count_exactly(range, version).await });
        Ok(counts.await?.into_iter().fold(0, u64::saturating_add))
    }

    /// The first point of each stream at or after the start of the range; `None` where there is none.
    ///
    /// # Errors
    /// `StreamNotFound`, `VersionNotAvailable`, or whatever keeps the server from answering.
    pub async fn earliest(&self) -> Result<Vec<Option<Point>>> {
        self.nearest(self.range().start, Direction::Forward).await
    }

    /// The last point of each stream before the end of the range; `None` where there is none.
    ///
    /// # Errors
    /// As [`Self::earliest`].
    pub async fn latest(&self) -> Result<Vec<Option<Point>>> {
        self.nearest(self.range().end, Direction::Backward).await
    }

    /// The last point of each stream before now; `None` where there is none.
    ///
    /// # Errors
    /// As [`Self::earliest`]; `InvalidValue` where now is not in the range; `InvalidOperation` on a connection without a
    /// timer, which has no clock.
    pub async fn current(&self) -> Result<Vec<Option<Point>>> {
        let Some(stream) = self.streams.first() else { return Ok(Vec::new()) };
        let now = stream.connection().needed_timer("the current point")?.now();
        let range = self.range();
        if !range.contains(now) {
            let message = format!("now, {now}, is not between {} and {}", range.start, range.end);
            return Err(Error::new(ErrorKind::InvalidValue, message));
        }
        self.nearest(now, Direction::Backward).await
    }

    async fn nearest(&self, time: i64, direction: Direction) -> Result<Vec<Option<Point>>> {
        self.each(|stream, version| async move {
            let nearest = stream.nearest(time, version, direction).await?;
            Ok(nearest.map(|Versioned { data, .. }| data))
        })
        .await
    }
}
