//! How the steps to undo and the entries of the browser's history belong together.

/// How many entries of the browser's history are ours beside the first. Browsers keep some fifty of a tab; the others are
/// the way out of the page.
const ENTRIES: usize = 40;

/// The entries are slots, `0..=ENTRIES`, and the slot `s` stands for the step at position `base + s`. When the last slot
/// is taken, the steps move on beneath: the button back then still leads through the newest ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    base: usize,
    /// The entry that the browser shows, and the last that there is.
    slot: usize,
    top: usize,
    /// Whether the browser has been told to go to another and is not there yet.
    is_going: bool,
}

/// What to tell the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Footprint {
    /// Make a new entry for the step at this position.
    New {
        /// The number of the entry.
        slot: usize,
        /// The position of the step in the history.
        position: usize,
    },
    /// The entry that it shows is the right one and has this number.
    Same {
        /// The number of the entry.
        slot: usize,
    },
    /// Go this many entries back or, if positive, on.
    Go(i32),
}

impl Trail {
    /// A trail whose first entry stands for the step at `position`.
    pub fn beginning_at(position: usize) -> Self {
        Self { base: position, ..Self::default() }
    }

    /// What the browser has to do to be where the page is: at the step `position`, where `redoable` tells whether steps
    /// lead on from there. To be asked again until it says [`Footprint::Same`]; `None` while the browser is on its way.
    pub fn follow(&mut self, position: usize, redoable: bool) -> Option<Footprint> {
        if self.is_going {
            return None;
        }
        // Further back than the first entry: from now on that one stands for it.
        self.base = self.base.min(position);
        let slot = position - self.base;
        if slot > self.slot && !(redoable && slot <= self.top) {
            if self.slot == ENTRIES {
                self.base = position - ENTRIES;
                return Some(Footprint::Same { slot: ENTRIES });
            }
            self.slot += 1;
            self.top = self.slot;
            return Some(Footprint::New { slot: self.slot, position: self.base + self.slot });
        }
        if slot == self.slot {
            return Some(Footprint::Same { slot });
        }
        self.is_going = true;
        Some(Footprint::Go(slot as i32 - self.slot as i32))
    }

    /// The browser shows the entry `slot` now. Returns the step to go to, if it was the user who went there.
    pub fn arrived(&mut self, slot: usize) -> Option<usize> {
        self.slot = slot.min(self.top);
        (!std::mem::take(&mut self.is_going)).then_some(self.base + self.slot)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::History;

    /// A browser's history of at most fifty entries, and the page with its own.
    struct Tab {
        entries: Vec<usize>,
        at: usize,
        trail: Trail,
        history: History<u32>,
        state: u32,
    }

    impl Tab {
        fn new() -> Self {
            Self { entries: vec![0], at: 0, trail: Trail::default(), history: History::new(100), state: 0 }
        }

        fn settle(&mut self) {
            loop {
                match self.trail.follow(self.history.position(), self.history.can_redo()).unwrap() {
                    Footprint::New { slot, position } => {
                        assert!(position <= self.history.position());
                        self.entries.truncate(self.at + 1);
                        self.entries.push(slot);
                        self.at += 1;
                    }
                    Footprint::Same { slot } => return assert_eq!(self.entries[self.at], slot),
                    Footprint::Go(by) => self.button(by),
                }
            }
        }

        fn button(&mut self, by: i32) {
            self.at = self.at.saturating_add_signed(by as isize).min(self.entries.len() - 1);
            if let Some(position) = self.trail.arrived(self.entries[self.at])
                && let Some(state) = self.history.go(position, self.state)
            {
                self.state = state;
            }
        }

        fn step(&mut self) {
            self.history.push(self.state);
            self.state += 1;
        }
    }

    #[test]
    fn the_button_walks_the_newest_forty_of_a_hundred() {
        let mut tab = Tab::new();
        for _ in 0..100 {
            tab.step();
            tab.settle();
        }
        assert_eq!(tab.entries.len(), ENTRIES + 1);
        for step in 1..=ENTRIES {
            tab.button(-1);
            tab.settle();
            assert_eq!(tab.state, 100 - step as u32);
        }
        tab.button(1);
        assert_eq!(tab.state, 61);
        assert!(tab.history.can_undo(), "the page itself goes back further");
    }

    #[test]
    fn several_steps_between_two_looks_have_an_entry_each() {
        let mut tab = Tab::new();
        (0..3).for_each(|_| tab.step());
        tab.settle();
        assert_eq!(tab.entries.len(), 4);
        tab.button(-1);
        assert_eq!(tab.state, 2);
    }

    proptest! {
        /// Steps, undoing by key and by the browser's buttons in any mixture: a press of the button back is one step.
        #[test]
        fn one_press_is_one_step(acts in prop::collection::vec(0..6_u8, 0..300)) {
            let mut tab = Tab::new();
            for act in acts {
                match act {
                    0 | 1 => { tab.step(); tab.settle(); }
                    2 => tab.step(),
                    3 => {
                        if let Some(state) = tab.history.undo(tab.state) { tab.state = state; }
                        tab.settle();
                    }
                    4 => {
                        if let Some(state) = tab.history.redo(tab.state) { tab.state = state; }
                        tab.settle();
                    }
                    _ => {
                        tab.settle();
                        let (before, at) = (tab.history.position(), tab.at);
                        tab.button(-1);
                        if at > 0 && before > 0 {
                            prop_assert!(before - tab.history.position() <= 1);
                        }
                        tab.settle();
                    }
                }
            }
        }
    }
}
