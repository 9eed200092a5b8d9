//! Pictures by the explorer's rasteriser, which writes pixels one after the other natively and sixteen at a time in the
//! browser. `tests/e2e/raster.test.js` compares them byte by byte.

use btrdb_explorer::{Dash, Extent, Ink, Layer, Painter, Raster, Scale, Trace, Vertex};
use wasm_bindgen::prelude::wasm_bindgen;

/// How many pictures there are.
pub const COUNT: u32 = 48;
/// All have this width: three blocks and a rest that is no multiple of sixteen.
pub const WIDTH: usize = 203;

/// The bytes of a picture, 203 pixels wide, four a pixel: of one to twenty streams, with and without ground, spread, dashes and
/// points, for screens of different fineness.
#[wasm_bindgen]
pub fn picture(number: u32) -> Vec<u8> {
    let mut random = Random(u64::from(number));
    let height = 5 + random.below(200);
    let ratio = [1.0, 1.25, 2.0, 3.0][random.below(4)];
    let ground = number.is_multiple_of(2).then_some([random.byte(), random.byte(), random.byte()]);
    let count = [1, 2, 6, 20][random.below(4)];
    let traces: Vec<_> = (0..count).map(|_| trace(&mut random)).collect();
    let inks: Vec<_> = (0..count).map(|_| ink(&mut random, ratio)).collect();
    let scale = Scale { low: -0.1, high: 1.1 };
    let layers: Vec<_> = traces.iter().zip(inks).map(|(trace, ink)| Layer { trace, scale, ink }).collect();
    let mut raster = Raster::default();
    raster.paint((WIDTH, height), ground, &layers);
    raster.pixels().to_vec()
}

/// A stream with gaps, spikes and thin stretches; its line has a vertex a column, or few.
fn trace(random: &mut Random) -> Trace {
    let mut trace = Trace::default();
    let step = [1.0, 1.0, 9.5][random.below(3)];
    for x in 0..WIDTH {
        let (middle, half) = (random.part(), 0.2 * random.part());
        let spike = if random.below(40) == 0 { random.part() } else { 0.0 };
        let is_gap = x % 50 > 44;
        let (min, max) =
            if is_gap { (f64::INFINITY, f64::NEG_INFINITY) } else { (middle - half, middle + half + spike) };
        trace.columns.push(Extent { min, max });
        trace.spread.push(Extent { min: min + half / 2.0, max: max - half / 2.0 });
        trace.fullness.push(if x % 70 < 20 { random.byte() } else { u8::MAX });
    }
    let mut x = -step;
    while x < WIDTH as f64 + step {
        let joined = !trace.line.is_empty() && random.below(20) > 0;
        trace.line.push(Vertex {
            x: x + random.part() * 0.4,
            time: 0,
            value: random.part(),
            joined,
            point: step > 4.0,
        });
        x += step;
    }
    trace
}

fn ink(random: &mut Random, ratio: f32) -> Ink {
    Ink {
        colour: [random.byte(), random.byte(), random.byte()],
        ground: [252, 252, 250],
        band_alpha: random.part() as f32,
        spread_alpha: [0.0, 0.15][random.below(2)],
        spike_alpha: 0.7,
        ratio,
        line_width: 1.5 * ratio,
        point_radius: [None, Some(2.0 * ratio)][random.below(2)],
        dash: [None, Some(Dash { on: 6, off: 3, shift: random.below(9) })][random.below(2)],
    }
}

/// Numbers that are the same everywhere, by Knuth's linear congruence.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, end: u64) -> usize {
        (self.next() % end) as usize
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }

    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        self.next() as f64 / f64::from(1_u32 << 31)
    }
}
