//! `btrdb-local export`: the points of streams, or windows over them, become files.
//!
//! Every stream is read at the version it had at the beginning. What import and export have in common is the exactness:
//! what export writes, import reads back to the last bit.

mod args;
mod error;
mod ledger;
mod rows;
mod select;
mod sink;

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use btrdb_client::{Connection, Transport};
use futures_util::stream::iter;
use futures_util::{StreamExt, TryStreamExt};
use indicatif::HumanCount;
use tokio::sync::mpsc;

pub use self::args::{ExportArgs, Format, Source};
pub use self::error::ExportError;

use self::args::What;
use self::ledger::Ledger;
use self::rows::{Join, batch, parts, schema};
use self::select::{Chosen, choose};
use self::sink::Sink;
use crate::local;
use crate::place::ApiKey;
use crate::progress::Progress;

/// How many files are written at the same time.
const FILES_AT_ONCE: usize = 2;

/// How many batches may wait to be written.
const BATCHES_AHEAD: usize = 8;

/// The file that says which column is which stream, for import.
const MAP: &str = "streams.csv";

/// The name of the one file of a wide export, without ending.
const WIDE: &str = "wide";

/// Exports what `args` ask for, shows progress on standard error, and prints a summary to standard output.
///
/// # Errors
/// The first thing that went wrong. Files that were whole by then stay.
pub async fn run(args: ExportArgs) -> Result<(), ExportError> {
    let started = Instant::now();
    let done = match (&args.source.from, &args.source.data) {
        (Some(server), _) => {
            let connection = btrdb_client::native::connect(server, ApiKey::options(args.api_key.as_ref()))
                .await
                .map_err(|source| ExportError::Connect { server: server.clone(), source })?;
            export(&connection, &args).await?
        }
        (None, Some(folder)) => {
            if !folder.is_dir() {
                return Err(ExportError::NoData { folder: folder.display().to_string() });
            }
            export(&local::connect(folder).await?, &args).await?
        }
        (None, None) => Done::default(),
    };
    let seconds = started.elapsed().as_secs_f64();
    let rate = done.rows as f64 / seconds.max(1e-9) / 1e6;
    let printed = writeln!(
        std::io::stdout(),
        "{}: {} streams, {} files written, {} already whole; {} rows; {seconds:.2} s, {rate:.2} million rows/s",
        args.out.display(),
        HumanCount(done.streams),
        HumanCount(done.written),
        HumanCount(done.whole),
        HumanCount(done.rows),
    );
    match printed {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(ExportError::Print),
    }
}

/// What an export did.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    streams: u64,
    written: u64,
    whole: u64,
    rows: u64,
}

/// A file to be written, and the streams in it.
struct Planned<'a, T> {
    name: String,
    /// All that decides what is in it.
    contents: String,
    streams: &'a [Chosen<T>],
    schema: SchemaRef,
}

async fn export<T: Transport>(connection: &Connection<T>, args: &ExportArgs) -> Result<Done, ExportError> {
    let chosen = choose(connection, args).await?;
    std::fs::create_dir_all(&args.out).map_err(ExportError::write(&args.out))?;
    let ledger = Ledger::open(&args.out).map_err(ExportError::write(&args.out))?;
    let mut done = Done { streams: chosen.len() as u64, ..Done::default() };
    let mut wanted = Vec::new();
    for planned in plan(args, &chosen) {
        let path = args.out.join(&planned.name);
        if ledger.is_whole(&planned.name, &planned.contents) {
            done.whole += 1;
        } else if path.exists() && !args.overwrite {
            return Err(ExportError::Exists { file: path.display().to_string() });
        } else {
            wanted.push(planned);
        }
    }
    if args.what() == What::Points {
        write_map(&args.out.join(MAP), args, &chosen).map_err(ExportError::write(&args.out.join(MAP)))?;
    }
    let shared = Mutex::new((Progress::for_stderr("rows"), ledger));
    lock(&shared).0.start("exporting to", &args.out.display().to_string(), None);
    let files = wanted.iter().map(|planned| async {
        let path = args.out.join(&planned.name);
        let rows = write(args, planned, path.clone(), |rows| lock(&shared).0.advance(rows)).await?;
        let noted = lock(&shared).1.note(&planned.name, &planned.contents);
        noted.map_err(ExportError::write(&path)).map(|()| rows)
    });
    let rows = iter(files).buffer_unordered(FILES_AT_ONCE).try_collect::<Vec<u64>>().await?;
    lock(&shared).0.finish();
    (done.written, done.rows) = (rows.len() as u64, rows.iter().sum());
    Ok(done)
}

