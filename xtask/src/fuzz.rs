//! Fuzzing: `fuzz/` has a target for every place that takes bytes.
//!
//! Without a sanitizer, so that it runs on the stable toolchain: our code is free of `unsafe`, and what is looked for are
//! panics, hangs and memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::paths;
use crate::process::{capture, cargo, command, run};
use crate::step::step;
use crate::tools;

/// The targets, each a file of `fuzz/targets`.
const TARGETS: [&str; 7] = ["requests", "arrow_insert", "template", "node", "frames", "replies", "arrow_replies"];

/// The folder of everything that fuzzing makes.
fn folder() -> PathBuf {
    paths::target().join("fuzz")
}

/// The target that takes minutes to build, as `SQLite` comes with it.
const SLOW_TARGET: &str = "sql";

/// Builds the targets, with the slow one or without, and returns the folder of the programs.
fn build(with_slow: bool) -> Result<PathBuf> {
    tools::install_program("cargo-fuzz", "cargo-fuzz", "0.13.2", &["--locked"])?;
    let mut build = cargo();
    build.args(["fuzz", "build", "--sanitizer", "none", "--fuzz-dir", "fuzz", "--target-dir"]).arg(folder());
    build.args(with_slow.then_some("--features=sql"));
    step("build the fuzz targets", || run(&mut build))?;
    let about = capture(command("rustc").arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(folder().join(host).join("release"))
}

/// Runs all targets side by side for `seconds`.
pub(crate) fn run_together(seconds: u32) -> Result<()> {
    let programs = build(false)?;
    let commands = TARGETS.map(|target| fuzz(&programs, target, seconds)).into_iter().collect::<Result<Vec<_>>>()?;
    step(&format!("fuzz {} targets for {seconds} s", TARGETS.len()), || {
        thread::scope(|scope| {
            let runs: Vec<_> = commands.into_iter().map(|mut fuzz| scope.spawn(move || run(&mut fuzz))).collect();
            runs.into_iter().try_for_each(|run| run.join().map_err(|_panic| anyhow!("a fuzz run was lost"))?)
        })
    })
}

/// Runs all targets, the slow one too, one after another, for `seconds` each.
pub(crate) fn run_each(seconds: u32) -> Result<()> {
    let programs = build(true)?;
    TARGETS.into_iter().chain([SLOW_TARGET]).try_for_each(|target| {
        let mut fuzz = fuzz(&programs, target, seconds)?;
        step(&format!("fuzz {target} for {seconds} s"), || run(&mut fuzz))
    })
}

/// The command that fuzzes `target`. What it found worth keeping stays for the next run; what made it fail lies in
/// `target/fuzz/failures`.
fn fuzz(programs: &Path, target: &str, seconds: u32) -> Result<Command> {
    let (corpus, failures) = (folder().join("corpus").join(target), folder().join("failures").join(target));
    for folder in [&corpus, &failures] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut fuzz = command(programs.join(target));
    fuzz.arg(&corpus).arg(format!("-artifact_prefix={}/", failures.display()));
    fuzz.arg(format!("-max_total_time={seconds}"));
    fuzz.args(["-max_len=4096", "-timeout=5", "-rss_limit_mb=1024", "-malloc_limit_mb=256"]);
    fuzz.args(["-verbosity=0", "-print_final_stats=1"]).env("FUZZ_SEEDS", &corpus);
    Ok(fuzz)
}
