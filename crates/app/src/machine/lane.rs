//! One stream on screen.

use btrdb_core::{TimeRange, Timestamp};
use btrdb_explorer::{AutoScale, Census, Nearness, Scale, Sight, StreamId, Trace};
use btrdb_paint::LaneSurface;
use web_sys::Element;

use crate::browser::Task;
use crate::explorer::LaneHead;
use crate::status::Problem;

/// When a stream has points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    /// From the first point to just after the last; `None` for a stream without points.
    pub(crate) range: Option<TimeRange>,
    /// The version it was asked at.
    pub(crate) version: u64,
}

/// One stream on screen.
pub(crate) struct Lane {
    pub(crate) id: StreamId,
    /// Its place in the palette.
    pub(crate) colour: usize,
    pub(crate) head: LaneHead,
    pub(crate) scale: AutoScale,
    /// The values to show in place of those that fit the data.
    pub(crate) held: Option<Scale>,
    pub(crate) trace: Option<Trace>,
    /// What the trace is of.
    pub(crate) sight: Sight,
    pub(crate) census: Census,
    /// Whether nothing is missing from the picture.
    pub(crate) settled: bool,
    /// `None` until the server has said.
    pub(crate) life: Option<Life>,
    pub(crate) problem: Option<Problem>,
    /// What there is beside an empty view.
    pub(crate) neighbours: Option<Neighbours>,
    /// Until when the picture before is still fading away.
    pub(crate) fades_until: f64,
    /// Since when there has been nothing to show, in milliseconds.
    pub(crate) waiting_since: Option<f64>,
    pub(crate) surface: Option<LaneSurface>,
    /// All of it in the page.
    pub(crate) section: Option<Element>,
    /// Where that is, seen from what is on screen.
    pub(crate) nearness: Nearness,
    /// The question for the stream's life and version.
    pub(crate) probe: Option<Task>,
}

/// The points next to a range without any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// The range.
    pub(crate) of: TimeRange,
    pub(crate) earlier: Option<Timestamp>,
    pub(crate) later: Option<Timestamp>,
}

impl Lane {
    /// A lane of which nothing is known yet.
    pub(crate) fn new(head: LaneHead) -> Self {
        Self {
            id: head.id,
            colour: head.colour,
            head,
            scale: AutoScale::default(),
            held: None,
            trace: None,
            sight: Sight::default(),
            census: Census::default(),
            settled: false,
            life: None,
            problem: None,
            neighbours: None,
            fades_until: 0.0,
            waiting_since: None,
            surface: None,
            section: None,
            nearness: Nearness::Away,
            probe: None,
        }
    }

    /// Whether some of it is on screen.
    pub(crate) fn is_in_sight(&self) -> bool {
        self.nearness == Nearness::InSight
    }

    /// Whether it has been loaded and holds nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.settled && self.trace.as_ref().is_some_and(|trace| trace.extremes.is_none())
    }

    /// The values that the lane shows at `now`, if it shows any.
    pub(crate) fn values(&self, now: f64) -> Option<Scale> {
        self.held.or_else(|| self.scale.at(now))
    }
}

/// The lane that gestures are about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) id: StreamId,
    /// How far its top is from that of the window, in CSS pixels.
    pub(crate) top: f64,
    /// How far it is from that of the first lane.
    pub(crate) offset: f64,
    pub(crate) height: f64,
}
