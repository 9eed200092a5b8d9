//! Following a stream: what changes, as it changes, by asking for its version again and again. Works over any transport,
//! a browser's too; natively `native::subscribe` has the server tell by itself.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use btrdb_core::{PointWidth, RawColumns, TimeRange, Timestamp};
use futures_core::Stream as Events;
use futures_util::stream::try_unfold;

use super::points::ALL_OF_TIME;
use super::{Query, Reading, Stream};
use crate::error::Result;
use crate::timer::Timer;
use crate::transport::Transport;

/// What to follow, and how closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TailOptions {
    /// How long to wait before asking again once all is told. A second by default.
    pub interval: Duration,
    /// The version that is known already; by default the one at the beginning, so that only what is new is told.
    pub since: Option<u64>,
    /// The earliest time of interest, in nanoseconds since 1970 UTC.
    pub start: Timestamp,
    /// How finely changes are told apart: a changed range begins and ends at multiples of `2^resolution` ns. One
    /// nanosecond by default. Coarser is less to send where single points change all over.
    pub resolution: PointWidth,
}

impl Default for TailOptions {
    fn default() -> Self {
        Self { interval: Duration::from_secs(1), since: None, start: ALL_OF_TIME.start, resolution: PointWidth::MIN }
    }
}

/// What happened to a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum TailEvent {
    /// The stream went from one version to another. What was known of `ranges` holds no longer; what they hold now comes
    /// in the points that follow, if they hold any.
    Changed {
        /// The version before.
        since: u64,
        /// The version now.
        version: u64,
        /// Where the two differ, ascending. They cover every change, and may cover more.
        ranges: Vec<TimeRange>,
    },
    /// Points of the changed ranges, ascending.
    Points {
        /// The version they are of.
        version: u64,
        /// Some of the points.
        points: RawColumns,
    },
}

impl<T: Transport> Stream<T> {
    /// The changes of the stream from now on, or from a version on: each told by the ranges that changed, and then by
    /// all points that they hold now, in batches. Nothing is asked for that is not waited for, so a slow reader misses
    /// no change but sees several at once. Servers that keep back what is inserted until there is more of it tell of it
    /// when they commit it, or are made to by [`Self::flush`].
    ///
    /// It ends only with an error, or by being dropped. After an error, follow again with `since` set to the `since` of
    /// the last [`TailEvent::Changed`], or with retries set in the options of the calls so that passing failures do not
    /// end it.
    ///
    /// # Errors
    /// `InvalidOperation` on a connection without a timer; `StreamNotFound`, `VersionNotAvailable` where `since` is gone,
    /// or whatever keeps the server from answering.
    pub fn tail(&self, options: TailOptions) -> impl Events<Item = Result<TailEvent>> + use<T> {
        let tail = Tail {
            stream: self.clone(),
            options,
            known: options.since,
            is_fresh: true,
            changed: VecDeque::new(),
            reading: None,
        };
        try_unfold(tail, |mut tail| async move { Ok(Some((tail.next().await?, tail))) })
    }
}

/// A stream that is followed.
struct Tail<T> {
    stream: Stream<T>,
    options: TailOptions,
    /// The version told last.
    known: Option<u64>,
    /// Whether to ask at once: nothing was asked yet.
    is_fresh: bool,
    changed: VecDeque<TimeRange>,
    reading: Option<Reading<T>>,
}

impl<T: Transport> Tail<T> {
    async fn next(&mut self) -> Result<TailEvent> {
        let timer: Arc<dyn Timer> = Arc::clone(self.stream.connection.needed_timer("following a stream")?);
        loop {
            if let Some(points) = self.points().await? {
                return Ok(points);
            }
            if let Some(range) = self.changed.pop_front() {
                let version = self.known.unwrap_or_default();
                self.reading = Some(self.stream.reading(Query::Raw, range, version));
                continue;
            }
            if !std::mem::take(&mut self.is_fresh) {
                timer.sleep(self.options.interval).await;
            }
            let version = self.stream.version().await?;
            match self.known.replace(version) {
                Some(since) if since < version => return self.change(since, version).await,
                _ => {}
            }
        }
    }

    /// The next points of a range that changed; `None` where there are none left.
    async fn points(&mut self) -> Result<Option<TailEvent>> {
        while let Some(reading) = &mut self.reading {
            let Some(batch) = reading.next().await? else {
                self.reading = None;
                break;
            };
            let points = batch.data.into_raw().unwrap_or_default();
            if !points.is_empty() {
                return Ok(Some(TailEvent::Points { version: self.known.unwrap_or_default(), points }));
            }
        }
        Ok(None)
    }

    async fn change(&mut self, since: u64, version: u64) -> Result<TailEvent> {
        let of_interest = TimeRange::new(self.options.start.max(ALL_OF_TIME.start), ALL_OF_TIME.end);
        let changes = self.stream.changes(since, version, self.options.resolution).await?;
        let ranges = changes.data.into_iter().map(|range| range.intersect(of_interest));
        let ranges: Vec<TimeRange> = ranges.filter(|range| !range.is_empty()).collect();
        self.changed.extend(&ranges);
        Ok(TailEvent::Changed { since, version, ranges })
    }
}
