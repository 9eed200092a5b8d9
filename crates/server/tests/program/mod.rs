//! A caller who does one random thing after another, and knows what must come of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::{collections::BTreeMap, fmt};

use btrdb_core::{LAST_TIME, MIN_TIME};
use btrdb_proto as proto;
use btrdb_proto::client::BTrDbClient;
use proto::MergePolicy;
use tonic::{Response, Status, codegen::Bytes, transport::Channel};
use uuid::Uuid;

type Client = BTrDbClient<Channel>;

/// Numbers that look random and come again with the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The generator named `SplitMix64`.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    pub(crate) const fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// Points in order, those of one time in order of arrival; values by their bits.
type Points = Vec<(i64, u64)>;

/// What a stream must hold.
#[derive(Clone)]
struct Model {
    version: u64,
    points: Points,
    name: String,
    property_version: u64,
    /// The number of points and a sum over them for each version that was acknowledged.
    versions: BTreeMap<u64, (usize, u64)>,
}

/// One thing to do.
#[derive(Clone, Debug)]
enum Step {
    Create,
    Insert(Points, MergePolicy),
    Delete(i64, i64),
    Flush,
    Rename(String),
    Obliterate,
}

pub(crate) struct Writer {
    number: u64,
    random: Random,
    streams: BTreeMap<Uuid, Model>,
    gone: Vec<Uuid>,
    created: u64,
    /// The call that was cut off.
    pending: Option<(Uuid, Step)>,
    acknowledged: u64,
    /// Of the calls that were cut off, those found done and those found not done.
    found: [u64; 2],
}

fn sum(points: &Points) -> (usize, u64) {
    let sum = points.iter().fold(7_u64, |sum, (time, value)| {
        (sum.rotate_left(5) ^ (*time as u64)).wrapping_mul(0x100_0000_01b3).rotate_left(9) ^ value
    });
    (points.len(), sum)
}

impl Model {
    fn new(name: String) -> Self {
        let versions = BTreeMap::from([(10, sum(&Points::new()))]);
        Self { version: 10, points: Points::new(), name, property_version: 1, versions }
    }

    /// What the stream is once `step` is done; none where it is no more.
    fn after(&self, step: &Step) -> Option<Self> {
        let mut after = self.clone();
        match step {
            Step::Create | Step::Flush => {}
            Step::Insert(points, policy) => {
                if *policy == MergePolicy::Replace {
                    let is_replaced = |time| points.iter().any(|point| point.0 == time);
                    after.points.retain(|point| !is_replaced(point.0));
                }
                after.points.extend(points);
                after.points.sort_by_key(|point| point.0);
                after.version += u64::from(after.points != self.points);
            }
            Step::Delete(start, end) => {
                after.points.retain(|point| !(*start..*end).contains(&point.0));
                after.version += 1;
            }
            Step::Rename(name) => {
                after.name.clone_from(name);
                after.property_version += 1;
            }
            Step::Obliterate => return None,
        }
        after.versions.insert(after.version, sum(&after.points));
        Some(after)
    }
}

fn bytes(uuid: Uuid) -> Bytes {
    Bytes::copy_from_slice(uuid.as_bytes())
}

/// The answer of a call that came back; none where it was cut off.
fn answered<R: fmt::Debug>(
    outcome: Result<Response<R>, Status>,
    stat: impl Fn(&R) -> Option<&proto::Status>,
) -> Option<R> {
    let answer = outcome.ok()?.into_inner();
    assert!(stat(&answer).is_none(), "refused: {answer:?}");
    Some(answer)
}

impl Writer {
    pub(crate) fn new(number: u64, random: Random) -> Self {
        let (streams, gone) = (BTreeMap::new(), Vec::new());
        Self { number, random, streams, gone, created: 0, pending: None, acknowledged: 0, found: [0, 0] }
    }

    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn summary(&self) -> String {
        let versions: usize = self.streams.values().map(|model| model.versions.len()).sum();
        let [done, not] = self.found;
        format!(
            "writer {}: {} acknowledged calls, {} streams, {versions} versions, {} gone; cut off: {done} done, {not} not",
            self.number,
            self.acknowledged,
            self.streams.len(),
            self.gone.len()
        )
    }

