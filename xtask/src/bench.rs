//! `cargo xtask bench NAME`: runs the criterion benchmarks of that name and writes `target/bench/NAME.json`.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::paths;
use crate::process::{cargo, run};
use crate::step::{say, step};

/// A benchmark's name, and the package and benches it is made of.
const BENCHES: [(&str, &str, &[&str]); 1] = [("server", "btrdb-engine", &["windows"])];

/// What criterion calls a measurement, and the case and metric it is. Those two stay stable, so that figures can be
/// compared over time.
const CASES: [(&str, &str, &str); 2] = [
    ("windows/1000000", "1000 windows, 1e6 points", "query_ms"),
    ("windows/10000000", "1000 windows, 1e7 points", "query_ms"),
];

/// Measures, prints a table and writes the same as JSON.
pub(crate) fn run_named(name: &str) -> Result<()> {
    let Some((_, package, benches)) = BENCHES.iter().find(|(known, ..)| *known == name) else {
        let known: Vec<_> = BENCHES.iter().map(|(name, ..)| *name).collect();
        bail!("there is no benchmark `{name}`; there is: {}", known.join(", "));
    };
    let folder = paths::target().join("bench");
    let measured = folder.join("criterion").join(name);
    if measured.exists() {
        fs::remove_dir_all(&measured)?;
    }
    for bench in *benches {
        step(&format!("measure {package}, {bench}"), || {
            run(cargo().args(["bench", "-p", package, "--bench", bench]).env("CRITERION_HOME", &measured))
        })?;
    }
    let rows = rows(&measured)?;
    if rows.is_empty() {
        bail!("the benchmark wrote no results into {}", measured.display());
    }
    print(&rows);
    let cores = thread::available_parallelism()?;
    let when = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let report = json!({"name": name, "when": when, "machine": format!("{cores} cores"), "rows": rows});
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")?;
    say(&format!("written to {}", paths::shown(&file)));
    Ok(())
}

/// A row for each result that criterion left under `folder`.
fn rows(folder: &Path) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if folder.file_name().is_some_and(|name| name == "new") {
            rows.push(row(&folder)?);
        } else {
            folders.extend(paths::listed(&folder)?.into_iter().filter(|path: &PathBuf| path.is_dir()).rev());
        }
    }
    Ok(rows)
}

fn row(folder: &Path) -> Result<Value> {
    let read = |name: &str| -> Result<Value> {
        let file = folder.join(name);
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(serde_json::from_str(&text)?)
    };
    let about = read("benchmark.json")?;
    let id = about["full_id"].as_str().context("a benchmark without a name")?;
    let (_, case, metric) =
        CASES.iter().find(|(known, ..)| *known == id).with_context(|| format!("no case for {id}"))?;

    let samples = read("sample.json")?;
    let numbers =
        |key: &str| -> Vec<f64> { samples[key].as_array().into_iter().flatten().filter_map(Value::as_f64).collect() };
    let mut millis: Vec<f64> =
        numbers("times").iter().zip(numbers("iters")).map(|(nanos, count)| nanos / count / 1e6).collect();
    millis.sort_by(f64::total_cmp);
    let rank = |share: f64| millis.get(((millis.len() as f64 - 1.0) * share).round() as usize).copied();
    Ok(json!({
        "case": case, "metric": metric, "who": "ours", "version": env!("CARGO_PKG_VERSION"),
        "median": rank(0.5).context("a benchmark without samples")?, "p95": rank(0.95), "runs": millis.len(),
    }))
}

fn print(rows: &[Value]) {
    println!("{:<40} {:<12} {:>12} {:>12} {:>6}", "case", "metric", "median", "p95", "runs");
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| row[key].as_f64().unwrap_or(f64::NAN);
        let (case, metric) = (text("case"), text("metric"));
        println!("{case:<40} {metric:<12} {:>12.4} {:>12.4} {:>6}", number("median"), number("p95"), row["runs"]);
    }
}
