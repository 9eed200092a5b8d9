//! The official Python client.

use anyhow::Result;

use crate::process::{command, run};
use crate::step::step;
use crate::{server, tools};

/// Runs `tests/python`, which starts servers of its own and imports the recordings into them.
pub(super) fn run_all() -> Result<()> {
    let server = server::build()?;
    let mut pytest = command(tools::python()?);
    pytest.args(["-m", "pytest", "tests/python"]).env("BTRDB_LOCAL", server);
    step("tests with the official Python client", || run(&mut pytest))
}
