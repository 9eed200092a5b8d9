//! The mean line: upright strokes where vertices are close, stretches measured with a ruler where they are far apart.

use super::column::Column;
use super::edges::{NOTHING, PARTS, row, row_after};
use super::{Dash, to_byte};
use crate::Trace;
use crate::scale::Ruler;

/// Vertices no further apart than this, in pixels, are joined by upright strokes.
const CLOSE: f64 = 2.0;
/// A stroke is no thinner than this where it stands alone.
const LEAST_HALF: f32 = 0.75;

/// A vertex in the picture, and the column and the part of a pixel that it lies in.
#[derive(Clone, Copy)]
struct Corner {
    x: f64,
    y: f64,
    column: i32,
    part: i32,
}

impl Corner {
    fn new(x: f64, y: f64) -> Self {
        Self { x, y, column: x.floor() as i32, part: (y * f64::from(PARTS)) as i32 }
    }
}

/// What the line covers.
#[derive(Debug, Default)]
pub(super) struct Line {
    height: usize,
    width: usize,
    /// Per column from where to where the strokes go, in parts of a pixel.
    strokes: Vec<(i32, i32)>,
    /// How much of each pixel the stretches cover, column by column, and which rows they touch. Each pixel keeps its
    /// strongest mark, so that joints do not darken. Without stretches there is no memory for them.
    marks: Vec<u8>,
    touched: Vec<(i32, i32)>,
}

impl Line {
    /// Finds out what the line of `trace` covers of a picture of `width` by `height` pixels.
    pub(super) fn measure(&mut self, trace: &Trace, ruler: &Ruler, line_width: f32, (width, height): (usize, usize)) {
        (self.width, self.height) = (width, height);
        self.strokes.clear();
        self.strokes.resize(width, NOTHING);
        self.touched.clear();
        let half = line_width * 0.5;
        let margin = (half * PARTS as f32) as i32;
        let (left, right) = (-4.0, width as f64 + 4.0);
        let far = 10.0 * height as f64;
        let mut before: Option<Corner> = None;
        let mut lines = trace.line.iter().peekable();
        while let Some(vertex) = lines.next() {
            let here = Corner::new(vertex.x, ruler.y(vertex.value).clamp(-far, 11.0 * far));
            let there = before.replace(here).filter(|_| vertex.joined);
            if let Some(there) = there {
                if here.x - there.x <= CLOSE {
                    self.strokes(there, here, margin);
                } else if let Some((from, to)) = cut((there.x, there.y), (here.x, here.y), left, right) {
                    // Points may lie millions of pixels away: cut in double precision before drawing in single.
                    self.stretch((from.0 as f32, from.1 as f32), (to.0 as f32, to.1 as f32), half);
                }
            } else if lines.peek().is_none_or(|next| !next.joined) {
                // Data on its own, one pixel wide: without this it would not be seen at all.
                self.stroke(here.column, (here.part, here.part), (half.max(LEAST_HALF) * PARTS as f32) as i32);
            }
        }
    }

    /// Leaves gaps in the line where it goes on, never where data are on their own.
    pub(super) fn break_up(&mut self, Dash { on, off, shift }: Dash) {
        let period = (on + off).max(1);
        let goes_on = |line: &Self, x: usize| line.rows(x) != NOTHING;
        let mut x = 0;
        while x < self.width {
            let place = (x + shift) % period;
            if place < on {
                x += on - place;
                continue;
            }
            let end = (x + period - place).min(self.width);
            if x > 0 && end < self.width && (x - 1..=end).all(|x| goes_on(self, x)) {
                (x..end).for_each(|x| self.wipe(x));
            }
            x = end;
        }
    }

    fn wipe(&mut self, x: usize) {
        self.strokes[x] = NOTHING;
        if let Some(rows) = self.touched.get_mut(x) {
            let (first, last) = std::mem::replace(rows, NOTHING);
            if first < last {
                let start = x * self.height;
                self.marks[start + first as usize..start + last as usize].fill(0);
            }
        }
    }

    /// The rows that the line touches in a column, in parts of a pixel.
    pub(super) fn rows(&self, x: usize) -> (i32, i32) {
        let (from, to) = self.strokes.get(x).copied().unwrap_or(NOTHING);
        let (first, last) = self.touched.get(x).copied().unwrap_or(NOTHING);
        if first < last { (from.min(first * PARTS), to.max(last * PARTS)) } else { (from, to) }
    }

