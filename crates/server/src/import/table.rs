//! A file of rows and columns, CSV, Parquet or Arrow, as its content says.

mod arrow;
mod columns;
mod csv;
mod parquet;
mod sniff;

use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, Float64Array};
use btrdb_core::Timestamp;

use self::sniff::Format;
use super::error::{CellProblem, ImportError};

/// How many cells are read at a time, all columns together: enough to be quick, little enough for any machine.
const CELLS_PER_BATCH: usize = 1 << 19;

/// A file whose columns are known and whose rows can be read as often as wanted. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Table(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    layout: Layout,
}

/// What a message about a file needs to name: the file and its columns.
#[derive(Debug)]
struct Source {
    file: String,
    columns: Vec<Column>,
}

#[derive(Debug)]
enum Layout {
    Csv(csv::Layout),
    Parquet(parquet::Layout),
    Arrow(arrow::Layout),
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: ColumnKind,
}

/// What a column holds, as far as an import cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ColumnKind {
    /// Whole numbers: values, or times in nanoseconds.
    Integer,
    /// Other numbers: values.
    Number,
    /// Dates and times.
    Instant,
    /// Text that may or may not be times; with a sample of it where there is one.
    Text(Option<String>),
    /// Nothing as far as one has looked, so it may be times as well as values.
    Empty,
    /// Something else, in the words of the file format.
    Other(String),
}

impl ColumnKind {
    /// Whether a column of this kind can become a stream.
    pub(super) fn is_numeric(&self) -> bool {
        matches!(self, Self::Integer | Self::Number | Self::Empty)
    }

    /// How a message calls what the column holds.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Integer => "whole numbers".to_owned(),
            Self::Number => "numbers with decimals".to_owned(),
            Self::Instant => "times".to_owned(),
            Self::Text(Some(sample)) => format!("text such as \"{sample}\""),
            Self::Text(None) => "text".to_owned(),
            Self::Empty => "nothing".to_owned(),
            Self::Other(what) => what.clone(),
        }
    }
}

/// Some consecutive rows: a time each, and the chosen columns with null for empty cells.
#[derive(Debug)]
pub(super) struct Batch {
    /// The number of the first row, from 1.
    pub(super) first_row: u64,
    pub(super) time: Vec<Timestamp>,
    pub(super) values: Vec<Float64Array>,
}

/// Which columns are read, as indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) time: usize,
    pub(super) values: Vec<usize>,
}

impl Table {
    /// Looks at the file at `path`: what it is, and what columns it has.
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let file = path.display().to_string();
        let (columns, layout) = match sniff::format_of(path)? {
            Format::Csv => csv::open(path).map(|(columns, layout)| (columns, Layout::Csv(layout)))?,
            Format::Parquet => parquet::open(path).map(|(columns, layout)| (columns, Layout::Parquet(layout)))?,
            Format::Arrow(framing) => {
                arrow::open(path, framing).map(|(columns, layout)| (columns, Layout::Arrow(layout)))?
            }
        };
        Ok(Self(Arc::new(Inner { source: Source { file, columns }, layout })))
    }

    /// The file as it was given.
    pub(super) fn file(&self) -> &str {
        &self.0.source.file
    }

    /// Its columns in order.
    pub(super) fn columns(&self) -> &[Column] {
        &self.0.source.columns
    }

    /// How many rows it has, where that is known without reading them.
    pub(super) fn row_count(&self) -> Option<u64> {
        match &self.0.layout {
            Layout::Csv(_) | Layout::Arrow(_) => None,
            Layout::Parquet(layout) => Some(layout.row_count()),
        }
    }

    /// Reads the rows from the first to the last, a batch at a time. A cell that cannot be imported ends it.
    pub(super) fn read(&self, selection: &Selection) -> Result<Batches, ImportError> {
        let rows = (CELLS_PER_BATCH / (selection.values.len() + 1)).max(1);
        let unchecked: BatchIter = match &self.0.layout {
            Layout::Csv(layout) => Box::new(layout.read(self.clone(), selection.clone(), rows)?),
            Layout::Parquet(layout) => Box::new(layout.read(self.clone(), selection.clone(), rows)?),
            Layout::Arrow(layout) => Box::new(layout.read(self.clone(), selection.clone(), rows)?),
        };
        Ok(Batches { table: self.clone(), selection: selection.clone(), unchecked })
    }

    /// The error for a cell of the column with index `column`.
    fn cell_error(&self, row: u64, column: usize, problem: CellProblem) -> ImportError {
        let column = self.columns().get(column).map(|column| column.name.clone()).unwrap_or_default();
        ImportError::Cell { file: self.file().to_owned(), row, column, problem }
    }
}

type BatchIter = Box<dyn Iterator<Item = Result<Batch, ImportError>> + Send>;

/// The batches of a file, none of which holds an infinite value.
pub(super) struct Batches {
    table: Table,
    selection: Selection,
    unchecked: BatchIter,
}

impl Iterator for Batches {
    type Item = Result<Batch, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.unchecked.next()?;
        Some(batch.and_then(|batch| self.refuse_infinities(batch)))
    }
}

impl Batches {
    fn refuse_infinities(&self, batch: Batch) -> Result<Batch, ImportError> {
        for (values, &column) in batch.values.iter().zip(&self.selection.values) {
            let is_infinite = |row: &usize| values.is_valid(*row) && values.value(*row).is_infinite();
            // Nearly always there is none, which this finds without a branch per value.
            if values.values().iter().fold(false, |found, value| found | value.is_infinite())
                && let Some(row) = (0..values.len()).find(is_infinite)
            {
                return Err(self.table.cell_error(batch.first_row + row as u64, column, CellProblem::Infinite));
            }
        }
        Ok(batch)
    }
}
