//! The first pass over a file: every cell is looked at before any point is stored, so that a bad file is refused whole.

use arrow_array::Array;
use btrdb_core::Timestamp;

use super::error::ImportError;
use super::plan::Plan;
use super::table::Batch;
use crate::progress::Progress;

/// What the first pass learned of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// How many rows the file has.
    pub(super) rows: u64,
    /// The earliest and the latest time; `None` without rows.
    pub(super) span: Option<(Timestamp, Timestamp)>,
    /// The first row whose time is before that of the row above it.
    pub(super) first_out_of_order: Option<u64>,
    /// How many rows have the time of the row above them.
    pub(super) repeated_times: u64,
    /// What was found in each column that becomes a stream, in the order of the plan.
    pub(super) columns: Vec<ColumnFindings>,
}

/// What the first pass learned of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ColumnFindings {
    /// Cells without a value.
    pub(super) empty: u64,
    /// Cells that say NaN.
    pub(super) nan: u64,
    /// All others.
    pub(super) points: u64,
}

/// Reads all of the file of `plan`, and stops at the first cell that cannot be imported.
pub(super) fn check(plan: &Plan, progress: &mut Progress) -> Result<Findings, ImportError> {
    let mut findings = Findings { columns: vec![ColumnFindings::default(); plan.streams.len()], ..Findings::default() };
    let mut last = None;
    progress.start("checking", plan.table.file(), plan.table.row_count());
    for batch in plan.table.read(&plan.selection())? {
        let batch = batch?;
        findings.add(&batch, &mut last);
        progress.advance(batch.time.len() as u64);
    }
    progress.finish();
    Ok(findings)
}

impl Findings {
    fn add(&mut self, batch: &Batch, last: &mut Option<Timestamp>) {
        for (row, &time) in (batch.first_row..).zip(&batch.time) {
            match *last {
                Some(before) if time < before => {
                    self.first_out_of_order.get_or_insert(row);
                }
                Some(before) if time == before => self.repeated_times += 1,
                _ => {}
            }
            *last = Some(time);
            let (first, latest) = self.span.get_or_insert((time, time));
            (*first, *latest) = ((*first).min(time), (*latest).max(time));
        }
        self.rows += batch.time.len() as u64;
        for (column, values) in self.columns.iter_mut().zip(&batch.values) {
            let empty = values.null_count() as u64;
            let nan = match values.nulls() {
                None => values.values().iter().filter(|value| value.is_nan()).count() as u64,
                Some(_) => values.iter().flatten().filter(|value| value.is_nan()).count() as u64,
            };
            column.empty += empty;
            column.nan += nan;
            column.points += values.len() as u64 - empty - nan;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::plan::Wishes;
    use crate::import::table::Table;

    fn findings(text: &str) -> Result<Findings, ImportError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.csv");
        std::fs::write(&path, text).unwrap();
        let plan = Plan::new(&path, Table::open(&path).unwrap(), Wishes::default()).unwrap();
        check(&plan, &mut Progress::for_stderr("rows"))
    }

    #[test]
    fn counts_rows_and_what_cells_hold() {
        let found = findings("time,a,b\n5,1,\n6,NaN,2\n6,3,4\n8,,NaN\n").unwrap();
        assert_eq!(
            found,
            Findings {
                rows: 4,
                span: Some((5, 8)),
                first_out_of_order: None,
                repeated_times: 1,
                columns: vec![
                    ColumnFindings { empty: 1, nan: 1, points: 2 },
                    ColumnFindings { empty: 1, nan: 1, points: 2 }
                ],
            }
        );
    }

    #[test]
    fn notices_disorder() {
        let found = findings("time,a\n-5,1\n9,1\n3,1\n4,1\n2,1\n").unwrap();
        assert_eq!((found.span, found.first_out_of_order), (Some((-5, 9)), Some(3)));
    }

    #[test]
    fn a_file_of_no_rows_is_no_error() {
        let found = findings("time,a\n").unwrap();
        assert_eq!((found.rows, found.span), (0, None));
    }

    #[test]
    fn one_infinity_refuses_the_file() {
        let message = findings("time,a,b\n1,2,3\n2,3,Infinity\n").unwrap_err().to_string();
        assert!(message.starts_with("row 2, column \"b\" of /") && message.contains("infinite"), "{message}");
    }
}
