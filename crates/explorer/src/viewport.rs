//! The visible range of time, in fixed point, and how gestures change it.

use btrdb_core::{MAX_TIME, MIN_TIME, TimeRange, Timestamp};

/// Bits behind the point: positions move in steps of 2^-32 ns, so that a pan of a tenth of a nanosecond is not lost.
const FRACTION_BITS: u32 = 32;
const ONE_NANO: i128 = 1 << FRACTION_BITS;
/// Pixels are cut into 256 before they enter integer arithmetic.
const PARTS_OF_PIXEL: f64 = 256.0;
const LOWEST: i128 = (MIN_TIME as i128) << FRACTION_BITS;
const HIGHEST: i128 = (MAX_TIME as i128) << FRACTION_BITS;

/// The part of time on screen, always within `[MIN_TIME, MAX_TIME)` and never empty. Start and span are fixed-point
/// numbers with a remainder below one nanosecond, so that moving far in and back out again ends where it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewport {
    start: i128,
    span: i128,
}

impl Viewport {
    /// All of time that BTrDB knows, 146 years.
    pub const ALL: Self = Self { start: LOWEST, span: HIGHEST - LOWEST };

    /// The view of exactly `range`, moved or cut to lie within all of time, at least one nanosecond wide.
    pub fn new(range: TimeRange) -> Self {
        let span = (i128::from(range.end) - i128::from(range.start)).max(1) << FRACTION_BITS;
        Self { start: i128::from(range.start) << FRACTION_BITS, span }.clamped()
    }

    /// A view of `range` with a margin of `margin` of its width on either side, 0.02 for two percent.
    pub fn fit(range: TimeRange, margin: f64) -> Self {
        let width = i128::from(range.width()).max(1);
        let extra = ((width as f64) * margin.clamp(0.0, 10.0)).ceil() as i128;
        let start = i128::from(range.start) - extra;
        Self { start: start << FRACTION_BITS, span: (width + 2 * extra) << FRACTION_BITS }.clamped()
    }

    /// The visible range in whole nanoseconds, ends rounded to the nearest, at least one nanosecond.
    pub fn range(&self) -> TimeRange {
        let round = |fixed: i128| ((fixed + ONE_NANO / 2) >> FRACTION_BITS) as i64;
        let start = round(self.start).min(MAX_TIME - 1);
        TimeRange { start, end: round(self.start + self.span).clamp(start + 1, MAX_TIME) }
    }

    /// The smallest range of whole nanoseconds that covers the view.
    pub fn outer_range(&self) -> TimeRange {
        let start = (self.start >> FRACTION_BITS) as i64;
        let end = ((self.start + self.span + ONE_NANO - 1) >> FRACTION_BITS) as i64;
        TimeRange { start, end: end.max(start + 1) }
    }

    /// The visible span in nanoseconds.
    pub fn span_nanos(&self) -> f64 {
        self.span as f64 / ONE_NANO as f64
    }

    /// How many nanoseconds one of `width` pixels stands for.
    pub fn nanos_per_pixel(&self, width: f64) -> f64 {
        self.span_nanos() / width.max(1.0)
    }

    /// The instant at `x` of `width` pixels, rounded down to the nanosecond it lies in.
    pub fn time_from_x(&self, x: f64, width: f64) -> Timestamp {
        let fixed = self.start + self.along(x, width);
        (fixed >> FRACTION_BITS).clamp(i128::from(MIN_TIME), i128::from(MAX_TIME) - 1) as i64
    }

    /// Where `time` lies on `width` pixels; outside of `0..width` when it is out of sight.
    pub fn x_from_time(&self, time: Timestamp, width: f64) -> f64 {
        let offset = (i128::from(time) << FRACTION_BITS) - self.start;
        offset as f64 / self.span as f64 * width
    }

    /// The map from times to pixels, for drawing many of them.
    pub fn projection(&self, width: f64) -> Projection {
        let base = (self.start >> FRACTION_BITS) as i64;
        let fraction = (self.start & (ONE_NANO - 1)) as f64 / ONE_NANO as f64;
        Projection { base, fraction, pixels_per_nano: width / self.span_nanos() }
    }

    /// The view with its span multiplied by `factor` while the instant at `x` of `width` pixels keeps its place; below 1
    /// zooms in. One step goes no further than a half or a double, and no closer than one nanosecond per ten pixels.
    #[must_use]
    pub fn zoom(&self, factor: f64, x: f64, width: f64) -> Self {
        // 30 bits of factor on 94 bits of span stay within 128.
        let scaled = (factor.clamp(0.5, 2.0) * f64::from(1_u32 << 30)).round() as i128;
        let span = ((self.span * scaled) >> 30).clamp(Self::closest(width).min(self.span), HIGHEST - LOWEST);
        let (parts, whole) = parts_of(x, width);
        let anchor = self.span * parts / whole;
        let moved = span * parts / whole;
        Self { start: self.start + anchor - moved, span }.clamped()
    }

    /// The view moved by `pixels` of `width`; positive shows later times.
    #[must_use]
    pub fn pan(&self, pixels: f64, width: f64) -> Self {
        Self { start: self.start + self.along(pixels, width), span: self.span }.clamped()
    }

