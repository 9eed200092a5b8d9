//! How many points there are where.

use crate::cover::{Source, Span};
use crate::{TileData, Viewport};

/// Adds to `counts`, one per pixel column of `viewport`, how many points `spans` have there. Points of windows wider than a
/// pixel are spread evenly over it.
pub fn add_density(spans: &[Span], viewport: &Viewport, counts: &mut [f64]) {
    let projection = viewport.projection(counts.len() as f64);
    for span in spans {
        let Source::Tile(tile) = &span.source else { continue };
        match &tile.data {
            TileData::Windows(rows) => {
                let nanos = tile.key.resolution.point_width().nanos();
                for (&time, &count) in rows.time.iter().zip(&rows.count) {
                    if time >= span.range.start && time < span.range.end {
                        let from = projection.x(time);
                        spread(counts, from, from + nanos as f64 * projection.pixels_per_nano(), count as f64);
                    }
                }
            }
            TileData::Raw(rows) => {
                for &time in rows.time.iter().filter(|&&time| span.range.contains(time)) {
                    let x = projection.x(time);
                    spread(counts, x, x, 1.0);
                }
            }
        }
    }
}

/// Shares `count` points among the columns that lie between `from` and `to`, to each as much as it has of that.
fn spread(counts: &mut [f64], from: f64, to: f64, count: f64) {
    let to = to.max(from + 1e-9);
    let (left, right) = (from.max(0.0), to.min(counts.len() as f64));
    if right <= left {
        return;
    }
    for column in left.floor() as usize..(right.ceil() as usize).min(counts.len()) {
        let part = right.min(column as f64 + 1.0) - left.max(column as f64);
        counts[column] += count * part / (to - from);
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use btrdb_core::{PointWidth, RawColumns, StatColumns, TimeRange};

    use super::*;
    use crate::{Resolution, StreamId, Tile, TileKey};

    fn span(resolution: Resolution, data: TileData) -> Span {
        let key = TileKey { stream: StreamId(1), resolution, index: 0 };
        let source = Source::Tile(Rc::new(Tile::new(key, 1, data)));
        Span { range: TimeRange::new(0, 512), source }
    }

    #[test]
    fn points_are_counted_where_they_are() {
        let viewport = Viewport::new(TimeRange::new(0, 512));
        let width = PointWidth::new(7).unwrap();
        let rows = StatColumns {
            time: vec![0, 384],
            min: vec![0.0; 2],
            mean: vec![0.0; 2],
            max: vec![0.0; 2],
            count: vec![100, 60],
            stddev: vec![0.0; 2],
        };
        let mut counts = vec![0.0; 8];
        add_density(&[span(Resolution::Windows(width), TileData::Windows(rows))], &viewport, &mut counts);
        assert_eq!(counts, [50.0, 50.0, 0.0, 0.0, 0.0, 0.0, 30.0, 30.0]);
        let rows = RawColumns { time: vec![0, 1, 130, 511], value: vec![0.0; 4] };
        add_density(&[span(Resolution::Raw(width), TileData::Raw(rows))], &viewport, &mut counts);
        let expected = [52.0, 50.0, 1.0, 0.0, 0.0, 0.0, 30.0, 31.0];
        assert!(counts.iter().zip(expected).all(|(count, expected)| (count - expected).abs() < 1e-6), "{counts:?}");
    }
}
