//! How much of an answer is computed in one go.
//!
//! A call that has much to do does it in turns. Between two of them nothing is held but a place in the data, so that is
//! where others get theirs, and where a caller who has hung up is let go of. Turns are measured in work, not in time: the
//! engine reads no clock.

/// What may be done in a turn, in [`ROW`]s: 64 leaves, or 512 windows, which take a few milliseconds.
const TURN: u32 = 512;

/// The work of one window or one record.
pub(crate) const ROW: u32 = 1;

/// The work of finding and opening one leaf.
pub(crate) const LEAF: u32 = 8;

/// What is left of a turn.
#[derive(Debug)]
pub(crate) struct Turn(u32);

impl Turn {
    pub(crate) const fn new() -> Self {
        Self(TURN)
    }

    pub(crate) const fn spend(&mut self, work: u32) {
        self.0 = self.0.saturating_sub(work);
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.0 == 0
    }
}

/// What asking for the next thing comes to.
#[derive(Debug)]
pub(crate) enum Step<T> {
    /// Here it is.
    Item(T),
    /// The turn is over; there may be more.
    Working,
    /// There is no more.
    End,
}

impl<T> Step<T> {
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Step<U> {
        match self {
            Self::Item(item) => Step::Item(change(item)),
            Self::Working => Step::Working,
            Self::End => Step::End,
        }
    }
}
