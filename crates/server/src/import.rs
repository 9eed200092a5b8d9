//! `btrdb-local import`: the rows of CSV, Parquet and Arrow files become points of streams.
//!
//! Every file is read twice: first to look at every cell, so that a file that cannot be imported is refused before any
//! of it is stored; then to store it. Neither pass holds more than a few batches of rows in memory.

mod args;
mod check;
mod error;
mod load;
mod map;
mod plan;
mod summary;
mod table;

use std::io::{ErrorKind, Write};

use btrdb_client::Transport;

pub use self::args::ImportArgs;
pub use self::error::{CellProblem, ImportError};
pub use self::plan::{STREAM_NAMESPACE, stream_uuid};

use crate::local;
use crate::place::{ApiKey, Target};
use crate::progress::Progress;

use self::map::Map;
use self::plan::{Plan, Wishes};
use self::summary::FileSummary;
use self::table::Table;

/// Imports what `args` name, shows progress on standard error, and prints a summary to standard output.
///
/// # Errors
/// The first thing that went wrong. Nothing is stored unless every file can be imported; what the server acknowledged
/// before it failed stays, and importing again goes on from there.
pub async fn run(args: ImportArgs) -> Result<(), ImportError> {
    let mut progress = Progress::for_stderr("rows");
    let summaries = match (&args.destination.to, &args.destination.data) {
        (Some(server), _) => {
            let options = ApiKey::options(args.api_key.as_ref());
            let plans = plans(&args)?;
            let connection = btrdb_client::native::connect(server, options)
                .await
                .map_err(|source| ImportError::Connect { server: server.clone(), source })?;
            store(&Target::remote(connection), plans, &mut progress).await?
        }
        (None, Some(folder)) => {
            let plans = plans(&args)?;
            let connection = local::connect(folder).await?;
            store(&Target::local(connection), plans, &mut progress).await?
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
