//! What `btrdb-local simulate` is told.

use std::path::PathBuf;

use btrdb_core::{LAST_TIME, MIN_TIME, TimeRange, Timestamp};

use super::error::SimulateError;
use super::hash::Key;
use super::network::Settings;
use crate::place::{ApiKey, Destination};
use crate::time;

/// Makes up a synchrophasor network and stores what its PMUs report.
///
/// Everything follows from the seed: the same options give the same points to the last bit, whatever is stored already
/// and wherever it goes. So a simulation can be run again, continued in time, or given more PMUs.
#[derive(Clone, Debug, clap::Args)]
pub struct SimulateArgs {
    /// Where the streams are
    #[command(flatten)]
    pub destination: Destination,
    /// How many phasor measurement units there are, with 14 streams each
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub pmus: u32,
    /// Samples a second
    #[arg(long, value_name = "HZ", default_value = "30", value_parser = ["10", "25", "30", "50", "60", "100", "120"])]
    pub rate: String,
    /// The first moment: a time such as 2026-01-01T00:00:00Z, or nanoseconds since 1970
    #[arg(long, value_name = "TIME", default_value = "2026-01-01T00:00:00Z", value_parser = time_argument)]
    #[arg(allow_hyphen_values = true)]
    pub start: Timestamp,
    /// How long, such as 90s, 10m, 1h, 7d
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = time::parse_duration)]
    pub duration: i64,
    /// What everything follows from
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The network's nominal frequency in Hz
    #[arg(long, value_name = "HZ", default_value = "60", value_parser = ["50", "60"])]
    pub nominal: String,
    /// Trips and faults in an hour, at most 60; outages of single PMUs go with them. With 0 nothing ever happens
    #[arg(long, value_name = "N", default_value_t = 6.0, value_parser = events_argument)]
    pub events_per_hour: f64,
    /// Round values to so many decimals, as PMUs of limited precision do; by default values have all their bits
    #[arg(long, value_name = "DECIMALS", value_parser = clap::value_parser!(u8).range(0..=9))]
    pub round: Option<u8>,
    /// The collections are PATH/pmu-001 and so on
    #[arg(long, value_name = "PATH", default_value = "synthetic")]
    pub collection: String,
    /// Write what happened, and when, to this CSV file, to check detectors against
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// The API key of the server; by default that of the environment variable `BTRDB_API_KEY`
    #[arg(long, value_name = "KEY", conflicts_with = "data")]
    pub api_key: Option<ApiKey>,
}

impl SimulateArgs {
    pub(super) fn settings(&self) -> Settings {
        Settings {
            key: Key::new(self.seed),
            seed: self.seed,
            rate: self.rate.parse().unwrap_or(30),
            nominal: self.nominal.parse().unwrap_or(60),
            events_per_hour: self.events_per_hour,
            round: self.round,
        }
    }

    /// The time to simulate.
    pub(super) fn range(&self) -> Result<TimeRange, SimulateError> {
        let end = self.start.checked_add(self.duration).filter(|&end| end <= LAST_TIME - MARGIN);
        match end {
            Some(end) if self.start >= MIN_TIME + MARGIN => Ok(TimeRange::new(self.start, end)),
            _ => Err(SimulateError::OutOfTime),
        }
    }
}

/// An hour: how far events reach, and clocks go wrong, and more.
const MARGIN: i64 = 3_600_000_000_000;

fn time_argument(text: &str) -> Result<Timestamp, String> {
    time::parse(text).map_err(|problem| problem.to_string())
}

fn events_argument(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.0..=60.0).contains(&number) => Ok(number),
        _ => Err("a number from 0 to 60 is wanted".to_owned()),
    }
}
