//! The clock and the alarm of JavaScript.

use std::time::Duration;

use btrdb_client::{Sleep, Timer, Timestamp};
use gloo_timers::future::TimeoutFuture;
use send_wrapper::SendWrapper;

/// The longest that one alarm is set for, in milliseconds; after 2^31 − 1 it would go off at once.
const LONGEST: u32 = 1 << 30;

/// Tells the time by `Date` and waits by `setTimeout`: in pages, workers, Node, Deno and Bun. To the millisecond.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebTimer;

impl Timer for WebTimer {
    fn now(&self) -> Timestamp {
        // Whole milliseconds, far below 2^53.
        (js_sys::Date::now() as i64).saturating_mul(1_000_000)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        // There is but one thread that this can be used on.
        Box::pin(SendWrapper::new(wait(duration)))
    }
}

async fn wait(duration: Duration) {
    let mut left = duration.as_nanos().div_ceil(1_000_000);
    while left > 0 {
        let now = u32::try_from(left).map_or(LONGEST, |left| left.min(LONGEST));
        TimeoutFuture::new(now).await;
        left -= u128::from(now);
    }
}