    /// By how many of `width` pixels the view lies later than `other`, if both show the same span.
    pub fn pixels_since(&self, other: &Self, width: f64) -> Option<f64> {
        (self.span == other.span).then(|| (self.start - other.start) as f64 / self.span as f64 * width)
    }

    /// The instant in the middle, that of [`Self::centred_on`], rounded down to the nanosecond it lies in.
    pub fn middle(&self) -> Timestamp {
        ((self.start + self.span / 2) >> FRACTION_BITS) as i64
    }

    /// The view of the same span with `time` in its middle.
    #[must_use]
    pub fn centred_on(&self, time: Timestamp) -> Self {
        Self { start: (i128::from(time) << FRACTION_BITS) - self.span / 2, span: self.span }.clamped()
    }

    /// The view of the same span that begins at `time`.
    #[must_use]
    pub fn starting_at(&self, time: Timestamp) -> Self {
        Self { start: i128::from(time) << FRACTION_BITS, span: self.span }.clamped()
    }

    /// The view of the same span with `room` of it behind `time`, 0.05 for a twentieth.
    #[must_use]
    pub fn ending_at(&self, time: Timestamp, room: f64) -> Self {
        let behind = (self.span as f64 * room.clamp(0.0, 1.0)) as i128;
        Self { start: (i128::from(time) << FRACTION_BITS) + behind - self.span, span: self.span }.clamped()
    }

    /// The view between two positions of `width` pixels, in either order.
    #[must_use]
    pub fn between(&self, x1: f64, x2: f64, width: f64) -> Self {
        let (left, right) = if x1 <= x2 { (x1, x2) } else { (x2, x1) };
        let start = self.start + self.along(left, width);
        let end = self.start + self.along(right, width);
        Self { start, span: (end - start).max(Self::closest(width)) }.clamped()
    }

    /// The view on the way to `target`, `part` of it done, 0 to 1: the span changes evenly by factors, and whatever is in
    /// both views stays in sight.
    #[must_use]
    pub fn towards(&self, target: &Self, part: f64) -> Self {
        if part >= 1.0 {
            return *target;
        }
        let (from, to) = (self.span as f64, target.span as f64);
        let span = from * (to / from).powf(part);
        // How far the edges have come follows the span, so that one instant keeps its place.
        let come = if self.span == target.span { part } else { (from - span) / (from - to) };
        let start = self.start + ((target.start - self.start) as f64 * come) as i128;
        Self { start, span: span as i128 }.clamped()
    }

    /// The span that `pixels` of `width` stand for.
    fn along(&self, pixels: f64, width: f64) -> i128 {
        let (parts, whole) = parts_of(pixels, width);
        // Pixels far off screen times 146 years would not fit: split off the whole widths.
        let (widths, rest) = (parts.div_euclid(whole), parts.rem_euclid(whole));
        self.span.saturating_mul(widths).saturating_add(self.span * rest / whole)
    }

    /// The smallest span to zoom to: one nanosecond per ten pixels.
    fn closest(width: f64) -> i128 {
        ((width.max(10.0) / 10.0) * ONE_NANO as f64) as i128
    }

    fn clamped(self) -> Self {
        let span = self.span.clamp(ONE_NANO, HIGHEST - LOWEST);
        Self { start: self.start.clamp(LOWEST, HIGHEST - span), span }
    }
}

/// `x` and `width` in parts of a pixel, as integers.
fn parts_of(x: f64, width: f64) -> (i128, i128) {
    let whole = (width.max(1.0) * PARTS_OF_PIXEL).round() as i128;
    let parts = (x.clamp(-1e6, 1e6) * PARTS_OF_PIXEL).round() as i128;
    (parts, whole)
}

/// Turns times into pixels quickly: the integer subtraction first, then one multiplication.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    base: Timestamp,
    fraction: f64,
    pixels_per_nano: f64,
}

impl Projection {
    /// Where `time` lies, in pixels from the left edge.
    pub fn x(&self, time: Timestamp) -> f64 {
        (time.wrapping_sub(self.base) as f64 - self.fraction) * self.pixels_per_nano
    }

