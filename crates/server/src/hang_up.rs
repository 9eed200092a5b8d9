//! Noticing that a caller has gone while work is done for it on another thread.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Lives as long as a call is waited for: when a caller hangs up, the call's future is dropped, and this with it.
#[derive(Debug, Default)]
pub(crate) struct HangUp(Arc<AtomicBool>);

impl HangUp {
    /// Says whether the call is over, to whoever works for it.
    pub(crate) fn watcher(&self) -> impl Fn() -> bool + Send + Sync + use<> {
        let is_over = Arc::clone(&self.0);
        move || is_over.load(Ordering::Relaxed)
    }
}

impl Drop for HangUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
