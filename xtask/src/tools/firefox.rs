//! A Firefox to test with.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::apt;
use crate::process::which;

const NAMES: [&str; 2] = ["firefox", "firefox-esr"];
const MAC: &str = "/Applications/Firefox.app/Contents/MacOS/firefox";

/// The browser's path: `FIREFOX` if set, else one that is installed, else Debian's package.
///
/// # Errors
/// When there is none and none can be installed.
pub(crate) fn firefox() -> Result<PathBuf> {
    if let Some(path) = env::var_os("FIREFOX").map(PathBuf::from).or_else(installed) {
        return Ok(path);
    }
    apt::install("firefox-esr", "Firefox (or set FIREFOX to the path of one)")?;
    installed().context("Firefox was installed but is not to be found")
}

fn installed() -> Option<PathBuf> {
    NAMES.into_iter().find_map(which).or_else(|| Some(PathBuf::from(MAC)).filter(|path| path.is_file()))
}
