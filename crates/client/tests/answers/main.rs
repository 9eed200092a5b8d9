//! The same calls through the official Python client and through this one, natively, in Node and in Chromium, each on a
//! server of its own: the answers must be the same to the last bit. `tests/parity/cases.yaml` lists the calls, and what
//! comes out where the answers differ on purpose.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod cases;
mod compare;
mod native;
mod rows;
mod runners;
mod tables;
mod yaml;

use std::fs;
use std::path::{Path, PathBuf};

use cases::Plan;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn plan() -> Plan {
    Plan::parse(&fs::read_to_string(root().join("tests/parity/cases.yaml")).unwrap())
}

#[test]
fn every_row_that_reads_or_writes_has_a_case() {
    let page = fs::read_to_string(root().join("docs/parity.md")).unwrap();
    let wrong = rows::uncovered(&page, &plan());
    assert!(wrong.is_empty(), "rows of docs/parity.md that no case covers:\n{}", wrong.join("\n"));
}

/// The runners are programs that `cargo xtask test --only parity` brings along.
#[test]
#[ignore = "needs Python, Node and Chromium: `cargo xtask test --only parity`"]
fn answers_are_the_same() {
    let plan = plan();
    let answers = runners::run_all(&plan);
    for (runner, lines) in &answers {
        println!("{runner}: {} answers", lines.len());
    }
    let differences = compare::differences(&plan, &answers);
    let shown = differences.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n\n");
    assert!(differences.is_empty(), "{} answers differ:\n\n{shown}", differences.len());
}
