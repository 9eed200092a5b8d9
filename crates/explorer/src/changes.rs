//! What newer versions of a stream have changed, for what is still on its way when that becomes known.

use std::collections::VecDeque;

use btrdb_core::TimeRange;

/// How many steps are kept: more than happen while an answer is on its way.
const STEPS: usize = 32;

/// The changes of one stream from some version on, up to the newest known.
#[derive(Debug)]
pub(crate) struct Changes {
    /// Of what was read before this version, anything may have changed.
    since: u64,
    newest: u64,
    /// The versions up to which the steps go, ascending, each with what it changed.
    steps: VecDeque<(u64, Vec<TimeRange>)>,
}

impl Changes {
    /// At `version`, with nothing known of those before.
    pub(crate) const fn at(version: u64) -> Self {
        Self { since: version, newest: version, steps: VecDeque::new() }
    }

    /// The newest version known.
    pub(crate) const fn newest(&self) -> u64 {
        self.newest
    }

    /// Takes note that `ranges` have changed from the newest version known, or one before, to `version`.
    pub(crate) fn note(&mut self, version: u64, ranges: &[TimeRange]) {
        if version <= self.newest {
            return;
        }
        self.newest = version;
        self.steps.push_back((version, ranges.to_vec()));
        if self.steps.len() > STEPS {
            self.since = self.steps.pop_front().map_or(version, |(version, _)| version);
        }
    }

    /// Whether what was read of `range` at `version` may be another at the newest.
    pub(crate) fn touch(&self, range: TimeRange, version: u64) -> bool {
        let newer = self.steps.iter().filter(|(step, _)| *step > version);
        version < self.since || newer.flat_map(|(_, ranges)| ranges).any(|changed| changed.overlaps(range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_after_counts() {
        let mut changes = Changes::at(5);
        changes.note(7, &[TimeRange::new(10, 20)]);
        changes.note(9, &[TimeRange::new(30, 40)]);
        let touched = |start, version| changes.touch(TimeRange::new(start, start + 1), version);
        assert!(touched(15, 5) && touched(15, 6) && !touched(15, 7));
        assert!(touched(35, 5) && touched(35, 8) && !touched(35, 9) && !touched(35, 10));
        assert!(!touched(25, 5));
        assert!(touched(25, 4), "nobody has asked what changed before");
        assert_eq!(changes.newest(), 9);
    }

    #[test]
    fn a_step_that_is_known_is_not_noted_again() {
        let mut changes = Changes::at(5);
        changes.note(5, &[TimeRange::ALL]);
        changes.note(4, &[TimeRange::ALL]);
        assert!(!changes.touch(TimeRange::ALL, 5));
    }

    #[test]
    fn what_is_no_longer_kept_may_have_changed_anything() {
        let mut changes = Changes::at(0);
        for version in 1..=STEPS as u64 + 2 {
            changes.note(version, &[TimeRange::new(0, 1)]);
        }
        let elsewhere = TimeRange::new(10, 11);
        assert!(changes.touch(elsewhere, 1) && !changes.touch(elsewhere, 2));
    }
}
