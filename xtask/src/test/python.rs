//! The official Python client.

use anyhow::Result;

use crate::process::{command, run};
use crate::step::step;
use crate::{server, tools};

/// Runs `tests/python` against the server with the recordings.
pub(super) fn run_all() -> Result<()> {
    let server = server::build()?;
    let python = tools::python()?;
    let mut pytest = command(python);
    pytest.args(["-m", "pytest", "tests/python"]).env("BTRDB_LOCAL", server);
    step("tests with the official Python client", || run(&mut pytest))
}