    /// Lays the line over a column, and wipes its marks.
    pub(super) fn paint(&mut self, x: usize, column: &mut Column<'_>) {
        let (from, to) = self.strokes.get(x).copied().unwrap_or(NOTHING);
        let touched = self.touched.get_mut(x).map(|rows| std::mem::replace(rows, NOTHING));
        let Some((first, last)) = touched.filter(|(first, last)| first < last) else {
            column.add(from, to, 255);
            return;
        };
        // Whole pixels, each as covered as the stronger of stroke and stretch covers it.
        let (from, to) = if from < to { (from, to) } else { (first * PARTS, first * PARTS) };
        for row in first.min(row(from))..last.max(row_after(to)) {
            let stroke = (to.min((row + 1) * PARTS) - from.max(row * PARTS) - 1).max(0);
            let mark = if (first..last).contains(&row) {
                self.marks.get_mut(x * self.height + row as usize).map(std::mem::take).unwrap_or_default()
            } else {
                0
            };
            column.fill(row, row + 1, i32::from(mark).max(stroke));
        }
    }

    /// A short step from one pixel column to the next: half of it is drawn in either column.
    fn strokes(&mut self, there: Corner, here: Corner, margin: i32) {
        if there.column == here.column {
            self.stroke(there.column, (there.part, here.part), margin);
            return;
        }
        let middle = (there.part + here.part) >> 1;
        self.stroke(there.column, (there.part, middle), margin);
        if here.column.saturating_sub(there.column) > 1 {
            self.stroke(there.column + 1, (middle, middle), margin);
        }
        self.stroke(here.column, (middle, here.part), margin);
    }

    /// Upright in a column between two heights, in parts of a pixel.
    fn stroke(&mut self, column: i32, (one, other): (i32, i32), margin: i32) {
        let Some((from, to)) = usize::try_from(column).ok().and_then(|x| self.strokes.get_mut(x)) else { return };
        let end = self.height as i32 * PARTS;
        let (upper, lower) = (one.min(other) - margin, one.max(other) + margin);
        (*from, *to) = ((*from).min(upper.clamp(0, end)), (*to).max(lower.clamp(0, end)));
    }

    /// A longer stretch: pixels are covered by how close they are to it.
    fn stretch(&mut self, (x0, y0): (f32, f32), (x1, y1): (f32, f32), half: f32) {
        if self.touched.is_empty() {
            self.touched.resize(self.width, NOTHING);
            self.marks.resize(self.width * self.height, 0);
        }
        let (dx, dy) = (x1 - x0, y1 - y0);
        let square = (dx * dx + dy * dy).max(f32::MIN_POSITIVE);
        let slope = dy / dx;
        let reach = half + 0.5;
        // Along a column the line is as thick as it is steep, up to what its ends allow.
        let upright = (reach * square.sqrt() / dx.abs()).min(dy.abs() + 2.0 * reach);
        let first = (x0 - reach).floor().max(0.0) as usize;
        let last = ((x1 + reach).ceil().max(0.0) as usize).min(self.width);
        for x in first..last {
            let centre = x as f32 + 0.5;
            let middle = y0 + slope * (centre.clamp(x0, x1) - x0);
            let top = (middle - upright).floor().max(0.0) as usize;
            let bottom = ((middle + upright).ceil().max(0.0) as usize).min(self.height);
            if top >= bottom {
                continue;
            }
            let (start, touched) = (x * self.height, &mut self.touched[x]);
            *touched = (touched.0.min(top as i32), touched.1.max(bottom as i32));
            for (y, mark) in (top..bottom).zip(&mut self.marks[start + top..start + bottom]) {
                let (px, py) = (centre - x0, y as f32 + 0.5 - y0);
                let along = ((px * dx + py * dy) / square).clamp(0.0, 1.0);
                let (wide, high) = (px - along * dx, py - along * dy);
                *mark = (*mark).max(to_byte(reach - (wide * wide + high * high).sqrt()));
            }
        }
    }
}

/// The part of a stretch from left to right that lies between `left` and `right`.
fn cut((x0, y0): (f64, f64), (x1, y1): (f64, f64), left: f64, right: f64) -> Option<((f64, f64), (f64, f64))> {
    if !(x0 <= x1 && x1 >= left && x0 <= right) {
        return None;
    }
    let at = |x: f64| (x, if x1 > x0 { y0 + (y1 - y0) * ((x - x0) / (x1 - x0)) } else { y0 });
    let from = if x0 < left { at(left) } else { (x0, y0) };
    let to = if x1 > right { at(right) } else { (x1, y1) };
    Some((from, to))
}
