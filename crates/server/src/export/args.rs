//! What `btrdb-local export` is told.

use std::path::PathBuf;

use btrdb_core::{PointWidth, Timestamp};

use crate::place::ApiKey;
use crate::time;

/// Writes the points of streams, or windows over them, to files.
///
/// A file gets its name when it is whole. Running the same command again skips the files that are whole and whose
/// streams have not changed since.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// Where the streams are
    #[command(flatten)]
    pub source: Source,
    /// The folder for the files; made where it does not exist
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What the files are
    #[arg(long, value_enum, default_value_t = Format::Parquet)]
    pub format: Format,
    /// The streams of all collections that begin with PREFIX; without this and --stream, all streams
    #[arg(long, value_name = "PREFIX")]
    pub collection: Option<String>,
    /// A stream, by its uuid or as collection/name; can be given several times
    #[arg(long, value_name = "STREAM")]
    pub stream: Vec<String>,
    /// The first moment: a time such as 2026-01-01T00:00:00Z, or nanoseconds since 1970; by default all is exported
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true)]
    pub start: Option<Timestamp>,
    /// The end, which is not exported itself
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true)]
    pub end: Option<Timestamp>,
    /// One table for all streams, joined on time, instead of a file for each
    #[arg(long)]
    pub wide: bool,
    /// Windows of this length, such as 1s, instead of points: min, mean, max, count and standard deviation
    #[arg(long, value_name = "DURATION", value_parser = time::parse_duration, conflicts_with = "point_width")]
    pub width: Option<i64>,
    /// Aligned windows of 2^N nanoseconds instead of points
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=62))]
    pub point_width: Option<u8>,
    /// In CSV, write times as 2026-01-01T00:00:00.5Z instead of nanoseconds since 1970
    #[arg(long)]
    pub rfc3339: bool,
    /// Replace files that exist
    #[arg(long)]
    pub overwrite: bool,
    /// The API key of the server; by default that of the environment variable `BTRDB_API_KEY`
    #[arg(long, value_name = "KEY", conflicts_with = "data")]
    pub api_key: Option<ApiKey>,
}

/// A server, or the folder of one that is not running.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Source {
    /// A BTrDB server: a URL or host:port, such as localhost:4410
    #[arg(long, value_name = "ADDR")]
    pub from: Option<String>,
    /// The data folder of a btrdb-local that is not running
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// The kinds of file that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Text, a row per line.
    Csv,
    /// Parquet, compressed with zstd.
    Parquet,
    /// Arrow IPC, the file format, not compressed.
    Arrow,
}

impl Format {
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }
}

/// What of a stream is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Points,
    Windows(u64),
    AlignedWindows(PointWidth),
}

impl ExportArgs {
    pub(super) fn what(&self) -> What {
        match (self.width, self.point_width.and_then(PointWidth::new)) {
            (Some(width), _) => What::Windows(width.unsigned_abs()),
            (None, Some(width)) => What::AlignedWindows(width),
            (None, None) => What::Points,
        }
    }
}

fn moment(text: &str) -> Result<Timestamp, String> {
    time::parse(text).map_err(|problem| problem.to_string())
}
