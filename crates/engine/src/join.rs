//! Several streams side by side: whatever they report, in one order of time.

use std::{cmp::Reverse, collections::BinaryHeap};

use btrdb_core::Timestamp;
use btrdb_tree::NodeError;

/// Things that one stream reports, ascending in time.
pub(crate) trait Timeline {
    /// What is reported at a time.
    type Item;

    /// The next one.
    fn next(&mut self) -> Result<Option<(Timestamp, Self::Item)>, NodeError>;
}

/// The outer join of timelines on time. Holds one item of each.
#[derive(Debug)]
pub(crate) struct Join<T: Timeline> {
    timelines: Vec<T>,
    heads: Vec<Option<T::Item>>,
    order: BinaryHeap<Reverse<(Timestamp, usize)>>,
    is_started: bool,
}

impl<T: Timeline> Join<T> {
    pub(crate) fn new(timelines: Vec<T>) -> Self {
        let heads = timelines.iter().map(|_| None).collect();
        Self { timelines, heads, order: BinaryHeap::new(), is_started: false }
    }

    /// The next time at which any timeline reports, and what each of those reports that do, by their places. A timeline
    /// that reports twice at one time does so in two rows.
    pub(crate) fn next_row(&mut self, mut take: impl FnMut(usize, T::Item)) -> Result<Option<Timestamp>, NodeError> {
        if !self.is_started {
            self.is_started = true;
            (0..self.timelines.len()).try_for_each(|place| self.advance(place))?;
        }
        let Some(&Reverse((time, _))) = self.order.peek() else { return Ok(None) };
        let mut reported = Vec::new();
        while let Some(&Reverse((next, place))) = self.order.peek()
            && next == time
        {
            self.order.pop();
            if let Some(item) = self.heads.get_mut(place).and_then(Option::take) {
                take(place, item);
            }
            reported.push(place);
        }
        reported.into_iter().try_for_each(|place| self.advance(place))?;
        Ok(Some(time))
    }

    fn advance(&mut self, place: usize) -> Result<(), NodeError> {
        if let Some((time, item)) = self.timelines[place].next()? {
            self.heads[place] = Some(item);
            self.order.push(Reverse((time, place)));
        }
        Ok(())
    }
}
