//! What the explorer does in figures, for whoever wants to see how it fares.

use std::collections::VecDeque;
use std::fmt;

/// Over how many of the newest frames and answers figures are taken.
const KEPT: usize = 128;
/// How long an answer is taken to need before any has come, in milliseconds.
const GUESS_MILLIS: f64 = 100.0;

/// How much of the visible time is drawn from what. The three add up to 1, or to 0 for a view without streams.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coverage {
    /// As fine as the screen can show.
    pub exact: f64,
    /// From wider windows, as a stand-in.
    pub coarse: f64,
    /// Not at all yet.
    pub unloaded: f64,
}

/// Figures of the newest frames and answers.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    frames: VecDeque<f64>,
    exact: VecDeque<f64>,
    answers: VecDeque<f64>,
    bytes: u64,
}

/// What a [`Meter`] shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// What a frame takes to plan and to paint, in milliseconds: the median and the 95th percentile.
    pub frame: (f64, f64),
    /// From a request to the last byte of its answer, in milliseconds: the same two.
    pub answer: (f64, f64),
    /// What answers have taken on the wire since the page was opened, in bytes.
    pub bytes: u64,
    /// How much of what the frames showed was at hand in the fineness of the screen, in percent.
    pub hits: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frame, answer, bytes, hits } = self;
        let megabytes = *bytes as f64 / 1e6;
        write!(f, "frame {:.1}/{:.1} ms · answer {:.0}/{:.0} ms · ", frame.0, frame.1, answer.0, answer.1)?;
        write!(f, "{megabytes:.1} MB · {hits:.0} % at hand")
    }
}

impl Meter {
    /// A frame took `millis` and showed as much as `coverage` says.
    pub fn frame(&mut self, millis: f64, coverage: Coverage) {
        keep(&mut self.frames, millis);
        keep(&mut self.exact, coverage.exact);
    }

    /// An answer was complete `millis` after its request.
    pub fn answer(&mut self, millis: f64) {
        keep(&mut self.answers, millis);
    }

    /// So many bytes have come over the wire.
    pub fn received(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// Within how many milliseconds nearly every answer is there, as far as known.
    pub fn latency(&self) -> f64 {
        percentiles(&self.answers).map_or(GUESS_MILLIS, |(_, high)| high)
    }

    /// The figures of now.
    pub fn figures(&self) -> Figures {
        let mean = self.exact.iter().sum::<f64>() / self.exact.len().max(1) as f64;
        Figures {
            frame: percentiles(&self.frames).unwrap_or_default(),
            answer: percentiles(&self.answers).unwrap_or_default(),
            bytes: self.bytes,
            // The sum of nothing is less than nothing by its sign.
            hits: mean * 100.0 + 0.0,
        }
    }
}

fn keep(kept: &mut VecDeque<f64>, value: f64) {
    if kept.len() == KEPT {
        kept.pop_front();
    }
    kept.push_back(value);
}

/// The median and the 95th percentile.
fn percentiles(kept: &VecDeque<f64>) -> Option<(f64, f64)> {
    let mut sorted: Vec<f64> = kept.iter().copied().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| sorted.get((sorted.len().saturating_sub(1) as f64 * share).round() as usize).copied();
    at(0.5).zip(at(0.95))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_newest() {
        let mut meter = Meter::default();
        assert_eq!(meter.figures(), Figures::default());
        assert_eq!(meter.latency(), GUESS_MILLIS);
        for millis in 0..1_000 {
            meter.answer(f64::from(millis));
            meter.received(10);
        }
        let (median, high) = meter.figures().answer;
        assert_eq!((median, high), (936.0, 993.0), "of 872 to 999");
        assert_eq!(meter.latency(), 993.0);
        assert_eq!(meter.figures().bytes, 10_000);
    }

    #[test]
    fn where_nothing_was_shown_nothing_was_at_hand() {
        assert_eq!(format!("{:.0}", Meter::default().figures().hits), "0");
    }

    #[test]
    fn hits_are_what_was_exact() {
        let mut meter = Meter::default();
        meter.frame(2.0, Coverage { exact: 1.0, ..Coverage::default() });
        meter.frame(4.0, Coverage { exact: 0.5, coarse: 0.25, unloaded: 0.25 });
        assert_eq!(meter.figures().hits, 75.0);
        assert_eq!(meter.figures().frame, (4.0, 4.0));
    }
}
