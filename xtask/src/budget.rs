//! How much may be loaded by whoever opens a page: `xtask/budget.json`, with the reasons for its numbers.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::compress::Sizes;
use crate::paths;

/// Prints what the budget called `name` has spent of `sizes`: of the files that it lists, or of all of them.
///
/// # Errors
/// When they weigh more than it allows, or are not there.
pub(crate) fn hold(name: &str, sizes: &[Sizes]) -> Result<()> {
    hold_to(&paths::root().join("xtask/budget.json"), name, sizes)
}

fn hold_to(budgets: &Path, name: &str, sizes: &[Sizes]) -> Result<()> {
    let budgets: Value = serde_json::from_str(&fs::read_to_string(budgets)?)?;
    let budget = budgets.get(name).with_context(|| format!("there is no budget {name}"))?;
    let allowed = budget["brotli_bytes"].as_u64().with_context(|| format!("budget {name}: no `brotli_bytes`"))?;
    let mut weight = 0;
    if let Some(files) = budget["files"].as_array() {
        for file in files {
            let found = sizes.iter().find(|sizes| file == sizes.name.as_str());
            weight += found.with_context(|| format!("budget {name}: {file} was not built"))?.brotli;
        }
    } else {
        weight = sizes.iter().map(|sizes| sizes.brotli).sum();
    }
    println!("budget {name}: {weight} of {allowed} bytes with Brotli");
    if weight > allowed {
        bail!("the {name} is {} bytes over its budget of {allowed} (xtask/budget.json)", weight - allowed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_counts_its_files_and_fails_above_and_without_them() -> Result<()> {
        let path = std::env::temp_dir().join(format!("xtask-budget-{}.json", std::process::id()));
        fs::write(
            &path,
            r#"{"page": {"files": ["a.js", "a.wasm"], "brotli_bytes": 30}, "all": {"brotli_bytes": 1030}}"#,
        )?;
        let sizes = |script, wasm| {
            [("a.js", script), ("a.wasm", wasm), ("other", 1_000)].map(|(name, brotli)| Sizes {
                name: name.to_owned(),
                raw: 0,
                gzip: 0,
                brotli,
            })
        };
        for name in ["page", "all"] {
            assert!(hold_to(&path, name, &sizes(10, 20)).is_ok());
            assert!(hold_to(&path, name, &sizes(10, 21)).is_err());
        }
        assert!(hold_to(&path, "page", &sizes(10, 20)[..1]).is_err());
        assert!(hold_to(&path, "other", &sizes(10, 20)).is_err());
        Ok(fs::remove_file(path)?)
    }
}
