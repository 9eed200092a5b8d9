//! What is drawn pixel by pixel over the rest: points, and the hatch of what is not loaded.

use super::{Layer, Raster, Rgb, to_byte};

impl Raster {
    /// Hatches the columns from `from` to `to`: thin still diagonals, `spacing` pixels apart.
    pub fn hatch(&mut self, from: f64, to: f64, colour: Rgb, alpha: f32, spacing: usize) {
        let first = from.floor().clamp(0.0, self.width as f64) as usize;
        let last = to.ceil().clamp(0.0, self.width as f64) as usize;
        let spacing = spacing.max(2);
        let alpha = to_byte(alpha);
        for y in 0..self.height {
            // The diagonals of a whole picture meet across its spans: they hang on x + y alone.
            let skip = (spacing - (first + y) % spacing) % spacing;
            for x in (first + skip..last).step_by(spacing) {
                self.blend(x, y, colour, alpha);
            }
        }
    }

    /// Paints the points of a layer, if it has any that are to be seen.
    pub(super) fn points(&mut self, Layer { trace, scale, ink }: &Layer<'_>) {
        let Some(radius) = ink.point_radius else { return };
        let height = self.height as f64;
        let reach = f64::from(radius) + 2.0;
        let visible = -reach..self.width as f64 + reach;
        for vertex in trace.line.iter().filter(|vertex| vertex.point && visible.contains(&vertex.x)) {
            let (x, y) = (vertex.x as f32, scale.y(vertex.value, height) as f32);
            self.disc(x, y, radius + 1.0, ink.ground);
            self.disc(x, y, radius, ink.colour);
        }
    }

    fn disc(&mut self, x: f32, y: f32, radius: f32, colour: Rgb) {
        let reach = radius + 0.5;
        let rows = (y - reach).floor().max(0.0) as usize..((y + reach).ceil().max(0.0) as usize).min(self.height);
        let columns = (x - reach).floor().max(0.0) as usize..((x + reach).ceil().max(0.0) as usize).min(self.width);
        for row in rows {
            for column in columns.clone() {
                let (wide, high) = (column as f32 + 0.5 - x, row as f32 + 0.5 - y);
                self.blend(column, row, colour, to_byte(reach - (wide * wide + high * high).sqrt()));
            }
        }
    }
}
