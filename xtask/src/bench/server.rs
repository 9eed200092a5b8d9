//! What `btrdb-local` can do over real sockets, beside DuckDB with the same data.

use std::path::Path;

use anyhow::Result;

use super::Options;
use crate::process::{cargo, run};
use crate::tools;

pub(super) fn measure(options: &Options, rows: &Path) -> Result<()> {
    let python = tools::python("bench", "bench/server/requirements.txt", &[])?;
    run(cargo()
        .args(["bench", "-p", "btrdb-local", "--bench", "server"])
        .env("BENCH_OUT", rows)
        .env("BENCH_PYTHON", python)
        .env("BENCH_POINTS", options.points.to_string())
        .env("BENCH_LIVE_SECONDS", options.live_seconds.to_string()))
}
