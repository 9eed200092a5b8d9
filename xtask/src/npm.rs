//! `cargo xtask npm`: the client's wasm module with its JavaScript glue, for browsers.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::paths;
use crate::step::say;
use crate::wasm::{self, CLIENT};

/// Builds into `target/npm`.
pub(crate) fn run() -> Result<()> {
    let folder = build()?;
    say(&format!("btrdb_web.js and btrdb_web_bg.wasm, as a browser imports them, are in {}", paths::shown(&folder)));
    Ok(())
}

/// Builds the module and returns the folder that holds it.
pub(crate) fn build() -> Result<PathBuf> {
    let built = wasm::optimised(&CLIENT)?;
    let folder = paths::target().join("npm");
    fs::create_dir_all(&folder)?;
    for file in CLIENT.files() {
        fs::copy(built.join(&file), folder.join(&file))?;
    }
    Ok(folder)
}
