//! Parquet, a batch of rows at a time and only the columns that are wanted.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use btrdb_core::Timestamp;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use super::{Batch, Column, ColumnKind, Selection, Table};
use crate::import::error::{CellProblem, ImportError};
use crate::time;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// The file's own description, read once.
#[derive(Debug)]
pub(super) struct Layout {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
}

/// The columns of the file at `path`, and its description.
pub(super) fn open(path: &Path) -> Result<(Vec<Column>, Layout), ImportError> {
    let file = path.display().to_string();
    let opened = File::open(path).map_err(|source| ImportError::Read { file: file.clone(), source })?;
    let metadata = ArrowReaderMetadata::load(&opened, ArrowReaderOptions::new())
        .map_err(|source| ImportError::Parquet { file, source })?;
    let columns = metadata
        .schema()
        .fields()
        .iter()
        .map(|field| Column { name: field.name().trim().to_owned(), kind: kind_of(field.data_type()) });
    Ok((columns.collect(), Layout { path: path.to_owned(), metadata }))
}

impl Layout {
    /// How many rows the file says it has.
    pub(super) fn row_count(&self) -> u64 {
        self.metadata.metadata().file_metadata().num_rows().max(0) as u64
    }

    /// Reads the chosen columns, `rows` rows at a time.
    pub(super) fn read(&self, table: Table, selection: Selection, rows: usize) -> Result<Rows, ImportError> {
        let opened =
            File::open(&self.path).map_err(|source| ImportError::Read { file: table.file().to_owned(), source })?;
        let wanted = selection.values.iter().copied().chain([selection.time]);
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, self.metadata.clone());
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        let reader = builder.with_projection(mask).with_batch_size(rows).build();
        let reader = reader.map_err(|source| ImportError::Parquet { file: table.file().to_owned(), source })?;
        Ok(Rows { table, selection, reader, next_row: 1 })
    }
}

/// The rows of a Parquet file, in batches.
pub(super) struct Rows {
    table: Table,
    selection: Selection,
    reader: ParquetRecordBatchReader,
    /// The number of the row read next, from 1.
    next_row: u64,
}

impl Iterator for Rows {
    type Item = Result<Batch, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let records = match self.reader.next()? {
            Ok(records) => records,
            Err(error) => {
                let source = ParquetError::External(Box::new(error));
                return Some(Err(ImportError::Parquet { file: self.table.file().to_owned(), source }));
            }
        };
        let first_row = self.next_row;
        self.next_row += records.num_rows() as u64;
        Some(self.convert(&records, first_row))
    }
}

impl Rows {
    fn convert(&self, records: &RecordBatch, first_row: u64) -> Result<Batch, ImportError> {
        let time = self.times(self.projected(records, self.selection.time), first_row)?;
        let values = self.selection.values.iter().map(|&column| {
            let numbers = self.cast(self.projected(records, column), column, &DataType::Float64)?;
            Ok(numbers.as_primitive::<Float64Type>().clone())
        });
        Ok(Batch { first_row, time, values: values.collect::<Result<_, ImportError>>()? })
    }

