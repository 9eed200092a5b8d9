//! The clock of the system and the alarms of tokio.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use btrdb_core::Timestamp;

use crate::timer::{Sleep, Timer};

/// Waits by tokio, in whose runtime it must be used.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioTimer;

impl Timer for TokioTimer {
    fn now(&self) -> Timestamp {
        currently_as_ns()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Now, in nanoseconds since 1970 UTC, as the system's clock has it.
pub fn currently_as_ns() -> Timestamp {
    let nanos = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => nanos(since),
        Err(before) => -nanos(before.duration()),
    }
}
