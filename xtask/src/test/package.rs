//! The npm package as others get it: packed, unpacked, and used with their tools.

use std::fs;

use anyhow::Result;

use crate::paths;
use crate::process::{command, run};
use crate::step::step;
use crate::{npm, server, tools};

/// Holds the package to its size, and runs `tests/consumers` with what `npm pack` makes of it. What the tools of consumers
/// make of it in turn stays in `target/consumers`.
pub(super) fn run_all() -> Result<()> {
    let folder = paths::root().join("tests/consumers");
    let out = paths::target().join("consumers");
    npm::run()?;
    let server = server::build()?;
    tools::node_packages_of("tests/consumers")?;
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let tarball = npm::pack(&out)?;
    npm::unpack(&tarball, &folder.join("node_modules/btrdb-web"))?;

    let mut tests = paths::listed(&folder)?;
    tests.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    let mut node = command(tools::node()?);
    node.args(["--test", "--test-concurrency=2", "--test-timeout=120000", "--test-reporter=spec"]).args(tests);
    node.env("BTRDB_LOCAL", server).env("CHROMIUM", tools::chromium()?).env("FIREFOX", tools::firefox()?);
    node.env("CONSUMERS_OUT", &out).env("CONSUMERS_TARBALL", tarball).env("RUST_LOG", "error");
    step("tests of the package with the tools of its consumers", || run(&mut node))
}
