//! Streams side by side in time.

use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::pin::Pin;

use btrdb_core::Timestamp;
use futures_core::Stream as Rows;
use futures_util::stream::{StreamExt, iter, try_unfold};

use super::StreamSet;
use crate::columns::{AnyPoint, Columns};
use crate::error::Result;
use crate::stream::Reading;
use crate::transport::Transport;

/// What the streams of a set have at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The time, in nanoseconds since 1970 UTC.
    pub time: Timestamp,
    /// The point or window of each stream, in the order of the streams; `None` where one has none at that time.
    pub points: Vec<Option<AnyPoint>>,
}

impl<T: Transport> StreamSet<T> {
    /// The points or windows of all streams, one row for each time at which any stream has one, ascending. A stream with
    /// several points at one time makes several rows. Memory holds one batch of each stream, however much there is to
    /// read. An error is the last item; dropping the rows cancels the calls.
    pub fn rows(&self) -> Pin<Box<dyn Rows<Item = Result<Row>> + Send>> {
        let lanes = self.readings().map(Lane::new).collect();
        let merge = Merge { lanes, parallel: self.parallel };
        Box::pin(try_unfold(merge, |mut merge| async move { Ok(merge.next().await?.map(|row| (row, merge))) }))
    }
}

/// The streams of a set, each read a batch ahead.
struct Merge<T> {
    lanes: Vec<Lane<T>>,
    parallel: NonZeroUsize,
}

impl<T: Transport> Merge<T> {
    async fn next(&mut self) -> Result<Option<Row>> {
        if self.lanes.iter().any(Lane::is_dry) {
            self.fill().await?;
        }
        let Some(time) = self.lanes.iter().filter_map(Lane::time).min() else { return Ok(None) };
        let points = self.lanes.iter_mut().map(|lane| lane.take_at(time)).collect();
        Ok(Some(Row { time, points }))
    }

    /// Reads on where a batch was used up. Where more streams are read than calls are allowed, or others wait for a call to
    /// end, what has its batch is left until the next is due: calls that stay open while they wait for further ones, here
    /// or in another set, would wait for ever.
    async fn fill(&mut self) -> Result<()> {
        let stays_open = self.lanes.len() <= self.parallel.get();
        let mut filled: Vec<_> = self.lanes.iter().map(|_| None).collect();
        let lanes = std::mem::take(&mut self.lanes).into_iter().enumerate();
        let mut filling = iter(lanes.map(|(place, lane)| lane.filled(place))).buffer_unordered(self.parallel.get());
        loop {
            let next = poll_fn(|cx| {
                let next = filling.poll_next_unpin(cx);
                if next.is_pending() {
                    filled.iter_mut().flatten().for_each(|lane: &mut Lane<T>| lane.leave(stays_open));
                }
                next
            });
            let Some(next) = next.await else { break };
            let (place, mut lane) = next?;
            lane.leave(stays_open);
            filled[place] = Some(lane);
        }
        self.lanes = filled.into_iter().flatten().collect();
        Ok(())
    }
}

/// One stream, and what was read of it but not handed out.
struct Lane<T> {
    reading: Reading<T>,
    batch: Option<Columns>,
    row: usize,
    is_over: bool,
}

impl<T: Transport> Lane<T> {
    fn new(reading: Reading<T>) -> Self {
        Self { reading, batch: None, row: 0, is_over: false }
    }

    fn is_dry(&self) -> bool {
        !self.is_over && self.time().is_none()
    }

    /// The lane with something to hand out, unless it is over, and its `place` among the others.
    async fn filled(mut self, place: usize) -> Result<(usize, Self)> {
        while self.is_dry() {
            self.row = 0;
            self.batch = self.reading.next().await?.map(|batch| batch.data);
            self.is_over = self.batch.is_none();
        }
        Ok((place, self))
    }

    /// Ends its call for now: if others wait for that, or unless it `stays_open`. Not before it has brought something: a call
    /// that is left at its beginning would be made again and again.
    fn leave(&mut self, stays_open: bool) {
        if stays_open {
            self.reading.give_way();
        } else {
            self.reading.pause();
        }
    }

    fn time(&self) -> Option<Timestamp> {
        self.batch.as_ref()?.times().get(self.row).copied()
    }

    fn take_at(&mut self, time: Timestamp) -> Option<AnyPoint> {
        if self.time() != Some(time) {
            return None;
        }
        self.row += 1;
        self.batch.as_ref()?.get(self.row - 1)
    }
}
