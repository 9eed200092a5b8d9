//! Our npm package beside other clients and readers, in Chromium, from the same recorded bytes to typed arrays.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::Options;
use crate::process::{command, run};
use crate::{npm, paths, server, tools};

pub(super) fn measure(options: &Options, rows: &Path) -> Result<()> {
    let server = server::build()?;
    let package = npm::build()?;
    tools::node_packages_of("bench/client")?;
    let work = paths::target().join("bench/client");
    fs::create_dir_all(&work)?;
    run(command(tools::node()?)
        .arg("bench/client/run.js")
        .env("BENCH_OUT", rows)
        .env("BENCH_WORK", work)
        .env("BENCH_REPETITIONS", options.repetitions.to_string())
        .env("BENCH_ONLY", &options.only)
        .env("BTRDB_LOCAL", server)
        .env("BTRDB_NPM", package)
        .env("CHROMIUM", tools::chromium()?))
}
