//! Putting new points in order and settling which of several at one time stay.

use btrdb_core::{MergePolicy, Point};

/// Sorts `points` by time, keeping the order of arrival at one time, and applies `policy` among them.
pub(crate) fn settle(mut points: Vec<Point>, policy: MergePolicy) -> Vec<Point> {
    if !points.is_sorted_by_key(|point| point.time) {
        points.sort_by_key(|point| point.time);
    }
    if policy == MergePolicy::Never || points.windows(2).all(|pair| pair[0].time != pair[1].time) {
        return points;
    }
    merge(&[], &points, policy)
}

/// Both lists as one, `old` before `new` at one time, after `policy` has dropped what it drops. `old` stays as it is but
/// for `Replace`; both must be sorted.
pub(crate) fn merge(old: &[Point], new: &[Point], policy: MergePolicy) -> Vec<Point> {
    let mut merged: Vec<Point> = Vec::with_capacity(old.len() + new.len());
    let mut rest = old;
    for same_time in new.chunk_by(|a, b| a.time == b.time) {
        let time = same_time[0].time;
        let (before, from) = rest.split_at(rest.partition_point(|point| point.time < time));
        let (taken, after) = from.split_at(from.partition_point(|point| point.time == time));
        merged.extend_from_slice(before);
        rest = after;
        join(&mut merged, taken, same_time, policy);
    }
    merged.extend_from_slice(rest);
    merged
}

/// Adds to `merged` what stays of the points of one time: `old`, then `new`.
fn join(merged: &mut Vec<Point>, old: &[Point], new: &[Point], policy: MergePolicy) {
    match policy {
        MergePolicy::Never => {
            merged.extend_from_slice(old);
            merged.extend_from_slice(new);
        }
        MergePolicy::Equal => {
            let first = merged.len();
            merged.extend_from_slice(old);
            if let [only] = new {
                if !old.iter().any(|point| point.is_identical(only)) {
                    merged.push(*only);
                }
                return;
            }
            let mut seen: std::collections::HashSet<u64> =
                merged[first..].iter().map(|point| point.value.to_bits()).collect();
            merged.extend(new.iter().filter(|point| seen.insert(point.value.to_bits())));
        }
        MergePolicy::Retain if old.is_empty() => merged.extend(new.first()),
        MergePolicy::Retain => merged.extend_from_slice(old),
        MergePolicy::Replace => merged.extend(new.last()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(pairs: &[(i64, f64)]) -> Vec<Point> {
        pairs.iter().map(|&(time, value)| Point { time, value }).collect()
    }

    #[test]
    fn policies_of_the_protocol() {
        use MergePolicy::{Equal, Never, Replace, Retain};
        let (same, other) = (&[(110, 2.0)][..], &[(110, 3.0)][..]);
        let (both, twice) = (&[(110, 2.0), (110, 3.0)][..], &[(110, 2.0), (110, 2.0)][..]);
        for (old, new, policy, expected) in [
            (same, same, Never, twice),
            (same, same, Equal, same),
            (same, same, Retain, same),
            (same, same, Replace, same),
            (same, other, Never, both),
            (same, other, Equal, both),
            (same, other, Retain, same),
            (same, other, Replace, other),
            (&[], both, Never, both),
            (&[], both, Equal, both),
            (&[], both, Retain, same),
            (&[], both, Replace, other),
        ] {
            let merged = merge(&points(old), &settle(points(new), policy), policy);
            assert_eq!(merged, points(expected), "{old:?} {new:?} {policy:?}");
        }
    }

    #[test]
    fn stored_duplicates_survive_equal_and_fall_to_replace() {
        let old = points(&[(5, 1.0), (5, 1.0), (7, 0.0)]);
        let new = points(&[(5, 1.0), (5, 2.0), (5, 2.0)]);
        assert_eq!(merge(&old, &new, MergePolicy::Equal), points(&[(5, 1.0), (5, 1.0), (5, 2.0), (7, 0.0)]));
        assert_eq!(merge(&old, &new, MergePolicy::Replace), points(&[(5, 2.0), (7, 0.0)]));
    }

    #[test]
    fn settling_keeps_the_order_of_arrival() {
        let arrived = points(&[(3, 1.0), (1, 9.0), (3, 0.0), (2, 5.0)]);
        assert_eq!(settle(arrived, MergePolicy::Never), points(&[(1, 9.0), (2, 5.0), (3, 1.0), (3, 0.0)]));
    }

    #[test]
    fn zero_and_minus_zero_are_different_values() {
        let merged = merge(&points(&[(1, 0.0)]), &points(&[(1, -0.0)]), MergePolicy::Equal);
        assert_eq!(merged.len(), 2);
    }
}
