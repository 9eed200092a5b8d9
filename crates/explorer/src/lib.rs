//! What the explorer decides: where the view is, which tiles serve it, what to draw now, what to ask for and in which
//! order, and how to label the axes. Plain values in, plain values out: no clock, no network, no browser. Where the time
//! of day matters it is an argument.
//!
//! Times are signed 64-bit nanoseconds since 1970 UTC and ranges are half-open. A time becomes a float only after the
//! start of the view has been subtracted from it in integers. Widths and positions on screen are in device pixels unless
//! a name says `css`.

mod assembly;
mod cache;
mod catalog;
mod changes;
mod civil;
mod cover;
mod credits;
mod density;
mod examples;
mod flights;
mod fling;
mod foresight;
mod format;
mod gaps;
mod gesture;
mod hand;
mod history;
mod list;
mod meter;
mod nearness;
mod plan;
mod raster;
mod resolution;
mod scale;
mod stream_id;
mod tile;
mod time_axis;
mod trace;
mod trail;
mod url_state;
mod value_axis;
mod values;
mod viewport;

pub use assembly::Assembly;
pub use cache::Cache;
pub use catalog::{Catalog, CatalogEntry, Row, RowKind, Search};
pub use civil::{Civil, civil_from_time, days_from_civil};
pub use cover::{Census, Sight, Source, Span, census};
pub use credits::{Credit, credits};
pub use density::add_density;
pub use examples::{Appeal, Example, candidates, examples};
pub use flights::{FLIGHTS_HTTP1, FLIGHTS_HTTP2, FlightId, Flights, Orders};
pub use fling::Glide;
pub use foresight::{Allowance, Foresight, Reach};
pub use format::{
    format_count, format_date, format_distance, format_span, format_time, format_time_range, format_value,
    format_values, format_window, si_step,
};
pub use gaps::{GapSearch, GapStep, Towards};
pub use gesture::{wheel_factor, wheel_pixels};
pub use hand::{Grasp, Ground, Hand, Marquee, Move, Spot};
pub use history::History;
pub use list::{rows_in_sight, scroll_to_row};
pub use meter::{Coverage, Figures, Meter};
pub use nearness::Nearness;
pub use plan::{Plan, Purpose, Request, StreamPlan, View, merge_requests, plan, plan_lanes};
pub use raster::{Dash, Ink, Layer, Painter, Raster, Rgb};
pub use resolution::{Resolution, STORED_LEVELS, point_width_for, stored_above};
pub use scale::{AutoScale, Scale};
pub use stream_id::StreamId;
pub use tile::{TILE_WINDOWS, Tile, TileData, TileKey, tile_index, tile_range};
pub use time_axis::{TimeAxis, TimeLabel, time_axis};
pub use trace::{Drawn, Extent, Lacks, Trace, Vertex, trace};
pub use trail::{Footprint, Trail};
pub use url_state::{LinkError, LinkState, MARKS};
pub use value_axis::{ValueAxis, ValueTick, has_room, value_axis};
pub use viewport::{Projection, Viewport};
