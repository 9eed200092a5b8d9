//! What must be known of a stream besides its tiles: that it exists, its name, its version, when its points begin and
//! end. Asked when a lane opens, and again now and then, because streams grow.

mod news;
mod poll;

use btrdb_client::{Direction, Error, Result, Stream};
use btrdb_core::{MAX_TIME, MIN_TIME, TimeRange};
use btrdb_explorer::StreamId;
use btrdb_web::WebTransport;
use futures_util::future::{join_all, try_join, try_join3};
use leptos::prelude::*;
use uuid::Uuid;

use crate::browser;
use crate::explorer::{Explorer, Title};
use crate::machine::{Lane, Life};
use crate::session;
use crate::status::{Problem, is_out_of_reach};
use news::{News, news};
pub(crate) use poll::{keep_asking, refresh};

/// How long an answer to one of these small questions may take, in milliseconds.
const ANSWER_MILLIS: f64 = 15_000.0;

/// Of how many streams at a time this is asked, but for those that come into sight.
const AT_A_TIME: usize = 4;

/// Asks about the streams of lanes that have not been asked about: of those in sight at once; of the others when the view is
/// at rest and nothing on screen is waited for, or when all of them are to be shown and their ends must be known.
pub(crate) fn ask_further(explorer: Explorer) {
    let due: Vec<_> = explorer.with(|machine| {
        let is_open = |lane: &&Lane| lane.life.is_none() && lane.problem.is_none();
        let rests = !machine.is_moving(browser::now()) && machine.flights.awaits_nothing();
        let calm = rests && machine.lanes_in_sight().all(|lane| !is_open(&lane));
        let under_way = machine.lanes.iter().filter(is_open).filter(|lane| lane.probe.is_some()).count();
        let room = match () {
            () if machine.fit_when_known => usize::MAX,
            () if calm => AT_A_TIME.saturating_sub(under_way),
            () => 0,
        };
        let unasked = || machine.lanes.iter().filter(is_open).filter(|lane| lane.probe.is_none());
        let others = unasked().filter(|lane| !lane.is_in_sight()).take(room);
        unasked().filter(|lane| lane.is_in_sight()).chain(others).map(|lane| lane.id).collect()
    });
    for id in due {
        ask(explorer, id);
    }
}

/// Asks about the stream of a lane.
fn ask(explorer: Explorer, id: StreamId) {
    let Some(connection) = explorer.with(|machine| machine.connection.clone()) else { return };
    let task = browser::start(async move {
        browser::after_this_frame().await;
        let stream = connection.stream_from_uuid(Uuid::from_u128(id.0));
        match browser::within(ANSWER_MILLIS, about(explorer, id, &stream)).await {
            Some(Ok((title, news))) => learn(explorer, id, title, &news),
            Some(Err(error)) => failed(explorer, id, &error).await,
            None => set_problem(explorer, id, Some(Problem::too_slow())),
        }
        // Last, because it drops this very task where it stands.
        let done = explorer.with(|machine| machine.lane(id).and_then(|lane| lane.probe.take()));
        drop(done);
    });
    explorer.with(|machine| {
        if let Some(lane) = machine.lane(id) {
            lane.probe = Some(task);
        }
    });
}

async fn about(explorer: Explorer, id: StreamId, stream: &Stream<WebTransport>) -> Result<(Title, News)> {
    let known = explorer.with(|machine| machine.cache.version(id));
    let (descriptor, version, range) = try_join3(stream.descriptor(), stream.version(), life(stream)).await?;
    let title = Title {
        name: descriptor.name().to_owned(),
        collection: descriptor.collection.clone(),
        unit: descriptor.unit().to_owned(),
    };
    Ok((title, news(explorer, id, stream, known, Life { range, version }).await))
}

async fn life(stream: &Stream<WebTransport>) -> Result<Option<TimeRange>> {
    let first = stream.nearest(MIN_TIME, 0, Direction::Forward);
    let last = stream.nearest(MAX_TIME - 1, 0, Direction::Backward);
    let (first, last) = try_join(first, last).await?;
    Ok(first.zip(last).map(|(first, last)| TimeRange { start: first.data.time, end: last.data.time + 1 }))
}

/// When the points of some streams begin and end, of those that have any and answer in time.
pub(crate) async fn lives(explorer: Explorer, streams: Vec<StreamId>) -> Vec<(StreamId, TimeRange)> {
    let Some(connection) = explorer.with(|machine| machine.connection.clone()) else { return Vec::new() };
    let ask = |id: StreamId| {
        let stream = connection.stream_from_uuid(Uuid::from_u128(id.0));
        async move { Some((id, browser::within(ANSWER_MILLIS, life(&stream)).await?.ok()??)) }
    };
    join_all(streams.into_iter().map(ask)).await.into_iter().flatten().collect()
}

fn learn(explorer: Explorer, id: StreamId, title: Title, news: &News) {
    session::touched(explorer);
    explorer.act(|machine, _| {
        machine.take_note(id, news);
        if let Some(lane) = machine.lane(id) {
            lane.problem = None;
            if lane.head.title.with_untracked(|old| *old != title) {
                lane.head.title.set(title);
            }
        }
        machine.flights.retry(id);
        machine.fit_if_known();
    });
}

/// Takes note of a call about a stream that failed: as the stream's problem, unless the server is gone for all.
pub(crate) async fn failed(explorer: Explorer, id: StreamId, error: &Error) {
    if !is_out_of_reach(error) || !session::is_gone(explorer).await {
        set_problem(explorer, id, Some(Problem::of(error)));
    }
}

pub(crate) fn set_problem(explorer: Explorer, id: StreamId, problem: Option<Problem>) {
    explorer.act(|machine, _| {
        if let Some(lane) = machine.lane(id) {
            lane.problem = problem;
        }
        machine.fit_if_known();
        machine.dirty.plot = true;
    });
}

/// Begins anew with a lane that failed.
pub(crate) fn retry(explorer: Explorer, id: StreamId) {
    set_problem(explorer, id, None);
    explorer.with(|machine| machine.flights.retry(id));
    ask(explorer, id);
}
