//! Node and the npm packages of `tests/`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::process::{capture, command, run, which};
use crate::stamp;
use crate::step::step;

const OLDEST: u32 = 20;

/// The path of a Node that is new enough.
///
/// # Errors
/// When there is none: Node is the one thing besides rustup that we ask people to have.
pub(crate) fn node() -> Result<PathBuf> {
    let node = which("node").with_context(|| format!("Node {OLDEST} or later is missing: see https://nodejs.org"))?;
    let version = capture(command(&node).arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST => Ok(node),
        _ => bail!("Node {OLDEST} or later is needed, but `node --version` says {}", version.trim()),
    }
}

/// The path of npm, which comes with Node.
pub(crate) fn npm() -> Result<PathBuf> {
    which(if cfg!(windows) { "npm.cmd" } else { "npm" }).context("npm is missing beside node")
}

/// Installs what `tests/package-lock.json` lists, if it is not there.
pub(crate) fn node_packages() -> Result<()> {
    node_packages_of("tests")
}

/// Installs what the package-lock.json of a folder of the checkout lists, if it is not there.
pub(crate) fn node_packages_of(name: &str) -> Result<()> {
    node()?;
    let folder = paths::root().join(name);
    let wanted = stamp::of_files(&[folder.join("package.json"), folder.join("package-lock.json")])?;
    stamp::unless_fresh(&folder.join("node_modules/.stamp"), &wanted, || {
        step(&format!("install the npm packages of {name}/"), || {
            run(command(npm()?).args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))
        })
    })?;
    Ok(())
}

/// The script behind a command of an installed npm package, to be run with `node`.
pub(crate) fn package_program(package: &str, script: &str) -> PathBuf {
    paths::root().join("tests/node_modules").join(package).join(script)
}
