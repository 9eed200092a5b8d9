//! Pythons with the packages of `tests/python/requirements.txt` and a version of the official client.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::apt;
use crate::paths;
use crate::process::{capture, command, run, which};
use crate::stamp;
use crate::step::step;

/// The interpreter of a virtual environment below `target/python` that has the official client of this version, and what
/// else the tests import.
pub(crate) fn python(client: &str) -> Result<PathBuf> {
    let environment = paths::target().join("python").join(client);
    let bin = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let requirements = paths::root().join("tests/python/requirements.txt");
    let wanted =
        fs::read_to_string(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let client = format!("btrdb[data]=={client}");
    let python = bin.join(format!("python{}", std::env::consts::EXE_SUFFIX));
    stamp::unless_fresh(&environment.join(".stamp"), &format!("{client}\n{wanted}"), || {
        step(&format!("install {client} and the Python packages of tests/python"), || {
            create(&environment)?;
            run(command(&python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &client, "-r"])
                .arg(requirements))
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
