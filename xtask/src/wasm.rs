//! From a crate to a wasm module with its JavaScript glue.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::paths;
use crate::process::{cargo, command, run};
use crate::stamp;
use crate::step::step;
use crate::tools;

/// A crate that becomes a wasm module. Each is built with its own `-p`, or cargo would unify their features.
pub(crate) struct Module {
    pub(crate) package: &'static str,
    /// What rustc calls the file.
    file: &'static str,
    /// What the page calls it: `NAME.js` and `NAME_bg.wasm`.
    pub(crate) name: &'static str,
    /// Whether its JavaScript says by itself where the wasm is, rather than whoever starts it.
    knows_its_place: bool,
}

/// The explorer.
pub(crate) const APP: Module =
    Module { package: "btrdb-app", file: "btrdb-app.wasm", name: "btrdb-app", knows_its_place: true };
/// The client with its JavaScript exports.
pub(crate) const CLIENT: Module =
    Module { package: "btrdb-web", file: "btrdb_web.wasm", name: "btrdb_web", knows_its_place: false };

/// The explorer's drawing by itself, to be measured.
pub(crate) const DRAWING: Module = Module {
    package: "btrdb-bench-plot",
    file: "btrdb_bench_plot.wasm",
    name: "btrdb_bench_plot",
    knows_its_place: false,
};

/// Pictures by the explorer's rasteriser, to be compared with those of the same program run natively.
pub(crate) const PICTURES: Module =
    Module { package: "btrdb-pictures", file: "btrdb_pictures.wasm", name: "btrdb_pictures", knows_its_place: false };

/// How a module is compiled: a profile of the workspace's `Cargo.toml`.
///
/// In development that is the one of the native programs, so that macros and build scripts are compiled once for both.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Dev,
    /// Small to load.
    Release,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "wasm-release",
        }
    }

    /// The folder that cargo puts its results in.
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "wasm-release",
        }
    }
}

impl Module {
    /// The files that [`build`] makes.
    pub(crate) fn files(&self) -> [String; 2] {
        [format!("{}.js", self.name), format!("{}_bg.wasm", self.name)]
    }
}

/// Compiles `module` and writes its two files into a folder of its own, which is returned.
pub(crate) fn build(module: &Module, profile: Profile) -> Result<PathBuf> {
    let target = tools::wasm_target()?;
    let (name, folder) = (profile.name(), profile.folder());
    step(&format!("compile {} for {target} ({name})", module.package), || {
        run(cargo().args(["build", "--target", target, "--profile", name, "-p", module.package]))
    })?;
    let compiled = paths::target().join(target).join(folder).join(module.file);
    let out = paths::target().join("wasm-bindgen").join(folder).join(module.name);
    stamp::unless_fresh(&out.join(".stamp"), &made_by_us(&compiled)?, || {
        step(&format!("write the JavaScript glue of {}", module.name), || bind(module, &compiled, &out))
    })?;
    Ok(out)
}

/// The fingerprint of what this program makes of a file: another build of it may do it otherwise.
fn made_by_us(file: &Path) -> Result<String> {
    stamp::of_files(&[file.to_path_buf(), env::current_exe()?])
}

fn bind(module: &Module, compiled: &Path, out: &Path) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    Bindgen::new()
        .input_path(compiled)
        .out_name(module.name)
        .web(true)?
        .omit_default_module_path(!module.knows_its_place)
        .typescript(false)
        .remove_producers_section(true)
        .generate(out)
        .with_context(|| format!("wasm-bindgen failed on {}", compiled.display()))?;
    if out.join("snippets").exists() {
        bail!("{} brings JavaScript files of its own, which the page would lack", module.package);
    }
    Ok(())
}

/// Compiles `module` small, and makes its wasm smaller still with binaryen's wasm-opt.
pub(crate) fn optimised(module: &Module) -> Result<PathBuf> {
    let bound = build(module, Profile::Release)?;
    let out = paths::target().join("wasm-opt").join(module.name);
    let [script, wasm] = module.files();
    stamp::unless_fresh(&out.join(".stamp"), &made_by_us(&bound.join(&wasm))?, || {
        tools::node_packages()?;
        fs::create_dir_all(&out)?;
        step(&format!("make {wasm} smaller"), || {
            let optimiser = tools::package_program("binaryen", "bin/wasm-opt");
            let mut node = command(tools::node()?);
            node.arg(optimiser).arg("-Oz").args(FEATURES).arg(bound.join(&wasm)).arg("-o").arg(out.join(&wasm));
            run(&mut node)
        })?;
        fs::copy(bound.join(&script), out.join(&script))?;
        Ok(())
    })?;
    Ok(out)
}

/// What rustc uses of wasm; wasm-opt assumes none of it when the module does not say.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];
