//! Undo and redo.

/// States that were, and states that were undone. The newest `limit` are kept.
#[derive(Clone, Debug)]
pub struct History<S> {
    past: Vec<S>,
    future: Vec<S>,
    limit: usize,
}

impl<S: PartialEq> History<S> {
    /// Nothing to undo; at most `limit` steps are kept.
    pub const fn new(limit: usize) -> Self {
        Self { past: Vec::new(), future: Vec::new(), limit }
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