    /// Does one thing after another until a call is cut off.
    pub(crate) async fn run(&mut self, client: &mut Client) {
        loop {
            let (uuid, step) = self.choose();
            self.pending = Some((uuid, step.clone()));
            let Some(version) = self.call(client, uuid, &step).await else { return };
            self.apply(uuid, &step);
            if let (Some(version), Some(model)) = (version, self.streams.get(&uuid)) {
                assert_eq!(version, model.version, "the version after {}", name_of(&step));
            }
            self.acknowledged += 1;
            self.pending = None;
        }
    }

    fn choose(&mut self) -> (Uuid, Step) {
        let dice = self.random.below(100);
        if self.streams.is_empty() || dice < 4 && self.streams.len() < 8 {
            self.created += 1;
            return (Uuid::from_u128(u128::from(self.number) << 64 | u128::from(self.created)), Step::Create);
        }
        let place = self.random.below(self.streams.len() as u64) as usize;
        let uuid = *self.streams.keys().nth(place).unwrap();
        // Streams that have grown large are cut down or ended, so that checks stay short.
        let is_large = self.streams[&uuid].points.len() > 30_000;
        let step = match dice {
            _ if is_large && dice < 50 => Step::Delete(MIN_TIME, LAST_TIME),
            _ if is_large => Step::Obliterate,
            0..6 => Step::Insert(self.points(5_000, 1_000), MergePolicy::Never),
            6..70 => {
                let count = 1 + self.random.below(20);
                let policy = if dice < 60 { MergePolicy::Never } else { MergePolicy::Replace };
                Step::Insert(self.points(count, 40_000_000), policy)
            }
            70..80 => {
                let start = self.random.below(4_000_000_000) as i64;
                Step::Delete(start, start + 1 + self.random.below(400_000_000) as i64)
            }
            80..88 => Step::Flush,
            88..98 => Step::Rename(format!("name {}", self.random.below(1_000_000))),
            _ => Step::Obliterate,
        };
        (uuid, step)
    }

    /// Points of different times, about `apart` from each other.
    fn points(&mut self, count: u64, apart: u64) -> Points {
        let mut time = self.random.below(4_000_000_000) as i64;
        let mut points = Points::new();
        for _ in 0..count {
            time += 1 + self.random.below(apart) as i64;
            points.push((time, (self.random.below(1 << 40) as f64).to_bits()));
        }
        points
    }

    /// What came of a call: its version, where it has one; nothing, where it was cut off.
    async fn call(&self, client: &mut Client, uuid: Uuid, step: &Step) -> Option<Option<u64>> {
        let name = |name: &str| {
            let val = Some(proto::OptValue { value: name.into() });
            vec![proto::KeyOptValue { key: "name".into(), val }]
        };
        match step {
            Step::Create => {
                let collection = format!("kills/{}", self.number);
                let tags = name(&uuid.to_string());
                let params = proto::CreateParams { uuid: bytes(uuid), collection, tags, annotations: Vec::new() };
                answered(client.create(params).await, |answer| answer.stat.as_ref()).map(|_| None)
            }
            Step::Insert(points, policy) => {
                let values = points.iter().map(|&(time, value)| proto::RawPoint { time, value: f64::from_bits(value) });
                let params = proto::InsertParams {
                    uuid: bytes(uuid),
                    values: values.collect(),
                    merge_policy: (*policy).into(),
                    ..Default::default()
                };
                let answer = answered(client.insert(params).await, |answer| answer.stat.as_ref());
                answer.map(|answer| Some(answer.version_major))
            }
            Step::Delete(start, end) => {
                let params = proto::DeleteParams { uuid: bytes(uuid), start: *start, end: *end };
                let answer = answered(client.delete(params).await, |answer| answer.stat.as_ref());
                answer.map(|answer| Some(answer.version_major))
            }
            Step::Flush => {
                let answer = client.flush(proto::FlushParams { uuid: bytes(uuid) }).await;
                answered(answer, |answer| answer.stat.as_ref()).map(|answer| Some(answer.version_major))
            }
            Step::Rename(to) => {
                let params = proto::SetStreamTagsParams { uuid: bytes(uuid), tags: name(to), ..Default::default() };
                answered(client.set_stream_tags(params).await, |answer| answer.stat.as_ref()).map(|_| None)
            }
            Step::Obliterate => {
                let answer = client.obliterate(proto::ObliterateParams { uuid: bytes(uuid) }).await;
                answered(answer, |answer| answer.stat.as_ref()).map(|_| None)
            }
        }
    }

