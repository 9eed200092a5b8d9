//! The official Python client.

use anyhow::Result;

use crate::process::{command, run};
use crate::step::step;
use crate::{server, tools};

/// The oldest version that the server is held to, and the one that this client answers like.
pub(super) const OLDEST: &str = "5.32.0";

/// The oldest, and the newest when this was last looked at.
const CLIENTS: [&str; 2] = [OLDEST, "5.34.2"];

/// Runs `tests/python` with each client; the tests start servers of their own and import the recordings into them.
pub(super) fn run_all() -> Result<()> {
    let server = server::build()?;
    CLIENTS.into_iter().try_for_each(|client| {
        let mut pytest =
            command(tools::python(client, "tests/python/requirements.txt", &[&format!("btrdb[data]=={client}")])?);
        pytest.args(["-m", "pytest", "tests/python"]).env("BTRDB_LOCAL", &server);
        step(&format!("tests with the official Python client {client}"), || run(&mut pytest))
    })
}
