//! `btrdb-local import`: the rows of CSV and Parquet files become points of streams.
//!
//! Every file is read twice: first to look at every cell, so that a file that cannot be imported is refused before any
//! of it is stored; then to store it. Neither pass holds more than a few batches of rows in memory.

mod args;
mod check;
mod error;
mod load;
mod map;
mod plan;
mod progress;
mod stored;
mod summary;
mod table;
mod time;

use std::io::{ErrorKind, Write};
use std::num::NonZeroUsize;

use btrdb_client::{Options, POINTS_PER_CALL, Transport};

pub use self::args::{ApiKey, Destination, ImportArgs};
pub use self::error::{CellProblem, ImportError};
pub use self::plan::{STREAM_NAMESPACE, stream_uuid};

use crate::local;

use self::load::Target;
use self::map::Map;
use self::plan::{Plan, Wishes};
use self::progress::Progress;
use self::summary::FileSummary;
use self::table::Table;

/// How many points are compared with what the server holds, and then sent, together.
const POINTS_PER_BLOCK: NonZeroUsize = NonZeroUsize::new(250_000).unwrap();

/// As many points as one call may carry: what the engine is given when there is no network to be kind to.
const POINTS_PER_LOCAL_CALL: NonZeroUsize = NonZeroUsize::new(1_000_000).unwrap();

/// Imports what `args` name, shows progress on standard error, and prints a summary to standard output.
///
/// # Errors
/// The first thing that went wrong. Nothing is stored unless every file can be imported; what the server acknowledged
/// before it failed stays, and importing again goes on from there.
pub async fn run(args: ImportArgs) -> Result<(), ImportError> {
    let mut progress = Progress::for_stderr();
    let summaries = match (&args.destination.to, &args.destination.data) {
        (Some(server), _) => {
            let key = args.api_key.clone().map(ApiKey::into_inner).or_else(|| std::env::var("BTRDB_API_KEY").ok());
            let options = Options { api_key: key, ..Options::default() };
            let plans = plans(&args)?;
            let connection = btrdb_client::native::connect(server, options)
                .await
                .map_err(|source| ImportError::Connect { server: server.clone(), source })?;
            let target = Target { connection, points_per_call: POINTS_PER_CALL, points_per_block: POINTS_PER_BLOCK };
            store(&target, plans, &mut progress).await?
        }
        (None, Some(folder)) => {
            let plans = plans(&args)?;
            let connection = local::connect(folder).await?;
            let target =
                Target { connection, points_per_call: POINTS_PER_LOCAL_CALL, points_per_block: POINTS_PER_LOCAL_CALL };
            store(&target, plans, &mut progress).await?
        }
        (None, None) => Vec::new(),
    };
    let mut out = std::io::stdout().lock();
    match summaries.iter().try_for_each(|summary| writeln!(out, "{summary}")) {
        // Whoever reads has seen enough; the import itself is done.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(ImportError::Print),
    }
}

fn plans(args: &ImportArgs) -> Result<Vec<Plan>, ImportError> {
    let map = args.map.as_deref().map(Map::read).transpose()?;
    let wishes =
        Wishes { time_column: args.time_column.as_deref(), collection: args.collection.as_deref(), map: map.as_ref() };
    args.files.iter().map(|path| Plan::new(path, Table::open(path)?, wishes)).collect()
}

async fn store<T: Transport>(
    target: &Target<T>,
    plans: Vec<Plan>,
    progress: &mut Progress,
) -> Result<Vec<FileSummary>, ImportError> {
    let mut checked = Vec::new();
    for plan in plans {
        let findings = check::check(&plan, progress)?;
        checked.push((plan, findings));
    }
    let mut summaries = Vec::new();
    for (plan, findings) in checked {
        let streams = load::load(target, &plan, &findings, progress).await?;
        let file = plan.table.file().to_owned();
        summaries.push(FileSummary { file, findings, streams, left_out: plan.left_out });
    }
    Ok(summaries)
}
