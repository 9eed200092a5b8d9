//! CSV: text in UTF-8, a header with the names of the columns, then a row per line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use arrow_array::Float64Array;
use arrow_buffer::NullBuffer;
use btrdb_core::Timestamp;
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{Batch, Column, ColumnKind, Selection, Table};
use crate::import::error::{CellProblem, ImportError};
use crate::time;

/// How many rows are looked at to learn what a column holds; one that is empty so far may hold numbers.
const ROWS_TO_LOOK_AT: usize = 10_000;

/// How the text is laid out.
#[derive(Debug)]
pub(super) struct Layout {
    path: PathBuf,
    delimiter: u8,
}

/// The columns of the file at `path` and how it is laid out.
pub(super) fn open(path: &Path) -> Result<(Vec<Column>, Layout), ImportError> {
    let file = path.display().to_string();
    let layout = Layout { path: path.to_owned(), delimiter: delimiter_of(path, &file)? };
    let mut reader = layout.reader(&file)?;
    let header = reader.byte_headers().map_err(|error| read_error(&file, error))?.clone();
    let mut kinds: Vec<Option<ColumnKind>> = vec![None; header.len()];
    let mut record = ByteRecord::new();
    for _ in 0..ROWS_TO_LOOK_AT {
        let more = reader.read_byte_record(&mut record).map_err(|error| read_error(&file, error))?;
        if !more || kinds.iter().all(Option::is_some) {
            break;
        }
        for (kind, cell) in kinds.iter_mut().zip(&record) {
            if kind.is_none() && !is_empty(cell) {
                *kind = Some(kind_of(cell));
            }
        }
    }
    let columns = header.iter().zip(kinds).map(|(name, kind)| Column {
        name: String::from_utf8_lossy(name.trim_ascii()).into_owned(),
        kind: kind.unwrap_or(ColumnKind::Empty),
    });
    Ok((columns.collect(), layout))
}

impl Layout {
    fn reader(&self, file: &str) -> Result<Reader<File>, ImportError> {
        let opened = File::open(&self.path).map_err(|source| ImportError::Read { file: file.to_owned(), source })?;
        // Lengths are checked here, not by the reader, so that the message can name the row.
        Ok(ReaderBuilder::new().delimiter(self.delimiter).flexible(true).from_reader(opened))
    }

    /// Reads the chosen columns, `rows` rows at a time.
    pub(super) fn read(&self, table: Table, selection: Selection, rows: usize) -> Result<Rows, ImportError> {
        let reader = self.reader(table.file())?;
        Ok(Rows { table, selection, batch_size: rows, reader, record: ByteRecord::new(), next_row: 1, ended: false })
    }
}

/// The rows of a CSV file, in batches.
pub(super) struct Rows {
    table: Table,
    selection: Selection,
    batch_size: usize,
    reader: Reader<File>,
    record: ByteRecord,
    /// The number of the row read next, from 1.
    next_row: u64,
    ended: bool,
}

impl Iterator for Rows {
    type Item = Result<Batch, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.read_batch() {
            Ok(batch) if batch.time.is_empty() => None,
            Ok(batch) => Some(Ok(batch)),
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}

impl Rows {
    fn read_batch(&mut self) -> Result<Batch, ImportError> {
        let first_row = self.next_row;
        let mut time = Vec::with_capacity(self.batch_size);
        let mut values = vec![Cells::with_capacity(self.batch_size); self.selection.values.len()];
        while time.len() < self.batch_size {
            let more = self.reader.read_byte_record(&mut self.record);
            if !more.map_err(|error| read_error(self.table.file(), error))? {
                self.ended = true;
                break;
            }
            self.check_length()?;
            time.push(self.time_cell()?);
            for (cells, &column) in values.iter_mut().zip(&self.selection.values) {
                let value = number(&self.record[column])
                    .map_err(|problem| self.table.cell_error(self.next_row, column, problem))?;
                cells.push(value);
            }
            self.next_row += 1;
        }
        Ok(Batch { first_row, time, values: values.into_iter().map(Cells::finish).collect() })
    }

