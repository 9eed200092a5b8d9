//! Asking again now and then, because streams grow.

use btrdb_client::Result;
use btrdb_explorer::{Nearness, StreamId};
use btrdb_web::WebConnection;
use futures_util::future::join_all;
use uuid::Uuid;

use super::news::{News, news};
use super::{ANSWER_MILLIS, AT_A_TIME, ask, life, set_problem};
use crate::explorer::Explorer;
use crate::machine::{Lane, Life, Machine};
use crate::status::{Problem, is_out_of_reach};
use crate::{browser, session};

/// How often streams are asked whether they have grown, in milliseconds.
const POLL_MILLIS: f64 = 5_000.0;
/// And how often while the newest data are followed.
const LIVE_MILLIS: f64 = 500.0;

/// Asks the streams on screen every few seconds whether they have grown, or more often, for as long as the page lives.
pub(crate) async fn keep_asking(explorer: Explorer) {
    let mut waited = 0.0;
    loop {
        browser::sleep(LIVE_MILLIS).await;
        waited += LIVE_MILLIS;
        let due = waited >= POLL_MILLIS || explorer.with(|machine| machine.live);
        if due && browser::is_visible() {
            refresh(explorer).await;
            waited = 0.0;
            explorer.act(Machine::keep_up);
        }
    }
}

/// Asks each stream on screen, or near it, whether it has grown; and about those again of which asking has failed in passing.
pub(crate) async fn refresh(explorer: Explorer) {
    let (connection, server, lanes, unknown) = explorer.with(|machine| {
        let connection = machine.connection.clone().filter(|_| !machine.lost);
        let near = || machine.lanes.iter().filter(|lane| lane.nearness != Nearness::Away);
        let lanes: Vec<_> = near().filter_map(|lane| Some((lane.id, lane.life?))).collect();
        let may_help = |lane: &&Lane| lane.problem.as_ref().is_some_and(|problem| problem.passing);
        let unknown = near().filter(|lane| lane.life.is_none() && lane.probe.is_none()).filter(may_help);
        (connection, machine.server, lanes, unknown.map(|lane| lane.id).collect::<Vec<_>>())
    });
    let Some(connection) = connection else { return };
    for id in unknown {
        ask(explorer, id);
    }
    for some in lanes.chunks(AT_A_TIME) {
        let check = |&(id, life): &(StreamId, Life)| {
            let check = refresh_one(explorer, &connection, id, life);
            async move { (id, browser::within(ANSWER_MILLIS, check).await) }
        };
        for (id, outcome) in join_all(some.iter().map(check)).await {
            if explorer.with(|machine| machine.server != server) {
                return;
            }
            let problem = match outcome {
                Some(Ok(news)) => {
                    session::touched(explorer);
                    explorer.act(|machine, _| machine.relieve(id, news.as_ref()));
                    continue;
                }
                Some(Err(error)) if !is_out_of_reach(&error) => Problem::of(&error),
                Some(Err(_)) | None if session::is_gone(explorer).await => return,
                Some(Err(error)) => Problem::of(&error),
                None => Problem::too_slow(),
            };
            set_problem(explorer, id, Some(problem));
        }
    }
}

/// What is new of a stream, if anything is.
async fn refresh_one(explorer: Explorer, connection: &WebConnection, id: StreamId, old: Life) -> Result<Option<News>> {
    let stream = connection.stream_from_uuid(Uuid::from_u128(id.0));
    let known = explorer.with(|machine| machine.cache.version(id));
    let version = stream.version().await?;
    if version == old.version {
        return Ok(None);
    }
    let range = life(&stream).await?;
    Ok(Some(news(explorer, id, &stream, known, Life { range, version }).await))
}

impl Machine {
    /// A stream has answered the poll: takes note of what is new, and no longer of a poll that had failed.
    fn relieve(&mut self, id: StreamId, news: Option<&News>) {
        if let Some(news) = news {
            self.take_note(id, news);
        }
        let has_failed = self.flights.has_failed(id);
        if let Some(lane) = self.lane(id).filter(|lane| lane.problem.is_some() && !has_failed) {
            lane.problem = None;
            self.dirty.plot = true;
        }
    }
}
