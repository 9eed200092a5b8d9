//! `cargo xtask`: the only build logic. Each subcommand installs what it lacks, says what it does and how long it took.

mod bench;
mod browser;
mod budget;
mod compress;
mod demo;
mod dist;
mod fuzz;
mod npm;
mod page;
mod paths;
mod process;
mod server;
mod setup;
mod soak;
mod stamp;
mod step;
mod test;
mod tools;
mod wasm;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, shows, tests and measures btrdb-web")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the explorer with the recordings of data/ at <http://127.0.0.1:4410>
    Demo {
        /// Do not open a browser
        #[arg(long)]
        no_open: bool,
    },
    /// Run every test there is: lints, native tests, the wasm build and its size, Node, Chromium, the official Python client
    Test {
        /// Run one part only; an unknown name lists them
        #[arg(long, value_name = "PART")]
        only: Option<String>,
    },
    /// Run what finds more the longer it runs: 200 kills, a minute of each fuzz target
    Soak,
    /// Build the explorer as a folder of static files, compressed, in target/dist/app
    Dist,
    /// Build the client as an npm package in target/npm, and print and limit what it weighs
    Npm,
    /// Run a benchmark and write target/bench/NAME.json
    Bench {
        /// Which one; an unknown name lists them
        name: String,
        #[command(flatten)]
        options: bench::Options,
    },
    /// Install what `trunk serve` needs
    Setup {
        /// The only kind there is: the tools of someone who develops the app
        #[arg(long, required = true)]
        dev: bool,
    },
}

fn main() -> std::process::ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo { no_open } => demo::run(!no_open),
        Command::Test { only } => test::run(only.as_deref()),
        Command::Soak => soak::run(),
        Command::Dist => dist::run(),
        Command::Npm => npm::run(),
        Command::Bench { name, options } => bench::run_named(&name, &options),
        Command::Setup { dev: _ } => setup::run(),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
