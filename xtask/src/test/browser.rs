//! What crosses rooms, seen from Chromium.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::page;
use crate::paths;
use crate::process::{cargo, command, run};
use crate::step::step;
use crate::wasm::{self, APP, PICTURES, Profile};
use crate::{npm, server, tools};

/// Runs `tests/e2e` with the page as it is shipped, over the recordings. Screenshots stay in `target/e2e`.
pub(super) fn run_all() -> Result<()> {
    let folder = paths::target().join("e2e");
    let (app, data, pictures) = (folder.join("app"), folder.join("data"), folder.join("pictures"));
    let server = server::build()?;
    page::assemble(&wasm::optimised(&APP)?, Some(&paths::root().join("data/config.json")), &app)?;
    let client = npm::build()?;
    server::import(&server, &data)?;
    paint(&pictures)?;
    tools::node_packages()?;
    let chromium = tools::chromium()?;

    let tests = paths::listed(&paths::root().join("tests/e2e"))?;
    let tests = tests.iter().filter(|path| path.to_string_lossy().ends_with(".test.js"));
    let screenshots = folder.join("screenshots");
    fs::create_dir_all(&screenshots)?;
    // One file at a time: only one server at a time can have the data folder open.
    let mut node = command(tools::node()?);
    node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).args(tests);
    node.env("BTRDB_LOCAL", server).env("BTRDB_DATA", data).env("BTRDB_APP", app).env("BTRDB_NPM", client);
    node.env("PICTURES", pictures);
    node.env("CHROMIUM", chromium).env("SCREENSHOTS", screenshots);
    step("browser tests", || run(&mut node))
}

/// Puts what paints pictures in a page, and the same pictures painted natively, into `folder`.
fn paint(folder: &Path) -> Result<()> {
    let module = wasm::build(&PICTURES, Profile::Release)?;
    fs::create_dir_all(folder)?;
    for file in PICTURES.files() {
        fs::copy(module.join(&file), folder.join(&file))?;
    }
    fs::write(folder.join("index.html"), "<!doctype html><title>Pictures</title>")?;
    run(cargo().args(["run", "--quiet", "-p", PICTURES.package, "--"]).arg(folder.join("native.bin")))
}
