//! Several streams side by side: whatever they report, in one order of time.

use std::{cmp::Reverse, collections::BinaryHeap};

use btrdb_core::Timestamp;
use btrdb_tree::NodeError;

use crate::turn::{Step, Turn};

/// Things that one stream reports, ascending in time.
pub(crate) trait Timeline {
    /// What is reported at a time.
    type Item;

    /// The next one.
    fn next(&mut self, turn: &mut Turn) -> Result<Step<(Timestamp, Self::Item)>, NodeError>;
}

/// The outer join of timelines on time. Holds one item of each.
#[derive(Debug)]
pub(crate) struct Join<T: Timeline> {
    timelines: Vec<T>,
    heads: Vec<Option<T::Item>>,
    order: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The timelines whose next item is still to be asked for.
    behind: Vec<usize>,
}

impl<T: Timeline> Join<T> {
    pub(crate) fn new(timelines: Vec<T>) -> Self {
        let heads = timelines.iter().map(|_| None).collect();
        let behind = (0..timelines.len()).collect();
        Self { timelines, heads, order: BinaryHeap::new(), behind }
    }

    /// The next time at which any timeline reports, and what each of those reports that do, by their places. A timeline
    /// that reports twice at one time does so in two rows.
    pub(crate) fn next_row(
        &mut self,
        turn: &mut Turn,
        mut take: impl FnMut(usize, T::Item),
    ) -> Result<Step<Timestamp>, NodeError> {
        while let Some(&place) = self.behind.last() {
            match self.timelines[place].next(turn)? {
                Step::Item((time, item)) => {
                    self.heads[place] = Some(item);
                    self.order.push(Reverse((time, place)));
                }
                Step::Working => return Ok(Step::Working),
                Step::End => {}
            }
            self.behind.pop();
        }
        let Some(&Reverse((time, _))) = self.order.peek() else { return Ok(Step::End) };
        while let Some(&Reverse((next, place))) = self.order.peek()
            && next == time
        {
            self.order.pop();
            if let Some(item) = self.heads.get_mut(place).and_then(Option::take) {
                take(place, item);
            }
            self.behind.push(place);
        }
        Ok(Step::Item(time))
    }
}
