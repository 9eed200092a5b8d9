//! A file being written, in one of the formats. It has its name only once it is whole and on disk.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::args::Format;
use crate::time;

/// How many cells a row group of Parquet holds, all columns together (32 MB): what is kept in memory until it is full.
const CELLS_PER_GROUP: usize = 4 << 20;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A file that is not whole yet; it goes when dropped.
pub(super) struct Sink {
    writer: Option<Writer>,
    unfinished: PathBuf,
    path: PathBuf,
}

enum Writer {
    Csv { file: BufWriter<File>, rfc3339: bool },
    Parquet(Box<ArrowWriter<File>>),
    Arrow(Box<FileWriter<BufWriter<File>>>),
}

impl Sink {
    /// Begins the file at `path`, under another name in the same folder.
    pub(super) fn create(path: &Path, format: Format, rfc3339: bool, schema: &SchemaRef) -> Result<Self> {
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(".part");
        let unfinished = path.with_file_name(name);
        let file = File::create(&unfinished)?;
        let mut sink = Self { writer: None, unfinished, path: path.to_owned() };
        sink.writer = Some(match format {
            Format::Csv => {
                let mut file = BufWriter::with_capacity(1 << 20, file);
                let mut header = csv::WriterBuilder::new().from_writer(Vec::new());
                header.write_record(schema.fields().iter().map(|field| field.name()))?;
                file.write_all(&header.into_inner().map_err(|error| io::Error::other(error.to_string()))?)?;
                Writer::Csv { file, rfc3339 }
            }
            Format::Parquet => {
                let rows = (CELLS_PER_GROUP / schema.fields().len()).max(1 << 10);
                let time = ColumnPath::from(schema.field(0).name().as_str());
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
                    .set_column_dictionary_enabled(time.clone(), false)
                    .set_column_encoding(time, Encoding::DELTA_BINARY_PACKED)
                    .set_max_row_group_row_count(Some(rows));
                Writer::Parquet(Box::new(ArrowWriter::try_new(file, schema.clone(), Some(properties.build()))?))
            }
            Format::Arrow => {
                let file = BufWriter::with_capacity(1 << 20, file);
                Writer::Arrow(Box::new(FileWriter::try_new(file, schema)?))
            }
        });
        Ok(sink)
    }

    /// Adds rows.
    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        match &mut self.writer {
            Some(Writer::Csv { file, rfc3339 }) => write_text(file, rows, *rfc3339)?,
            Some(Writer::Parquet(writer)) => writer.write(rows)?,
            Some(Writer::Arrow(writer)) => writer.write(rows)?,
            None => {}
        }
        Ok(())
    }

    /// Makes the file whole, durable, and known by its name.
    pub(super) fn finish(mut self) -> Result<()> {
        let file = match self.writer.take() {
            Some(Writer::Csv { file, .. }) => file.into_inner().map_err(io::IntoInnerError::into_error)?,
            Some(Writer::Parquet(writer)) => writer.into_inner()?,
            Some(Writer::Arrow(writer)) => writer.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?,
            None => return Ok(()),
        };
        file.sync_all()?;
        fs::rename(&self.unfinished, &self.path)?;
        Ok(())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // After a rename there is nothing left under this name.
        let _ = fs::remove_file(&self.unfinished);
    }
}

/// Numbers as the shortest text that reads back to the same bits.
fn write_text(file: &mut impl Write, rows: &RecordBatch, rfc3339: bool) -> Result<()> {
    let (mut integers, mut floats) = (itoa::Buffer::new(), zmij::Buffer::new());
    let times = rows.column(0).as_primitive::<TimestampNanosecondType>().values();
    for (row, &time) in times.iter().enumerate() {
        if rfc3339 {
            file.write_all(time::display(time).as_bytes())?;
        } else {
            file.write_all(integers.format(time).as_bytes())?;
        }
        for column in &rows.columns()[1..] {
            file.write_all(b",")?;
            match column.data_type() {
                _ if column.is_null(row) => {}
                DataType::UInt64 => {
                    file.write_all(integers.format(column.as_primitive::<UInt64Type>().value(row)).as_bytes())?;
                }
                _ => file.write_all(floats.format(column.as_primitive::<Float64Type>().value(row)).as_bytes())?,
            }
        }
        file.write_all(b"\n")?;
    }
    Ok(())
}
