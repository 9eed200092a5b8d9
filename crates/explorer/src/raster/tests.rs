use proptest::prelude::*;

use super::*;
use crate::{Extent, Vertex};

const INK: Ink = Ink {
    colour: [12, 50, 146],
    ground: [252, 252, 250],
    band_alpha: 0.22,
    spread_alpha: 0.0,
    spike_alpha: 0.7,
    ratio: 1.0,
    line_width: 1.5,
    point_radius: None,
    dash: None,
};

fn trace(columns: Vec<Extent>, line: Vec<Vertex>) -> Trace {
    Trace { columns, line, ..Trace::default() }
}

fn painted(trace: &Trace, height: usize, ink: &Ink) -> Raster {
    let mut raster = Raster::default();
    let scale = Scale { low: 0.0, high: height as f64 };
    raster.paint((trace.columns.len(), height), None, &[Layer { trace, scale, ink: *ink }]);
    raster
}

fn alpha(raster: &Raster, x: usize, y: usize) -> u8 {
    raster.pixels()[(y * raster.size().0 + x) * 4 + 3]
}

/// The first and last row of a column with anything in it, half covered rows not counted.
fn lit(raster: &Raster, x: usize) -> Option<(usize, usize)> {
    let rows: Vec<_> = (0..raster.size().1).filter(|&y| alpha(raster, x, y) >= 28).collect();
    Some((*rows.first()?, *rows.last()?))
}

fn vertex(x: f64, value: f64, joined: bool) -> Vertex {
    Vertex { x, time: 0, value, joined, point: true }
}

const NONE: Extent = Extent { min: f64::INFINITY, max: f64::NEG_INFINITY };

#[test]
fn a_level_line_is_as_thick_as_asked() {
    let line = vec![vertex(0.0, 50.0, false), vertex(200.0, 50.0, true)];
    let raster = painted(&trace(vec![NONE; 200], line), 100, &INK);
    for x in [5, 100, 190] {
        let sum: u32 = (0..100).map(|y| u32::from(alpha(&raster, x, y))).sum();
        assert!((350..=420).contains(&sum), "1.5 pixels of 255: {sum}");
        assert_eq!(&raster.pixels()[(50 * 200 + x) * 4..][..3], &INK.colour);
    }
}

#[test]
fn joints_do_not_darken_the_band_is_lighter_than_the_line() {
    let columns = vec![Extent { min: 20.0, max: 80.0 }; 50];
    let line: Vec<_> = (0..50).map(|at| vertex(f64::from(at) + 0.5, 50.0, at > 0)).collect();
    let raster = painted(&trace(columns, line), 100, &INK);
    for x in 1..49 {
        assert_eq!(alpha(&raster, x, 30), 56, "22 %");
        assert!(alpha(&raster, x, 50) > 180);
        assert_eq!(alpha(&raster, x, 10), 0);
    }
}

#[test]
fn a_spike_stands_out_of_the_band() {
    let mut columns = vec![Extent { min: 40.0, max: 60.0 }; 50];
    columns[20] = Extent { min: 30.0, max: 95.0 };
    let raster = painted(&trace(columns.clone(), Vec::new()), 100, &INK);
    assert!(alpha(&raster, 20, 10) > 170 && alpha(&raster, 20, 65) > 170, "above and below");
    assert_eq!((alpha(&raster, 20, 50), alpha(&raster, 19, 50), alpha(&raster, 21, 10)), (56, 56, 0));
    columns[21] = columns[20];
    let wider = painted(&trace(columns, Vec::new()), 100, &INK);
    let alphas = [alpha(&wider, 20, 10), alpha(&wider, 21, 10)];
    assert!(alphas[0] == alphas[1] && (100..180).contains(&alphas[0]), "the wider the paler: {alphas:?}");
}

#[test]
fn something_alone_is_seen() {
    let raster = painted(&trace(vec![NONE; 20], vec![vertex(10.2, 50.0, false)]), 100, &INK);
    assert!(lit(&raster, 10).is_some());
    assert!(lit(&raster, 12).is_none());
}

