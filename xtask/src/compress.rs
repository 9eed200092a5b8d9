//! Compressing files ahead of time, as strongly as browsers understand.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::paths;
use crate::process::{capture, command};
use crate::tools;

/// How many bytes a file is, as it is and compressed.
pub(crate) struct Sizes {
    pub(crate) name: String,
    pub(crate) raw: u64,
    pub(crate) gzip: u64,
    pub(crate) brotli: u64,
}

/// Writes `FILE.br` and `FILE.gz` beside each file. Node has both compressors built in, so no crate is built for them.
pub(crate) fn beside(files: &[PathBuf]) -> Result<Vec<Sizes>> {
    compress(&["--write"], files)
}

/// How many bytes each file is and would be.
pub(crate) fn sizes(files: &[PathBuf]) -> Result<Vec<Sizes>> {
    compress(&[], files)
}

fn compress(flags: &[&str], files: &[PathBuf]) -> Result<Vec<Sizes>> {
    let script = paths::root().join("xtask/src/compress.mjs");
    let printed = capture(command(tools::node()?).arg(script).args(flags).args(files))?;
    let rows: Vec<Value> = serde_json::from_str(&printed)?;
    let number = |row: &Value, key| row[key].as_u64().with_context(|| format!("no `{key}` in {row}"));
    let sizes = files.iter().zip(&rows).map(|(file, row)| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Sizes { name, raw: number(row, "raw")?, gzip: number(row, "gzip")?, brotli: number(row, "brotli")? })
    });
    sizes.collect()
}

/// Prints a table of `sizes` with their sum.
pub(crate) fn print(sizes: &[Sizes]) {
    println!("{:<24} {:>10} {:>10} {:>10}", "bytes", "raw", "gzip", "brotli");
    for Sizes { name, raw, gzip, brotli } in sizes {
        println!("{name:<24} {raw:>10} {gzip:>10} {brotli:>10}");
    }
    let sum = |of: fn(&Sizes) -> u64| sizes.iter().map(of).sum::<u64>();
    println!("{:<24} {:>10} {:>10} {:>10}", "all", sum(|s| s.raw), sum(|s| s.gzip), sum(|s| s.brotli));
}
