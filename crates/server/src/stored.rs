//! What the server holds already, so that an import that is run again does not send it once more.

use btrdb_client::{RawColumns, Result, Stream, TimeRange, Transport};

/// How many stored points may lie in the range of a call, for each point of the call, for reading them back to be worth
/// its while.
const WORTH_READING: u64 = 2;

/// All of time that a window can span.
const ALL_OF_TIME: TimeRange = TimeRange { start: btrdb_client::MIN_TIME, end: btrdb_client::MAX_TIME - 1 };

/// How many points the stream holds.
pub(crate) async fn count<T: Transport>(stream: &Stream<T>) -> Result<u64> {
    count_in(stream, ALL_OF_TIME).await
}

/// Whether the stream holds every one of `points` to the last bit, so that inserting them by the policy `equal` would
/// change nothing. May say no where finding out costs more than inserting.
pub(crate) async fn holds_all<T: Transport>(stream: &Stream<T>, points: &RawColumns) -> Result<bool> {
    let (Some(&first), Some(&last)) = (points.time.iter().min(), points.time.iter().max()) else { return Ok(true) };
    let range = TimeRange::new(first, last + 1);
    let wanted = sorted(points);
    let stored = count_in(stream, range).await?;
    if stored < wanted.len() as u64 || stored > WORTH_READING * points.len() as u64 {
        return Ok(false);
    }
    Ok(is_subset(&wanted, &sorted(&stream.values(range, 0).await?.data)))
}

async fn count_in<T: Transport>(stream: &Stream<T>, range: TimeRange) -> Result<u64> {
    let windows = stream.windows(range, range.width(), 0).await?;
    Ok(windows.data.count.iter().sum())
}

/// The distinct points, by time and then by the bits of the value.
fn sorted(points: &RawColumns) -> Vec<(i64, u64)> {
    let mut pairs = points.iter().map(|point| (point.time, point.value.to_bits())).collect::<Vec<_>>();
    if !pairs.is_sorted() {
        pairs.sort_unstable();
    }
    pairs.dedup();
    pairs
}

fn is_subset(wanted: &[(i64, u64)], stored: &[(i64, u64)]) -> bool {
    let mut stored = stored.iter();
    wanted.iter().all(|point| stored.by_ref().find(|other| *other >= point) == Some(point))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(points: &[(i64, f64)]) -> Vec<(i64, u64)> {
        sorted(&points.iter().map(|&(time, value)| btrdb_client::Point { time, value }).collect())
    }

    #[test]
    fn finds_what_is_there_and_what_is_not() {
        let stored = points(&[(1, 1.0), (2, 2.0), (2, 3.0), (4, -0.0)]);
        for (wanted, expected) in [
            (&[][..], true),
            (&[(1, 1.0)], true),
            (&[(2, 3.0), (2, 2.0), (2, 3.0)], true),
            (&[(1, 1.0), (2, 2.0), (2, 3.0), (4, -0.0)], true),
            (&[(4, 0.0)], false),
            (&[(3, 2.0)], false),
            (&[(1, 2.0)], false),
            (&[(0, 1.0)], false),
            (&[(5, 1.0)], false),
            (&[(1, 1.0), (5, 1.0)], false),
        ] {
            assert_eq!(is_subset(&points(wanted), &stored), expected, "{wanted:?}");
        }
    }
}
