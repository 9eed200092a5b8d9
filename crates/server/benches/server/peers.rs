//! The same data and questions for DuckDB, by a Python program that prints a row of JSON for every answer.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::{data, disk, queries::WINDOWS, rows::Rows};

pub(crate) fn measure(folder: &Path, points: i64, rows: &mut Rows) {
    let Some(python) = std::env::var_os("BENCH_PYTHON") else {
        eprintln!("BENCH_PYTHON names no Python with DuckDB: ours alone");
        return;
    };
    let large = folder.join("large.parquet");
    data::parquet(&large, points);
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/server/peers.py");
    let output = Command::new(python)
        .arg(program)
        .arg("--work")
        .arg(folder)
        .arg("--large")
        .arg(&large)
        .args(["--points", &points.to_string(), "--windows", &WINDOWS.to_string()])
        .args(["--start", &data::START.to_string(), "--period", &data::PERIOD.to_string()])
        .arg("--recording")
        .arg(disk::recording())
        .arg("--phasors")
        .arg(disk::phasors(&folder.join("disk"), false))
        .arg("--phasors-rounded")
        .arg(disk::phasors(&folder.join("disk"), true))
        .env("BTRDB_LOCAL", env!("CARGO_BIN_EXE_btrdb-local"))
        .stderr(std::process::Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the peers' program ended with {}", output.status);
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let mut row: Value = serde_json::from_str(line).unwrap();
        // How many times as much as ours.
        if let (Some(theirs), Some(ours)) = (row["median"].as_f64(), rows.of_ours(&row["case"], &row["metric"])) {
            row["ratio_to_ours"] = (theirs / ours).into();
        }
        rows.add(row);
    }
}
