//! `cargo xtask dist`: the explorer as a folder of static files, and what it weighs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::compress::{self, Sizes};
use crate::page;
use crate::paths;
use crate::step::{say, step};
use crate::wasm::{self, APP};

/// Builds `target/dist/app` with each file also compressed, prints the sizes and holds them against the budget.
pub(crate) fn run() -> Result<()> {
    let folder = paths::target().join("dist/app");
    let module = wasm::optimised(&APP)?;
    page::assemble(&module, None, &folder)?;
    let sizes = step("compress", || compress::beside(&paths::listed(&folder)?))?;
    compress::print(&sizes);
    hold(&sizes, &paths::root().join("xtask/budget.json"))?;
    say(&format!("the explorer is in {}", paths::shown(&folder)));
    Ok(())
}

/// Fails when the files of a budget weigh more than it allows, or are not there.
fn hold(sizes: &[Sizes], budget: &Path) -> Result<()> {
    let budgets: Value = serde_json::from_str(&fs::read_to_string(budget)?)?;
    for (name, limit) in budgets.as_object().context("the budget is a JSON object")? {
        let files = limit["files"].as_array().with_context(|| format!("budget {name}: no `files`"))?;
        let allowed = limit["brotli_bytes"].as_u64().with_context(|| format!("budget {name}: no `brotli_bytes`"))?;
        let mut weight = 0;
        for file in files {
            let found = sizes.iter().find(|sizes| file == sizes.name.as_str());
            weight += found.with_context(|| format!("budget {name}: {file} was not built"))?.brotli;
        }
        println!("budget {name}: {weight} of {allowed} bytes with Brotli");
        if weight > allowed {
            bail!("the {name} is {} bytes over its budget of {allowed} (xtask/budget.json)", weight - allowed);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_counts_its_files_and_fails_above_and_without_them() -> Result<()> {
        let path = std::env::temp_dir().join(format!("xtask-budget-{}.json", std::process::id()));
        fs::write(&path, r#"{"page": {"files": ["a.js", "a.wasm"], "brotli_bytes": 30}}"#)?;
        let sizes = |script, wasm| {
            [("a.js", script), ("a.wasm", wasm), ("other", 1_000)].map(|(name, brotli)| Sizes {
                name: name.to_owned(),
                raw: 0,
                gzip: 0,
                brotli,
            })
        };
        assert!(hold(&sizes(10, 20), &path).is_ok());
        assert!(hold(&sizes(10, 21), &path).is_err());
        assert!(hold(&sizes(10, 20)[..1], &path).is_err());
        Ok(fs::remove_file(path)?)
    }
}
