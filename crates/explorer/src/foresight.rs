//! How far to look ahead of a view that moves, and what may be spent on it.

use std::collections::VecDeque;

use crate::Viewport;

/// Over how long the speed of the view is taken, in milliseconds.
const SPEED_MILLIS: f64 = 150.0;
/// What the view moves on while an answer is made use of, on top of the answer's own time, in milliseconds.
const HEADWAY_MILLIS: f64 = 100.0;
/// The least and the most to ask for ahead, in screens.
const LEAST_SCREENS: f64 = 1.0;
const MOST_SCREENS: f64 = 3.0;
/// How long after a change of scale the next one is still likely, in milliseconds.
const SCALING_MILLIS: f64 = 200.0;

/// How much to ask for beside a view.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reach {
    /// Screens towards earlier times.
    pub before: f64,
    /// Screens towards later times.
    pub after: f64,
    /// Whether to ask for the next wider and the next narrower windows too, for a zoom to come.
    pub levels: bool,
}

impl Reach {
    /// Nothing beside what is visible.
    pub const NONE: Self = Self { before: 0.0, after: 0.0, levels: false };
    /// What a view at rest asks for: a screen on either side, and one level up and down.
    pub const AT_REST: Self = Self { before: LEAST_SCREENS, after: LEAST_SCREENS, levels: true };
}

/// Watches the view move, frame by frame.
#[derive(Clone, Debug, Default)]
pub struct Foresight {
    seen: VecDeque<Step>,
    last: Option<Viewport>,
    now: f64,
    scaled_at: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    at: f64,
    /// Positive towards later times.
    pixels: f64,
}

impl Foresight {
    /// The view at `now` milliseconds, on `width` device pixels. A change of scale starts anew.
    pub fn look(&mut self, view: Viewport, width: f64, now: f64) {
        if let Some(last) = self.last.filter(|last| *last != view) {
            match view.pixels_since(&last, width) {
                // What goes further than a screen in one frame is a jump, which says nothing of where to next.
                Some(pixels) if pixels.abs() <= width => self.seen.push_back(Step { at: now, pixels }),
                Some(_) => self.seen.clear(),
                None => {
                    self.seen.clear();
                    self.scaled_at = Some(now);
                }
            }
        }
        self.last = Some(view);
        self.now = now;
        while self.seen.front().is_some_and(|step| step.at < now - SPEED_MILLIS) {
            self.seen.pop_front();
        }
    }

    /// How fast the view moves, in device pixels a millisecond; positive towards later times.
    pub fn speed(&self) -> f64 {
        self.seen.iter().map(|step| step.pixels).sum::<f64>() / SPEED_MILLIS
    }

    /// How far to ask on `width` device pixels, where nearly all answers are there within `latency` milliseconds: as far
    /// as the view moves until the next answer, at least one screen and at most three. Nowhere while the scale changes:
    /// the next change would make it worthless.
    pub fn reach(&self, width: f64, latency: f64) -> Reach {
        if self.scaled_at.is_some_and(|at| self.now - at < SCALING_MILLIS) {
            return Reach::NONE;
        }
        let speed = self.speed();
        let screens = speed.abs() * (latency + HEADWAY_MILLIS) / width.max(1.0);
        let ahead = screens.clamp(LEAST_SCREENS, MOST_SCREENS);
        match speed {
            0.0 => Reach::AT_REST,
            speed if speed < 0.0 => Reach { before: ahead, after: LEAST_SCREENS, levels: false },
            _ => Reach { before: LEAST_SCREENS, after: ahead, levels: false },
        }
    }
}

/// What may be spent on asking in advance: so many bytes a second, and some of it saved up.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    bytes: f64,
    at: f64,
    rate: f64,
    saved_at_most: f64,
}

impl Allowance {
    /// `rate` bytes a second, up to `saved_at_most` bytes saved up, which there are to begin with.
    pub fn new(rate: f64, saved_at_most: f64) -> Self {
        Self { bytes: saved_at_most, at: f64::NEG_INFINITY, rate, saved_at_most }
    }

