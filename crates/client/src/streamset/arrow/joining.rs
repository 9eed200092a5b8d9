//! One read of many streams that knows how far it came, so that it can be begun anew where it broke.

use bytes::Bytes;
use futures_core::Stream as Batches;
use futures_util::stream::{TryStreamExt, try_unfold};

use super::{Answers, StreamSet};
use crate::arrow;
use crate::call::Attempts;
use crate::error::{Error, ReadSoFar, Result};
use crate::stream::Stream;
use crate::transport::Transport;

/// A read of many streams under way.
pub(super) struct Joining<T> {
    set: StreamSet<T>,
    attempts: Attempts,
    answers: Answers,
    so_far: ReadSoFar,
}

impl<T: Transport> Joining<T> {
    /// The read whose first answers are `answers`.
    pub(super) fn new(set: StreamSet<T>, attempts: Attempts, answers: Answers) -> Self {
        Self { set, attempts, answers, so_far: ReadSoFar::default() }
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            let error = match self.attempts.within(self.answers.try_next()).await {
                Ok(None) => return Ok(None),
                Ok(Some(table)) => {
                    self.note(&table);
                    return Ok(Some(table));
                }
                Err(error) => error.after_reading(self.so_far),
            };
            if !self.set.is_settled() {
                return Err(error);
            }
            if !self.go_on_after(error).await? {
                return Ok(None);
            }
        }
    }

    /// Notes how far `table` goes. What cannot be made out is for whoever reads it to say.
    fn note(&mut self, table: &[u8]) {
        let Ok(ReadSoFar { rows, last_time, bytes }) = arrow::extent(table) else { return };
        self.so_far.rows = self.so_far.rows.saturating_add(rows);
        self.so_far.bytes += bytes;
        self.so_far.last_time = last_time.or(self.so_far.last_time);
        self.attempts.got_on();
    }

    /// Asks anew for what is left; `false` where nothing is.
    async fn go_on_after(&mut self, mut error: Error) -> Result<bool> {
        if let Some(last) = self.so_far.last_time {
            // There is one row for each time, and with a grid one for each time on it.
            let step = self.set.snap_period().max(1);
            self.set.scope.start = Some(last.saturating_add(step));
        }
        loop {
            self.attempts.again_after(error).await?;
            if self.set.range().is_empty() {
                return Ok(false);
            }
            let Some(connection) = self.set.streams.first().map(Stream::connection) else { return Ok(false) };
            match self.set.open_messages(connection, &mut self.attempts).await {
                Ok(answers) => {
                    self.answers = answers;
                    return Ok(true);
                }
                Err(again) => error = again.after_reading(self.so_far),
            }
        }
    }
}

/// The tables that `joining` still brings.
pub(super) fn remaining<T: Transport>(joining: Option<Joining<T>>) -> impl Batches<Item = Result<Bytes>> + use<T> {
    try_unfold(joining, |joining| async move {
        let Some(mut joining) = joining else { return Ok(None) };
        Ok(joining.next().await?.map(|table| (table, Some(joining))))
    })
}