    fn apply(&mut self, uuid: Uuid, step: &Step) {
        let after = match self.streams.remove(&uuid) {
            Some(model) => model.after(step),
            None => Some(Model::new(uuid.to_string())),
        };
        match after {
            Some(after) => _ = self.streams.insert(uuid, after),
            None => self.gone.push(uuid),
        }
    }

    /// Asserts that the server has what it must have.
    pub(crate) async fn check(&mut self, client: &mut Client) {
        if let Some((uuid, step)) = self.pending.take() {
            let is_done = self.is_done(client, uuid, &step).await;
            if is_done {
                self.apply(uuid, &step);
            }
            self.found[usize::from(!is_done)] += 1;
        }
        for uuid in &self.gone {
            assert!(info(client, *uuid).await.is_none(), "stream {uuid} was obliterated");
        }
        let streams: Vec<(Uuid, Model)> = self.streams.iter().map(|(uuid, model)| (*uuid, model.clone())).collect();
        for (uuid, model) in streams {
            let (version, name, property_version) =
                info(client, uuid).await.unwrap_or_else(|| panic!("{uuid} is lost"));
            let expected = (model.version, model.name.clone(), model.property_version);
            assert_eq!((version, name, property_version), expected, "stream {uuid}");
            assert!(read(client, uuid, 0).await == model.points, "stream {uuid} at its latest version, {version}");
            // The newest ones, and some of all others.
            let step = (model.versions.len() / 8).max(1);
            let older = model.versions.iter().step_by(step);
            for (version, expected) in model.versions.iter().rev().take(4).chain(older) {
                assert_eq!(sum(&read(client, uuid, *version).await), *expected, "stream {uuid} at version {version}");
            }
        }
    }

    /// Whether a call that was cut off has been done.
    async fn is_done(&self, client: &mut Client, uuid: Uuid, step: &Step) -> bool {
        let found = info(client, uuid).await;
        match (step, found, self.streams.get(&uuid)) {
            (Step::Create, found, _) => found.is_some(),
            (Step::Obliterate, found, _) => found.is_none(),
            (Step::Rename(_), Some((_, _, property_version)), Some(model)) => property_version > model.property_version,
            (_, Some((version, ..)), Some(model)) => version > model.version,
            _ => panic!("stream {uuid} is lost"),
        }
    }
}

/// The kind of a step, without its points.
fn name_of(step: &Step) -> String {
    match step {
        Step::Insert(points, policy) => format!("an insert of {} points, {policy:?}", points.len()),
        other => format!("{other:?}"),
    }
}

/// The version of a stream, its name, and the version of its properties.
async fn info(client: &mut Client, uuid: Uuid) -> Option<(u64, String, u64)> {
    let params = proto::StreamInfoParams { uuid: bytes(uuid), ..Default::default() };
    let answer = client.stream_info(params).await.unwrap().into_inner();
    if let Some(stat) = answer.stat {
        assert_eq!(stat.code, 404, "{stat:?}");
        return None;
    }
    let descriptor = answer.descriptor.unwrap();
    let name = descriptor.tags.into_iter().find(|tag| tag.key == "name").unwrap();
    Some((answer.version_major, name.val.unwrap().value, descriptor.property_version))
}

async fn read(client: &mut Client, uuid: Uuid, version_major: u64) -> Points {
    let params = proto::RawValuesParams { uuid: bytes(uuid), start: MIN_TIME, end: LAST_TIME, version_major };
    let mut answers = client.raw_values(params).await.unwrap().into_inner();
    let mut points = Points::new();
    while let Some(answer) = answers.message().await.unwrap() {
        assert!(answer.stat.is_none(), "{:?}", answer.stat);
        points.extend(answer.values.iter().map(|point| (point.time, point.value.to_bits())));
    }
    points
}
