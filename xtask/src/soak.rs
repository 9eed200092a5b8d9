//! `cargo xtask soak`: the tests that find more the longer they run.

use anyhow::Result;

use crate::fuzz;
use crate::step::{say, shown, since_start};
use crate::test::kills;

/// How often the server is killed.
const KILLS: u32 = 200;

/// How long each fuzz target runs, in seconds.
const FUZZ_SECONDS: u32 = 60;

/// Runs them all.
pub(crate) fn run() -> Result<()> {
    kills(KILLS)?;
    fuzz::run_each(FUZZ_SECONDS)?;
    say(&format!("soaked in {}", shown(since_start())));
    Ok(())
}
