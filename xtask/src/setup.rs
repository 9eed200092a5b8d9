//! `cargo xtask setup --dev`: the tools behind `trunk serve`.

use std::fs;

use anyhow::{Context, Result};

use crate::paths;
use crate::step::say;
use crate::tools;

const TRUNK: &str = "0.21.14";

/// Installs Trunk and the wasm-bindgen program that belongs to the crate in `Cargo.lock`.
pub(crate) fn run() -> Result<()> {
    tools::wasm_target()?;
    // Its own lock file holds dependencies that do not build together.
    tools::install_program("wasm-bindgen", "wasm-bindgen-cli", &locked("wasm-bindgen")?, &[])?;
    // Newer dependencies than those of its lock file do not build; asking for updates of itself is not needed.
    let features = ["--locked", "--no-default-features", "--features", "rustls"];
    tools::install_program("trunk", "trunk", TRUNK, &features)?;
    say("ready: run `cargo xtask demo --no-open` in one terminal and `trunk serve` in another");
    Ok(())
}

/// The version of a package in `Cargo.lock`.
fn locked(package: &str) -> Result<String> {
    let lock = fs::read_to_string(paths::root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let entry = format!("name = \"{package}\"\nversion = \"");
    let version =
        lock.split_once(&entry).and_then(|(_, rest)| rest.split_once('"')).map(|(version, _)| version.to_owned());
    version.with_context(|| format!("{package} is not in Cargo.lock"))
}
