//! The explorer: its planning in a native simulation, and the page as it is shipped in Chromium, behind a slow line.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::Options;
use crate::process::{cargo, command, run};
use crate::wasm::{self, APP};
use crate::{compress, page, paths, server, tools};

pub(super) fn measure(options: &Options, rows: &Path) -> Result<()> {
    let work = paths::target().join("bench/explorer");
    fs::create_dir_all(&work)?;
    let model = work.join("model.json");
    run(cargo().args(["bench", "-p", "btrdb-explorer", "--bench", "simulation"]).env("BENCH_OUT", &model))?;
    let server = server::build()?;
    let app = work.join("app");
    page::assemble(&wasm::optimised(&APP)?, None, &app)?;
    compress::beside(&paths::listed(&app)?)?;
    tools::node_packages()?;
    run(command(tools::node()?)
        .arg("bench/explorer/run.js")
        .env("BENCH_OUT", rows)
        .env("BENCH_MODEL", model)
        .env("BENCH_WORK", work)
        .env("BENCH_POINTS", options.points.to_string())
        .env("BENCH_SECONDS", options.use_seconds.to_string())
        .env("BTRDB_LOCAL", server)
        .env("BTRDB_APP", app)
        .env("CHROMIUM", tools::chromium()?))
}
