//! The explorer's drawing in Chromium, beside plotting libraries and two drawn by hand.

use std::path::Path;

use anyhow::Result;

use super::Options;
use crate::process::{command, run};
use crate::wasm::{self, DRAWING};
use crate::{paths, tools};

pub(super) fn measure(_: &Options, rows: &Path) -> Result<()> {
    let module = wasm::optimised(&DRAWING)?;
    tools::node_packages()?;
    tools::node_packages_of("bench/plot")?;
    let mut node = command(tools::node()?);
    node.arg(paths::root().join("bench/plot/run.js"));
    node.env("BENCH_OUT", rows).env("BENCH_MODULE", module).env("CHROMIUM", tools::chromium()?);
    run(&mut node)
}
