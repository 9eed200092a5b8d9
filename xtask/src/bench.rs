//! `cargo xtask bench NAME`: runs the benchmark program of that name and writes `target/bench/NAME.json`.

use std::fs;
use std::thread;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::process::{cargo, run};
use crate::step::{say, step};
use crate::{paths, tools};

/// A benchmark's name and the package that has it.
const BENCHES: [(&str, &str); 1] = [("server", "btrdb-local")];

/// Measures, prints a table and writes the same as JSON.
pub(crate) fn run_named(name: &str, points: u64, live_seconds: u64) -> Result<()> {
    let Some((_, package)) = BENCHES.iter().find(|(known, _)| *known == name) else {
        let known: Vec<_> = BENCHES.iter().map(|(name, _)| *name).collect();
        bail!("there is no benchmark `{name}`; there is: {}", known.join(", "));
    };
    let python = tools::python("bench", "bench/server/requirements.txt", &[])?;
    let folder = paths::target().join("bench");
    fs::create_dir_all(&folder)?;
    let measured = folder.join("rows.json");
    step(&format!("measure {name}"), || {
        run(cargo()
            .args(["bench", "-p", package, "--bench", name])
            .env("BENCH_OUT", &measured)
            .env("BENCH_PYTHON", &python)
            .env("BENCH_POINTS", points.to_string())
            .env("BENCH_LIVE_SECONDS", live_seconds.to_string()))
    })?;
    let rows = fs::read_to_string(&measured).with_context(|| format!("cannot read {}", measured.display()))?;
    let rows: Vec<Value> = serde_json::from_str(&rows)?;
    fs::remove_file(&measured)?;
    let cores = thread::available_parallelism()?;
    let when = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let report = json!({"name": name, "when": when, "machine": format!("{cores} cores"), "rows": rows});
    let file = folder.join(format!("{name}.json"));
    fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")?;
    say(&format!("written to {}", paths::shown(&file)));
    Ok(())
}
