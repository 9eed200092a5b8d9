//! Parts of the Rust toolchain, and programs that cargo installs.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{capture, cargo, command, run, which};
use crate::step::step;

const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that the standard library for wasm32 is there, and returns the target's name.
pub(crate) fn wasm_target() -> Result<&'static str> {
    let libraries = capture(command("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    if !Path::new(libraries.trim()).is_dir() {
        if which("rustup").is_none() {
            bail!("the Rust target {TARGET} is missing, and there is no rustup to add it");
        }
        step(&format!("add the Rust target {TARGET}"), || run(command("rustup").args(["target", "add", TARGET])))?;
    }
    Ok(TARGET)
}

/// `cargo nextest run`, or `cargo test` where nextest is not installed: building it would take longer than it saves.
pub(crate) fn tests() -> Command {
    let mut cargo = cargo();
    if which("cargo-nextest").is_some() {
        cargo.args(["nextest", "run"]);
    } else {
        cargo.args(["test", "--tests"]);
    }
    cargo
}

/// Installs the program `name` from a package of crates.io unless it is there in that version.
///
/// Link-time optimisation and full optimisation are left out: they would double the wait and change little.
pub(crate) fn install_program(name: &str, package: &str, version: &str, options: &[&str]) -> Result<()> {
    let there =
        capture(command(name).arg("--version")).is_ok_and(|said| said.split_whitespace().any(|word| word == version));
    if there {
        return Ok(());
    }
    step(&format!("build {package} {version} (some minutes)"), || {
        let settings = [("LTO", "off"), ("OPT_LEVEL", "1"), ("CODEGEN_UNITS", "16")];
        let settings = settings.map(|(name, value)| (format!("CARGO_PROFILE_RELEASE_{name}"), value));
        run(cargo().args(["install", package, "--version", version, "--force"]).args(options).envs(settings))
    })
}
