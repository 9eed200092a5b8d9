//! Columns of several streams brought to one column of times.

use btrdb_core::Timestamp;

/// All times of `columns`, each of which ascends, once and ascending.
pub(super) fn all_times<'a>(columns: impl Iterator<Item = &'a [Timestamp]>) -> Vec<Timestamp> {
    let mut all: Vec<Timestamp> = columns.flatten().copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// For each of `all` times the row of `times` that has it, the last of several; `None` where none has. Both ascend.
pub(super) fn rows_at(all: &[Timestamp], times: &[Timestamp]) -> Vec<Option<usize>> {
    let mut row = 0;
    let place = |&time: &Timestamp| {
        let mut found = None;
        while times.get(row).is_some_and(|&other| other <= time) {
            found = Some(row);
            row += 1;
        }
        found
    };
    all.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_meet_at_their_times() {
        let columns: [&[i64]; 3] = [&[1, 3, 3, 5], &[-2, 3], &[]];
        let all = all_times(columns.into_iter());
        assert_eq!(all, [-2, 1, 3, 5]);
        assert_eq!(rows_at(&all, columns[0]), [None, Some(0), Some(2), Some(3)]);
        assert_eq!(rows_at(&all, columns[1]), [Some(0), None, Some(1), None]);
        assert_eq!(rows_at(&all, columns[2]), [None; 4]);
    }
}
