//! How much one statement may do.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use super::too_much;
use crate::{Error, MAX_SQL_WORK};

/// The work that a statement has left, counted in SQLite's instructions.
///
/// A count, not a time: a statement that fits today fits on a busy machine too.
pub(super) struct Work {
    left: AtomicI64,
    is_unwanted: Box<dyn Fn() -> bool + Send + Sync>,
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("left", &self.left).finish_non_exhaustive()
    }
}

impl Work {
    pub(super) fn new(is_unwanted: impl Fn() -> bool + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { left: AtomicI64::new(MAX_SQL_WORK), is_unwanted: Box::new(is_unwanted) })
    }

    /// Takes `steps` away; false when none is left or nobody waits for the answer.
    pub(super) fn spend(&self, steps: i64) -> bool {
        self.left.fetch_sub(steps, Ordering::Relaxed) > steps && !(self.is_unwanted)()
    }

    /// Why the statement had to stop, if it had to.
    pub(super) fn stopped(&self) -> Option<Error> {
        let is_spent = self.left.load(Ordering::Relaxed) <= 0;
        (is_spent || (self.is_unwanted)()).then(|| {
            too_much(format!(
                "the statement takes more than {MAX_SQL_WORK} steps: narrow it with WHERE, and join on equal columns"
            ))
        })
    }
}
