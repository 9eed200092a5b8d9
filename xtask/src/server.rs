//! The server as a program: building it, importing the recordings of `data/`, and starting it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::process::{capture, cargo, command, run};
use crate::stamp;
use crate::step::step;

/// What the server prints once it answers, before its address.
const READY: &str = "listening on ";
const MAP: &str = "streams.csv";

/// Builds `btrdb-local` and returns its path.
pub(crate) fn build() -> Result<PathBuf> {
    step("compile the server (btrdb-local)", || run(cargo().args(["build", "-p", "btrdb-local"])))?;
    Ok(paths::program("btrdb-local"))
}

/// Imports the recordings of each folder of `data/` into the data folder `into`, unless these very files are there. What
/// another release of the server made of them goes first: it may not be able to read it.
pub(crate) fn import(server: &Path, into: &Path) -> Result<()> {
    let recordings = recordings(&paths::root().join("data"))?;
    let wanted = capture(command(server).arg("--version"))? + &stamp::of_files(&recordings.concat())?;
    stamp::unless_fresh(&into.with_extension("stamp"), &wanted, || {
        if into.exists() {
            fs::remove_dir_all(into).with_context(|| format!("cannot remove {}", into.display()))?;
        }
        step(&format!("import the recordings into {}", paths::shown(into)), || {
            recordings.iter().try_for_each(|files| {
                let (map, files) = files.split_last().context("a recording has its map")?;
                run(command(server).arg("import").args(files).arg("--map").arg(map).arg("--data").arg(into))
            })
        })
    })?;
    Ok(())
}

/// For each recording its Parquet files, and last the map that says which column is which stream.
fn recordings(data: &Path) -> Result<Vec<Vec<PathBuf>>> {
    let folders = paths::listed(data)?.into_iter().filter(|path| path.join(MAP).is_file());
    let of_folder = |folder: PathBuf| {
        let mut files = paths::listed(&folder)?;
        files.retain(|path| path.extension().is_some_and(|extension| extension == "parquet"));
        files.push(folder.join(MAP));
        Ok(files)
    };
    folders.map(of_folder).collect()
}

/// Starts `server` and waits until it says that it answers.
///
/// # Errors
/// When it ends before that: it has then said why on its error output.
pub(crate) fn start(server: &mut Command) -> Result<(Child, String)> {
    let mut child = server.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start btrdb-local")?;
    let mut lines = BufReader::new(child.stdout.take().context("the server's output was not taken over")?).lines();
    for line in lines.by_ref() {
        let line = line?;
        if let Some(address) = line.strip_prefix(READY) {
            let address = address.trim().to_owned();
            // What it says later passes through; a pipe that nobody reads would stop it.
            thread::spawn(move || lines.map_while(Result::ok).for_each(|line| println!("{line}")));
            return Ok((child, address));
        }
        println!("{line}");
    }
    let status = child.wait()?;
    bail!("the server ended before it answered ({status})");
}
