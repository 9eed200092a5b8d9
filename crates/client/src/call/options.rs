//! How long a call may take, and how often it is made again.

use std::time::Duration;

/// What holds for every call of a connection, stream or set of streams. By default a call may take for ever and is made
/// once. Anything else needs a [`Timer`](crate::Timer).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CallOptions {
    /// How long a call may take in all, waits between its tries included, from the first byte asked for to the last
    /// byte read. The server is told, too. A call that takes longer ends in `DeadlineExceeded`.
    pub timeout: Option<Duration>,
    /// Whether and how a failed call is made again.
    pub retry: Option<Retry>,
    /// The same for reads of points and windows alone, instead of `retry`. Where it is given, an answer that was cut short
    /// counts as a broken connection, too, since some proxies end answers so.
    pub resume: Option<Retry>,
    /// How long nothing may come of an answer that is waited for, until the connection counts as broken. Only a transport
    /// can see that, which finds it among the extensions of a request as [`Stall`].
    pub stall: Option<Duration>,
}

/// [`CallOptions::stall`], on its way to the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall(pub Duration);

/// How a failed call is made again.
///
/// A call is made again after a failure that may pass by itself ([`Error::is_retryable`](crate::Error::is_retryable)):
/// reads, lookups and flushes always; a delete, and an insert with any merge policy but `Never`, always, since doing it
/// twice leaves the same points; an insert with `Never`, creating, updating and obliterating only where the server said
/// that it had done nothing. A read that breaks in its midst goes on after the last point it delivered, at the same
/// version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// How many times a call is made in all. 0 and 1 both mean once.
    pub retries: u32,
    /// How long to wait before the second time. The wait is shortened at random by up to half, so that many clients
    /// do not come back at once.
    pub retry_delay: Duration,
    /// What each further wait is multiplied by, 1 or more.
    pub retry_backoff: f64,
}

impl Default for Retry {
    /// Five times in all, waiting 3, 12, 48 and 192 seconds, as the official Python client when asked to retry.
    fn default() -> Self {
        Self { retries: 5, retry_delay: Duration::from_secs(3), retry_backoff: 4.0 }
    }
}
