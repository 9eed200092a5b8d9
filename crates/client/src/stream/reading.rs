//! One read of a stream that knows how far it came, so that it can be left and gone on with, or begun anew where it
//! broke.

use std::pin::Pin;

use btrdb_core::{PointWidth, RawColumns, StatColumns, TimeRange, Timestamp};
use futures_core::Stream as Batches;
use futures_util::stream::{TryStreamExt, try_unfold};

use super::replies::{self, Batch, Replies};
use super::{Stream, Versioned};
use crate::call::Attempts;
use crate::columns::Columns;
use crate::error::{Error, ReadSoFar, Result};
use crate::transport::{Pending, Transport};

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Query {
    /// Points.
    Raw,
    /// Windows of that many nanoseconds, side by side from the start.
    Windows(u64),
    /// Windows on the grid of the epoch.
    Aligned(PointWidth),
}

impl Query {
    pub(crate) fn call_name(self) -> &'static str {
        match self {
            Self::Raw => "RawValues",
            Self::Windows(_) => "Windows",
            Self::Aligned(_) => "AlignedWindows",
        }
    }

    /// Nothing of what is read.
    pub(crate) fn no_columns(self) -> Columns {
        match self {
            Self::Raw => Columns::Raw(RawColumns::default()),
            Self::Windows(_) | Self::Aligned(_) => Columns::Stats(StatColumns::default()),
        }
    }
}

/// A read under way, or left for a while.
pub(crate) struct Reading<T> {
    stream: Stream<T>,
    query: Query,
    range: TimeRange,
    version: u64,
    attempts: Option<Attempts>,
    replies: Option<Replies>,
    is_over: bool,
    so_far: ReadSoFar,
    /// How many of the rows so far have the last time.
    at_last_time: usize,
    /// How many rows to leave out of what comes next, since they were delivered before.
    to_skip: usize,
}

impl<T: Transport> Reading<T> {
    /// A read that asks nothing yet.
    pub(crate) fn new(stream: Stream<T>, query: Query, range: TimeRange, version: u64) -> Self {
        Self {
            stream,
            query,
            range,
            version,
            attempts: None,
            replies: None,
            is_over: false,
            so_far: ReadSoFar::default(),
            at_last_time: 0,
            to_skip: 0,
        }
    }

    /// The next rows; `None` after the last. The first batch comes even if it is empty. Boxed, because it is large and
    /// waited for in many places.
    pub(crate) fn next(&mut self) -> Pending<'_, Option<Versioned<Columns>>> {
        Box::pin(self.next_rows())
    }

    async fn next_rows(&mut self) -> Result<Option<Versioned<Columns>>> {
        loop {
            if self.is_over {
                return Ok(None);
            }
            match self.pull().await {
                Ok(Some(batch)) => {
                    if let Some(batch) = self.deliver(batch) {
                        return Ok(Some(batch));
                    }
                }
                Ok(None) => self.is_over = true,
                Err(error) => self.recover(error).await?,
            }
        }
    }

    /// Ends the call, but not the read: what is read next is asked for anew.
    pub(crate) fn pause(&mut self) {
        if !self.is_over && self.replies.take().is_some() {
            self.go_back();
        }
    }

    /// [`Self::pause`], if other calls wait for this one to end.
    pub(crate) fn give_way(&mut self) {
        if self.replies.is_some() && self.stream.connection.is_crowded() {
            self.pause();
        }
    }

    /// All that is left, in one.
    pub(crate) fn rest(mut self) -> Pending<'static, Option<Versioned<Columns>>> {
        Box::pin(async move {
            let Some(mut all) = self.next_rows().await? else { return Ok(None) };
            while let Some(more) = self.next_rows().await? {
                all.version = all.version.max(more.version);
                all.data.append(more.data);
            }
            Ok(Some(all))
        })
    }

    /// The batches as they arrive.
    pub(crate) fn batches(self) -> Pin<Box<dyn Batches<Item = Result<Versioned<Columns>>> + Send>> {
        Box::pin(try_unfold(self, |mut reading| async move { Ok(reading.next().await?.map(|batch| (batch, reading))) }))
    }

    async fn pull(&mut self) -> Result<Option<Batch>> {
        let call = self.stream.call(self.query.call_name()).reading();
        let attempts = match &mut self.attempts {
            Some(attempts) => attempts,
            none => none.insert(self.stream.connection.attempts(call)?),
        };
        let replies = match &mut self.replies {
            Some(replies) => replies,
            none => {
                let opened = replies::open(&self.stream, self.query, self.range, self.version, attempts);
                none.insert(opened.await?)
            }
        };
        attempts.within(replies.try_next()).await
    }

    /// Notes how far `batch` goes; `None` where all of it was delivered before.
    fn deliver(&mut self, batch: Batch) -> Option<Versioned<Columns>> {
        let Batch { version, is_committed, bytes, mut columns } = batch;
        let before = columns.len();
        columns.skip(self.to_skip);
        self.to_skip -= before - columns.len();
        let is_first = self.so_far == ReadSoFar::default();
        self.so_far.bytes += bytes;
        let times = columns.times();
        if let Some(&last) = times.last() {
            let same = times.iter().rev().take_while(|&&time| time == last).count();
            let goes_on = same == times.len() && self.so_far.last_time == Some(last);
            self.at_last_time = if goes_on { self.at_last_time + same } else { same };
            self.so_far.last_time = Some(last);
            self.so_far.rows += times.len() as u64;
        }
        // What is read later is of the same version, unless that would leave out what is not committed yet.
        if self.version == 0 && is_committed {
            self.version = version;
        }
        if let Some(attempts) = &mut self.attempts {
            attempts.got_on();
        }
        (is_first || !columns.is_empty()).then_some(Versioned { version, data: columns })
    }

    /// Waits until the read can be gone on with after `error`, if it can.
    async fn recover(&mut self, error: Error) -> Result<()> {
        self.replies = None;
        let outcome = match &mut self.attempts {
            Some(attempts) => attempts.again_after(error).await,
            None => Err(error),
        };
        match outcome {
            Ok(()) => {
                self.go_back();
                Ok(())
            }
            Err(error) => {
                self.is_over = true;
                Err(error.after_reading(self.so_far))
            }
        }
    }

    /// Makes the next call begin where the last one came to.
    fn go_back(&mut self) {
        let Some(last) = self.so_far.last_time else { return };
        match self.next_start(last) {
            Some(start) => self.range.start = start,
            // What was read reaches to the end of time.
            None => self.is_over = true,
        }
        self.to_skip = if self.query == Query::Raw { self.at_last_time } else { 0 };
        // There is nothing to ask for: some calls would refuse it.
        self.is_over |= self.range.is_empty();
    }

    /// Where rows after one of time `last` can begin.
    fn next_start(&self, last: Timestamp) -> Option<Timestamp> {
        match self.query {
            // Further points of the same time may follow.
            Query::Raw => Some(last),
            Query::Windows(width) => last.checked_add_unsigned(width),
            Query::Aligned(width) => last.checked_add_unsigned(width.nanos()),
        }
    }
}
