//! Arrow IPC, as a file (also called Feather, version 2) or as a stream, a record batch at a time and only the columns
//! that are wanted.

use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::ArrowError;

use super::columns::{Converter, kind_of};
use super::{Batch, Column, Selection, Table};
use crate::import::error::ImportError;

/// Where the file is, and how it is laid out.
#[derive(Debug)]
pub(super) struct Layout {
    path: PathBuf,
    framing: Framing,
}

/// How batches follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// With a list of them at the end.
    File,
    /// One after the other.
    Stream,
}

/// The columns of the file at `path` and how it is laid out.
pub(super) fn open(path: &Path, framing: Framing) -> Result<(Vec<Column>, Layout), ImportError> {
    let layout = Layout { path: path.to_owned(), framing };
    let reader = layout.reader(&path.display().to_string(), None)?;
    let column = |field: &arrow_schema::FieldRef| Column {
        name: field.name().trim().to_owned(),
        kind: kind_of(field.data_type()),
    };
    let columns = reader.schema().fields().iter().map(column).collect();
    Ok((columns, layout))
}

impl Layout {
    /// Reads the chosen columns, at most `rows` rows at a time.
    pub(super) fn read(&self, table: Table, selection: Selection, rows: usize) -> Result<Rows, ImportError> {
        let converter = Converter::new(table, selection);
        let reader = self.reader(converter.file(), Some(converter.wanted().to_vec()))?;
        Ok(Rows { converter, reader, batch_size: rows, records: None, next_row: 1 })
    }

    fn reader(&self, file: &str, wanted: Option<Vec<usize>>) -> Result<BoxedReader, ImportError> {
        let opened = File::open(&self.path).map_err(|source| ImportError::Read { file: file.to_owned(), source })?;
        let opened = BufReader::with_capacity(1 << 20, opened);
        guarded(file, || {
            Ok(match self.framing {
                Framing::File => Box::new(FileReader::try_new(opened, wanted)?) as BoxedReader,
                Framing::Stream => Box::new(StreamReader::try_new(opened, wanted)?),
            })
        })
    }
}

type BoxedReader = Box<dyn RecordBatchReader + Send>;

/// The rows of an Arrow file, in batches.
pub(super) struct Rows {
    converter: Converter,
    reader: BoxedReader,
    batch_size: usize,
    /// What is left of the file's batch.
    records: Option<RecordBatch>,
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
        let records = loop {
            match self.records.take() {
                Some(records) if records.num_rows() > 0 => break records,
                _ => match guarded(self.converter.file(), || self.reader.next().transpose())? {
                    Some(records) => self.records = Some(records),
                    None => return Ok(None),
                },
            }
        };
        let taken = self.batch_size.min(records.num_rows());
        self.records = Some(records.slice(taken, records.num_rows() - taken));
        let first_row = self.next_row;
        self.next_row += taken as u64;
        self.converter.convert(&records.slice(0, taken), first_row).map(Some)
    }
}

