//! What the signals of the page hold.

use btrdb_explorer::{Marquee, StreamId};
use leptos::prelude::*;

use crate::status::LaneStatus;

/// How far the page has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Asking the server that the configuration names.
    Connecting,
    /// Waiting for somebody to say which server.
    Asking,
    /// Connected, if not always within reach.
    Connected,
}

/// Whether the server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Contact {
    /// It does.
    Held,
    /// It does not, since about this time of day.
    Lost(String),
}

/// How far the list of streams has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    Loading,
    Ready,
    Failed(String),
}

/// What a lane is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Title {
    pub(crate) name: String,
    pub(crate) collection: String,
    pub(crate) unit: String,
}

/// A lane as components see it.
#[derive(Clone, Debug)]
pub(crate) struct LaneHead {
    pub(crate) id: StreamId,
    pub(crate) colour: usize,
    pub(crate) title: ArcRwSignal<Title>,
    pub(crate) status: ArcRwSignal<LaneStatus>,
}

/// The pointer over the plot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flag {
    /// CSS pixels from the left edge of the plot.
    pub(crate) x: f64,
    /// The time there, to the precision of a pixel.
    pub(crate) time: String,
}

/// What is being marked, and how far the lane in which that happens is from the top of the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Marked {
    pub(crate) area: Marquee,
    pub(crate) top: f64,
}

/// What lies over the lanes and follows the pointer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Overlay {
    pub(crate) flag: Option<Flag>,
    pub(crate) marks: Vec<Flag>,
    pub(crate) marquee: Option<Marked>,
    pub(crate) panning: bool,
    /// Whether the bands show the standard deviation.
    pub(crate) spread: bool,
    /// Whether the view follows the newest data.
    pub(crate) live: bool,
}

/// What lies over the page until it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Popover {
    Help,
    Connect,
    GoTo,
    Commands,
}