    fn check_length(&self) -> Result<(), ImportError> {
        let (cells, expected) = (self.record.len(), self.table.columns().len());
        if cells == expected {
            return Ok(());
        }
        Err(ImportError::RowLength { file: self.table.file().to_owned(), row: self.next_row, cells, expected })
    }

    fn time_cell(&self) -> Result<Timestamp, ImportError> {
        let column = self.selection.time;
        let cell = &self.record[column];
        let parsed = match std::str::from_utf8(cell.trim_ascii()) {
            Ok(text) if is_empty(text.as_bytes()) => Err(CellProblem::NoTime),
            Ok(text) => time::parse(text),
            Err(_) => Err(CellProblem::NotText),
        };
        parsed.map_err(|problem| self.table.cell_error(self.next_row, column, problem))
    }
}

/// A column being read: values, and which of them are there.
#[derive(Clone, Debug)]
struct Cells {
    values: Vec<f64>,
    present: Vec<bool>,
}

impl Cells {
    fn with_capacity(rows: usize) -> Self {
        Self { values: Vec::with_capacity(rows), present: Vec::with_capacity(rows) }
    }

    fn push(&mut self, value: Option<f64>) {
        self.values.push(value.unwrap_or_default());
        self.present.push(value.is_some());
    }

    fn finish(self) -> Float64Array {
        let nulls = NullBuffer::from(self.present);
        Float64Array::new(self.values.into(), (nulls.null_count() > 0).then_some(nulls))
    }
}

fn kind_of(cell: &[u8]) -> ColumnKind {
    let text = String::from_utf8_lossy(cell.trim_ascii());
    if text.parse::<i64>().is_ok() {
        ColumnKind::Integer
    } else if text.parse::<f64>().is_ok() {
        ColumnKind::Number
    } else if matches!(time::parse(&text), Ok(_) | Err(CellProblem::TimeOutOfRange(_))) {
        ColumnKind::Instant
    } else {
        ColumnKind::Text(Some(text.into_owned()))
    }
}

/// Whether the cell says that there is no value.
fn is_empty(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii();
    cell.is_empty() || cell == b"NA" || cell.eq_ignore_ascii_case(b"null")
}

/// The number in the cell, or `None` where it is empty. Too large ones come out infinite, and are refused as such.
fn number(cell: &[u8]) -> Result<Option<f64>, CellProblem> {
    if is_empty(cell) {
        return Ok(None);
    }
    let Ok(text) = std::str::from_utf8(cell.trim_ascii()) else { return Err(CellProblem::NotText) };
    match text.parse() {
        Ok(value) => Ok(Some(value)),
        Err(_) => Err(CellProblem::NotANumber(text.to_owned())),
    }
}

/// The character between the cells: the one of comma, semicolon, tab and bar that the header has most of.
fn delimiter_of(path: &Path, file: &str) -> Result<u8, ImportError> {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut header = Vec::new();
        BufReader::new(File::open(path)?).read_until(b'\n', &mut header)?;
        Ok(header)
    };
    let header = read().map_err(|source| ImportError::Read { file: file.to_owned(), source })?;
    let mut best = (b',', 1);
    for delimiter in [b',', b';', b'\t', b'|'] {
        let cells = header.split(|&byte| byte == delimiter).count();
        if cells > best.1 {
            best = (delimiter, cells);
        }
    }
    Ok(best.0)
}

