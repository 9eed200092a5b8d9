//! The examples and the guide, as a newcomer would run them.

use std::fs;

use anyhow::Result;

use crate::paths;
use crate::process::{command, run};
use crate::step::step;
use crate::{npm, server, tools};

/// Type-checks and builds `examples/`, and runs `tests/examples` over them. Screenshots stay in `target/examples`.
pub(super) fn run_all() -> Result<()> {
    let folder = paths::root().join("examples");
    let server = server::build()?;
    let package = npm::install_for_tests()?;
    tools::node_packages_of("examples")?;
    // npm installs it once and looks no further at what it holds.
    npm::copy_all_anew(&package, &folder.join("node_modules/btrdb-web"))?;
    let program = |script: &str| -> Result<_> {
        let mut node = command(tools::node()?);
        node.arg(folder.join("node_modules").join(script)).current_dir(&folder);
        Ok(node)
    };
    step("the types of the examples", || run(program("typescript/bin/tsc")?.arg("--noEmit")))?;
    step("build the examples", || run(program("vite/bin/vite.js")?.args(["build", "--logLevel", "warn"])))?;

    // The same recordings as those of the browser tests, of which each test takes a copy.
    let data = paths::target().join("e2e/data");
    server::import(&server, &data)?;
    let screenshots = paths::target().join("examples/screenshots");
    fs::create_dir_all(&screenshots)?;
    let mut tests = paths::listed(&paths::root().join("tests/examples"))?;
    tests.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    let mut node = command(tools::node()?);
    node.args(["--test", "--test-concurrency=2", "--test-timeout=120000", "--test-reporter=spec"]).args(tests);
    node.env("BTRDB_LOCAL", server).env("BTRDB_DATA", data).env("CHROMIUM", tools::chromium()?);
    // Some tests hang up on purpose, of which the server need not tell.
    node.env("SCREENSHOTS", screenshots).env("RUST_LOG", "error");
    step("tests of the examples", || run(&mut node))
}
