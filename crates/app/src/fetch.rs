//! Carries out what the plan asks for: sends requests, drops those that are overtaken, puts what arrives into the cache.

use std::pin::pin;

use btrdb_client::{Error, Result, Stream, Versioned};
use btrdb_explorer::{Assembly, FlightId, Orders, Request, Resolution, Tile};
use btrdb_web::WebTransport;
use futures_util::{Stream as Batches, StreamExt};
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
    browser::after_this_frame().await;
    let known = explorer.with(|machine| machine.cache.version(request.stream));
    let mut assembly = Assembly::new(request.clone(), known.unwrap_or_default());
    let range = request.range();
    let end = match request.resolution {
        Resolution::Windows(width) => {
            let batches = stream.aligned_windows_batches(range, width, 0);
            take_in(explorer, batches, |version, data| assembly.push_windows(version, &data)).await
        }
        Resolution::Raw(_) => {
            let batches = stream.values_batches(range, 0);
            take_in(explorer, batches, |version, data| assembly.push_raw(version, &data)).await
        }
    };
    finish(explorer, id, &request, end, assembly).await;
}

/// How a request ended.
enum End {
    Complete,
    Failed(Error),
    TooSlow,
}

/// Puts the tiles of an answer into the cache as they become complete.
async fn take_in<D>(
    explorer: Explorer,
    batches: impl Batches<Item = Result<Versioned<D>>>,
    mut push: impl FnMut(u64, D) -> Vec<Tile>,
) -> End {
    let mut batches = pin!(batches);
    loop {
        match browser::within(BATCH_MILLIS, batches.next()).await {
            Some(Some(Ok(Versioned { version, data }))) => {
                session::touched(explorer);
                store(explorer, push(version, data));
            }
            Some(Some(Err(error))) => return End::Failed(error),
            Some(None) => return End::Complete,
            None => return End::TooSlow,
        }
    }
}

fn store(explorer: Explorer, tiles: Vec<Tile>) {
    if !tiles.is_empty() {
        explorer.act(|machine, _| {
            for tile in tiles {
                machine.cache.insert(tile);
            }
            machine.dirty.plot = true;
        });
    }
}

async fn finish(explorer: Explorer, id: FlightId, request: &Request, end: End, assembly: Assembly) {
    let stream = request.stream;
    match end {
        End::Complete => {
            store(explorer, assembly.finish());
            explorer.act(|machine, now| {
                if let Some(millis) = machine.flights.landed(id, now) {
                    machine.meter.answer(millis);
                    // Its place is free: whoever waits for it need not wait for the next look at the view too.
                    machine.ask_at = now;
                }
                machine.dirty.plot = true;
                if let Some(lane) = machine.lane(stream) {
                    lane.problem = None;
                }
            });
        }
        End::Failed(error) if is_out_of_reach(&error) && session::is_gone(explorer).await => {}
        End::Failed(error) => {
            explorer.act(|machine, now| machine.flights.failed(id, now, error.is_retryable()));
            probe::set_problem(explorer, stream, Some(Problem::of(&error)));
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
