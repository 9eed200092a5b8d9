//! The npm package, seen from Node.

use anyhow::Result;

use crate::paths;
use crate::process::{command, run};
use crate::step::step;
use crate::{npm, server, tools};

/// Runs `tests/node` with the package as npm would install it, and lets TypeScript judge its declarations.
pub(super) fn run_all() -> Result<()> {
    let server = server::build()?;
    npm::install_for_tests()?;
    let folder = paths::root().join("tests/node");
    step("the package's types", || {
        let mut node = command(tools::node()?);
        node.arg(tools::package_program("typescript", "bin/tsc")).arg("--project").arg(&folder);
        run(&mut node)
    })?;
    let mut tests = paths::listed(&folder)?;
    tests.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    let mut node = command(tools::node()?);
    node.args(["--test", "--test-timeout=120000", "--test-reporter=spec"]).args(tests);
    // What the tests provoke need not be told.
    node.env("BTRDB_LOCAL", server).env("RUST_LOG", "error");
    step("tests in Node", || run(&mut node))
}
