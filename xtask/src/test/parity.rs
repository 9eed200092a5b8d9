//! The official Python client and ours, answer for answer.

use anyhow::Result;

use super::native::alone;
use super::python::OLDEST;
use crate::process::run;
use crate::step::step;
use crate::{npm, server, tools};

/// What a case may ask Python for besides the client itself.
const REQUIREMENTS: &str = "tests/python/requirements.txt";

/// Runs the cases of `tests/parity` through Python, Rust, Node and Chromium and compares what comes out.
pub(super) fn run_all() -> Result<()> {
    let server = server::build()?;
    let client = npm::build()?;
    tools::node_packages()?;
    let python = tools::python(OLDEST, REQUIREMENTS, &[&format!("btrdb[data]=={OLDEST}")])?;
    let mut test = alone("answers");
    test.env("BTRDB_LOCAL", server).env("BTRDB_NPM", client);
    test.env("PYTHON", python).env("NODE", tools::node()?).env("CHROMIUM", tools::chromium()?);
    step("the cases of tests/parity in Python, Rust, Node and Chromium", || run(&mut test))
}
