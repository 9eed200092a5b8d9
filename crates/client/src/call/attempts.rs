//! The tries of one call, and the time that is left for them.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use btrdb_core::Timestamp;

use super::{Call, CallOptions, Retry};
use crate::error::{Error, ErrorKind, Pushback, Result};
use crate::timer::{Sleep, Timer};

/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// How often a call may still be made, and for how long.
pub(crate) struct Attempts {
    call: Call,
    timer: Option<Arc<dyn Timer>>,
    deadline: Option<Deadline>,
    retry: Option<Retry>,
    /// Whether an answer that was cut short may be asked for again.
    takes_cuts: bool,
    made: u32,
}

struct Deadline {
    alarm: Sleep,
    limit: Duration,
    ends: Timestamp,
    has_passed: bool,
}

impl Attempts {
    /// All tries of `call`, from now on.
    pub(crate) fn new(call: Call, options: CallOptions, timer: Option<&Arc<dyn Timer>>) -> Result<Self> {
        let missing = || {
            let message = "timeouts and retries need a timer: connect with Options::timer set";
            call.failed(Error::new(ErrorKind::InvalidOperation, message))
        };
        let timer = if options == CallOptions::default() { None } else { Some(timer.ok_or_else(missing)?) };
        let deadline = timer.zip(options.timeout).map(|(timer, limit)| Deadline {
            alarm: timer.sleep(limit),
            limit,
            ends: timer.now().saturating_add(i64::try_from(limit.as_nanos()).unwrap_or(i64::MAX)),
            has_passed: false,
        });
        let resume = options.resume.filter(|_| call.is_read);
        let (retry, takes_cuts) = (resume.or(options.retry), resume.is_some());
        Ok(Self { call, timer: timer.cloned(), deadline, retry, takes_cuts, made: 0 })
    }

    /// What the next try is told of the time left; at least a millisecond, since 0 would be refused unseen, even where the
    /// whole limit is less.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        let (deadline, timer) = self.deadline.as_ref().zip(self.timer.as_ref())?;
        let left = u64::try_from(deadline.ends.saturating_sub(timer.now())).unwrap_or(0);
        Some(Duration::from_nanos(left).min(deadline.limit).max(Duration::from_millis(1)))
    }

    /// What `work` gives, if it does so in time.
    pub(crate) async fn within<V>(&mut self, work: impl Future<Output = Result<V>>) -> Result<V> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Some(Deadline { alarm, limit, has_passed, .. }) = &mut self.deadline
                && (*has_passed || alarm.as_mut().poll(cx).is_ready())
            {
                *has_passed = true;
                let message = format!("not done within {limit:?}");
                return Poll::Ready(Err(self.call.failed(Error::new(ErrorKind::DeadlineExceeded, message))));
            }
            work.as_mut().poll(cx)
        })
        .await
    }

    /// Waits for the next try after `error`; gives it back where there is to be none.
    pub(crate) async fn again_after(&mut self, error: Error) -> Result<()> {
        self.made += 1;
        let (Some(retry), Some(timer)) = (self.retry, self.timer.clone()) else { return Err(error) };
        let may_pass = if self.call.is_repeatable() {
            error.is_retryable() || (self.takes_cuts && error.is_cut_short())
        } else {
            error.is_passing_refusal()
        };
        let is_too_late = self.deadline.as_ref().is_some_and(|deadline| deadline.has_passed);
        if !may_pass || is_too_late || self.made >= retry.retries {
            return Err(error);
        }
        let wait = match error.pushback() {
            Some(Pushback::Never) => return Err(error),
            Some(Pushback::After(wait)) => wait,
            None => shortened(delay(retry, self.made), timer.now()),
        };
        let wait = timer.sleep(wait);
        self.within(async {
            wait.await;
            Ok(())
        })
        .await
    }

    /// Counts from the start again: the call got on since it last failed.
    pub(crate) fn got_on(&mut self) {
        self.made = 0;
    }
}

/// The whole wait after `made` tries.
fn delay(retry: Retry, made: u32) -> Duration {
    let factor = retry.retry_backoff.max(1.0).powi(i32::try_from(made).unwrap_or(i32::MAX).saturating_sub(1));
    let seconds = (retry.retry_delay.as_secs_f64() * factor).min(LONGEST_WAIT.as_secs_f64());
    Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_WAIT)
}

/// `whole`, less up to half of it: by how much is drawn from the clock, whose last digits no two clients share.
fn shortened(whole: Duration, now: Timestamp) -> Duration {
    let mut bits = (now as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    whole.mul_f64(1.0 - 0.5 * (bits >> 11) as f64 / (1_u64 << 53) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_limit() {
        let waits: Vec<u64> = (1..=6).map(|made| delay(Retry::default(), made).as_secs()).collect();
        assert_eq!(waits, [3, 12, 48, 192, 768, 3072]);
        assert_eq!(delay(Retry::default(), 40), LONGEST_WAIT);
        let odd = Retry { retry_backoff: f64::NAN, ..Retry::default() };
        assert_eq!(delay(odd, 3), Duration::from_secs(3));
    }

    #[test]
    fn waits_are_shortened_by_half_at_most_and_never_alike() {
        let whole = Duration::from_secs(4);
        let waits: Vec<Duration> = (0..1000).map(|now| shortened(whole, now)).collect();
        assert!(waits.iter().all(|wait| (whole / 2..=whole).contains(wait)));
        let mean = waits.iter().sum::<Duration>() / 1000;
        assert!((2.9..3.1).contains(&mean.as_secs_f64()), "{mean:?}");
    }
}
