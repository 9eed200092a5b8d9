//! Node and the npm packages of `tests/`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::process::{capture, command, run, which};
use crate::stamp;
use crate::step::step;

/// Major and minor version of the oldest Node that Vite, which builds the examples, runs on.
const OLDEST: (u32, u32) = (20, 19);

/// The path of a Node that is new enough.
///
/// # Errors
/// When there is none: Node is the one thing besides rustup that we ask people to have.
pub(crate) fn node() -> Result<PathBuf> {
    let (major, minor) = OLDEST;
    let wanted = format!("Node {major}.{minor} or later is needed");
    let node = which("node").with_context(|| format!("{wanted}: see https://nodejs.org"))?;
    let version = capture(command(&node).arg("--version"))?;
    if parsed(&version).is_none_or(|found| found < OLDEST) {
        bail!("{wanted}, but `node --version` says {}", version.trim());
    }
    Ok(node)
}

/// Major and minor of what `node --version` prints, such as `v20.19.1`.
fn parsed(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node() {
        assert!(parsed("v20.18.3\n") < Some(OLDEST));
        assert!(parsed("v20.19.0\n") >= Some(OLDEST));
        assert!(parsed("v24.1.0\n") >= Some(OLDEST));
        assert_eq!(parsed("node"), None);
    }
}
