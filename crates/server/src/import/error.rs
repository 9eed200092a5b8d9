//! Why an import stops: what failed, where, and what to do about it.

use std::io;

use crate::local::OpenError;

/// Why an import stopped. Files are named as they were given; rows count from 1, the header of a CSV file not counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A file could not be opened or read.
    #[error("cannot read {file}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A file is none of CSV, Parquet and Arrow.
    #[error("{file} is {found}, where CSV text in UTF-8, a Parquet or an Arrow IPC file was expected{advice}")]
    NotATable {
        /// The file.
        file: String,
        /// What its first bytes look like.
        found: &'static str,
        /// What to do, starting with a semicolon; or nothing.
        advice: &'static str,
    },
    /// A file is named like a Parquet file and holds something else.
    #[error(
        "{file} is not a Parquet file: it does not start with the bytes PAR1 (if it is CSV, name it so and try again)"
    )]
    NotParquet {
        /// The file.
        file: String,
    },
    /// A Parquet file is damaged, or uses something that cannot be read.
    #[error("{file} cannot be read as Parquet; it may be cut short or damaged")]
    Parquet {
        /// The file.
        file: String,
        /// The reader's words.
        source: parquet::errors::ParquetError,
    },
    /// An Arrow file is damaged, or uses something that cannot be read.
    #[error("{file} cannot be read as Arrow; it may be cut short or damaged")]
    Arrow {
        /// The file.
        file: String,
        /// The reader's words.
        source: arrow_schema::ArrowError,
    },
    /// A column of a Parquet or Arrow file cannot be turned into numbers.
    #[error("column \"{column}\" of {file} cannot be turned into numbers")]
    Convert {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The converter's words.
        source: arrow_schema::ArrowError,
    },
    /// A line of a CSV file has more or fewer cells than the header.
    #[error("row {row} of {file} has {cells} cell(s) where its header names {expected} columns")]
    RowLength {
        /// The file.
        file: String,
        /// The row.
        row: u64,
        /// How many cells the row has.
        cells: usize,
        /// How many columns the header names.
        expected: usize,
    },
    /// A single cell cannot be imported, so nothing of the file is.
    #[error("row {row}, column \"{column}\" of {file}: {problem}")]
    Cell {
        /// The file.
        file: String,
        /// The row.
        row: u64,
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: CellProblem,
    },
    /// No column of a file says when.
    #[error(
        "{file} has no time column: none is called time, timestamp or t, and none holds timestamps; name it with \
         --time-column (columns: {columns}){advice}"
    )]
    NoTimeColumn {
        /// The file.
        file: String,
        /// The names of its columns.
        columns: String,
        /// What else may be the matter, starting with a semicolon; or nothing.
        advice: &'static str,
    },
    /// The column that should say when holds something else.
    #[error(
        "column \"{column}\" of {file} cannot be the time column: it holds {found}; times are integers (nanoseconds \
         since 1970), timestamps, or text such as 2010-09-01T07:33:36.04Z (name another with --time-column)"
    )]
    NotATimeColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// What it holds.
        found: String,
    },
    /// A column that was asked for is not in the file.
    #[error("{file} has no column \"{column}\", which {wanted_by} asks for (columns: {columns})")]
    MissingColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// Who asks for it: the mapping file or an option.
        wanted_by: String,
        /// The names of its columns.
        columns: String,
    },
    /// Several columns of a file have the name that was asked for.
    #[error("{file} has several columns called \"{column}\", so it is not clear which one is meant")]
    AmbiguousColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// A mapped column holds no numbers.
    #[error("column \"{column}\" of {file}, which {map} maps to a stream, holds {found}, not numbers")]
    NotAValueColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The mapping file.
        map: String,
        /// What it holds.
        found: String,
    },
    /// No column of a file can become a stream.
    #[error("{file} has no column of numbers besides its time column \"{time}\"")]
    NoValueColumns {
        /// The file.
        file: String,
        /// Its time column.
        time: String,
    },
    /// The mapping file is wrong.
    #[error("{map}{}: {problem}", line.map_or_else(String::new, |line| format!(", line {line}")))]
    Map {
        /// The mapping file.
        map: String,
        /// The line, from 1, where it is one line's fault.
        line: Option<u64>,
        /// What is wrong.
        problem: String,
    },
    /// Two columns of one file would become the same stream.
    #[error("columns \"{first}\" and \"{second}\" of {file} would both become the stream {stream}")]
    SameStream {
        /// The file.
        file: String,
        /// A column.
        first: String,
        /// Another column.
        second: String,
        /// The stream as `collection/name`.
        stream: String,
    },
    /// The server cannot be reached, or refuses.
    #[error("cannot connect to {server}; is it running, and is the key right?")]
    Connect {
        /// Its address as given.
        server: String,
        /// Why.
        source: btrdb_client::Error,
    },
    /// The data folder cannot be opened; a folder that another process has open says so here.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The stream's uuid belongs to another stream.
    #[error(
        "the stream {stream} would have the uuid {uuid}, which belongs to {holder}; give it another in the column uuid \
         of a mapping file"
    )]
    UuidTaken {
        /// The stream as `collection/name`.
        stream: String,
        /// The uuid.
        uuid: uuid::Uuid,
        /// Whose it is, as `collection/name`.
        holder: String,
    },
    /// The server refused a question about a stream, or could not answer.
    #[error("cannot {what} the stream {stream}")]
    Stream {
        /// What was wanted of it.
        what: &'static str,
        /// The stream as `collection/name`.
        stream: String,
        /// Why.
        source: btrdb_client::Error,
    },
    /// An insert was not acknowledged.
    #[error(
        "an insert into {stream} failed; {acknowledged} points of {file} had been stored in it before and stay: run the \
         same command again to go on from there"
    )]
    Insert {
        /// The file.
        file: String,
        /// The stream as `collection/name`.
        stream: String,
        /// How many of the file's points the server holds for certain.
        acknowledged: u64,
        /// Why.
        source: btrdb_client::Error,
    },
    /// The reading side of an import ended without saying why.
    #[error("reading {file} stopped unexpectedly")]
    Interrupted {
        /// The file.
        file: String,
        /// What became of it.
        source: tokio::task::JoinError,
    },
    /// The summary could not be written.
    #[error("cannot write the summary")]
    Print(#[source] io::Error),
}

/// What is wrong with one cell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CellProblem {
    /// The time is empty.
    #[error("there is no time")]
    NoTime,
    /// The text says no time.
    #[error(
        "\"{0}\" is not a time; integers (nanoseconds since 1970) and text such as 2010-09-01T07:33:36.04Z or 2010-09-01 \
         07:33:36 are"
    )]
    NotATime(String),
    /// The time is outside of what BTrDB stores.
    #[error("the time {0} cannot be stored: times reach from June 1933 to August 2079")]
    TimeOutOfRange(String),
    /// The text says no number.
    #[error("\"{0}\" is not a number (leave the column out with --map, or empty the cell)")]
    NotANumber(String),
    /// The value is infinite, which BTrDB cannot store.
    #[error("the value is infinite, which cannot be stored; nothing of this file is imported (empty the cell)")]
    Infinite,
    /// The bytes are not UTF-8.
    #[error("the text is not UTF-8")]
    NotText,
}