#[test]
fn points_have_a_halo() {
    let line = vec![vertex(0.0, 50.0, false), vertex(20.0, 50.0, true), vertex(40.0, 50.0, true)];
    let raster = painted(&trace(vec![NONE; 40], line), 100, &Ink { point_radius: Some(2.0), ..INK });
    let colour = |x: usize, y: usize| raster.pixels()[(y * 40 + x) * 4..][..3].to_vec();
    assert_eq!(colour(20, 50), INK.colour);
    assert!(colour(22, 49)[0] > 120, "lighter beside the point: {:?}", colour(22, 49));
}

#[test]
fn hatching_meets_across_spans() {
    let (mut whole, mut parts) = (Raster::default(), Raster::default());
    for raster in [&mut whole, &mut parts] {
        raster.paint((64, 32), None, &[]);
    }
    whole.hatch(3.0, 60.0, [0, 0, 0], 0.06, 8);
    parts.hatch(3.0, 31.0, [0, 0, 0], 0.06, 8);
    parts.hatch(31.0, 60.0, [0, 0, 0], 0.06, 8);
    assert_eq!(whole.pixels(), parts.pixels());
    assert_eq!(alpha(&whole, 8, 8), 15);
    assert_eq!(alpha(&whole, 9, 8), 0);
}

#[test]
fn lines_to_points_far_away_are_whole() {
    let line = vec![vertex(-1e9, 50.0, false), vertex(30.0, 50.0, true), vertex(1e9, 50.0, true)];
    let raster = painted(&trace(vec![NONE; 60], line), 100, &INK);
    for x in 0..60 {
        assert!((49..=50).any(|y| alpha(&raster, x, y) > 180), "column {x}");
    }
}

#[test]
fn a_picture_is_used_again_without_traces_of_the_last() {
    let mut raster = painted(&trace(vec![Extent { min: 0.0, max: 9.0 }; 30], vec![vertex(3.0, 2.0, false)]), 20, &INK);
    raster.paint((40, 10), None, &[]);
    assert!(raster.pixels().iter().all(|&byte| byte == 0));
    assert_eq!(raster.size(), (40, 10));
}

#[test]
fn a_broken_line_has_gaps_but_loses_nothing_that_stands_alone() {
    let dash = Some(Dash { on: 6, off: 3, shift: 0 });
    let joined: Vec<_> = (0..45).map(|x| vertex(f64::from(x) + 0.5, 20.0, x > 0)).collect();
    let raster = painted(&trace(vec![NONE; 45], joined), 40, &Ink { dash, ..INK });
    let dark: Vec<_> = (0..45).filter(|&x| lit(&raster, x).is_none()).collect();
    assert_eq!(dark, [6, 7, 8, 15, 16, 17, 24, 25, 26, 33, 34, 35], "the last reaches the edge");
    let wide: Vec<_> = (0..6).map(|x| vertex(f64::from(x) * 9.0, 20.0, x > 0)).collect();
    let raster = painted(&trace(vec![NONE; 45], wide), 40, &Ink { dash, ..INK });
    assert!(lit(&raster, 7).is_none() && lit(&raster, 3).is_some(), "stretches too");
    let alone = vec![vertex(7.5, 20.0, false), vertex(30.5, 20.0, false)];
    let raster = painted(&trace(vec![NONE; 45], alone), 40, &Ink { dash, ..INK });
    assert!(lit(&raster, 7).is_some() && lit(&raster, 30).is_some());
}

