//! What the wheel means.

/// A line of wheel travel in CSS pixels, where the browser counts in lines.
const LINE_PIXELS: f64 = 16.0;
/// Wheel travel that halves or doubles the span, in CSS pixels.
const HALVING_PIXELS: f64 = 240.0;

/// Wheel travel in CSS pixels, from what the browser reports: `mode` 0 counts pixels, 1 lines, 2 pages of `page` pixels.
pub fn wheel_pixels(delta: f64, mode: u32, page: f64) -> f64 {
    let pixels = match mode {
        1 => delta * LINE_PIXELS,
        2 => delta * page,
        _ => delta,
    };
    if pixels.is_finite() { pixels } else { 0.0 }
}

/// By what to multiply the visible span for `pixels` of wheel travel: away from the user zooms in. One event never does
/// more than halve or double.
pub fn wheel_factor(pixels: f64) -> f64 {
    (pixels / HALVING_PIXELS).clamp(-1.0, 1.0).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_nothing() {
        assert!((wheel_factor(100.0) * wheel_factor(-100.0) - 1.0).abs() < 1e-15);
        assert!((wheel_factor(-240.0) - 0.5).abs() < 1e-15);
    }

    #[test]
    fn one_event_at_most_doubles() {
        assert_eq!(wheel_factor(1e9), 2.0);
        assert_eq!(wheel_factor(-1e9), 0.5);
        assert_eq!(wheel_factor(wheel_pixels(f64::NAN, 0, 800.0)), 1.0);
    }

    #[test]
    fn lines_and_pages_become_pixels() {
        assert_eq!(wheel_pixels(3.0, 1, 800.0), 48.0);
        assert_eq!(wheel_pixels(1.0, 2, 800.0), 800.0);
        assert_eq!(wheel_pixels(-7.0, 0, 800.0), -7.0);
    }
}
