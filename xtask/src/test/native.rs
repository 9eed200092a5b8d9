//! What needs no server and no browser.

use std::process::Command;

use anyhow::Result;

use crate::npm;
use crate::process::{cargo, run};
use crate::step::step;
use crate::tools;

/// All that runs natively. The build logic stands apart: together, cargo would unify its features with theirs and
/// build it twice.
const NATIVE: [&str; 6] = [
    "--workspace",
    "--exclude=btrdb-app",
    "--exclude=btrdb-bench-plot",
    "--exclude=btrdb-paint",
    "--exclude=btrdb-web",
    "--exclude=xtask",
];

/// The faces that exist in the browser only, each checked alone.
const BROWSER: [&str; 4] = ["btrdb-app", "btrdb-bench-plot", "btrdb-paint", "btrdb-web"];

pub(super) fn format() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))
}

pub(super) fn lint() -> Result<()> {
    let deny = ["--", "-D", "warnings"];
    step("clippy, native", || run(cargo().arg("clippy").args(NATIVE).arg("--all-targets").args(deny)))?;
    step("clippy, xtask", || run(cargo().args(["clippy", "-p", "xtask", "--all-targets"]).args(deny)))?;
    let target = tools::wasm_target()?;
    BROWSER.into_iter().try_for_each(|package| {
        step(&format!("clippy, {package} for {target}"), || {
            run(cargo().args(["clippy", "-p", package, "--target", target]).args(deny))
        })
    })
}

pub(super) fn wasm32() -> Result<()> {
    let target = tools::wasm_target()?;
    let packages = ["core", "tree", "engine", "client", "explorer"].map(|room| format!("--package=btrdb-{room}"));
    run(cargo().args(["check", "--target", target, "--no-default-features"]).args(packages))
}

pub(super) fn tests() -> Result<()> {
    step("native tests", || run(tools::tests().args(NATIVE)))?;
    step("native tests of btrdb-web", || run(tools::tests().args(["-p", "btrdb-web", "--no-default-features"])))?;
    step("tests of xtask", || run(tools::tests().args(["-p", "xtask"])))
}

pub(super) fn bounds() -> Result<()> {
    step("hostile callers", || run(&mut alone("bounds")))
}

/// Kills the server `times` times.
pub(crate) fn kills(times: u32) -> Result<()> {
    step(&format!("{times} kills"), || run(alone("kills").env("BTRDB_KILLS", times.to_string())))
}

/// The tests of the file `name`, which are ignored among all others because they need the machine for themselves.
pub(super) fn alone(name: &str) -> Command {
    let mut tests = cargo();
    tests.arg("test").args(NATIVE).args(["--test", name, "--", "--ignored", "--test-threads=1", "--nocapture"]);
    tests
}

pub(super) fn docs() -> Result<()> {
    // The documentation is read in the source, where a link to something private leads somewhere.
    let flags = "-D warnings -A rustdoc::private_intra_doc_links";
    let mut doc = cargo();
    doc.args(["doc", "--no-deps", "--document-private-items"]).args(NATIVE).env("RUSTDOCFLAGS", flags);
    step("the documentation's links", || run(&mut doc))?;
    step("the documentation's examples", || run(cargo().args(["test", "--doc"]).args(NATIVE)))?;
    npm::document()
}
