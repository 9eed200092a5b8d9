//! The command `btrdb-local`.

use std::process::ExitCode;

use btrdb_local::{export, import, keys, serve, simulate, upkeep};
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// An embedded BTrDB for one machine.
#[derive(Debug, Parser)]
#[command(version = version(), about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The release, and which data folders it reads and writes.
fn version() -> String {
    format!("{} (data folders of format {})", env!("CARGO_PKG_VERSION"), btrdb_engine::FORMAT)
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a data folder: gRPC, gRPC-web and the explorer on one port.
    Serve(serve::ServeArgs),
    /// Bring recordings in from CSV, Parquet and Arrow files.
    Import(import::ImportArgs),
    /// Read everything in a data folder and say what is damaged.
    Check(upkeep::UpkeepArgs),
    /// Prune all versions but the latest and give the room back; reads of pruned ones get code 450.
    Compact(upkeep::UpkeepArgs),
    /// Write streams to CSV, Parquet or Arrow files.
    Export(export::ExportArgs),
    /// Make up a synchrophasor network, for load and demonstrations.
    Simulate(simulate::SimulateArgs),
    /// Read an API key from standard input and print the line of a key file that stands for it.
    HashKey,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let outcome: Result<(), Box<dyn std::error::Error>> = match Arguments::parse().command {
        Command::Serve(args) => serve::run(args).await.map_err(Into::into),
        Command::Import(args) => import::run(args).await.map_err(Into::into),
        Command::Check(args) => upkeep::check(&args).map_err(Into::into),
        Command::Compact(args) => upkeep::compact(&args).map_err(Into::into),
        Command::Export(args) => export::run(args).await.map_err(Into::into),
        Command::Simulate(args) => simulate::run(args).await.map_err(Into::into),
        Command::HashKey => hash_key().map_err(Into::into),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("btrdb-local: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Not an argument: those are seen by everybody on the machine.
fn hash_key() -> std::io::Result<()> {
    let mut key = String::new();
    std::io::stdin().read_line(&mut key)?;
    println!("{}", keys::hash(key.trim()));
    Ok(())
}

/// An error and all that led to it, in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}
