//! Where there are points, seen from a view that has none.

use btrdb_client::Direction;
use btrdb_core::{TimeRange, Timestamp};
use btrdb_explorer::StreamId;
use futures_util::future::try_join;
use uuid::Uuid;

use crate::browser;
use crate::explorer::Explorer;
use crate::machine::{Machine, Neighbours};

/// How long the answer may take, in milliseconds. Nothing depends on it but two buttons.
const ANSWER_MILLIS: f64 = 10_000.0;

/// Asks for the neighbours of every lane that is empty and has not been asked about.
pub(crate) fn ask(explorer: Explorer, machine: &mut Machine) {
    let Some(connection) = machine.connection.clone().filter(|_| !machine.lost) else { return };
    let of = machine.view.range();
    for lane in machine.lanes.iter_mut().filter(|lane| lane.is_in_sight() && lane.is_empty()) {
        let Some(life) = lane.life.and_then(|life| life.range) else { continue };
        if lane.neighbours.is_some_and(|known| known.of == of) {
            continue;
        }
        // Outside of its life nobody need be asked.
        let earlier = (of.start >= life.end).then_some(life.end - 1);
        let later = (of.end <= life.start).then_some(life.start);
        lane.neighbours = Some(Neighbours { of, earlier, later });
        if earlier.is_none() && later.is_none() {
            let stream = connection.stream_from_uuid(Uuid::from_u128(lane.id.0));
            let id = lane.id;
            browser::start_detached(async move {
                let before = stream.nearest(of.start, 0, Direction::Backward);
                let after = stream.nearest(of.end, 0, Direction::Forward);
                if let Some(Ok((before, after))) = browser::within(ANSWER_MILLIS, try_join(before, after)).await {
                    learn(explorer, id, of, before.map(|point| point.data.time), after.map(|point| point.data.time));
                }
            });
        }
    }
}

fn learn(explorer: Explorer, id: StreamId, of: TimeRange, earlier: Option<Timestamp>, later: Option<Timestamp>) {
    explorer.act(|machine, _| {
        if let Some(lane) = machine.lane(id) {
            lane.neighbours = Some(Neighbours { of, earlier, later });
        }
    });
}
