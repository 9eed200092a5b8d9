//! `cargo xtask dist`: the explorer as a folder of static files, and what it weighs.

use anyhow::Result;

use crate::budget;
use crate::compress;
use crate::page;
use crate::paths;
use crate::step::{say, step};
use crate::wasm::{self, APP};

/// Builds `target/dist/app` with each file also compressed, prints the sizes and holds them against the budget.
pub(crate) fn run() -> Result<()> {
    let folder = paths::target().join("dist/app");
    let module = wasm::optimised(&APP)?;
    page::assemble(&module, None, &folder)?;
    let sizes = step("compress", || compress::beside(&paths::listed(&folder)?))?;
    compress::print(&sizes);
    budget::hold("explorer", &sizes)?;
    say(&format!("the explorer is in {}", paths::shown(&folder)));
    Ok(())
}
