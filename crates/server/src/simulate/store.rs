//! The streams of a simulation: made where they are missing, and filled.

use std::num::NonZeroUsize;
use std::sync::Arc;

use btrdb_client::{ErrorKind, MergePolicy, RawColumns, Stream, TimeRange, Transport};
use futures_util::stream::iter;
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;

use super::clock::Grid;
use super::error::SimulateError;
use super::network::{Pmu, Settings};
use super::pmu::{FIELD_NAMES, FIELDS, Frame, report};
use super::system::System;
use crate::import::stream_uuid;
use crate::place::Target;
use crate::progress::Progress;
use crate::stored;

/// How many samples of a PMU are made at a time (28 MB for all its streams).
const SAMPLES_PER_BLOCK: usize = 250_000;

/// How many streams are written at the same time.
const CALLS_AT_ONCE: usize = 4;

/// How many streams are made or looked up at the same time: those that come together share a commit.
const MADE_AT_ONCE: usize = 64;

/// What is to be simulated.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) settings: Settings,
    pub(super) pmus: Arc<Vec<Pmu>>,
    pub(super) range: TimeRange,
    pub(super) collection: String,
}

impl Plan {
    /// How many samples each stream gets where nothing is lost.
    pub(super) fn samples(&self) -> u64 {
        let seconds = |time: i64| i128::from(time) * i128::from(self.settings.rate) / 1_000_000_000;
        (seconds(self.range.end) - seconds(self.range.start)) as u64
    }

    /// What annotations say of all streams, in a form that can be compared.
    fn parameters(&self) -> String {
        let Settings { seed, rate, nominal, events_per_hour, round, .. } = &self.settings;
        let round = round.map_or("none".to_owned(), |decimals| decimals.to_string());
        format!("seed={seed} rate={rate} nominal={nominal} events-per-hour={events_per_hour} round={round}")
    }
}

/// What was stored.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stored {
    pub(super) points: u64,
    /// Of those, points that were there already.
    pub(super) identical: u64,
}

/// A stream, and how many points it held before.
struct Field<T> {
    stream: Stream<T>,
    path: String,
    was_empty: bool,
}

/// Stores all that `plan` asks for.
pub(super) async fn store<T: Transport>(
    target: &Target<T>,
    plan: &Plan,
    progress: &mut Progress,
) -> Result<Stored, SimulateError> {
    let fields = open(target, plan).await?;
    progress.start("simulating", &plan.collection, Some(plan.samples() * (plan.pmus.len() * FIELDS) as u64));
    let (sender, mut frames) = mpsc::channel::<(usize, Frame)>(1);
    let generated = plan.clone();
    let generating = tokio::task::spawn_blocking(move || {
        let Plan { settings, pmus, range, .. } = generated;
        for grid in Grid::blocks(range, settings.rate, SAMPLES_PER_BLOCK) {
            let system = System::new(&settings, grid);
            for (index, pmu) in pmus.iter().enumerate() {
                // Nobody listens any more after a failed insert, whose error is the one to tell.
                if sender.blocking_send((index, report(&settings, &system, pmu, range))).is_err() {
                    return;
                }
            }
        }
    });
    let mut done = Stored::default();
    while let Some((index, frame)) = frames.recv().await {
        let Frame { time, fields: values } = frame;
        let fields = &fields[index * FIELDS..][..FIELDS];
        let inserts = fields.iter().zip(values).map(|(field, value)| {
            let points = RawColumns { time: time.clone(), value };
            async { insert(field, points, target.points_per_call).await }
        });
        let outcomes: Vec<(u64, bool)> = iter(inserts).buffer_unordered(CALLS_AT_ONCE).try_collect().await?;
        for (points, was_there) in outcomes {
            done.points += points;
            done.identical += if was_there { points } else { 0 };
            progress.advance(points);
        }
    }
    generating.await.map_err(SimulateError::Interrupted)?;
    progress.finish();
    Ok(done)
}

/// How many points there were, and whether all of them were stored before.
async fn insert<T: Transport>(
    field: &Field<T>,
    points: RawColumns,
    points_per_call: NonZeroUsize,
) -> Result<(u64, bool), SimulateError> {
    let failed = |source| SimulateError::Stream { what: "write", stream: field.path.clone(), source };
    let count = points.len() as u64;
    if !field.was_empty && stored::holds_all(&field.stream, &points).await.map_err(failed)? {
        return Ok((count, true));
    }
    field.stream.insert_chunked(&points, MergePolicy::Equal, points_per_call).await.map_err(failed)?;
    Ok((count, false))
}

/// The streams of all PMUs, in order; those that are missing are made.
async fn open<T: Transport>(target: &Target<T>, plan: &Plan) -> Result<Vec<Field<T>>, SimulateError> {
    let wanted = plan.pmus.iter().flat_map(|pmu| FIELD_NAMES.map(|(name, unit)| (pmu, name, unit)));
    let opening = wanted.map(|(pmu, name, unit)| open_one(target, plan, pmu, name, unit));
    iter(opening).buffered(MADE_AT_ONCE).try_collect().await
}

async fn open_one<T: Transport>(
    target: &Target<T>,
    plan: &Plan,
    pmu: &Pmu,
    name: &str,
    unit: &str,
) -> Result<Field<T>, SimulateError> {
    let collection = format!("{}/{}", plan.collection, pmu.name());
    let path = format!("{collection}/{name}");
    let failed = |what| {
        let stream = path.clone();
        move |source| SimulateError::Stream { what, stream, source }
    };
    let uuid = stream_uuid(&collection, name);
    let parameters = plan.parameters();
    let stream = target.connection.stream_from_uuid(uuid);
    match stream.refresh_metadata().await {
        Ok(found) if found.annotations.get("simulation") == Some(&parameters) => {
            let count = stored::count(&stream).await.map_err(failed("count the points of"))?;
            Ok(Field { stream, path, was_empty: count == 0 })
        }
        Ok(found) => {
            let found = found.annotations.get("simulation").map_or("no simulation", String::as_str).to_owned();
            Err(SimulateError::OtherStream { stream: path, found, wanted: parameters })
        }
        Err(error) if error.kind() == ErrorKind::StreamNotFound => {
            let text = |pairs: &[(&str, &str)]| {
                pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect::<Vec<_>>()
            };
            let annotations = [("synthetic", "true"), ("simulation", &parameters), ("description", &pmu.description())];
            let tags = text(&[("name", name), ("unit", unit)]);
            let made = target.connection.create(uuid, &collection, &tags, &text(&annotations)).await;
            Ok(Field { stream: made.map_err(failed("create"))?, path, was_empty: true })
        }
        Err(error) => Err(failed("look up")(error)),
    }
}