/// What `read` gives. The reader panics at some damaged files, which is one more way to say that they are.
fn guarded<T>(file: &str, read: impl FnOnce() -> Result<T, ArrowError>) -> Result<T, ImportError> {
    let damaged = |source| ImportError::Arrow { file: file.to_owned(), source };
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_panic| Err(ArrowError::ParseError("its description contradicts itself".to_owned())))
        .map_err(damaged)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Int32Type;
    use arrow_array::{Array, ArrayRef, DictionaryArray, Float64Array, Int64Array, NullArray, StringArray};
    use arrow_ipc::CompressionType;
    use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};

    use super::super::ColumnKind;
    use super::*;

    fn records(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
    }

    fn bytes(framing: Framing, compression: Option<CompressionType>, batches: &[RecordBatch]) -> Vec<u8> {
        let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
        let mut bytes = Vec::new();
        let schema = batches[0].schema();
        match framing {
            Framing::File => {
                let mut writer = FileWriter::try_new_with_options(&mut bytes, &schema, options).unwrap();
                for batch in batches {
                    writer.write(batch).unwrap();
                }
                writer.finish().unwrap();
            }
            Framing::Stream => {
                let mut writer = StreamWriter::try_new_with_options(&mut bytes, &schema, options).unwrap();
                for batch in batches {
                    writer.write(batch).unwrap();
                }
                writer.finish().unwrap();
            }
        }
        bytes
    }

    fn save(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    fn example() -> [RecordBatch; 2] {
        let part = |times: std::ops::Range<i64>| {
            records(vec![
                ("unused", Arc::new(StringArray::from_iter_values(times.clone().map(|time| time.to_string())))),
                ("v", Arc::new(times.clone().map(|time| (time != 3).then_some(time as f64)).collect::<Float64Array>())),
                ("time", Arc::new(Int64Array::from_iter_values(times))),
            ])
        };
        [part(0..5), part(5..8)]
    }

    #[test]
    fn reads_files_and_streams_compressed_or_not() {
        for framing in [Framing::File, Framing::Stream] {
            for compression in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
                let file = save(&bytes(framing, compression, &example()));
                let table = Table::open(file.path()).unwrap();
                let super::super::Layout::Arrow(layout) = &table.0.layout else { panic!("not Arrow") };
                // Fewer rows at a time than the file's batches have.
                let rows = layout.read(table.clone(), Selection { time: 2, values: vec![1] }, 2).unwrap();
                let rows = rows.map(Result::unwrap).collect::<Vec<_>>();
                assert_eq!(rows.iter().map(|batch| batch.first_row).collect::<Vec<_>>(), [1, 3, 5, 6, 8]);
                assert_eq!(
                    rows.iter().flat_map(|batch| batch.time.clone()).collect::<Vec<_>>(),
                    (0..8).collect::<Vec<_>>()
                );
                let values =
                    rows.iter().flat_map(|batch| batch.values[0].iter().collect::<Vec<_>>()).collect::<Vec<_>>();
                assert_eq!(values, (0..8).map(|row| (row != 3).then_some(f64::from(row))).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn looks_into_dictionaries() {
        let times = DictionaryArray::<Int32Type>::from_iter([
            "2010-09-01T07:33:36.04Z",
            "1970-01-01",
            "2010-09-01T07:33:36.04Z",
        ]);
        let values = DictionaryArray::<Int32Type>::try_new(
            vec![Some(1), None, Some(0)].into(),
            Arc::new(Float64Array::from(vec![1.5, 2.5])),
        );
        let nothing = NullArray::new(3);
        let file = save(&bytes(
            Framing::File,
            None,
            &[records(vec![
                ("time", Arc::new(times)),
                ("v", Arc::new(values.unwrap())),
                ("nothing", Arc::new(nothing)),
            ])],
        ));
        let table = Table::open(file.path()).unwrap();
        let kinds = table.columns().iter().map(|column| column.kind.clone()).collect::<Vec<_>>();
        assert_eq!(kinds, [ColumnKind::Text(None), ColumnKind::Number, ColumnKind::Empty]);
        let batches =
            table.read(&Selection { time: 0, values: vec![1, 2] }).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(batches[0].time, [1_283_326_416_040_000_000, 0, 1_283_326_416_040_000_000]);
        assert_eq!(batches[0].values[0].iter().collect::<Vec<_>>(), [Some(2.5), None, Some(1.5)]);
        assert_eq!(batches[0].values[1].null_count(), 3);
    }

    #[test]
    fn a_damaged_file_is_named_wherever_it_is_cut_or_changed() {
        for framing in [Framing::File, Framing::Stream] {
            let whole = bytes(framing, None, &example());
            for kept in [8, 20, whole.len() / 3, whole.len() / 2] {
                let file = save(&whole[..kept]);
                let read = || {
                    Table::open(file.path())?
                        .read(&Selection { time: 2, values: vec![1] })?
                        .collect::<Result<Vec<_>, _>>()
                };
                let message = read().unwrap_err().to_string();
                assert!(
                    message.ends_with("cannot be read as Arrow; it may be cut short or damaged"),
                    "{kept}: {message}"
                );
            }
        }
    }
}
