//! Everything that touches a canvas: plotters for axes, grid and labels; the raster of `btrdb-explorer` for data.
//!
//! It decides nothing: what to show comes in as plain values, so that the benchmark draws exactly as the page does.

mod axis;
mod canvas;
mod lane;
mod overview;
mod palette;
mod sheet;
mod snapshot;

pub use self::axis::{AxisSurface, axis};
pub use self::lane::{LanePicture, LaneSurface, lane};
pub use self::overview::{OverviewSurface, overview};
pub use self::palette::{DARK, LIGHT, Palette};
pub use self::snapshot::{SnapshotLane, snapshot};
use btrdb_explorer::{TimeAxis, Viewport};

/// What all parts of a frame have in common.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The colours.
    pub palette: &'static Palette,
    /// The visible range of time.
    pub view: &'a Viewport,
    /// Its calendar.
    pub axis: &'a TimeAxis,
    /// The width of the plot in CSS pixels, value axis not counted.
    pub width: f64,
    /// Device pixels per CSS pixel.
    pub ratio: f64,
    /// Whether the band shows where most values are: within a standard deviation of the mean.
    pub spread: bool,
}
