//! The explorer's drawing as a contender of `cargo xtask bench plot`: what the page does from tiles at hand to pixels, by
//! the page's own rooms `btrdb-explorer` and `btrdb-paint`. Only what surrounds it is left out: signals and requests.

use btrdb_core::{PointWidth, RawColumns, StatColumns, StatPoint, TimeRange};
use btrdb_explorer::{
    AutoScale, Cache, Coverage, Meter, Raster, Reach, Resolution, Sight, StreamId, TILE_WINDOWS, Tile, TileData,
    TileKey, Trace, View, Viewport, plan, tile_range, time_axis,
};
use btrdb_paint::{AxisSurface, LIGHT, LanePicture, LaneSurface, OverviewSurface, Scene};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{HtmlCanvasElement, HtmlElement};

/// The width of a window: 2^24 ns, 17 ms.
const EXPONENT: u8 = 24;
const BUDGET: usize = 1 << 30;
/// Points in each window, which is more than raw points would be drawn for.
const COUNT: u64 = 100;

/// Streams over one another or in lanes, as the explorer draws them.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Plot {
    cache: Cache,
    streams: Vec<StreamId>,
    lanes: Vec<Lane>,
    overview: Option<OverviewSurface>,
    raster: Raster,
    axis: Option<AxisSurface>,
    width: f64,
    version: u64,
}

#[derive(Debug)]
struct Lane {
    surface: LaneSurface,
    scale: AutoScale,
    trace: Trace,
    sight: Sight,
}

#[wasm_bindgen]
impl Plot {
    /// A plot `width` CSS pixels wide over the canvas of the time axis.
    #[wasm_bindgen(constructor)]
    pub fn new(width: f64, axis: HtmlCanvasElement) -> Self {
        let mut axis = AxisSurface::new(axis);
        if let Some(axis) = &mut axis {
            axis.measure(1.0);
        }
        let (cache, streams, lanes) = (Cache::new(BUDGET), Vec::new(), Vec::new());
        Self { cache, streams, lanes, overview: None, raster: Raster::default(), axis, width, version: 0 }
    }

    /// Adds a stream in a lane of its own.
    pub fn add_lane(&mut self, base: HtmlCanvasElement, series: HtmlCanvasElement, before: HtmlCanvasElement) {
        if let Some(mut surface) = LaneSurface::new(base, series, before) {
            surface.measure(1.0);
            let (scale, trace, sight) = (AutoScale::default(), Trace::default(), Sight::default());
            self.lanes.push(Lane { surface, scale, trace, sight });
            self.streams.push(StreamId(self.streams.len() as u128));
        }
    }

    /// Adds `count` streams that are drawn over one another, as in the page's overview.
    pub fn add_overlaid(&mut self, count: usize, canvas: HtmlCanvasElement, marks: HtmlElement) {
        self.overview = OverviewSurface::new(canvas, marks.clone(), marks.clone(), marks);
        if let Some(overview) = &mut self.overview {
            overview.measure(1.0);
        }
        self.streams = (0..count as u128).map(StreamId).collect();
    }

    /// Forgets what is drawn, as when sizes on screen have changed.
    pub fn relayout(&mut self) {
        for lane in &mut self.lanes {
            lane.surface.measure(1.0);
            lane.sight = Sight::default();
        }
        if let Some(overview) = &mut self.overview {
            overview.measure(1.0);
        }
    }

    /// Begins with new data, as of a later version.
    pub fn clear(&mut self) {
        self.cache = Cache::new(BUDGET);
        self.version += 1;
    }

    /// The windows of a stream, one after the other from time 0 on.
    pub fn set_windows(&mut self, stream: usize, min: &[f64], mean: &[f64], max: &[f64]) {
        let Some(width) = PointWidth::new(EXPONENT) else { return };
        let resolution = Resolution::Windows(width);
        for (index, start) in (0..min.len()).step_by(TILE_WINDOWS as usize).enumerate() {
            let rows = start..(start + TILE_WINDOWS as usize).min(min.len());
            let row = |at: usize| StatPoint {
                time: (at as i64) << EXPONENT,
                min: min[at],
                mean: mean[at],
                max: max[at],
                count: COUNT,
                stddev: (max[at] - min[at]) / 6.0,
            };
            self.insert(stream, resolution, index as i64, TileData::Windows(rows.map(row).collect::<StatColumns>()));
        }
    }

    /// The points of a stream at a pace of 2^`exponent` ns from time 0 on.
    pub fn set_points(&mut self, stream: usize, exponent: u8, value: &[f64]) {
        let Some(width) = PointWidth::new(exponent) else { return };
        let resolution = Resolution::Raw(width);
        for (index, values) in value.chunks(TILE_WINDOWS as usize).enumerate() {
            let start = tile_range(resolution, index as i64).start;
            let time = (0..values.len()).map(|at| start + ((at as i64) << exponent)).collect();
            let rows = RawColumns { time, value: values.to_vec() };
            self.insert(stream, resolution, index as i64, TileData::Raw(rows));
        }
    }

    fn insert(&mut self, stream: usize, resolution: Resolution, index: i64, data: TileData) {
        let key = TileKey { stream: self.streams[stream], resolution, index };
        self.cache.insert(Tile::new(key, self.version, data));
    }

    /// Draws `width` times 2^`exponent` ns from `start` of them on, as at `now` milliseconds of a gesture.
    pub fn draw(&mut self, start: f64, exponent: u8, width: f64, now: f64) {
        let unit = f64::from(exponent).exp2();
        let range = TimeRange { start: (start * unit) as i64, end: ((start + width) * unit) as i64 };
        let view = Viewport::new(range);
        self.cache.begin_round();
        let whole = View { viewport: view, width: self.width, reach: Reach::NONE };
        let plan = plan(&whole, &self.streams, &self.cache);
        let axis = time_axis(&view, self.width);
        let scene = Scene { palette: &LIGHT, view: &view, axis: &axis, width: self.width, ratio: 1.0, spread: false };
        for ((at, lane), drawn) in self.lanes.iter_mut().enumerate().zip(&plan.draw) {
            let fresh = lane.sight.changes(&drawn.spans, &view, self.width as u32);
            if fresh {
                lane.trace.follow(&drawn.spans, &view, self.width as u32);
            }
            if let Some(extremes) = lane.trace.extremes {
                lane.scale.aim(extremes, 0.0, now, true, 0.0);
            }
            let (scale, life) = (lane.scale.at(now), Some(TimeRange::ALL));
            let picture = LanePicture { trace: &lane.trace, fresh, scale, unit: "V", life, colour: at };
            btrdb_paint::lane(&scene, &mut self.raster, &mut lane.surface, &picture);
        }
        if let Some(overview) = &mut self.overview {
            let colours: Vec<_> = (0..self.streams.len()).collect();
            btrdb_paint::overview(&scene, &mut self.raster, overview, Some(&view), &plan.draw, &colours);
        }
        if let Some(surface) = &mut self.axis {
            btrdb_paint::axis(&scene, surface);
        }
    }
}

/// The figures at the bottom of the page.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Hud {
    meter: Meter,
}

#[wasm_bindgen]
impl Hud {
    /// Figures of nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a frame of so many milliseconds, an answer, and its bytes.
    pub fn frame(&mut self, millis: f64) {
        self.meter.frame(millis, Coverage { exact: 1.0, ..Coverage::default() });
        self.meter.answer(10.0 * millis);
        self.meter.received(20_000);
    }

    /// What the page says of them.
    pub fn words(&self) -> String {
        self.meter.figures().to_string()
    }
}
