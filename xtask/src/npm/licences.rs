//! Whose work is in the wasm besides ours, and on which terms: a file that is part of the package.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::paths;
use crate::process::{capture, cargo, command};
use crate::tools;

/// The terms that are known to suit us, as crates write them.
const ALLOWED: [&str; 12] = [
    "(MIT OR Apache-2.0) AND Unicode-3.0",
    "0BSD OR MIT OR Apache-2.0",
    "Apache-2.0",
    "Apache-2.0 AND MIT",
    "Apache-2.0 OR MIT",
    "BSD-2-Clause OR Apache-2.0 OR MIT",
    "BSD-3-Clause",
    "MIT",
    "MIT OR Apache-2.0",
    "MIT OR Zlib OR Apache-2.0",
    "MIT/Apache-2.0",
    "Unlicense OR MIT",
];

/// What the names of files with terms begin with.
const NAMES: [&str; 4] = ["COPYING", "LICENSE", "NOTICE", "UNLICENSE"];

/// Crates that leave out the text of their terms, and a crate of the same people that has it.
const SIBLINGS: [(&str, &str); 1] = [("tonic-prost", "tonic")];

/// A part of the wasm, and the texts of its terms.
#[derive(Clone, Debug)]
struct Part {
    name: String,
    version: String,
    terms: String,
    texts: Vec<String>,
}

/// The file's content.
///
/// # Errors
/// For a crate whose terms are not known to suit us, or whose texts are missing.
pub(super) fn third_party(package: &str) -> Result<String> {
    let mut parts = linked(package)?;
    let rustc = capture(command("rustc").arg("--version"))?;
    let version = rustc.split_whitespace().nth(1).context("rustc does not say its version")?;
    parts.push(Part {
        name: "the Rust standard library".to_owned(),
        version: version.to_owned(),
        terms: "MIT OR Apache-2.0".to_owned(),
        texts: Vec::new(),
    });
    listed(parts, &fs::read_to_string(paths::root().join("LICENSE-APACHE"))?)
}

/// The crates of others that `package` links for wasm, with the features it asks for there, and what their sources hold.
fn linked(package: &str) -> Result<Vec<Part>> {
    let target = tools::wasm_target()?;
    let mut tree = cargo();
    tree.args(["tree", "--locked", "-p", package, "--target", target, "--edges", "normal,no-proc-macro"]);
    let tree = capture(tree.args(["--prefix", "none", "--format", "{p}"]))?;
    let linked: BTreeSet<(&str, &str)> = tree
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?.strip_prefix('v')?))
        })
        .collect();
    let metadata = capture(cargo().args(["metadata", "--locked", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let mut parts = Vec::new();
    for package in packages.iter().filter(|package| !package["source"].is_null()) {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        if linked.contains(&(text("name"), text("version"))) {
            let folder = PathBuf::from(text("manifest_path"));
            parts.push(Part {
                name: text("name").to_owned(),
                version: text("version").to_owned(),
                terms: text("license").to_owned(),
                texts: texts_in(folder.parent().unwrap_or(Path::new(".")))?,
            });
        }
    }
    Ok(parts)
}

fn texts_in(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for file in paths::listed(folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if file.is_file() && NAMES.iter().any(|beginning| name.starts_with(beginning)) {
            texts.push(fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?);
        }
    }
    Ok(texts)
}

/// `parts` by name with their terms, and then each text once. `apache` is the text of a licence that is the same for all.
fn listed(mut parts: Vec<Part>, apache: &str) -> Result<String> {
    parts.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    let all = parts.clone();
    let mut list = String::from("What is in btrdb_web_bg.wasm besides btrdb-web itself, and on which terms.\n\n");
    let mut texts: BTreeMap<Vec<&str>, (&str, Vec<&str>)> = BTreeMap::new();
    for (index, part) in all.iter().enumerate() {
        let Part { name, version, terms, .. } = part;
        if !ALLOWED.contains(&terms.as_str()) {
            bail!(
                "{name} {version} is under \"{terms}\": see whether that suits us, and add it to xtask/src/npm/licences.rs"
            );
        }
        writeln!(list, "{name} {version}: {terms}")?;
        if part.texts.is_empty() {
            let sibling = SIBLINGS.iter().find(|(without, _)| without == name);
            let of_sibling = sibling.and_then(|(_, with)| all.iter().find(|other| other.name == *with));
            parts[index].texts = match of_sibling {
                Some(other) => other.texts.clone(),
                None if terms.contains("Apache-2.0") => vec![apache.to_owned()],
                None => bail!("the sources of {name} {version} hold no text of its terms ({terms})"),
            };
        }
    }
    for part in &parts {
        for text in &part.texts {
            // They differ in where their lines break.
            let (_, names) = texts.entry(text.split_whitespace().collect()).or_insert((text, Vec::new()));
            if !names.contains(&part.name.as_str()) {
                names.push(&part.name);
            }
        }
    }
    let mut texts: Vec<_> = texts.into_values().collect();
    texts.sort_by(|a, b| a.1.cmp(&b.1));
    for (text, names) in texts {
        let rule = "-".repeat(80);
        write!(
            list,
            "\n{rule}\n{}\n{rule}\n\n{}\n",
            names.join(", "),
            text.trim_matches(['\r', '\n']).replace('\r', "")
        )?;
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, terms: &str, texts: &[&str]) -> Part {
        let texts = texts.iter().map(|&text| text.to_owned()).collect();
        Part { name: name.to_owned(), version: "1.0.0".to_owned(), terms: terms.to_owned(), texts }
    }

    #[test]
    fn each_text_stands_once_under_all_that_have_it() -> Result<()> {
        let parts = vec![
            part("tonic-prost", "MIT", &[]),
            part("tonic", "MIT", &["Permission is\ngranted"]),
            part("bytes", "MIT", &["Permission\nis granted\n"]),
            part("flatbuffers", "Apache-2.0", &[]),
        ];
        let list = listed(parts, "Apache")?;
        assert!(list.contains("\nflatbuffers 1.0.0: Apache-2.0\n"), "{list}");
        assert!(list.contains("\nflatbuffers\n"), "{list}");
        assert_eq!(list.matches("bytes, tonic, tonic-prost").count(), 1, "{list}");
        assert_eq!(list.matches("granted").count(), 1, "{list}");
        Ok(())
    }

    #[test]
    fn terms_that_nobody_looked_at_and_texts_that_are_missing_fail() {
        let of = |part| listed(vec![part], "Apache").map_err(|error| error.to_string());
        assert!(of(part("evil", "AGPL-3.0", &["text"])).is_err_and(|why| why.contains("evil") && why.contains("AGPL")));
        assert!(of(part("careless", "MIT", &[])).is_err_and(|why| why.contains("careless")));
    }

    #[test]
    fn every_crate_of_the_package_is_in_the_list() -> Result<()> {
        let list = third_party("btrdb-web")?;
        for name in ["wasm-bindgen", "tonic", "arrow-ipc", "prost", "the Rust standard library"] {
            assert!(list.lines().any(|line| line.starts_with(&format!("{name} "))), "{name} is missing");
        }
        assert_eq!(list, third_party("btrdb-web")?);
        assert!(!list.contains("tokio-rustls"), "what only native programs link is in the list");
        Ok(())
    }
}
