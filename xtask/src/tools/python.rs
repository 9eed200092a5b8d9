//! Pythons with the packages that a test or a benchmark imports.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::apt;
use crate::paths;
use crate::process::{capture, command, run, which};
use crate::stamp;
use crate::step::step;

/// The interpreter of the virtual environment `target/python/NAME`, which has the packages `more` and those that the file
/// `requirements` lists.
pub(crate) fn python(name: &str, requirements: &str, more: &[&str]) -> Result<PathBuf> {
    let environment = paths::target().join("python").join(name);
    let bin = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let file = paths::root().join(requirements);
    let wanted = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let wanted = format!("{}\n{wanted}", more.join("\n"));
    let python = bin.join(format!("python{}", std::env::consts::EXE_SUFFIX));
    stamp::unless_fresh(&environment.join(".stamp"), &wanted, || {
        step(&format!("install the Python packages of {requirements} for {name}"), || {
            create(&environment)?;
            run(command(&python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .args(more)
                .arg("-r")
                .arg(file))
        })
    })?;
    Ok(python)
}

fn create(environment: &Path) -> Result<()> {
    let name = if cfg!(windows) { "python" } else { "python3" };
    if which(name).is_none() {
        apt::install("python3-venv", "Python 3")?;
    }
    // Debian ships venv apart from Python; without it the module is there but cannot put pip into the environment.
    if capture(command(name).args(["-c", "import venv, ensurepip"])).is_err() {
        apt::install("python3-venv", "Python's venv module")?;
    }
    run(command(name).args(["-m", "venv", "--clear"]).arg(environment))
}