    /// The column of `records` that was the file's `column`th: those not wanted are missing, the order is the file's.
    fn projected<'a>(&self, records: &'a RecordBatch, column: usize) -> &'a ArrayRef {
        let wanted = self.selection.values.iter().chain([&self.selection.time]);
        records.column(wanted.filter(|&&other| other < column).count())
    }

    fn cast(&self, array: &ArrayRef, column: usize, to: &DataType) -> Result<ArrayRef, ImportError> {
        cast(array, to).map_err(|source| ImportError::Convert {
            file: self.table.file().to_owned(),
            column: self.table.columns().get(column).map(|column| column.name.clone()).unwrap_or_default(),
            source,
        })
    }

    fn times(&self, array: &ArrayRef, first_row: u64) -> Result<Vec<Timestamp>, ImportError> {
        let column = self.selection.time;
        let at = |row: usize, problem| self.table.cell_error(first_row + row as u64, column, problem);
        if array.null_count() > 0
            && let Some(row) = (0..array.len()).find(|&row| array.is_null(row))
        {
            return Err(at(row, CellProblem::NoTime));
        }
        let convert = |(row, time): (usize, Result<Timestamp, CellProblem>)| time.map_err(|problem| at(row, problem));
        match array.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
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

fn kind_of(kind: &DataType) -> ColumnKind {
    match kind {
        kind if kind.is_integer() => ColumnKind::Integer,
        kind if kind.is_floating() || kind.is_decimal() => ColumnKind::Number,
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => ColumnKind::Instant,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ColumnKind::Text(None),
        DataType::Dictionary(_, values) if values.is_string() => ColumnKind::Text(None),
        DataType::Boolean => ColumnKind::Other("yes or no".to_owned()),
        other => ColumnKind::Other(format!("values of the type {other}")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int32Array,
        Int64Array, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
        TimestampSecondArray, UInt64Array,
    };
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;

    use super::*;

    /// The quake's peak in the shipped recording.
    const PEAK: Timestamp = 1_283_326_416_040_000_000;

    fn write(columns: Vec<(&str, ArrayRef)>) -> (tempfile::NamedTempFile, Table) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let records =
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
                .unwrap();
        // Small groups and pages, so that reading crosses their borders.
        let small = WriterProperties::builder().set_max_row_group_row_count(Some(3)).build();
        let mut writer = ArrowWriter::try_new(file.reopen().unwrap(), records.schema(), Some(small)).unwrap();
        writer.write(&records).unwrap();
        writer.close().unwrap();
        let table = Table::open(file.path()).unwrap();
        (file, table)
    }

    fn batches(table: &Table, time: usize, values: &[usize]) -> Result<Vec<Batch>, ImportError> {
        table.read(&Selection { time, values: values.to_vec() })?.collect()
    }

    fn time_of(array: ArrayRef) -> Result<Vec<Timestamp>, ImportError> {
        let (_file, table) = write(vec![("time", array)]);
        Ok(batches(&table, 0, &[])?.into_iter().flat_map(|batch| batch.time).collect())
    }

    #[test]
    fn converts_timestamps_of_every_unit_and_zone_exactly() {
        let seconds = PEAK / NANOS_PER_SECOND;
        let arrays: [(ArrayRef, Timestamp); 9] = [
            (Arc::new(Int64Array::from(vec![PEAK])), PEAK),
            (Arc::new(UInt64Array::from(vec![PEAK as u64])), PEAK),
            (Arc::new(TimestampNanosecondArray::from(vec![PEAK + 1])), PEAK + 1),
            (Arc::new(TimestampNanosecondArray::from(vec![PEAK]).with_timezone("Europe/Paris")), PEAK),
            (Arc::new(TimestampMicrosecondArray::from(vec![PEAK / 1_000]).with_timezone("+09:30")), PEAK),
            (Arc::new(TimestampMillisecondArray::from(vec![-1])), -1_000_000),
            (Arc::new(TimestampSecondArray::from(vec![seconds]).with_timezone("UTC")), seconds * NANOS_PER_SECOND),
            (Arc::new(Date32Array::from(vec![-1])), -86_400 * NANOS_PER_SECOND),
            (Arc::new(StringArray::from(vec!["2010-09-01T09:33:36.04+02:00"])), PEAK),
        ];
        for (array, expected) in arrays {
            let kind = array.data_type().clone();
            assert_eq!(time_of(array).unwrap(), [expected], "{kind}");
        }
        let words = DictionaryArray::<arrow_array::types::Int32Type>::from_iter(["2010-09-01T07:33:36.04Z"]);
        assert_eq!(time_of(Arc::new(words)).unwrap(), [PEAK]);
    }

    #[test]
    fn names_the_row_of_a_time_that_cannot_be_stored() {
        let arrays: [(ArrayRef, &str); 5] = [
            (Arc::new(TimestampSecondArray::from(vec![0, i64::MAX])), "the time 9223372036854775807 × 1000000000 ns"),
            (Arc::new(TimestampMicrosecondArray::from(vec![0, -2_000_000_000_000_000])), "cannot be stored"),
            (Arc::new(UInt64Array::from(vec![0, u64::MAX])), "the time 18446744073709551615 cannot be stored"),
            (Arc::new(Int64Array::from(vec![Some(0), None])), "there is no time"),
            (Arc::new(StringArray::from(vec!["2010-09-01", "noon"])), "\"noon\" is not a time"),
        ];
        for (array, expected) in arrays {
            let message = time_of(array).unwrap_err().to_string();
            assert!(message.starts_with("row 2, column \"time\" of /") && message.contains(expected), "{message}");
        }
    }

    #[test]
    fn knows_what_columns_hold() {
        let (_file, table) = write(vec![
            ("time", Arc::new(TimestampMillisecondArray::from(vec![1]))),
            ("count", Arc::new(Int32Array::from(vec![1]))),
            ("volts", Arc::new(Float32Array::from(vec![1.5]))),
            ("price", Arc::new(Decimal128Array::from(vec![150]).with_precision_and_scale(10, 2).unwrap())),
            ("who", Arc::new(StringArray::from(vec!["left"]))),
            ("on", Arc::new(BooleanArray::from(vec![true]))),
        ]);
        let kinds = table.columns().iter().map(|column| column.kind.clone()).collect::<Vec<_>>();
        assert_eq!(
            kinds,
            [
                ColumnKind::Instant,
                ColumnKind::Integer,
                ColumnKind::Number,
                ColumnKind::Number,
                ColumnKind::Text(None),
                ColumnKind::Other("yes or no".to_owned())
            ]
        );
        assert_eq!(table.row_count(), Some(1));
        let batches = batches(&table, 0, &[3, 1, 2]).unwrap();
        let values = batches[0].values.iter().map(|values| values.value(0)).collect::<Vec<_>>();
        assert_eq!(values, [1.5, 1.0, 1.5]);
    }

    #[test]
    fn reads_chosen_columns_over_the_borders_of_groups() {
        let (_file, table) = write(vec![
            ("unused", Arc::new(StringArray::from(vec!["x"; 8]))),
            ("v", Arc::new((0..8).map(|row| (row != 5).then_some(f64::from(row))).collect::<Float64Array>())),
            ("time", Arc::new(Int64Array::from_iter_values(100..108))),
        ]);
        let batches = batches(&table, 2, &[1]).unwrap();
        let times = batches.iter().flat_map(|batch| batch.time.clone()).collect::<Vec<_>>();
        let values = batches.iter().flat_map(|batch| batch.values[0].iter().collect::<Vec<_>>()).collect::<Vec<_>>();
        assert_eq!(times, (100..108).collect::<Vec<_>>());
        assert_eq!(values, (0..8).map(|row| (row != 5).then_some(f64::from(row))).collect::<Vec<_>>());
        assert_eq!(batches[0].first_row, 1);
    }

    #[test]
    fn refuses_infinities_but_not_what_hides_under_an_empty_cell() {
        let (_file, table) = write(vec![
            ("time", Arc::new(Int64Array::from(vec![1, 2, 3, 4]))),
            ("v", Arc::new(Float64Array::from(vec![0.0, f64::NAN, 2.0, f64::NEG_INFINITY]))),
        ]);
        let message = batches(&table, 0, &[1]).unwrap_err().to_string();
        assert!(message.starts_with("row 4, column \"v\" of /") && message.contains("infinite"), "{message}");
        let hidden = Float64Array::new(vec![f64::INFINITY, 1.0].into(), Some(vec![false, true].into()));
        let batch = Batch { first_row: 1, time: vec![1, 2], values: vec![hidden] };
        assert!(table.read(&Selection { time: 0, values: vec![1] }).unwrap().refuse_infinities(batch).is_ok());
    }

    #[test]
    fn a_damaged_file_is_named() {
        let (file, _) = write(vec![("time", Arc::new(Int64Array::from(vec![1, 2, 3, 4])))]);
        let whole = std::fs::read(file.path()).unwrap();
        for kept in [4, 12, whole.len() / 2, whole.len() - 1] {
            std::fs::write(file.path(), &whole[..kept]).unwrap();
            let message = Table::open(file.path()).unwrap_err().to_string();
            assert!(message.ends_with("cannot be read as Parquet; it may be cut short or damaged"), "{message}");
        }
    }
}
