//! `cargo xtask bench NAME`: runs the benchmark of that name and writes `target/bench/NAME.json`.

mod client;
mod explorer;
mod plot;
mod server;

use std::fs;
use std::path::Path;
use std::thread;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::paths;
use crate::step::{say, step};

/// How much is measured.
#[derive(Args)]
pub(crate) struct Options {
    /// Points of the large stream of `server` and `explorer`
    #[arg(long, default_value_t = 100_000_000)]
    points: u64,
    /// Seconds of live inserts of `server`
    #[arg(long, default_value_t = 60)]
    live_seconds: u64,
    /// Seconds for which `explorer` watches memory
    #[arg(long, default_value_t = 90)]
    use_seconds: u64,
    /// How often `client` measures each contender, in a new browser every time
    #[arg(long, default_value_t = 3)]
    repetitions: u32,
    /// Of the contenders of `client`, those with this in their name only: then no goal is looked at
    #[arg(long, default_value = "")]
    only: String,
}

/// A benchmark: its name, what it measures, and how. It prints what it finds as it goes, and writes its rows, a list of
/// JSON objects, into the file that it is given.
type Bench = (&'static str, &'static str, fn(&Options, &Path) -> Result<()>);

const BENCHES: [Bench; 4] = [
    ("server", "btrdb-local over real sockets, beside DuckDB and Parquet", server::measure),
    ("client", "the npm package beside other clients, in Chromium", client::measure),
    (
        "explorer",
        "the explorer's planning against model networks, and its page in Chromium 50 ms away",
        explorer::measure,
    ),
    ("plot", "the explorer's drawing in Chromium, beside plotting libraries", plot::measure),
];

/// Measures, and writes the rows with what they were measured on as JSON.
pub(crate) fn run_named(name: &str, options: &Options) -> Result<()> {
    let Some((_, what, measure)) = BENCHES.iter().find(|(known, ..)| *known == name) else {
        let known = BENCHES.map(|(name, what, _)| format!("\n  {name:<8} {what}")).concat();
        bail!("there is no benchmark `{name}`; there are:{known}");
    };
    let folder = paths::target().join("bench");
    fs::create_dir_all(&folder)?;
    let measured = folder.join(format!("{name}-rows.json"));
    step(&format!("measure {name}: {what}"), || measure(options, &measured))?;
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
