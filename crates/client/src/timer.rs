//! The clock and the alarm that the client is handed, since it knows neither by itself.

use std::pin::Pin;
use std::time::Duration;

use btrdb_core::Timestamp;

/// Done once its time has come. Dropping it takes the alarm back.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tells the time and waits. Natively `native::TokioTimer`; in a browser a clock and `setTimeout`.
pub trait Timer: Send + Sync + 'static {
    /// Now, in nanoseconds since 1970 UTC.
    fn now(&self) -> Timestamp;

    /// Waits for `duration`.
    fn sleep(&self, duration: Duration) -> Sleep;
}