fn lock<G>(shared: &Mutex<G>) -> std::sync::MutexGuard<'_, G> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn plan<'a, T>(args: &ExportArgs, chosen: &'a [Chosen<T>]) -> Vec<Planned<'a, T>> {
    let what = args.what();
    let contents = |streams: &[Chosen<T>]| {
        let each = streams.iter().map(|chosen| {
            let Chosen { descriptor, version, range, .. } = chosen;
            format!("{} {} {version} {}..{};", descriptor.uuid, chosen.path(), range.start, range.end)
        });
        format!("{what:?} {:?} {} {} {}", args.format, args.rfc3339, args.wide, each.collect::<String>())
    };
    let ending = args.format.ending();
    if args.wide {
        let paths = chosen.iter().map(Chosen::path).collect::<Vec<_>>();
        let schema = schema(paths.iter().map(String::as_str), what, true);
        return vec![Planned { name: format!("{WIDE}.{ending}"), contents: contents(chosen), streams: chosen, schema }];
    }
    let one = |one: &'a Chosen<T>| {
        let streams = std::slice::from_ref(one);
        let schema = schema([one.column()].into_iter(), what, false);
        Planned { name: format!("{}.{ending}", one.file), contents: contents(streams), streams, schema }
    };
    chosen.iter().map(one).collect()
}

/// Writes one file; gives the number of its rows.
async fn write<T: Transport>(
    args: &ExportArgs,
    planned: &Planned<'_, T>,
    path: PathBuf,
    advance: impl Fn(u64),
) -> Result<u64, ExportError> {
    let (sender, mut batches) = mpsc::channel::<RecordBatch>(BATCHES_AHEAD);
    let (format, rfc3339, schema) = (args.format, args.rfc3339, planned.schema.clone());
    let file = path.display().to_string();
    let (is_whole, wholeness) = tokio::sync::oneshot::channel();
    let writing = tokio::task::spawn_blocking(move || {
        let failed = || ExportError::write(&path);
        let mut sink = Sink::create(&path, format, rfc3339, &schema).map_err(failed())?;
        while let Some(batch) = batches.blocking_recv() {
            sink.write(&batch).map_err(failed())?;
        }
        // Without that word the reading side has failed, and the file is not whole.
        if wholeness.blocking_recv().is_ok() { sink.finish().map_err(failed()) } else { Ok(()) }
    });
    let mut rows = 0;
    let mut send = async |batch: RecordBatch| {
        rows += batch.num_rows() as u64;
        advance(batch.num_rows() as u64);
        // A writer that has gone has an error to tell below.
        sender.send(batch).await.is_ok()
    };
    let read = |index: usize, source| ExportError::Read {
        stream: planned.streams.get(index).map(Chosen::path).unwrap_or_default(),
        source,
    };
    let what = args.what();
    if args.wide {
        let sources = planned.streams.iter().map(|chosen| parts(chosen, what)).collect();
        let mut join = Join::new(sources, planned.schema.clone());
        while let Some(batch) = join.next().await.map_err(|(index, source)| read(index, source))? {
            if !send(batch).await {
                break;
            }
        }
    } else {
        for (index, chosen) in planned.streams.iter().enumerate() {
            let mut parts = parts(chosen, what);
            while let Some(part) = parts.try_next().await.map_err(|source| read(index, source))? {
                let batch = batch(part, &planned.schema).map_err(ExportError::write(Path::new(&file)))?;
                if !send(batch).await {
                    break;
                }
            }
        }
    }
    drop(sender);
    let _ = is_whole.send(());
    writing.await.map_err(|source| ExportError::Interrupted { file, source })??;
    Ok(rows)
}

/// Writes the mapping file with which import makes the same streams of these files.
fn write_map<T>(path: &Path, args: &ExportArgs, chosen: &[Chosen<T>]) -> Result<(), csv::Error> {
    let mut map = csv::Writer::from_path(path)?;
    map.write_record(["file", "column", "collection", "name", "unit", "description", "uuid"])?;
    let ending = args.format.ending();
    for stream in chosen {
        let descriptor = &stream.descriptor;
        let path = stream.path();
        let (file, column) = if args.wide { (WIDE, path.as_str()) } else { (stream.file.as_str(), stream.column()) };
        let description = descriptor.annotations.get("description").map_or("", String::as_str);
        let uuid = descriptor.uuid.to_string();
        let file = format!("{file}.{ending}");
        let (name, unit) = (descriptor.name(), descriptor.unit());
        map.write_record([&file, column, &descriptor.collection, name, unit, description, &uuid])?;
    }
    map.flush()?;
    Ok(())
}
