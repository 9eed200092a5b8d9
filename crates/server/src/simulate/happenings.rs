//! What happened in a simulation, as a list: for people, and as CSV for programs that check detectors.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use btrdb_core::TimeRange;

use super::events::{Event, Kind, events};
use super::network::{Pmu, Settings};
use super::outages::outages;
use crate::time;

/// Something that happened, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Happening {
    pub(super) range: TimeRange,
    kind: &'static str,
    /// The PMU it happened to, or that is nearest.
    pmu: String,
    detail: String,
}

/// All that begins within `range`, in order.
pub(super) fn happenings(settings: &Settings, pmus: &[Pmu], range: TimeRange) -> Vec<Happening> {
    let mut all = events(settings, range).iter().map(|event| of_event(event, pmus)).collect::<Vec<_>>();
    for pmu in pmus {
        for outage in outages(settings, pmu, range).into_iter().filter(|outage| range.contains(outage.range.start)) {
            let detail = "no samples".to_owned();
            all.push(Happening { range: outage.range, kind: "outage", pmu: pmu.name(), detail });
        }
    }
    all.sort_by_key(|happening| happening.range.start);
    all
}

fn of_event(event: &Event, pmus: &[Pmu]) -> Happening {
    let nearness = |pmu: &&Pmu| pmu.place.nearness(event.place);
    let nearest = pmus.iter().max_by(|a, b| nearness(a).total_cmp(&nearness(b)));
    let pmu = nearest.map(Pmu::name).unwrap_or_default();
    match event.kind {
        Kind::Imbalance { size } => {
            let kind = if size < 0.0 { "generation loss" } else { "load loss" };
            let detail = format!("frequency departs by up to {:.3} Hz, ring-down", 0.8 * size);
            Happening { range: TimeRange::new(event.time, event.time + 60_000_000_000), kind, pmu, detail }
        }
        Kind::Fault { depth, duration, phases } => {
            let left = 100.0 * (1.0 - depth * nearest.as_ref().map_or(0.0, nearness));
            let on = (1..=3).filter(|&phase| phases[phase - 1]).map(|phase| phase.to_string()).collect::<Vec<_>>();
            let detail = format!("sag to {left:.1} % on phase {} of the nearest PMU, ring-down", on.join("+"));
            Happening { range: TimeRange::new(event.time, event.time + duration), kind: "fault", pmu, detail }
        }
    }
}

impl std::fmt::Display for Happening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.range.width() as f64 / 1e9;
        write!(f, "{} {} at {}, {seconds:.3} s: {}", time::display(self.range.start), self.kind, self.pmu, self.detail)
    }
}

/// Writes `happenings` to the CSV file at `path`; times are nanoseconds since 1970 UTC.
pub(super) fn write(path: &Path, happenings: &[Happening]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "start,end,kind,pmu,detail")?;
    for Happening { range, kind, pmu, detail } in happenings {
        writeln!(file, "{},{},{kind},{pmu},\"{detail}\"", range.start, range.end)?;
    }
    file.flush()
}
