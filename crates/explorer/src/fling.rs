//! What goes on after a finger has let go, and flights from one view to another. Times are milliseconds on any clock that
//! does not go back.

use crate::Viewport;

/// How much of its speed a fling keeps per millisecond.
const DAMPING: f64 = 0.997;
/// A fling is over after this long at the latest.
const LONGEST_MILLIS: f64 = 1_500.0;
/// Slower than this, in CSS pixels a millisecond, nothing is flung; faster than the other counts as that.
const SLOWEST: f64 = 0.2;
const FASTEST: f64 = 7.0;
/// A fling that has slowed down to this is over.
const STANDSTILL: f64 = 0.02;
/// How far the finger must have moved, in CSS pixels.
const LEAST_PIXELS: f64 = 15.0;
/// The speed is that of the last so many milliseconds.
const MEMORY_MILLIS: f64 = 100.0;
/// A finger that rested this long before it let go flings nothing.
const REST_MILLIS: f64 = 50.0;
/// How long a flight to another view takes.
const FLIGHT_MILLIS: f64 = 280.0;

/// Where a finger was in the last moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Track {
    places: Vec<(f64, f64)>,
    travelled: f64,
}

impl Track {
    /// The finger is at `x` at `now`.
    pub(crate) fn note(&mut self, x: f64, now: f64) {
        if let Some((_, last)) = self.places.last() {
            self.travelled += (x - last).abs();
        }
        self.places.retain(|(time, _)| now - time <= MEMORY_MILLIS);
        self.places.push((now, x));
    }

    /// The fling of `view` that follows when the finger lets go at `now`, if it was quick enough.
    pub(crate) fn fling(&self, view: Viewport, now: f64) -> Option<Fling> {
        let (&(first, from), &(last, to)) = (self.places.first()?, self.places.last()?);
        if self.travelled < LEAST_PIXELS || now - last > REST_MILLIS || last <= first {
            return None;
        }
        // The view goes where the finger came from.
        let speed = (from - to) / (last - first);
        (speed.abs() >= SLOWEST).then(|| Fling { began: now, view, speed: speed.clamp(-FASTEST, FASTEST) })
    }
}

/// The view moves on by itself, slower and slower.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fling {
    began: f64,
    view: Viewport,
    /// CSS pixels a millisecond, positive to later times.
    speed: f64,
}

impl Fling {
    /// The view at `now`, on `width` CSS pixels.
    pub(crate) fn view(&self, now: f64, width: f64) -> Viewport {
        let decay = -DAMPING.ln();
        let time = (now - self.began).clamp(0.0, self.lasts());
        // From the view at the beginning each time, so that nothing adds up.
        self.view.pan(self.speed * (1.0 - (-decay * time).exp()) / decay, width)
    }

    /// Whether it has come to rest at `now`.
    pub(crate) fn is_over(&self, now: f64) -> bool {
        now - self.began >= self.lasts()
    }

    fn lasts(&self) -> f64 {
        ((self.speed.abs() / STANDSTILL).ln() / -DAMPING.ln()).clamp(0.0, LONGEST_MILLIS)
    }
}

/// The way from one view to another, quick at half-way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glide {
    from: Viewport,
    to: Viewport,
    began: f64,
}

impl Glide {
    /// Begins at `now`.
    pub const fn new(from: Viewport, to: Viewport, now: f64) -> Self {
        Self { from, to, began: now }
    }

    /// Where it leads.
    pub const fn target(&self) -> Viewport {
        self.to
    }

    /// The view at `now`: in the end exactly the target.
    pub fn view(&self, now: f64) -> Viewport {
        let part = ((now - self.began) / FLIGHT_MILLIS).clamp(0.0, 1.0);
        self.from.towards(&self.to, part * part * (3.0 - 2.0 * part))
    }

    /// Whether it has arrived at `now`.
    pub fn is_over(&self, now: f64) -> bool {
        now - self.began >= FLIGHT_MILLIS
    }
}

#[cfg(test)]
mod tests {
    use btrdb_core::TimeRange;

    use super::*;

    const WIDTH: f64 = 1000.0;

    fn flung(speed: f64) -> Option<Fling> {
        let mut track = Track::default();
        for millis in 0..10 {
            track.note(500.0 + speed * f64::from(millis) * 8.0, f64::from(millis) * 8.0);
        }
        track.fling(Viewport::new(TimeRange::new(0, 1_000_000_000)), 72.0)
    }

    #[test]
    fn a_fling_slows_down_and_ends_within_a_second_and_a_half() {
        for speed in [-0.25, 0.5, 2.0, 7.0, 50.0] {
            let fling = flung(speed).unwrap();
            let mut before = fling.view(72.0, WIDTH);
            let mut last_step = f64::INFINITY;
            let mut now = 72.0;
            while !fling.is_over(now) {
                now += 16.0;
                let view = fling.view(now, WIDTH);
                let step = (view.x_from_time(0, WIDTH) - before.x_from_time(0, WIDTH)).abs();
                assert!(step <= last_step + 0.01, "never faster again: {step} after {last_step}");
                (before, last_step) = (view, step);
            }
            assert!(now - 72.0 <= 1_500.0 + 16.0, "{speed} px/ms takes {now}");
            assert!(last_step < 1.5, "{speed} px/ms ends at {last_step} px a frame, not abruptly");
            let moved = before.x_from_time(0, WIDTH);
            assert_eq!(moved > 0.0, speed > 0.0, "the view follows the finger: {moved}");
            assert_eq!(fling.view(now + 1e6, WIDTH), before, "and stays");
        }
    }

    #[test]
    fn slow_short_or_rested_fingers_fling_nothing() {
        assert_eq!(flung(0.1), None);
        let mut track = Track::default();
        track.note(0.0, 0.0);
        track.note(10.0, 10.0);
        assert_eq!(track.fling(Viewport::ALL, 10.0), None, "ten pixels");
        track.note(40.0, 20.0);
        assert!(track.fling(Viewport::ALL, 20.0).is_some());
        assert_eq!(track.fling(Viewport::ALL, 80.0), None, "rested");
    }

    #[test]
    fn a_flight_keeps_to_its_way_and_arrives_exactly() {
        let from = Viewport::new(TimeRange::new(0, 1 << 50));
        let to = Viewport::new(TimeRange::new(777_777, 777_999));
        let glide = Glide::new(from, to, 100.0);
        assert_eq!(glide.view(100.0), from);
        let mut span = f64::INFINITY;
        for frame in 0..=18 {
            let view = glide.view(100.0 + f64::from(frame) * 16.0);
            assert!(view.span_nanos() <= span);
            assert!(view.outer_range().contains(777_888), "frame {frame}: {:?}", view.range());
            span = view.span_nanos();
        }
        assert_eq!(glide.view(100.0 + FLIGHT_MILLIS), to);
        assert!(glide.is_over(400.0));
    }
}
