//! What a gesture was like.

/// What was seen and asked during one gesture.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) frames: usize,
    /// Sums over the frames of the share of the columns.
    pub(crate) exact: f64,
    pub(crate) coarse: f64,
    pub(crate) unloaded: f64,
    /// Frames in which some instant was bare that had been drawn in the frame before.
    pub(crate) frames_with_loss: usize,
    /// What came into view, in screens, and how much of that was exact at first sight.
    pub(crate) revealed: f64,
    pub(crate) revealed_exact: f64,
    /// After each stop, how long the first true picture and the exact one took, in milliseconds.
    pub(crate) first: Vec<f64>,
    pub(crate) last: Vec<f64>,
    pub(crate) requests: usize,
    pub(crate) cancels: usize,
    /// From when a request was overtaken to when it was given up, in milliseconds.
    pub(crate) cancelled_after: Vec<f64>,
    pub(crate) bytes: f64,
    /// What came and was not on screen by the end.
    pub(crate) wasted: f64,
    /// The most bytes that were asked for in advance within any second.
    pub(crate) advance: f64,
    /// How long planning took, in milliseconds a frame.
    pub(crate) planning: Vec<f64>,
}

impl Report {
    /// The shares of all columns of all frames, in percent: exact, coarse, not loaded.
    pub(crate) fn shares(&self) -> [f64; 3] {
        [self.exact, self.coarse, self.unloaded].map(|sum| 100.0 * sum / self.frames.max(1) as f64)
    }

    /// How much of what came into view was exact at first sight, in percent.
    pub(crate) fn hits(&self) -> f64 {
        if self.revealed > 0.0 { 100.0 * self.revealed_exact / self.revealed } else { 100.0 }
    }
}

/// The value that `share` of `values` do not pass; 0 of none.
pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get((sorted.len().saturating_sub(1) as f64 * share).round() as usize).copied().unwrap_or_default()
}