proptest! {
    /// Against the definition: each column is lit from its maximum to its minimum, give or take a pixel.
    #[test]
    fn the_band_reaches_exactly_from_minimum_to_maximum(
        extents in prop::collection::vec((0.0..200.0_f64, 2.0..200.0_f64), 1..60),
    ) {
        let columns: Vec<_> = extents.iter().map(|&(low, tall)| Extent { min: low, max: (low + tall).min(200.0) }).collect();
        let raster = painted(&trace(columns.clone(), Vec::new()), 200, &Ink { spike_alpha: 0.0, ..INK });
        for (x, extent) in columns.iter().enumerate().filter(|(_, extent)| extent.max - extent.min >= 2.0) {
            let (top, bottom) = lit(&raster, x).unwrap();
            prop_assert!((top as f64 - (200.0 - extent.max)).abs() <= 1.0, "{} for {:?}", top, extent);
            prop_assert!((bottom as f64 + 1.0 - (200.0 - extent.min)).abs() <= 1.0, "{} for {:?}", bottom, extent);
        }
    }

    /// Against the definition: a pixel is covered by how near its middle is to the line.
    #[test]
    fn a_slanted_line_is_as_near_as_a_ruler(
        x0 in 0.0..30.0_f64, y0 in 0.0..100.0_f64, dx in 3.0..90.0_f64, y1 in 0.0..100.0_f64,
    ) {
        let line = vec![vertex(x0, y0, false), vertex(x0 + dx, y1, true)];
        let raster = painted(&trace(vec![NONE; 120], line), 100, &INK);
        let (ax, ay, bx, by) = (x0, 100.0 - y0, x0 + dx, 100.0 - y1);
        for y in 0..100 {
            for x in 0..120 {
                let (px, py) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
                let along = ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / ((bx - ax).powi(2) + (by - ay).powi(2));
                let along = along.clamp(0.0, 1.0);
                let distance = (px - ax - along * (bx - ax)).hypot(py - ay - along * (by - ay));
                let expected = (1.25 - distance).clamp(0.0, 1.0) * 255.0;
                let found = f64::from(alpha(&raster, x as usize, y as usize));
                prop_assert!((found - expected).abs() <= 3.0, "{} {}: {} for {}", x, y, found, expected);
            }
        }
    }

    /// Nothing that can be in a trace makes the painter fail.
    #[test]
    fn any_trace_can_be_painted(
        line in prop::collection::vec((any::<f64>(), any::<f64>(), any::<bool>()), 0..20),
        extents in prop::collection::vec((any::<f64>(), any::<f64>()), 0..20), width in 0_usize..30, height in 0_usize..30,
    ) {
        let mut vertices: Vec<_> = line.into_iter().map(|(x, value, joined)| vertex(x, value, joined)).collect();
        if let Some(first) = vertices.first_mut() {
            first.joined = false;
        }
        let columns = extents.into_iter().map(|(min, max)| Extent { min, max }).collect();
        let mut raster = Raster::default();
        let (trace, scale) = (trace(columns, vertices), Scale { low: -1.0, high: 1.0 });
        let layer = Layer { trace: &trace, scale, ink: Ink { point_radius: Some(2.0), ..INK } };
        for ground in [None, Some(INK.ground)] {
            raster.paint((width, height), ground, &[layer, layer]);
        }
    }
}

