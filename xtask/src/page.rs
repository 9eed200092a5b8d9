//! The page around the explorer's module: `index.html` as Trunk would complete it, without Trunk.
//!
//! Three of Trunk's directives are understood: `rust` becomes the script that starts the module, `css` a stylesheet,
//! `copy-file` a copy of the file.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::paths;
use crate::step::step;
use crate::wasm::APP;

/// Puts the page, the module of the folder `module` and, if given, the configuration into `folder`, made anew.
pub(crate) fn assemble(module: &Path, config: Option<&Path>, folder: &Path) -> Result<()> {
    step(&format!("put the page together in {}", paths::shown(folder)), || {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let template = fs::read_to_string(paths::root().join("index.html")).context("cannot read index.html")?;
        let (page, files) = complete(&template)?;
        fs::write(folder.join("index.html"), page)?;
        fs::write(folder.join(STARTER), starter())?;
        for file in &files {
            copy(&paths::root().join(file), folder)?;
        }
        for file in APP.files() {
            copy(&module.join(file), folder)?;
        }
        if let Some(config) = config {
            fs::copy(config, folder.join("config.json"))
                .with_context(|| format!("cannot copy {}", config.display()))?;
        }
        Ok(())
    })
}

/// The page with every directive replaced, and the files it needs, relative to the checkout.
fn complete(template: &str) -> Result<(String, Vec<String>)> {
    let mut page = String::new();
    let mut files = Vec::new();
    let mut rest = template;
    while let Some(begin) = rest.find("<link data-trunk") {
        let end = begin + rest[begin..].find('>').context("index.html: a <link data-trunk without its >")? + 1;
        let tag = &rest[begin..end];
        page += &rest[..begin];
        match attribute(tag, "rel") {
            Some("rust") => page += &starter_tags(),
            Some("css") => {
                let file = attribute(tag, "href").context("index.html: a stylesheet without href")?;
                write!(page, r#"<link rel="stylesheet" href="./{}">"#, base_name(file))?;
                files.push(file.to_owned());
            }
            Some("copy-file") => {
                files.push(attribute(tag, "href").context("index.html: a copy-file without href")?.to_owned());
            }
            _ => bail!("index.html: `{tag}` is no directive that the build understands"),
        }
        rest = &rest[end..];
    }
    Ok((page + rest, files))
}

/// What loads the module; in a file of its own, because the server's content security policy allows no script inside the
/// page.
const STARTER: &str = "start.js";

/// The tags that load the module early and start it.
fn starter_tags() -> String {
    let [script, wasm] = APP.files();
    format!(
        r#"<link rel="modulepreload" href="./{script}"><link rel="preload" href="./{wasm}" as="fetch" type="application/wasm" crossorigin>
    <script type="module" src="./{STARTER}"></script>"#
    )
}

fn starter() -> String {
    let [script, wasm] = APP.files();
    format!("import init from \"./{script}\";\nawait init({{ module_or_path: \"./{wasm}\" }});\n")
}

fn attribute<'tag>(tag: &'tag str, name: &str) -> Option<&'tag str> {
    let value = &tag[tag.find(&format!(" {name}=\""))? + name.len() + 3..];
    Some(&value[..value.find('"')?])
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().with_context(|| format!("{} is no file", file.display()))?;
    fs::copy(file, folder.join(name)).with_context(|| format!("cannot copy {}", file.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_become_what_a_browser_understands() -> Result<()> {
        let (page, files) = complete(
            r#"<head>
            <link data-trunk rel="rust" href="crates/app/Cargo.toml" data-wasm-opt="0">
            <link data-trunk rel="css" href="crates/app/style.css" />
            <link data-trunk rel="copy-file" href="data/config.json"></head>"#,
        )?;
        assert!(!page.contains("data-trunk"), "{page}");
        assert!(page.contains(r#"<script type="module" src="./start.js"></script>"#), "{page}");
        assert!(page.contains(r#"<link rel="stylesheet" href="./style.css">"#), "{page}");
        assert_eq!(files, ["crates/app/style.css", "data/config.json"]);
        Ok(())
    }

    #[test]
    fn a_directive_that_would_be_lost_is_an_error() {
        assert!(complete(r#"<link data-trunk rel="scss" href="a.scss">"#).is_err());
        assert!(complete("<link data-trunk rel=").is_err());
    }
}
