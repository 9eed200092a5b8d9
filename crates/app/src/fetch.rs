//! Carries out what the plan asks for: sends requests, drops those that are overtaken, puts what arrives into the cache.

use std::pin::pin;

use btrdb_client::{Result, Stream, Versioned};
use btrdb_explorer::{Assembly, FlightId, Orders, Request, Resolution, Tile};
use btrdb_web::WebTransport;
use futures_util::StreamExt;
use uuid::Uuid;

use crate::browser;
use crate::explorer::Explorer;
use crate::status::{Problem, is_out_of_reach};
use crate::{probe, session};

/// How long the next part of an answer may take, in milliseconds.
const BATCH_MILLIS: f64 = 20_000.0;

/// Drops and sends requests.
pub(crate) fn carry_out(explorer: Explorer, orders: Orders) {
    explorer.with(|machine| {
        for id in orders.cancel {
            machine.tasks.remove(&id);
        }
        let Some(connection) = machine.connection.clone() else { return };
        for (id, request) in orders.start {
            let stream = connection.stream_from_uuid(Uuid::from_u128(request.stream.0));
            machine.tasks.insert(id, browser::start(fly(explorer, id, request, stream)));
        }
    });
}

/// One request from start to end.
async fn fly(explorer: Explorer, id: FlightId, request: Request, stream: Stream<WebTransport>) {
    let mut assembly = Assembly::new(request.clone());
    let range = request.range();
    let outcome = match request.resolution {
        Resolution::Windows(width) => {
            let mut batches = pin!(stream.aligned_windows_batches(range, width, 0));
            loop {
                let next = browser::within(BATCH_MILLIS, batches.next()).await;
                let pushed = next.map(|next| {
                    next.map(|batch| batch.map(|Versioned { version, data }| assembly.push_windows(version, &data)))
                });
                if let Some(end) = step(explorer, pushed) {
                    break end;
                }
            }
        }
        Resolution::Raw(_) => {
            let mut batches = pin!(stream.values_batches(range, 0));
            loop {
                let next = browser::within(BATCH_MILLIS, batches.next()).await;
                let pushed = next.map(|next| {
                    next.map(|batch| batch.map(|Versioned { version, data }| assembly.push_raw(version, &data)))
                });
                if let Some(end) = step(explorer, pushed) {
                    break end;
                }
            }
        }
    };
    finish(explorer, id, &request, outcome, assembly);
}

/// How a request ended.
enum End {
    Complete,
    Failed(btrdb_client::Error),
    TooSlow,
}

/// Takes in what a batch completed; tells when the answer has ended.
fn step(explorer: Explorer, batch: Option<Option<Result<Vec<Tile>>>>) -> Option<End> {
    match batch {
        Some(Some(Ok(tiles))) => {
            session::touched(explorer);
            store(explorer, tiles);
            None
        }
        Some(Some(Err(error))) => Some(End::Failed(error)),
        Some(None) => Some(End::Complete),
        None => Some(End::TooSlow),
    }
}

fn store(explorer: Explorer, tiles: Vec<Tile>) {
    if !tiles.is_empty() {
        explorer.act(|machine, _| {
            tiles.into_iter().for_each(|tile| machine.cache.insert(tile));
            machine.dirty.plot = true;
        });
    }
}

fn finish(explorer: Explorer, id: FlightId, request: &Request, end: End, assembly: Assembly) {
    let stream = request.stream;
    match end {
        End::Complete => {
            store(explorer, assembly.finish());
            explorer.act(|machine, _| {
                machine.flights.landed(id);
                machine.dirty.plot = true;
                if let Some(lane) = machine.lane(stream) {
                    lane.problem = None;
                }
            });
        }
        End::Failed(error) if is_out_of_reach(&error) => session::lost(explorer),
        End::Failed(error) => {
            explorer.act(|machine, now| machine.flights.failed(id, now, error.is_retryable()));
            probe::failed(explorer, stream, &error);
        }
        End::TooSlow => {
            explorer.act(|machine, now| machine.flights.failed(id, now, true));
            probe::set_problem(explorer, stream, Some(Problem::too_slow()));
        }
    }
    // Last, because it drops this very task where it stands.
    explorer.with(|machine| {
        let done = machine.tasks.remove(&id);
        drop(done);
    });
}
