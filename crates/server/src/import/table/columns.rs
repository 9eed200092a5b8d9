//! Columns of Arrow as times and values, whatever file they come from.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use btrdb_core::Timestamp;

use super::{Batch, ColumnKind, Selection, Table};
use crate::import::error::{CellProblem, ImportError};
use crate::time;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// Turns record batches that hold the wanted columns, in the order of the file, into batches of the import.
pub(super) struct Converter {
    table: Table,
    selection: Selection,
    wanted: Vec<usize>,
}

impl Converter {
    pub(super) fn new(table: Table, selection: Selection) -> Self {
        let mut wanted = selection.values.iter().copied().chain([selection.time]).collect::<Vec<_>>();
        wanted.sort_unstable();
        wanted.dedup();
        Self { table, selection, wanted }
    }

    /// The columns to read, ascending.
    pub(super) fn wanted(&self) -> &[usize] {
        &self.wanted
    }

    /// The file as it was given.
    pub(super) fn file(&self) -> &str {
        self.table.file()
    }

    /// The rows of `records`, the first of which is the file's row `first_row`.
    pub(super) fn convert(&self, records: &RecordBatch, first_row: u64) -> Result<Batch, ImportError> {
        let time = self.times(self.projected(records, self.selection.time)?, first_row)?;
        let values = self.selection.values.iter().map(|&column| {
            let numbers = self.cast(self.projected(records, column)?, column, &DataType::Float64)?;
            Ok(numbers.as_primitive::<Float64Type>().clone())
        });
        Ok(Batch { first_row, time, values: values.collect::<Result<_, ImportError>>()? })
    }

    /// The error for the time of `row`.
    pub(super) fn time_error(&self, row: u64, problem: CellProblem) -> ImportError {
        self.table.cell_error(row, self.selection.time, problem)
    }

    /// The column of `records` that was the file's `column`th: those not wanted are missing.
    fn projected<'a>(&self, records: &'a RecordBatch, column: usize) -> Result<&'a ArrayRef, ImportError> {
        let found = self.wanted.binary_search(&column).ok().and_then(|index| records.columns().get(index));
        found.ok_or_else(|| ImportError::MissingColumn {
            file: self.file().to_owned(),
            column: self.name(column),
            wanted_by: "its own description".to_owned(),
            columns: records.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    fn name(&self, column: usize) -> String {
        self.table.columns().get(column).map(|column| column.name.clone()).unwrap_or_default()
    }

    fn cast(&self, array: &ArrayRef, column: usize, to: &DataType) -> Result<ArrayRef, ImportError> {
        cast(array, to).map_err(|source| ImportError::Convert {
            file: self.file().to_owned(),
            column: self.name(column),
            source,
        })
    }

    fn times(&self, array: &ArrayRef, first_row: u64) -> Result<Vec<Timestamp>, ImportError> {
        let column = self.selection.time;
        let at = |row: usize, problem| self.time_error(first_row + row as u64, problem);
        let array = match array.data_type() {
            DataType::Dictionary(_, values) => &self.cast(array, column, values)?,
            _ => array,
        };
        if array.logical_null_count() > 0
            && let Some(nulls) = array.logical_nulls()
            && let Some(row) = (0..array.len()).find(|&row| nulls.is_null(row))
        {
            return Err(at(row, CellProblem::NoTime));
        }
        let convert = |(row, time): (usize, Result<Timestamp, CellProblem>)| time.map_err(|problem| at(row, problem));
        match array.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                let text = self.cast(array, column, &DataType::Utf8)?;
                let text = text.as_string::<i32>();
                (0..text.len()).map(|row| (row, time::parse(text.value(row).trim()))).map(convert).collect()
            }
            DataType::UInt64 => {
                let nanos =
                    array.as_primitive::<UInt64Type>().values().iter().map(|&nanos| match i64::try_from(nanos) {
                        Ok(nanos) => time::from_units(nanos, 1),
                        Err(_) => Err(CellProblem::TimeOutOfRange(nanos.to_string())),
                    });
                nanos.enumerate().map(convert).collect()
            }
            kind => {
                let nanos_per_unit = nanos_per_unit(kind);
                let counts = self.cast(array, column, &DataType::Int64)?;
                let counts = counts.as_primitive::<Int64Type>().values().iter();
                counts.map(|&count| time::from_units(count, nanos_per_unit)).enumerate().map(convert).collect()
            }
        }
    }
}

fn nanos_per_unit(kind: &DataType) -> i64 {
    match kind {
        DataType::Date32 => 86_400 * NANOS_PER_SECOND,
        DataType::Timestamp(TimeUnit::Second, _) => NANOS_PER_SECOND,
        DataType::Timestamp(TimeUnit::Millisecond, _) | DataType::Date64 => 1_000_000,
        DataType::Timestamp(TimeUnit::Microsecond, _) => 1_000,
        _ => 1,
    }
}

/// What a column of the type `kind` holds.
pub(super) fn kind_of(kind: &DataType) -> ColumnKind {
    match kind {
        kind if kind.is_integer() => ColumnKind::Integer,
        kind if kind.is_floating() || kind.is_decimal() => ColumnKind::Number,
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => ColumnKind::Instant,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ColumnKind::Text(None),
        DataType::Dictionary(_, values) => kind_of(values),
        DataType::Null => ColumnKind::Empty,
        DataType::Boolean => ColumnKind::Other("yes or no".to_owned()),
        other => ColumnKind::Other(format!("values of the type {other}")),
    }
}