    /// Takes `bytes` at `now` milliseconds if there are so many.
    pub fn take(&mut self, bytes: f64, now: f64) -> bool {
        let since = (now - self.at).max(0.0);
        self.bytes = (self.bytes + since * self.rate / 1e3).min(self.saved_at_most);
        self.at = self.at.max(now);
        let enough = bytes <= self.bytes;
        if enough {
            self.bytes -= bytes;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use btrdb_core::TimeRange;
    use proptest::prelude::*;

    use super::*;

    const WIDTH: f64 = 1_600.0;

    fn start() -> Viewport {
        Viewport::new(TimeRange::new(0, 86_400_000_000_000))
    }

    /// Frames of 16 ms in each of which the view moves by `pixels`.
    fn panned(pixels: f64, frames: u32) -> (Foresight, Viewport, f64) {
        let (mut foresight, mut view, mut now) = (Foresight::default(), start(), 0.0);
        for _ in 0..frames {
            foresight.look(view, WIDTH, now);
            view = view.pan(pixels, WIDTH);
            now += 16.0;
        }
        (foresight, view, now)
    }

    #[test]
    fn speed_is_that_of_the_last_moments() {
        let (foresight, ..) = panned(16.0, 100);
        assert!((foresight.speed() - 1.0).abs() < 0.1, "{}", foresight.speed());
        let (foresight, ..) = panned(-16.0, 100);
        assert!((foresight.speed() + 1.0).abs() < 0.1, "{}", foresight.speed());
    }

    #[test]
    fn a_faster_view_and_slower_answers_reach_further_ahead() {
        let (slow, ..) = panned(16.0, 100);
        assert_eq!(slow.reach(WIDTH, 50.0), Reach { before: 1.0, after: 1.0, levels: false });
        let (fast, ..) = panned(-160.0, 100);
        let reach = fast.reach(WIDTH, 200.0);
        assert!((1.7..=2.0).contains(&reach.before) && reach.after == 1.0, "{reach:?}");
        assert_eq!(fast.reach(WIDTH, 5_000.0).before, 3.0);
    }

    #[test]
    fn at_rest_both_sides_and_levels_are_wanted() {
        let (mut foresight, view, now) = panned(16.0, 20);
        for frame in 0..20 {
            foresight.look(view, WIDTH, now + 16.0 * f64::from(frame));
        }
        assert_eq!(foresight.reach(WIDTH, 50.0), Reach::AT_REST);
    }

    #[test]
    fn jumps_and_zooms_are_no_speed() {
        let (mut foresight, view, now) = panned(16.0, 20);
        foresight.look(view.zoom(0.7, 3.0, WIDTH), WIDTH, now);
        assert_eq!(foresight.speed(), 0.0);
        foresight.look(view.zoom(0.7, 3.0, WIDTH).pan(5_000.0, WIDTH), WIDTH, now + 16.0);
        assert_eq!(foresight.speed(), 0.0);
        assert_eq!(foresight.reach(WIDTH, 50.0), Reach::NONE);
        foresight.look(view.zoom(0.7, 3.0, WIDTH).pan(5_000.0, WIDTH), WIDTH, now + 300.0);
        assert_eq!(foresight.reach(WIDTH, 50.0), Reach::AT_REST);
    }

    proptest! {
        #[test]
        fn no_more_is_spent_than_was_there_and_came(
            asks in prop::collection::vec((0.0..3_000.0_f64, 0.0..400.0_f64), 0..100),
        ) {
            let mut allowance = Allowance::new(1_000.0, 5_000.0);
            let (mut now, mut spent) = (0.0, 0.0);
            for (bytes, pause) in asks {
                now += pause;
                if allowance.take(bytes, now) {
                    spent += bytes;
                }
                prop_assert!(spent <= 5_000.0 + now + 1e-6, "{spent} bytes after {now} ms");
            }
        }
    }
}
