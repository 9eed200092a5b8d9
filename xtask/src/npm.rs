//! `cargo xtask npm`: the client as an npm package: its wasm module with the JavaScript glue, and the TypeScript of `npm/`
//! that puts a face on it.

mod glue;
mod licences;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::budget;
use crate::compress;
use crate::paths;
use crate::process::{capture, command, run as run_to_end};
use crate::step::{say, step};
use crate::tools;
use crate::wasm::{self, CLIENT};

/// The script that holds the wasm as text.
const INLINE: &str = "btrdb_web_inline.js";
/// The script of the worker, and the script that holds it as text.
const WORKER: [&str; 2] = ["btrdb_web_worker.js", "btrdb_web_worker_inline.js"];
/// Types of what is not TypeScript, which the compiler leaves where they are.
const TYPES_OF_WASM: &str = "btrdb_web_bg.wasm.d.ts";
/// What a page does not load that imports the package and finds its wasm: the other entries, and what `worker` brings.
const OTHERS: [&str; 15] = [
    INLINE,
    "inlined.js",
    "inline.js",
    "slim.js",
    "diagnose.js",
    WORKER[0],
    WORKER[1],
    "worker.js",
    "worker-file.js",
    "worker-text.js",
    "workers.js",
    "messages.js",
    "port.js",
    "reading.js",
    "remote.js",
];

/// Builds into `target/npm`, prints what it weighs, and holds what a page loads against the budget.
pub(crate) fn run() -> Result<()> {
    let folder = build()?;
    let mut shipped = paths::listed(&folder.join("dist"))?;
    shipped.retain(|file| file.extension().is_some_and(|extension| extension == "js" || extension == "wasm"));
    let mut sizes = compress::sizes(&shipped)?;
    compress::print(&sizes);
    sizes.retain(|file| !OTHERS.contains(&file.name.as_str()));
    budget::hold("client", &sizes)?;
    say(&format!("the package is in {}", paths::shown(&folder)));
    Ok(())
}

/// Builds the package and returns its folder, which could be published as it is.
pub(crate) fn build() -> Result<PathBuf> {
    let module = wasm::optimised(&CLIENT)?;
    let (source, folder) = (paths::root().join("npm"), paths::target().join("npm"));
    let dist = folder.join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&dist)?;
    compile(&source, &dist)?;
    let [script, wasm] = CLIENT.files();
    fs::write(dist.join(&script), glue::as_function(&fs::read_to_string(module.join(&script))?)?)?;
    let packages = paths::root().join("tests/package.json");
    run_to_end(command(tools::node()?).arg("xtask/src/minify.mjs").arg(&dist).arg(&packages))?;
    fs::copy(module.join(&wasm), dist.join(&wasm))?;
    let wasm = dist.join(wasm);
    run_to_end(command(tools::node()?).arg("xtask/src/inline.mjs").arg(wasm).arg(dist.join(INLINE)))?;
    let [worker, text] = WORKER.map(|name| dist.join(name));
    run_to_end(command(tools::node()?).arg("xtask/src/worker.mjs").arg(worker).arg(text).arg(packages))?;
    fs::copy(source.join("src").join(TYPES_OF_WASM), dist.join(TYPES_OF_WASM))?;
    let manifest = fs::read_to_string(source.join("package.json"))?;
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    fs::write(folder.join("package.json"), manifest.replace("\"version\": \"0.0.0\"", &version))?;
    fs::copy(source.join("README.md"), folder.join("README.md")).context("cannot copy npm/README.md")?;
    fs::write(folder.join("LICENSES-THIRD-PARTY"), licences::third_party(CLIENT.package)?)?;
    for file in ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(paths::root().join(file), folder.join(file))?;
    }
    Ok(folder)
}

/// Puts the package where the tests of Node find it, beside the packages that it depends on, as npm would install it. Returns
/// its folder.
pub(crate) fn install_for_tests() -> Result<PathBuf> {
    let package = build()?;
    copy_all_anew(&package, &paths::root().join("tests/node_modules/btrdb-web"))?;
    Ok(package)
}

/// Packs the package as `npm publish` would, into the folder `out`, and returns the file.
pub(crate) fn pack(out: &Path) -> Result<PathBuf> {
    fs::create_dir_all(out)?;
    let mut npm = command(tools::npm()?);
    npm.args(["pack", "--silent", "--pack-destination"]).arg(out).current_dir(paths::target().join("npm"));
    let name = capture(&mut npm)?;
    Ok(out.join(name.trim()))
}

/// Unpacks what [`pack`] made into the folder `to`, as npm would; its dependencies have to be there.
pub(crate) fn unpack(tarball: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    run_to_end(command("tar").arg("-xzf").arg(tarball).args(["--strip-components=1", "-C"]).arg(to))
}

/// Writes the documentation of the package into `target/doc/npm`; a public name without any, or a link to nowhere, fails.
pub(crate) fn document() -> Result<()> {
    tools::node_packages()?;
    step("the documentation of the npm package", || {
        let mut node = command(tools::node()?);
        let options = paths::root().join("npm/typedoc.json");
        node.arg(tools::package_program("typedoc", "bin/typedoc")).arg("--options").arg(options);
        run_to_end(&mut node)
    })
}

/// Makes JavaScript and declarations of the TypeScript in `source`.
fn compile(source: &Path, out: &Path) -> Result<()> {
    tools::node_packages()?;
    step("compile the TypeScript of npm/", || {
        let mut node = command(tools::node()?);
        node.arg(tools::package_program("typescript", "bin/tsc")).arg("--project").arg(source).arg("--outDir").arg(out);
        run_to_end(&mut node)
    })
}

/// Makes `to` a copy of the folder `from`, whatever was there before.
pub(crate) fn copy_all_anew(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    copy_all(from, to)
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
