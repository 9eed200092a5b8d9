//! Gestures as the view has them, frame by frame.

use btrdb_explorer::{Viewport, wheel_factor};

use super::chance::Chance;

/// What happens in one frame of 16 ms.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Frame {
    /// The view is moved by so many device pixels; positive shows later times.
    Pan(f64),
    /// The wheel is turned by so many pixels, with the pointer at this share of the width.
    Wheel(f64, f64),
    /// A box from here to there, as shares of the width.
    Box(f64, f64),
    /// The view is this one.
    Show(Viewport),
    /// Nothing.
    Rest,
    /// Nothing, and from here on the picture is waited for.
    Stop,
}

impl Frame {
    pub(crate) fn apply(self, view: Viewport, width: f64) -> Viewport {
        match self {
            Self::Pan(pixels) => view.pan(pixels, width),
            Self::Wheel(turn, at) => view.zoom(wheel_factor(turn), width * at, width),
            Self::Box(from, to) => view.between(width * from, width * to, width),
            Self::Show(view) => view,
            Self::Rest | Self::Stop => view,
        }
    }
}

pub(crate) const FRAME_MILLIS: f64 = 16.0;

fn frames(millis: f64) -> usize {
    (millis / FRAME_MILLIS) as usize
}

/// Panning evenly, so many pixels a second.
pub(crate) fn pan(pixels_per_second: f64, millis: f64) -> Vec<Frame> {
    vec![Frame::Pan(pixels_per_second * FRAME_MILLIS / 1e3); frames(millis)]
}

/// Throws to either side, as a finger does: 7 pixels a millisecond to begin with, and 0.997 of that a millisecond later.
pub(crate) fn flings(count: usize) -> Vec<Frame> {
    let mut gesture = Vec::new();
    for fling in 0..count {
        let side = if fling % 3 == 2 { -1.0 } else { 1.0 };
        let step = |frame: usize| 7.0 * 0.997_f64.powf(frame as f64 * FRAME_MILLIS) * FRAME_MILLIS;
        gesture.extend((0..frames(1_500.0)).map(|frame| Frame::Pan(side * step(frame))));
        gesture.push(Frame::Stop);
        gesture.extend(vec![Frame::Rest; frames(500.0)]);
    }
    gesture
}

/// `each` zooms in and as many out, each of two turns of the wheel and a stop.
pub(crate) fn zooms(each: usize, chance: &mut Chance) -> Vec<Frame> {
    let mut gesture = Vec::new();
    for zoom in 0..2 * each {
        let turn = if zoom < each { -96.0 } else { 96.0 };
        let at = chance.between(0.3, 0.7);
        gesture.extend([Frame::Wheel(turn, at), Frame::Rest, Frame::Rest, Frame::Wheel(turn, at), Frame::Stop]);
        gesture.extend(vec![Frame::Rest; frames(800.0)]);
    }
    gesture
}

/// Turns of the wheel in a rush, in and out, and a stop.
pub(crate) fn rush(count: usize, chance: &mut Chance) -> Vec<Frame> {
    let mut gesture = Vec::new();
    for turn in 0..count {
        let side = if turn / 12 % 2 == 0 { -1.0 } else { 1.0 };
        gesture.push(Frame::Wheel(side * chance.between(40.0, 240.0), chance.share()));
        gesture.extend(vec![Frame::Rest; chance.between(0.0, 4.0) as usize]);
    }
    gesture.push(Frame::Stop);
    gesture.extend(vec![Frame::Rest; frames(1_500.0)]);
    gesture
}

/// Boxes drawn over a part of the view, and back to `home` after every third.
pub(crate) fn boxes(count: usize, home: Viewport, chance: &mut Chance) -> Vec<Frame> {
    let mut gesture = Vec::new();
    for jump in 0..count {
        let from = chance.between(0.0, 0.9);
        let frame = if jump % 4 == 3 { Frame::Show(home) } else { Frame::Box(from, from + chance.between(0.02, 0.1)) };
        gesture.extend([frame, Frame::Stop]);
        gesture.extend(vec![Frame::Rest; frames(1_000.0)]);
    }
    gesture
}

/// A drag by a hand that trembles and changes its mind.
pub(crate) fn trembling(millis: f64, chance: &mut Chance) -> Vec<Frame> {
    let mut gesture = Vec::new();
    let mut aim = 0.0;
    for frame in 0..frames(millis) {
        if frame % 40 == 0 {
            aim = chance.between(-30.0, 30.0);
        }
        let still = chance.share() < 0.3;
        gesture.push(if still { Frame::Rest } else { Frame::Pan(aim + chance.between(-12.0, 12.0)) });
    }
    gesture
}
