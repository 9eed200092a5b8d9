//! `btrdb-local simulate`: a synchrophasor network that never was, for load and demonstrations.
//!
//! Every number is a function of the seed, of what it is about and of its time, never of what was made before it. That
//! makes any part of a simulation the same whoever makes it and in whatever pieces.

mod args;
mod clock;
mod error;
mod events;
mod happenings;
mod hash;
mod load;
mod network;
mod outages;
mod pmu;
mod stamps;
mod store;
mod system;
mod waves;

use std::io::{ErrorKind, Write};
use std::sync::Arc;
use std::time::Instant;

use btrdb_client::Transport;
use indicatif::HumanCount;

pub use self::args::SimulateArgs;
pub use self::error::SimulateError;

use self::happenings::Happening;
use self::network::Pmu;
use self::store::{Plan, Stored, store};
use crate::local;
use crate::place::{ApiKey, Target};
use crate::progress::Progress;

/// How many of the things that happened are printed.
const PRINTED: usize = 20;

/// Simulates what `args` ask for, shows progress on standard error, and prints what was stored and what happened.
///
/// # Errors
/// The first thing that went wrong. What was acknowledged before stays, and running the same again goes on from there.
pub async fn run(args: SimulateArgs) -> Result<(), SimulateError> {
    let settings = args.settings();
    let range = args.range()?;
    let pmus = Arc::new((1..=args.pmus).map(|number| Pmu::new(&settings, number)).collect::<Vec<_>>());
    let plan = Plan { settings, pmus, range, collection: args.collection.clone() };
    let happenings = happenings::happenings(&plan.settings, &plan.pmus, range);
    if let Some(path) = &args.events {
        let failed = |source| SimulateError::Events { file: path.display().to_string(), source };
        happenings::write(path, &happenings).map_err(failed)?;
    }
    let started = Instant::now();
    let stored = match (&args.destination.to, &args.destination.data) {
        (Some(server), _) => {
            let options = ApiKey::options(args.api_key.as_ref());
            let connection = btrdb_client::native::connect(server, options)
                .await
                .map_err(|source| SimulateError::Connect { server: server.clone(), source })?;
            fill(&Target::remote(connection), &plan).await?
        }
        (None, Some(folder)) => fill(&Target::local(local::connect(folder).await?), &plan).await?,
        (None, None) => Stored::default(),
    };
    match print(&plan, stored, started.elapsed().as_secs_f64(), &happenings) {
        // Whoever reads has seen enough; the simulation itself is done.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(SimulateError::Print),
    }
}

async fn fill<T: Transport>(target: &Target<T>, plan: &Plan) -> Result<Stored, SimulateError> {
    store(target, plan, &mut Progress::for_stderr("points")).await
}

fn print(plan: &Plan, stored: Stored, seconds: f64, happenings: &[Happening]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{}: synthetic, {} PMUs, {} streams; {} points, {} of them already stored; {seconds:.2} s, {:.2} million points/s",
        plan.collection,
        HumanCount(plan.pmus.len() as u64),
        HumanCount((plan.pmus.len() * pmu::FIELDS) as u64),
        HumanCount(stored.points),
        HumanCount(stored.identical),
        stored.points as f64 / seconds.max(1e-9) / 1e6,
    )?;
    for happening in happenings.iter().take(PRINTED) {
        writeln!(out, "  {happening}")?;
    }
    if let Some(more) = happenings.len().checked_sub(PRINTED).filter(|&more| more > 0) {
        writeln!(out, "  and {} more (--events FILE writes all)", HumanCount(more as u64))?;
    }
    out.flush()
}