/// The plain painter: asks of every pixel how much of it is covered.
#[derive(Default)]
struct Reference {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Painter for Reference {
    fn paint(&mut self, (width, height): (usize, usize), _: Option<Rgb>, layers: &[Layer<'_>]) {
        (self.width, self.height) = (width, height);
        self.pixels = vec![0; width * height * 4];
        for layer in layers {
            self.lay(layer);
        }
    }

    fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

impl Reference {
    fn lay(&mut self, Layer { trace, scale, ink }: &Layer<'_>) {
        let height = self.height as f64;
        let y_of = |value| scale.y(value, height);
        for x in 0..self.width {
            // The band, and half of each step of the line that begins or ends in the column.
            let extent = trace.columns[x];
            let mut parts = vec![(y_of(extent.max), y_of(extent.min))];
            let half = f64::from(ink.line_width) / 2.0;
            for pair in trace.line.windows(2).filter(|pair| pair[1].joined) {
                let (from, to) = (y_of(pair[0].value), y_of(pair[1].value));
                let middle = f64::midpoint(from, to);
                for (at, end) in [(pair[0].x, from), (pair[1].x, to)] {
                    if at.floor() == x as f64 {
                        parts.push((end.min(middle) - half, end.max(middle) + half));
                    }
                }
            }
            // What stands alone is a dot.
            for (at, vertex) in trace.line.iter().enumerate().filter(|(_, vertex)| vertex.x.floor() == x as f64) {
                if !vertex.joined && trace.line.get(at + 1).is_none_or(|next| !next.joined) {
                    parts.push((y_of(vertex.value) - half, y_of(vertex.value) + half));
                }
            }
            for y in 0..self.height {
                let covered = |&(from, to): &(f64, f64)| (to.min(y as f64 + 1.0) - from.max(y as f64)).clamp(0.0, 1.0);
                let most = parts.iter().map(covered).fold(0.0, f64::max);
                self.pixels[(y * self.width + x) * 4 + 3] = (most * 255.0) as u8;
            }
        }
    }
}

proptest! {
    /// Traces of real windows, one or two a column: each column begins and ends where the plain painter's does.
    #[test]
    fn every_column_reaches_as_far_as_that_of_the_plain_painter(
        rows in prop::collection::vec((0.0..200.0_f64, 0.0..60.0_f64, 0.0..1.0_f64, any::<bool>()), 40..120), double in any::<bool>(),
        ground in any::<bool>(),
    ) {
        let windows = rows.iter().enumerate().filter(|(_, row)| row.3).map(|(at, &(min, tall, part, _))| {
            let max = (min + tall).min(200.0);
            btrdb_core::StatPoint { time: at as i64, min, mean: min + (max - min) * part, max, count: 9, stddev: 1.0 }
        });
        let resolution = crate::Resolution::Windows(btrdb_core::PointWidth::MIN);
        let key = crate::TileKey { stream: crate::StreamId(1), resolution, index: 0 };
        let tile = crate::Tile::new(key, 1, crate::TileData::Windows(windows.collect()));
        let range = btrdb_core::TimeRange::new(0, rows.len() as i64);
        let span = crate::Span { range, source: crate::Source::Tile(std::rc::Rc::new(tile)) };
        let width = rows.len() / if double { 2 } else { 1 };
        let trace = crate::trace(&[span], &crate::Viewport::new(range), width as u32);
        let scale = Scale { low: 0.0, high: 200.0 };
        let (mut raster, mut reference) = (Raster::default(), Reference::default());
        for painter in [&mut raster as &mut dyn Painter, &mut reference] {
            painter.paint((width, 200), ground.then_some(INK.ground), &[Layer { trace: &trace, scale, ink: INK }]);
        }
        for x in 0..width {
            let rows = |lit: &dyn Fn(usize) -> bool| {
                let rows: Vec<_> = (0..200).filter(|&y| lit(y * width + x)).collect();
                Some((*rows.first()?, *rows.last()?))
            };
            let drawn = |at: usize| {
                let pixel = &raster.pixels()[at * 4..][..4];
                if ground { INK.ground[0].abs_diff(pixel[0]) > 24 } else { pixel[3] > 24 }
            };
            let (found, expected) = (rows(&drawn), rows(&|at| reference.pixels()[at * 4 + 3] > 120));
            let Some(expected) = expected else { continue };
            let found = found.unwrap();
            prop_assert!(found.0.abs_diff(expected.0) <= 1 && found.1.abs_diff(expected.1) <= 1, "{}: {:?} for {:?}", x, found, expected);
        }
    }
}

#[test]
fn the_standard_deviation_is_as_wide_as_it_is() {
    let columns = vec![Extent { min: 5.0, max: 95.0 }; 60];
    let spread = vec![Extent { min: 30.25, max: 70.0 }; 60];
    let trace = Trace { columns, spread, ..Trace::default() };
    let raster = painted(&trace, 100, &Ink { spread_alpha: 0.15, ..INK });
    for x in [10, 30, 50] {
        let more: i32 = (0..100).map(|y| i32::from(alpha(&raster, x, y)) - 56).filter(|more| *more > 0).sum();
        let wide = f64::from(more) / f64::from(u8::MAX) / 0.15;
        assert!((wide - 39.75).abs() < 0.02 * 39.75, "{wide} rows");
        assert_eq!((alpha(&raster, x, 50), alpha(&raster, x, 20)), (56 + 38, 56));
    }
    assert_eq!(alpha(&painted(&trace, 100, &INK), 30, 50), 56, "switched off");
}

#[test]
fn thin_data_are_paler() {
    let columns = vec![Extent { min: 20.0, max: 80.0 }; 50];
    let fullness = (0..50).map(|x| if x < 25 { 255 } else { 25 }).collect();
    let raster = painted(&Trace { columns, fullness, ..Trace::default() }, 100, &INK);
    let (full, thin) = (alpha(&raster, 10, 50), alpha(&raster, 40, 50));
    assert!(full == 56 && (16..30).contains(&thin), "{full} and {thin}");
}