fn read_error(file: &str, error: csv::Error) -> ImportError {
    ImportError::Read { file: file.to_owned(), source: error.into() }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;

    use super::*;

    fn table(text: &str) -> (tempfile::NamedTempFile, Table) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let table = Table::open(file.path()).unwrap();
        (file, table)
    }

    fn read(text: &str, time: usize, values: &[usize]) -> Result<Vec<Batch>, ImportError> {
        let (_file, table) = table(text);
        table.read(&Selection { time, values: values.to_vec() })?.collect()
    }

    fn problem(text: &str) -> String {
        let message = read(text, 0, &[1]).unwrap_err().to_string();
        message.split(" of /").next().unwrap().to_owned() + message.split_once(": ").map_or("", |(_, problem)| problem)
    }

    fn kinds(text: &str) -> Vec<(String, ColumnKind)> {
        table(text).1.columns().iter().map(|column| (column.name.clone(), column.kind.clone())).collect()
    }

    #[test]
    fn learns_columns_from_their_first_cell_that_is_not_empty() {
        let found = kinds("\u{feff}Time , volts,n,who,never\n2010-09-01,,7,left,\n2010-09-02,1.5,8,right,\n");
        let expected = [
            ("Time", ColumnKind::Instant),
            ("volts", ColumnKind::Number),
            ("n", ColumnKind::Integer),
            ("who", ColumnKind::Text(Some("left".to_owned()))),
            ("never", ColumnKind::Empty),
        ];
        assert_eq!(found, expected.map(|(name, kind)| (name.to_owned(), kind)));
    }

    #[test]
    fn tells_delimiters_apart() {
        for text in ["time;a;b\n1;2;3\n", "time\ta\tb\n1\t2\t3\n", "time|a|b\n1|2|3\n", "time,a,b\r\n1,2,3\r\n"] {
            let batches = read(text, 0, &[2]).unwrap();
            assert_eq!((batches[0].time[0], batches[0].values[0].value(0)), (1, 3.0), "{text}");
        }
    }

    #[test]
    fn tells_empty_cells_from_nan() {
        let batches = read("t,v\n1,\n2,NaN\n3, 4.5 \n4,NA\n5,null\n6,\"7\"\n", 0, &[1]).unwrap();
        let values = &batches[0].values[0];
        assert_eq!(batches[0].time, [1, 2, 3, 4, 5, 6]);
        assert_eq!((0..6).map(|row| values.is_valid(row)).collect::<Vec<_>>(), [false, true, true, false, false, true]);
        assert!(values.value(1).is_nan());
        assert_eq!((values.value(2), values.value(5)), (4.5, 7.0));
    }

    #[test]
    fn reads_numbers_to_the_last_bit() {
        let batches = read("t,v\n1,0.1\n2,-0.0\n3,5e-324\n4,1.7976931348623157e308\n", 0, &[1]).unwrap();
        let bits = batches[0].values[0].values().iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits, [0.1_f64, -0.0, 5e-324, f64::MAX].map(f64::to_bits));
    }

    #[test]
    fn cuts_long_files_into_batches() {
        let (_file, table) = table("t,v\n0,0\n1,1\n2,2\n3,3\n4,4\n5,5\n6,6\n7,7\n8,8\n9,9\n");
        let rows = layout(&table).read(table.clone(), Selection { time: 0, values: vec![1] }, 4).unwrap();
        let batches = rows.map(Result::unwrap).map(|batch| (batch.first_row, batch.time.len())).collect::<Vec<_>>();
        assert_eq!(batches, [(1, 4), (5, 4), (9, 2)]);
    }

    fn layout(table: &Table) -> &Layout {
        match &table.0.layout {
            super::super::Layout::Csv(layout) => layout,
            _ => unreachable!("the test wrote CSV"),
        }
    }

    #[test]
    fn names_the_row_of_what_is_wrong() {
        assert_eq!(problem("t,v\n1,2\n,3\n"), "row 2, column \"t\"there is no time");
        assert!(problem("t,v\n1,2\nnoon,3\n").starts_with("row 2, column \"t\"\"noon\" is not a time;"));
        assert!(problem("t,v\n1,2\n2,ERR\n").starts_with("row 2, column \"v\"\"ERR\" is not a number"));
        assert!(problem("t,v\n1,2\n2,1e999\n").starts_with("row 2, column \"v\"the value is infinite"));
        assert!(problem("t,v\n1,-inf\n").starts_with("row 1, column \"v\"the value is infinite"));
        assert!(problem("t,v\n1900-01-01,1\n").contains("cannot be stored: times reach from June 1933 to August 2079"));
        assert_eq!(problem("t,v\n1,2\n2,3,4\n"), "row 2");
        assert!(
            read("t,v\n1,2\n2\n", 0, &[1]).unwrap_err().to_string().contains("has 1 cell(s) where its header names 2")
        );
    }

    #[test]
    fn a_header_alone_has_no_rows() {
        assert!(read("t,v\n", 0, &[1]).unwrap().is_empty());
    }
}
