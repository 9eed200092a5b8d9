//! What an import did, in words.

use std::fmt;
use std::time::Duration;

use indicatif::HumanCount;

use super::check::Findings;
use crate::time;

/// What became of one file.
#[derive(Clone, Debug)]
pub(super) struct FileSummary {
    /// The file as it was given.
    pub(super) file: String,
    /// What it holds.
    pub(super) findings: Findings,
    /// What became of each column that is a stream.
    pub(super) streams: Vec<StreamSummary>,
    /// Columns that were left out, with the reason.
    pub(super) left_out: Vec<String>,
}

/// What became of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StreamSummary {
    /// The stream as `collection/name`.
    pub(super) stream: String,
    /// How many points the stream has gained.
    pub(super) new: u64,
    /// How many points were in the stream already, or several times in the file, with the same time and value.
    pub(super) identical: u64,
    /// How many cells had no value.
    pub(super) empty: u64,
    /// How many cells said NaN.
    pub(super) nan: u64,
    /// The stream's version afterwards.
    pub(super) version: u64,
    /// How long the server took over the points, comparing included.
    pub(super) busy: Duration,
}

impl fmt::Display for FileSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} rows", self.file, HumanCount(self.findings.rows))?;
        if let Some((first, last)) = self.findings.span {
            write!(f, ", {} to {}", time::display(first), time::display(last))?;
        }
        for stream in &self.streams {
            write!(f, "\n  {stream}")?;
        }
        if let Some(row) = self.findings.first_out_of_order {
            write!(f, "\n  times are not in order (row {row} is before the row above it); they were sorted")?;
        }
        if self.findings.repeated_times > 0 {
            let repeated = HumanCount(self.findings.repeated_times);
            write!(f, "\n  {repeated} rows repeat the time of the row above them; all that differ in value were kept")?;
        }
        if !self.left_out.is_empty() {
            write!(f, "\n  columns left out: {}", self.left_out.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for StreamSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream, new, identical, empty, nan, version, busy } = self;
        let seconds = busy.as_secs_f64();
        let rate = (*new + *identical) as f64 / seconds.max(1e-9) / 1e6;
        write!(
            f,
            "{stream}: {} new points, {} already stored, {} empty, {} NaN; version {version}; {seconds:.2} s, {rate:.2} \
             million points/s",
            HumanCount(*new),
            HumanCount(*identical),
            HumanCount(*empty),
            HumanCount(*nan),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_stored_and_what_was_not() {
        let summary = FileSummary {
            file: "day.csv".to_owned(),
            findings: Findings {
                rows: 2_000_000,
                span: Some((0, 1_283_326_416_040_000_000)),
                first_out_of_order: Some(17),
                repeated_times: 2,
                ..Findings::default()
            },
            streams: vec![StreamSummary {
                stream: "a/b".to_owned(),
                new: 1_500_000,
                identical: 499_996,
                empty: 3,
                nan: 1,
                version: 12,
                busy: Duration::from_millis(500),
            }],
            left_out: vec!["who (text)".to_owned(), "on (yes or no)".to_owned()],
        };
        assert_eq!(
            summary.to_string(),
            "day.csv: 2,000,000 rows, 1970-01-01T00:00:00Z to 2010-09-01T07:33:36.04Z\n  \
             a/b: 1,500,000 new points, 499,996 already stored, 3 empty, 1 NaN; version 12; 0.50 s, 4.00 million \
             points/s\n  \
             times are not in order (row 17 is before the row above it); they were sorted\n  \
             2 rows repeat the time of the row above them; all that differ in value were kept\n  \
             columns left out: who (text), on (yes or no)"
        );
    }
}
