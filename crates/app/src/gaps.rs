//! The way to the next stretch without data, or to where data begin or end.

use btrdb_client::{Direction, Result, Stream};
use btrdb_core::{MAX_TIME, MIN_TIME, TimeRange, Timestamp};
use btrdb_explorer::{GapSearch, GapStep, StreamId, Towards, format_span, point_width_for};
use btrdb_web::WebTransport;
use futures_util::future::try_join;
use leptos::prelude::*;
use uuid::Uuid;

use crate::explorer::Explorer;
use crate::machine::Machine;
use crate::{browser, probe};

/// How long the whole search may take, in milliseconds.
const SEARCH_MILLIS: f64 = 15_000.0;

const DATA_BEGIN: &str = "the data begin here";
const DATA_END: &str = "the data end here";

/// The latest time that a call may name is one nanosecond before the end.
const ASKABLE: TimeRange = TimeRange { start: MIN_TIME, end: MAX_TIME - 1 };

/// Where a search begins and of what it is.
struct Start {
    id: StreamId,
    name: String,
    stream: Stream<WebTransport>,
    life: TimeRange,
    from: Timestamp,
    search: GapSearch,
}

/// Goes to the next gap of `lane` that shows at this zoom, from the middle of the view, or to where its data begin or end if
/// there is none. Without a lane it is that of the pointer, else the first in sight. A search under way is given up.
pub(crate) fn go(explorer: Explorer, lane: Option<StreamId>, towards: Towards) {
    let Some(start) = explorer.with(|machine| start(machine, lane, towards)) else { return };
    // From outside, the data themselves come first.
    match towards {
        Towards::Earlier if start.from >= start.life.end => {
            return land(explorer, start.life.end - 1, &start.name, DATA_END);
        }
        Towards::Later if start.from < start.life.start => {
            return land(explorer, start.life.start, &start.name, DATA_BEGIN);
        }
        _ => {}
    }
    let task = browser::start(async move {
        let Start { id, name, stream, life, from, search } = start;
        match browser::within(SEARCH_MILLIS, find(&stream, search)).await {
            Some(Ok(Next::Gap(gap))) => {
                // From point to point.
                let length = format_span((gap.width() + 1) as f64);
                land(explorer, gap.start, &name, &format!("no data for {length}"));
            }
            Some(Ok(Next::Unknown(time))) => {
                land(explorer, time, &name, "no gap up to here, too irregular to look further at once");
            }
            Some(Ok(Next::None)) => match towards {
                Towards::Earlier if from > life.start => land(explorer, life.start, &name, DATA_BEGIN),
                Towards::Later if from < life.end - 1 => land(explorer, life.end - 1, &name, DATA_END),
                _ => explorer.say(format!("{name}: no gap further on that shows at this zoom")),
            },
            Some(Err(error)) => probe::failed(explorer, id, &error).await,
            None => explorer.say(format!("{name}: no gap found in {} s", SEARCH_MILLIS / 1e3)),
        }
    });
    explorer.with(|machine| machine.search = Some(task));
}

fn start(machine: &Machine, lane: Option<StreamId>, towards: Towards) -> Option<Start> {
    let id = lane.or_else(|| machine.held.map(|held| held.id));
    let of_pointer = machine.lanes_in_sight().find(|lane| Some(lane.id) == id);
    let lane = of_pointer.or_else(|| machine.lanes_in_sight().next())?;
    let life = lane.life?.range?;
    let view = machine.aim();
    let width = point_width_for(&view, machine.screen.device_width());
    let from = view.middle();
    let stream = machine.connection.as_ref()?.stream_from_uuid(Uuid::from_u128(lane.id.0));
    let name = lane.head.title.with_untracked(|title| title.name.clone());
    Some(Start { id: lane.id, name, stream, life, from, search: GapSearch::new(life, from, towards, width) })
}

/// What a search found.
enum Next {
    /// From just after the last point before the gap to the first after it.
    Gap(TimeRange),
    /// None up to here.
    Unknown(Timestamp),
    None,
}

async fn find(stream: &Stream<WebTransport>, mut search: GapSearch) -> Result<Next> {
    loop {
        match search.step() {
            GapStep::Ask { range, width } => {
                let answer = stream.aligned_windows(range.intersect(ASKABLE), width, 0).await?.data;
                search.learn(answer.time.into_iter().zip(answer.count));
            }
            GapStep::Found(about) => {
                let before = stream.nearest(about.start, 0, Direction::Backward);
                let after = stream.nearest(about.end, 0, Direction::Forward);
                let (before, after) = try_join(before, after).await?;
                // Both are there unless data are being deleted.
                let Some((before, after)) = before.zip(after) else { return Ok(Next::None) };
                return Ok(Next::Gap(TimeRange { start: before.data.time + 1, end: after.data.time }));
            }
            GapStep::GivenUp(time) => return Ok(Next::Unknown(time)),
            GapStep::None => return Ok(Next::None),
        }
    }
}

/// Goes to `time`, and says what is there.
fn land(explorer: Explorer, time: Timestamp, name: &str, what: &str) {
    explorer.act(|machine, now| machine.jump_to(machine.aim().centred_on(time), now));
    explorer.say(format!("{name}: {what}"));
}
