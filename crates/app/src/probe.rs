//! What must be known of a stream besides its tiles: that it exists, its name, its version, when its points begin and
//! end. Asked when a lane opens, and again now and then, because streams grow.

use btrdb_client::{Direction, Error, Result, Stream};
use btrdb_core::{MAX_TIME, MIN_TIME, PointWidth, TimeRange};
use btrdb_explorer::{Nearness, StreamId};
use btrdb_web::{WebConnection, WebTransport};
use futures_util::future::{join_all, try_join, try_join3};
use leptos::prelude::*;
use uuid::Uuid;

use crate::browser;
use crate::explorer::{Explorer, Title};
use crate::machine::{Lane, Life, Machine};
use crate::session;
use crate::status::{Problem, is_out_of_reach};

/// How often streams are asked whether they have grown, in milliseconds.
const POLL_MILLIS: f64 = 5_000.0;
/// And how often while the newest data are followed.
const LIVE_MILLIS: f64 = 500.0;
/// How long an answer to one of these small questions may take, in milliseconds.
const ANSWER_MILLIS: f64 = 15_000.0;
/// How finely changes are asked for: 2^26 ns, 67 ms.
const CHANGE_EXPONENT: u8 = 26;

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
        let answer = browser::within(ANSWER_MILLIS, about(&stream)).await;
        match answer {
            Some(Ok((title, life))) => learn(explorer, id, title, life),
            Some(Err(error)) => failed(explorer, id, &error),
            None => set_problem(explorer, id, Some(Problem::too_slow())),
        }
    });
    explorer.with(|machine| {
        if let Some(lane) = machine.lane(id) {
            lane.probe = Some(task);
        }
    });
}

async fn about(stream: &Stream<WebTransport>) -> Result<(Title, Life)> {
    let (descriptor, version, range) = try_join3(stream.descriptor(), stream.version(), life(stream)).await?;
    let title = Title {
        name: descriptor.name().to_owned(),
        collection: descriptor.collection.clone(),
        unit: descriptor.unit().to_owned(),
    };
    Ok((title, Life { range, version }))
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

fn learn(explorer: Explorer, id: StreamId, title: Title, life: Life) {
    session::touched(explorer);
    explorer.act(|machine, _| {
        if let Some(lane) = machine.lane(id) {
            lane.life = Some(life);
            lane.problem = None;
            if lane.head.title.with_untracked(|old| *old != title) {
                lane.head.title.set(title);
            }
        }
        machine.flights.retry(id);
        machine.fit_if_known();
        machine.dirty.plot = true;
    });
}

/// Takes note of a call about a stream that failed.
pub(crate) fn failed(explorer: Explorer, id: StreamId, error: &Error) {
    if is_out_of_reach(error) {
        session::lost(explorer);
    } else {
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

/// Asks each stream on screen, or near it, whether it has grown.
pub(crate) async fn refresh(explorer: Explorer) {
    let (connection, lanes) = explorer.with(|machine| {
        let connection = machine.connection.clone().filter(|_| !machine.lost);
        let near = machine.lanes.iter().filter(|lane| lane.nearness != Nearness::Away);
        let lanes: Vec<_> = near.filter_map(|lane| Some((lane.id, lane.life?))).collect();
        (connection, lanes)
    });
    let Some(connection) = connection else { return };
    for some in lanes.chunks(AT_A_TIME) {
        let check = |&(id, life): &(StreamId, Life)| {
            let check = refresh_one(explorer, &connection, id, life);
            async move { (id, browser::within(ANSWER_MILLIS, check).await) }
        };
        for (id, outcome) in join_all(some.iter().map(check)).await {
            match outcome {
                Some(Ok(())) => session::touched(explorer),
                Some(Err(error)) if is_out_of_reach(&error) => return session::lost(explorer),
                Some(Err(error)) => set_problem(explorer, id, Some(Problem::of(&error))),
                // A server that does not answer at all is as good as gone.
                None => return session::lost(explorer),
            }
        }
    }
}

async fn refresh_one(explorer: Explorer, connection: &WebConnection, id: StreamId, old: Life) -> Result<()> {
    let stream = connection.stream_from_uuid(Uuid::from_u128(id.0));
    let version = stream.version().await?;
    if version == old.version {
        return Ok(());
    }
    let ranges = if version > old.version {
        let exact = PointWidth::new(CHANGE_EXPONENT).unwrap_or(PointWidth::MIN);
        // Without an answer anything may have changed.
        stream.changes(old.version, version, exact).await.map_or_else(|_| vec![TimeRange::ALL], |answer| answer.data)
    } else {
        Vec::new()
    };
    let range = life(&stream).await?;
    explorer.act(|machine, _| {
        if version < old.version {
            // Another database under the same address.
            machine.cache.forget(id);
        } else {
            machine.cache.mark_changed(id, &ranges, version);
        }
        if let Some(lane) = machine.lane(id) {
            lane.life = Some(Life { range, version });
        }
        machine.dirty.plot = true;
    });
    Ok(())
}
