//! What is asked of the server, and why.

use btrdb_core::TimeRange;

use crate::{Resolution, StreamId, tile_range};

/// What a window and a point take on the wire, in bytes, and what an answer takes besides.
const WINDOW_BYTES: u64 = 49;
const POINT_BYTES: u64 = 17;
const ANSWER_BYTES: u64 = 1_500;

/// Why something is asked for, in order of urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// There is nothing on screen, or only a far too coarse picture: the cheapest answer first.
    FirstAnswer,
    /// The visible part, in the fineness of the screen.
    Visible,
    /// Beside the visible part, on the side that the view moves to, before it is needed.
    Ahead,
    /// What lanes just out of sight lack, and the overview of streams that are not in sight.
    OutOfSight,
    /// On the other side.
    Behind,
    /// The next wider and the next narrower windows.
    Level,
}

impl Purpose {
    /// Whether nothing on screen waits for it.
    pub const fn is_in_advance(self) -> bool {
        matches!(self, Self::Ahead | Self::OutOfSight | Self::Behind | Self::Level)
    }
}

/// One call to the server: a run of neighbouring tiles of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// The stream.
    pub stream: StreamId,
    /// Windows or raw points.
    pub resolution: Resolution,
    /// The index of the first tile.
    pub first: i64,
    /// The index of the last tile.
    pub last: i64,
    /// Why.
    pub purpose: Purpose,
    /// How many rows the answer has at most, as far as known.
    pub rows: u64,
}

impl Request {
    /// How many bytes the answer takes on the wire at most, as far as known.
    pub fn bytes(&self) -> u64 {
        ANSWER_BYTES + self.rows * if self.resolution.is_raw() { POINT_BYTES } else { WINDOW_BYTES }
    }

    /// The time that the tiles cover, as it is put to the server.
    pub fn range(&self) -> TimeRange {
        TimeRange {
            start: tile_range(self.resolution, self.first).start,
            end: tile_range(self.resolution, self.last).end,
        }
    }

    /// Whether both ask for at least one common tile.
    pub fn shares_tiles_with(&self, other: &Self) -> bool {
        self.stream == other.stream
            && self.resolution == other.resolution
            && self.first <= other.last
            && other.first <= self.last
    }
}
