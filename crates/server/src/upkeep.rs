//! `btrdb-local check` and `btrdb-local compact`: looking after a data folder that no server uses.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use btrdb_engine::{
    Damage,
    store::{Disk, Store, StoreError},
};
use clap::Args;
use indicatif::{BinaryBytes, HumanCount, ProgressBar, ProgressStyle};
use thiserror::Error;

/// What both commands take.
#[derive(Clone, Debug, Args)]
pub struct UpkeepArgs {
    /// The data folder. No server may be using it.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

/// Why a folder cannot be looked after, or is not well.
#[derive(Debug, Error)]
pub enum UpkeepError {
    /// There is no such folder, or nothing in it.
    #[error("{0} holds no data: it was never served or imported into")]
    Missing(PathBuf),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is in it: damaged, of another program, or there is no room.
    #[error("data folder {folder}: {source}")]
    Engine {
        /// The folder as given.
        folder: PathBuf,
        /// Why.
        source: btrdb_engine::Error,
    },
    /// The check found damage, which it has printed.
    #[error("{0} damaged places; all else can be read")]
    Damaged(u64),
}

/// Reads everything in a data folder and prints what is damaged.
///
/// # Errors
/// When something is, or the folder cannot be read at all.
pub fn check(args: &UpkeepArgs) -> Result<(), UpkeepError> {
    let (store, bar) = (open(&args.data)?, bar());
    let mut damaged = 0;
    let mut found = |damage: Damage| {
        damaged += 1;
        bar.suspend(|| println!("damaged: {damage}"));
    };
    let mut progress = |checked: &btrdb_engine::Checked| {
        bar.set_length(checked.of_streams);
        bar.set_position(checked.streams);
    };
    let checked =
        btrdb_engine::check(&store, &mut found, &mut progress).map_err(|source| engine(&args.data, source))?;
    bar.finish_and_clear();
    println!(
        "{} streams, {} versions, {} nodes with {} points read",
        HumanCount(checked.streams),
        HumanCount(checked.versions),
        HumanCount(checked.nodes),
        HumanCount(checked.points)
    );
    if damaged == 0 { Ok(()) } else { Err(UpkeepError::Damaged(damaged)) }
}

/// Prunes all versions but the latest of every stream and gives the room back.
///
/// # Errors
/// When the folder cannot be read, is damaged, or the disk has no room for the new log beside the old one.
pub fn compact(args: &UpkeepArgs) -> Result<(), UpkeepError> {
    let (store, bar) = (open(&args.data)?, bar());
    let before = size(&args.data);
    let mut progress = |compacted: &btrdb_engine::Compacted| {
        bar.set_length(compacted.of_streams);
        bar.set_position(compacted.streams);
    };
    let compacted = btrdb_engine::compact(&store, &mut progress).map_err(|source| engine(&args.data, source))?;
    bar.finish_and_clear();
    drop(store);
    println!(
        "{} streams: {} before, {} now",
        HumanCount(compacted.streams),
        BinaryBytes(before),
        BinaryBytes(size(&args.data))
    );
    Ok(())
}

fn open(folder: &Path) -> Result<Arc<dyn Store>, UpkeepError> {
    // Opening makes what is missing, and then a mistyped folder would be well.
    if !Disk::is_at(folder) {
        return Err(UpkeepError::Missing(folder.to_owned()));
    }
    Ok(Arc::new(Disk::open(folder)?))
}

fn engine(folder: &Path, source: btrdb_engine::Error) -> UpkeepError {
    UpkeepError::Engine { folder: folder.to_owned(), source }
}

/// What the files of a folder take, in bytes.
fn size(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} streams {eta}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
