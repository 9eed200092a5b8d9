//! How many points a stream has, and which come first and last.

use btrdb_core::{MAX_TIME, MIN_TIME, Point, PointWidth, TimeRange};

use super::{Direction, Stream, Versioned};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Transport;

/// All of time that points can be read in: to the last time that any point can have.
pub const ALL_OF_TIME: TimeRange = TimeRange::new(MIN_TIME, MAX_TIME - 1);

impl<T: Transport> Stream<T> {
    /// About how many points lie in `range` at `version`, 0 being the newest: fast however many they are, and exact but
    /// for the points within a small part of the range's width from either end. [`Self::count_exactly`] is exact.
    ///
    /// The sum of aligned windows about half as wide as the range. What those at the ends hold outside of the range is
    /// counted, and what lies after the last whole one is not, as in the official Python client; only a range of more
    /// than 2^61 ns is counted to its end here and not there.
    ///
    /// # Errors
    /// `InvalidTimeRange`, `StreamNotFound`, `VersionNotAvailable`, or whatever keeps the server from answering.
    pub async fn count(&self, range: TimeRange, version: u64) -> Result<u64> {
        if range.width() > 1 << 61 {
            // The windows would be so wide that the last whole one ends long before the range.
            return self.count_exactly(range, version).await;
        }
        self.count_in_windows(range, PointWidth::ALL, version).await
    }

    /// [`Self::count`] by windows of at most `2^width` ns, of which less lies outside of the range.
    ///
    /// # Errors
    /// As [`Self::count`].
    pub async fn count_in_windows(&self, range: TimeRange, width: PointWidth, version: u64) -> Result<u64> {
        let fits = PointWidth::at_most(range.width());
        // One less than fits, so that there are at least two of them.
        let width = fits.finer().unwrap_or(fits).min(width);
        let windows = self.aligned_windows(range, width, version).await?;
        Ok(sum(&windows.data.count))
    }

    /// How many points lie in `range` at `version`, 0 being the newest: one window over all of it.
    ///
    /// # Errors
    /// As [`Self::count`].
    pub async fn count_exactly(&self, range: TimeRange, version: u64) -> Result<u64> {
        if range.is_empty() {
            let message = format!("a range from {} to {} has nothing inside", range.start, range.end);
            return Err(self.call("Windows").failed(Error::new(ErrorKind::InvalidTimeRange, message)));
        }
        let windows = self.windows(range, range.width(), version).await?;
        Ok(sum(&windows.data.count))
    }

    /// The first point at `version`, 0 being the newest; `None` for a stream without points.
    ///
    /// # Errors
    /// `StreamNotFound`, `VersionNotAvailable`, or whatever keeps the server from answering.
    pub async fn earliest(&self, version: u64) -> Result<Option<Versioned<Point>>> {
        self.nearest(MIN_TIME, version, Direction::Forward).await
    }

    /// The last point at `version`, 0 being the newest; `None` for a stream without points.
    ///
    /// # Errors
    /// `StreamNotFound`, `VersionNotAvailable`, or whatever keeps the server from answering.
    pub async fn latest(&self, version: u64) -> Result<Option<Versioned<Point>>> {
        self.nearest(MAX_TIME - 1, version, Direction::Backward).await
    }

    /// The last point before now at `version`, 0 being the newest; `None` where there is none. Streams can hold points
    /// of the future, such as forecasts.
    ///
    /// # Errors
    /// As [`Self::latest`]; `InvalidOperation` on a connection without a timer, which has no clock.
    pub async fn current(&self, version: u64) -> Result<Option<Versioned<Point>>> {
        let now = self.connection.needed_timer("the current point")?.now();
        self.nearest(now, version, Direction::Backward).await
    }
}

/// What a server says may not add up.
fn sum(counts: &[u64]) -> u64 {
    counts.iter().copied().fold(0, u64::saturating_add)
}
