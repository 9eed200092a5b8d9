//! Which lanes are on screen, and which are about to be.

/// How near the lane of a stream is to what is on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// Some of it is on screen.
    InSight,
    /// A turn of the wheel would bring it there.
    Near,
    /// Further away, or hidden.
    #[default]
    Away,
}

impl Nearness {
    /// That of a lane `height` high whose top is `top` below that of a window `window` high, all in pixels. What is within
    /// a window's height above or below is near. A lane without height is hidden.
    pub fn of(top: f64, height: f64, window: f64) -> Self {
        let reaches = |margin: f64| height > 0.0 && top < window + margin && top + height > -margin;
        match () {
            () if reaches(0.0) => Self::InSight,
            () if reaches(window) => Self::Near,
            () => Self::Away,
        }
    }

    /// As it counts for what is shown of all streams at once: all of them matter, those in sight more.
    #[must_use]
    pub fn at_least_near(self) -> Self {
        self.min(Self::Near)
    }

    /// As it counts while the view moves: what comes next in time matters more than what lies below.
    #[must_use]
    pub fn in_motion(self) -> Self {
        if self == Self::Near { Self::Away } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_of_lanes_and_one_above_and_below() {
        let of = |top: f64| Nearness::of(top, 100.0, 700.0);
        assert_eq!([of(0.0), of(-99.0), of(699.0)], [Nearness::InSight; 3]);
        assert_eq!([of(-100.0), of(-799.0), of(700.0), of(1_399.0)], [Nearness::Near; 4]);
        assert_eq!([of(-800.0), of(1_400.0)], [Nearness::Away; 2]);
        assert_eq!(Nearness::of(50.0, 0.0, 700.0), Nearness::Away, "hidden");
    }
}
