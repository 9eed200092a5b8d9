//! Everything that touches a canvas: plotters for axes, grid and labels; the raster of `btrdb-explorer` for data.

mod axis;
mod canvas;
mod lane;
mod overview;
mod sheet;

pub(crate) use self::axis::{AxisSurface, axis};
pub(crate) use self::lane::{LaneSurface, lane};
pub(crate) use self::overview::{OverviewSurface, overview};
use crate::machine::Screen;
use crate::theme::Palette;

/// What all parts of a frame have in common.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) palette: &'a Palette,
    /// Milliseconds on the page's clock.
    pub(crate) now: f64,
    pub(crate) screen: Screen,
}
