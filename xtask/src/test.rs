//! `cargo xtask test`: every test there is, cheapest first, stopping at the first part that fails.

mod browser;
mod examples;
mod native;
mod node;
mod package;
mod parity;
mod python;

pub(crate) use native::kills;

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::dist;
use crate::fuzz;
use crate::step::{say, shown, since_start};

/// A part of the tests: its name, what it checks, and how.
type Part = (&'static str, &'static str, fn() -> Result<()>);

const PARTS: [Part; 15] = [
    ("format", "the source is formatted", native::format),
    ("lint", "clippy has nothing to say", native::lint),
    ("wasm32", "the rooms without sockets and files compile for the browser", native::wasm32),
    ("native", "unit, property and server tests", native::tests),
    ("bounds", "nothing that a caller sends hurts the server or its other callers", native::bounds),
    ("kills", "30 kills at random points lose nothing that was acknowledged", || kills(30)),
    ("fuzz", "random requests, replies, Arrow, templates, frames and blocks for half a minute", || {
        fuzz::run_together(30)
    }),
    ("docs", "the documentation's links lead somewhere and its examples work", native::docs),
    ("dist", "the explorer builds and keeps within its size", dist::run),
    ("node", "the npm package in Node against the real server", node::run_all),
    ("browser", "the explorer and the client in Chromium against the real server", browser::run_all),
    (
        "package",
        "the packed npm package keeps within its size, and works in bundlers, pages, Deno and Bun",
        package::run_all,
    ),
    ("examples", "the examples and the guide, in Chromium and Node against the real server", examples::run_all),
    (
        "parity",
        "the official Python client and ours give the same answers, ours in Rust, Node and Chromium",
        parity::run_all,
    ),
    ("python", "the official Python client against the real server", python::run_all),
];

/// Runs all parts, or the one that `only` names.
pub(crate) fn run(only: Option<&str>) -> Result<()> {
    let parts: Vec<&Part> = PARTS.iter().filter(|(name, ..)| only.is_none_or(|only| only == *name)).collect();
    if parts.is_empty() {
        let names = PARTS.map(|(name, what, _)| format!("\n  {name:<8} {what}")).concat();
        bail!("there is no such part of the tests; there are:{names}");
    }
    let mut times = Vec::new();
    for (name, what, check) in &parts {
        say(&format!("── {name}: {what}"));
        let begun = Instant::now();
        check().with_context(|| format!("the part `{name}` failed after {} ({what})", shown(begun.elapsed())))?;
        times.push(format!("{name} {}", shown(begun.elapsed())));
    }
    say(&format!("passed in {}: {}", shown(since_start()), times.join(", ")));
    Ok(())
}
