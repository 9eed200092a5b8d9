//! Undo and redo.

/// States that were, and states that were undone. The newest `limit` of each are kept.
///
/// Each state has a position: how many steps had been taken when it was left. Positions stay as old states are forgotten.
#[derive(Clone, Debug)]
pub struct History<S> {
    past: Vec<S>,
    future: Vec<S>,
    limit: usize,
    forgotten: usize,
}

impl<S: PartialEq> History<S> {
    /// Nothing to undo; at most `limit` steps are kept.
    pub const fn new(limit: usize) -> Self {
        Self { past: Vec::new(), future: Vec::new(), limit, forgotten: 0 }
    }

    /// Remembers `state`, which is about to be left. What had been undone can no longer be redone.
    pub fn push(&mut self, state: S) {
        if self.past.last() == Some(&state) {
            return;
        }
        self.future.clear();
        self.past.push(state);
        if self.past.len() > self.limit {
            self.past.remove(0);
            self.forgotten += 1;
        }
    }

    /// Goes from `current` to the state before.
    pub fn undo(&mut self, current: S) -> Option<S> {
        let state = self.past.pop()?;
        self.future.push(current);
        Some(state)
    }

    /// Goes from `current` to the state that was undone last.
    pub fn redo(&mut self, current: S) -> Option<S> {
        let state = self.future.pop()?;
        self.past.push(current);
        Some(state)
    }

    /// Goes from `current` to the state at `position`, or to the nearest that is kept; `None` if that is `current`.
    pub fn go(&mut self, position: usize, current: S) -> Option<S> {
        let mut state = current;
        let from = self.position();
        while self.position() > position && self.can_undo() {
            state = self.undo(state)?;
        }
        while self.position() < position && self.can_redo() {
            state = self.redo(state)?;
        }
        (self.position() != from).then_some(state)
    }

    /// How many steps lead from the very first state to the present one.
    pub fn position(&self) -> usize {
        self.forgotten + self.past.len()
    }

    /// The state at `position`, unless it is the present one or not kept.
    pub fn at(&self, position: usize) -> Option<&S> {
        match position.checked_sub(self.position()) {
            None => self.past.get(position.checked_sub(self.forgotten)?),
            Some(ahead) => self.future.get(self.future.len().checked_sub(ahead)?),
        }
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let mut history = History::new(3);
        (0..10).for_each(|state| history.push(state));
        let mut seen = Vec::new();
        let mut current = 10;
        while let Some(state) = history.undo(current) {
            seen.push(state);
            current = state;
        }
        assert_eq!(seen, [9, 8, 7]);
    }

    #[test]
    fn positions_lead_there_and_back() {
        let mut history = History::new(5);
        (0..8).for_each(|state| history.push(state));
        assert_eq!(history.position(), 8);
        assert_eq!(history.go(8, 8), None, "already there");
        assert_eq!(history.go(5, 8), Some(5));
        assert_eq!((history.at(4), history.at(5), history.at(6), history.at(8)), (Some(&4), None, Some(&6), Some(&8)));
        assert_eq!(history.go(0, 5), Some(3), "the oldest that is kept");
        assert_eq!(history.go(7, 3), Some(7));
        assert_eq!(history.go(99, 7), Some(8));
    }

    proptest! {
        #[test]
        fn undoing_all_and_redoing_all_is_nothing(states in prop::collection::vec(0..1000, 2..100)) {
            let mut states = states;
            states.dedup();
            let mut history = History::new(200);
            let (last, before) = states.split_last().unwrap();
            for &state in before {
                history.push(state);
            }
            let mut current = *last;
            while let Some(state) = history.undo(current) {
                current = state;
            }
            prop_assert_eq!(current, states[0]);
            prop_assert!(!history.can_undo());
            while let Some(state) = history.redo(current) {
                current = state;
            }
            prop_assert_eq!(current, *last);
        }
    }
}
