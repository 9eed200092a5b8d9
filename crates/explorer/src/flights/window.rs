//! How much may be on its way at a time.

/// How many bytes may be on their way: to begin with, at least and at most. The first answers of twenty streams fit.
const WINDOW_BYTES: f64 = 2e6;
const LEAST_WINDOW_BYTES: f64 = 64e3;
const MOST_WINDOW_BYTES: f64 = 16e6;
/// How much longer than the quickest an answer may take before too much is on its way, in milliseconds.
const PATIENCE_MILLIS: f64 = 200.0;
/// What is left of the window then.
const BACK_OFF: f64 = 0.7;

/// How much may be on its way, learnt from how long answers take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// So many bytes.
    pub(super) bytes: f64,
    quickest: f64,
    narrowed_at: f64,
}

impl Default for Window {
    fn default() -> Self {
        Self { bytes: WINDOW_BYTES, quickest: f64::INFINITY, narrowed_at: f64::NEG_INFINITY }
    }
}

impl Window {
    /// An answer of `bytes` has come while there were `on_way` bytes, its own among them.
    pub(super) fn answered(&mut self, sent: f64, now: f64, bytes: f64, on_way: f64) {
        let millis = now - sent;
        self.quickest = self.quickest.min(millis);
        if millis <= self.quickest + PATIENCE_MILLIS {
            self.bytes = (self.bytes + bytes).min(MOST_WINDOW_BYTES);
        } else if sent > self.narrowed_at {
            // What was sent before the last time tells nothing about what has changed since.
            self.bytes = (self.bytes.min(on_way) * BACK_OFF).max(LEAST_WINDOW_BYTES);
            self.narrowed_at = now;
        }
    }
}