    /// How many pixels one nanosecond takes.
    pub const fn pixels_per_nano(&self) -> f64 {
        self.pixels_per_nano
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WIDTH: f64 = 1600.0;

    #[test]
    fn all_of_time_and_one_nanosecond_are_views() {
        assert_eq!(Viewport::new(TimeRange::ALL), Viewport::ALL);
        assert_eq!(Viewport::ALL.range(), TimeRange::ALL);
        let one = Viewport::new(TimeRange::new(5, 6));
        assert_eq!(one.range(), TimeRange::new(5, 6));
        assert_eq!(one.x_from_time(5, WIDTH), 0.0);
        assert_eq!(one.x_from_time(6, WIDTH), WIDTH);
    }

    #[test]
    fn out_of_bounds_views_are_moved_before_they_are_cut() {
        let late = Viewport::new(TimeRange::new(MAX_TIME - 10, MAX_TIME + 90));
        assert_eq!(late.range(), TimeRange::new(MAX_TIME - 100, MAX_TIME));
        let wide = Viewport::new(TimeRange::new(i64::MIN, i64::MAX));
        assert_eq!(wide.range(), TimeRange::ALL);
        assert_eq!(Viewport::new(TimeRange::new(9, 3)).range(), TimeRange::new(9, 10));
    }

    #[test]
    fn zooming_reaches_one_nanosecond_per_ten_pixels_and_stays_put() {
        let mut view = Viewport::ALL;
        let target = 1_283_326_416_040_000_000;
        for _ in 0..400 {
            let x = view.x_from_time(target, WIDTH);
            view = view.zoom(0.8, x, WIDTH);
        }
        assert_eq!(view.span_nanos(), WIDTH / 10.0);
        let apart = view.x_from_time(target + 1, WIDTH) - view.x_from_time(target, WIDTH);
        assert!((apart - 10.0).abs() < 1e-6, "{apart}");
        assert!(view.range().contains(target));
    }

    #[test]
    fn neighbouring_nanoseconds_do_not_shimmer_while_panning() {
        let at = 1_283_326_416_040_000_000;
        let mut view = Viewport::new(TimeRange::new(at, at + 160));
        for frame in 0..1000 {
            view = view.pan(0.25, WIDTH);
            let projection = view.projection(WIDTH);
            let expected = 800.0 - 0.25 * f64::from(frame + 1);
            assert!((projection.x(at + 80) - expected).abs() < 0.01, "frame {frame}");
            assert!((projection.x(at + 81) - projection.x(at + 80) - 10.0).abs() < 1e-6);
        }
    }

    #[test]
    fn moved_views_keep_their_span() {
        let view = Viewport::new(TimeRange::new(0, 1000));
        assert_eq!(view.starting_at(-77).range(), TimeRange::new(-77, 923));
        assert_eq!(view.centred_on(700).range(), TimeRange::new(200, 1200));
        assert_eq!(view.starting_at(MAX_TIME).range().end, MAX_TIME);
        assert_eq!(view.between(800.0, 400.0, WIDTH).range(), TimeRange::new(250, 500));
    }

    #[test]
    fn dragging_far_beyond_the_edge_stops_there() {
        let view = Viewport::new(TimeRange::new(0, 1000));
        assert_eq!(view.pan(-1e9, WIDTH).span_nanos(), 1000.0);
        assert_eq!(Viewport::ALL.pan(5000.0, WIDTH), Viewport::ALL);
    }

    proptest! {
        #[test]
        fn fifty_zooms_in_and_fifty_out_end_where_they_began(
            start in -1_000_000_000_000_000_000_i64..3_000_000_000_000_000_000,
            log_span in 40.0..58.0_f64,
            x in 0.0..WIDTH,
            delta in 10.0..120.0_f64,
        ) {
            let span = log_span.exp2() as i64;
            let before = Viewport::new(TimeRange::new(start, start + span));
            let time = before.time_from_x(x, WIDTH);
            let factor = (-delta / 240.0).exp2();
            let mut view = before;
            let mut steps = 0;
            while steps < 50 && view.span_nanos() * factor > WIDTH {
                view = view.zoom(factor, x, WIDTH);
                steps += 1;
                prop_assert!((view.x_from_time(time, WIDTH) - x).abs() <= 1.0 + 1.0 / view.nanos_per_pixel(WIDTH));
            }
            for _ in 0..steps {
                view = view.zoom(1.0 / factor, x, WIDTH);
            }
            prop_assert!((view.x_from_time(time, WIDTH) - before.x_from_time(time, WIDTH)).abs() <= 1.0);
        }

        #[test]
        fn every_gesture_stays_within_time(
            start in any::<i64>(), end in any::<i64>(),
            moves in prop::collection::vec((0.1..3.0_f64, -4000.0..4000.0_f64), 0..30),
        ) {
            let mut view = Viewport::new(TimeRange::new(start, end));
            for (factor, x) in moves {
                view = view.zoom(factor, x, WIDTH).pan(x, WIDTH);
                prop_assert!(TimeRange::ALL.covers(view.range()), "{:?}", view.range());
                prop_assert!(!view.range().is_empty());
            }
        }

        #[test]
        fn projection_agrees_with_the_exact_map(
            start in -1_000_000_000_000_000_000_i64..3_000_000_000_000_000_000,
            span in 1_i64..400_000_000_000_000_000, offset in 0.0..1.0_f64,
        ) {
            let view = Viewport::new(TimeRange::new(start, start + span));
            let time = start + (span as f64 * offset) as i64;
            prop_assert!((view.projection(WIDTH).x(time) - view.x_from_time(time, WIDTH)).abs() < 1e-6);
        }

        #[test]
        fn a_new_view_is_exactly_what_was_asked(
            start in -1_000_000_000_000_000_000_i64..3_000_000_000_000_000_000, span in 1_i64..1 << 58,
        ) {
            let range = TimeRange::new(start, start + span);
            prop_assert_eq!(Viewport::new(range).range(), range);
            prop_assert_eq!(Viewport::new(range).outer_range(), range);
        }
    }
}
