//! Parquet, a batch of rows at a time and only the columns that are wanted.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampSecondType;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type;
use parquet::errors::ParquetError;

use super::columns::{Converter, kind_of};
use super::{Batch, Column, Selection, Table};
use crate::import::error::{CellProblem, ImportError};

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
        let time = selection.time;
        let converter = Converter::new(table, selection);
        let reader = self.reader(converter.file(), self.metadata.clone(), converter.wanted(), rows)?;
        let seconds = if self.is_int96(time) {
            Some(self.reader(converter.file(), self.in_seconds(converter.file(), time)?, &[time], rows)?)
        } else {
            None
        };
        Ok(Rows { converter, reader, seconds, next_row: 1 })
    }

    fn reader(
        &self,
        file: &str,
        metadata: ArrowReaderMetadata,
        wanted: &[usize],
        rows: usize,
    ) -> Result<ParquetRecordBatchReader, ImportError> {
        let opened = File::open(&self.path).map_err(|source| ImportError::Read { file: file.to_owned(), source })?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, metadata);
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
        let reader = builder.with_projection(mask).with_batch_size(rows).build();
        reader.map_err(|source| ImportError::Parquet { file: file.to_owned(), source })
    }

    fn is_int96(&self, column: usize) -> bool {
        let schema = self.metadata.parquet_schema().root_schema();
        schema
            .get_fields()
            .get(column)
            .is_some_and(|kind| kind.is_primitive() && kind.get_physical_type() == Type::INT96)
    }

    /// The file's description with the times of `column` in whole seconds.
    fn in_seconds(&self, file: &str, column: usize) -> Result<ArrowReaderMetadata, ImportError> {
        let fields = self.metadata.schema().fields().iter().enumerate();
        let fields = fields.map(|(index, field)| {
            let seconds = DataType::Timestamp(TimeUnit::Second, None);
            if index == column { Arc::new(Field::clone(field).with_data_type(seconds)) } else { Arc::clone(field) }
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        ArrowReaderMetadata::try_new(
            Arc::clone(self.metadata.metadata()),
            ArrowReaderOptions::new().with_schema(schema),
        )
        .map_err(|source| ImportError::Parquet { file: file.to_owned(), source })
    }
}

/// The rows of a Parquet file, in batches.
pub(super) struct Rows {
    converter: Converter,
    reader: ParquetRecordBatchReader,
    /// The times once more, in seconds, where they are stored as INT96: those reach further than 64 bits of nanoseconds,
    /// and the reader wraps what does not fit.
    seconds: Option<ParquetRecordBatchReader>,
    /// The number of the row read next, from 1.
    next_row: u64,
}

impl Iterator for Rows {
    type Item = Result<Batch, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_batch().transpose()
    }
}

impl Rows {
    fn read_batch(&mut self) -> Result<Option<Batch>, ImportError> {
        let Some(records) = next(&mut self.reader, self.converter.file())? else { return Ok(None) };
        let first_row = self.next_row;
        self.next_row += records.num_rows() as u64;
        let batch = self.converter.convert(&records, first_row)?;
        if let Some(seconds) = &mut self.seconds {
            let seconds = next(seconds, self.converter.file())?;
            let seconds = seconds.iter().flat_map(|records| records.column(0).as_primitive::<TimestampSecondType>());
            for (row, (&time, seconds)) in (first_row..).zip(batch.time.iter().zip(seconds)) {
                if seconds != Some(time.div_euclid(1_000_000_000)) {
                    let shown = seconds.map_or_else(String::new, |seconds| format!("{seconds} s since 1970"));
                    return Err(self.converter.time_error(row, CellProblem::TimeOutOfRange(shown)));
                }
            }
        }
        Ok(Some(batch))
    }
}

fn next(reader: &mut ParquetRecordBatchReader, file: &str) -> Result<Option<RecordBatch>, ImportError> {
    reader.next().transpose().map_err(|error| {
        let source = ParquetError::External(Box::new(error));
        ImportError::Parquet { file: file.to_owned(), source }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Array, ArrayRef};
    use arrow_array::{
        BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int32Array,
        Int64Array, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
        TimestampSecondArray, UInt64Array,
    };
    use btrdb_core::Timestamp;
    use parquet::arrow::ArrowWriter;
    use parquet::data_type::{DoubleType, Int96, Int96Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::super::ColumnKind;
    use super::*;

    /// The quake's peak in the shipped recording.
    const PEAK: Timestamp = 1_283_326_416_040_000_000;

    const NANOS_PER_SECOND: i64 = 1_000_000_000;

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

    /// A file of the columns time and v, with times as days since 4713 BC and nanoseconds of the day.
    fn write_int96(times: &[(u32, u64)]) -> (tempfile::NamedTempFile, Table) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let schema = parse_message_type("message m { required double v; required int96 time; }").unwrap();
        let mut writer = SerializedFileWriter::new(file.reopen().unwrap(), Arc::new(schema), Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&vec![1.5; times.len()], None, None).unwrap();
        column.close().unwrap();
        let times = times.iter().map(|&(day, nanos)| Int96::from(vec![nanos as u32, (nanos >> 32) as u32, day]));
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int96Type>().write_batch(&times.collect::<Vec<_>>(), None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        let table = Table::open(file.path()).unwrap();
        (file, table)
    }

    #[test]
    fn times_of_96_bits_never_wrap() {
        // Julian day 2,440,588 is 1970-01-01.
        let (_file, table) =
            write_int96(&[(2_440_588, 1), (2_440_587, 86_399_999_999_999), (2_455_441, 27_216_040_000_000)]);
        let batches_of = |table: &Table| batches(table, 1, &[0]);
        let batch = &batches_of(&table).unwrap()[0];
        assert_eq!((batch.time.as_slice(), batch.values[0].value(2)), ([1, -1, PEAK].as_slice(), 1.5));
        // 2^64 ns after it, and before it, the nanoseconds of 64 bits are those of 1970 again.
        let wrapped = [(2_440_588 + 213_503, 84_873_709_551_616), (2_440_588 - 213_504, 1_526_290_448_384)];
        for far in wrapped.into_iter().chain([(u32::MAX, 0), (0, 0)]) {
            let (_file, table) = write_int96(&[(2_440_588, 0), far]);
            let message = batches_of(&table).unwrap_err().to_string();
            assert!(message.starts_with("row 2, column \"time\"") && message.contains("cannot be stored"), "{message}");
        }
    }

    #[test]
    fn one_column_can_become_several_streams() {
        let (_file, table) = write(vec![
            ("time", Arc::new(Int64Array::from(vec![1]))),
            ("a", Arc::new(Float64Array::from(vec![1.5]))),
            ("b", Arc::new(Float64Array::from(vec![2.5]))),
        ]);
        let batches = batches(&table, 0, &[1, 1, 2]).unwrap();
        assert_eq!(batches[0].values.iter().map(|values| values.value(0)).collect::<Vec<_>>(), [1.5, 1.5, 2.5]);
    }
}
