//! A Chromium to test with.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::apt;
use crate::process::which;

const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const MAC: [&str; 2] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The browser's path: `CHROMIUM` if set, else one that is installed, else Debian's package.
///
/// # Errors
/// When there is none and none can be installed.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM").map(PathBuf::from).or_else(installed) {
        return Ok(path);
    }
    apt::install("chromium", "Chromium (or set CHROMIUM to the path of one)")?;
    installed().context("Chromium was installed but is not to be found")
}

fn installed() -> Option<PathBuf> {
    NAMES.into_iter().find_map(which).or_else(|| MAC.into_iter().map(PathBuf::from).find(|path| path.is_file()))
}
