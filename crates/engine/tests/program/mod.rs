//! Random programs of writes, and a naive model of what every version must then show.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses some of it, and stops where it cannot go on")]

pub(crate) mod files;

use std::collections::BTreeMap;

use btrdb_engine::{Engine, Options, store::Store};
use btrdb_proto as proto;
use proptest::prelude::*;

pub(crate) type Points = Vec<(i64, f64)>;

/// The streams that programs write to.
pub(crate) const STREAMS: std::ops::Range<u8> = 1..4;

/// One thing that a program does.
#[derive(Clone)]
pub(crate) enum Step {
    Insert(u8, Points, proto::MergePolicy),
    Delete(u8, i64, i64),
    Annotate(u8, String),
    Flush(u8),
    Reopen,
    Compact,
}

/// Thousands of points would hide what happened.
impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Insert(stream, points, policy) => {
                write!(
                    f,
                    "Insert({stream}, {} points, {:?}.., {policy:?})",
                    points.len(),
                    &points[..points.len().min(3)]
                )
            }
            Self::Delete(stream, start, end) => write!(f, "Delete({stream}, {start}..{end})"),
            Self::Annotate(stream, text) => write!(f, "Annotate({stream}, {text})"),
            Self::Flush(stream) => write!(f, "Flush({stream})"),
            Self::Reopen => write!(f, "Reopen"),
            Self::Compact => write!(f, "Compact"),
        }
    }
}

pub(crate) fn any_step() -> impl Strategy<Value = Step> {
    let value = (0..6_i32).prop_map(f64::from);
    let few = prop::collection::vec((0..4_000_i64, value), 1..60);
    // Around the size from which on an insert is not journalled.
    let many =
        (0..100_000_i64, prop_oneof![1..2_000_i64, 7_000..9_000_i64], 1..3_000_i64).prop_map(|(start, count, step)| {
            (0..count).map(|number| (start + number * step, (number % 7) as f64)).collect::<Points>()
        });
    let policy = prop_oneof![
        Just(proto::MergePolicy::Never),
        Just(proto::MergePolicy::Equal),
        Just(proto::MergePolicy::Retain),
        Just(proto::MergePolicy::Replace),
    ];
    prop_oneof![
        8 => (STREAMS, few, policy.clone()).prop_map(|(stream, points, policy)| Step::Insert(stream, points, policy)),
        3 => (STREAMS, many, policy).prop_map(|(stream, points, policy)| Step::Insert(stream, points, policy)),
        2 => (STREAMS, 0..5_000_i64, 1..5_000_i64).prop_map(|(stream, start, len)| Step::Delete(stream, start, start + len)),
        1 => (STREAMS, "[a-z]{1,5}").prop_map(|(stream, text)| Step::Annotate(stream, text)),
        1 => STREAMS.prop_map(Step::Flush),
        2 => Just(Step::Reopen),
        1 => Just(Step::Compact),
    ]
}

/// What every version of every stream must show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    versions: BTreeMap<(u8, u64), Points>,
    latest: BTreeMap<u8, u64>,
    annotations: BTreeMap<u8, String>,
}

impl Model {
    /// Takes note of a stream that was created.
    pub(crate) fn create(&mut self, stream: u8) {
        self.versions.insert((stream, 10), Vec::new());
        self.latest.insert(stream, 10);
    }

    pub(crate) fn has(&self, stream: u8) -> bool {
        self.latest.contains_key(&stream)
    }

    /// Takes note of a step that was acknowledged.
    pub(crate) fn apply(&mut self, step: &Step) {
        match step {
            Step::Insert(stream, points, policy) => {
                let old = self.latest(*stream);
                let new = merged(old.clone(), points.clone(), *policy);
                if !is_same(&old, &new) {
                    self.next(*stream, new);
                }
            }
            Step::Delete(stream, start, end) => {
                let mut points = self.latest(*stream);
                points.retain(|point| !(*start..*end).contains(&point.0));
                self.next(*stream, points);
            }
            Step::Annotate(stream, text) => {
                self.annotations.insert(*stream, text.clone());
            }
            Step::Compact => {
                self.versions.retain(|(stream, version), _| *version == 10 || *version == self.latest[stream]);
            }
            Step::Flush(_) | Step::Reopen => {}
        }
    }

    fn latest(&self, stream: u8) -> Points {
        self.versions[&(stream, self.latest[&stream])].clone()
    }

    fn next(&mut self, stream: u8, points: Points) {
        let version = self.latest.get_mut(&stream).unwrap();
        *version += 1;
        self.versions.insert((stream, *version), points);
    }

    /// What `engine` shows is what it must show, in every version, and the statistics of the latest are those of its points.
    pub(crate) fn check(&self, engine: &Engine) -> Result<(), String> {
        for (&(stream, version), expected) in &self.versions {
            let found = points(engine, stream, version).map_err(|error| format!("{stream} at {version}: {error}"))?;
            if !is_same(&found, expected) {
                return Err(format!(
                    "stream {stream} at version {version}: {} of {} points",
                    found.len(),
                    expected.len()
                ));
            }
        }
        for (&stream, &version) in &self.latest {
            let expected = &self.versions[&(stream, version)];
            let params = proto::StreamInfoParams { uuid: vec![stream; 16].into(), ..Default::default() };
            let info = engine.stream_info(&params).map_err(|error| error.to_string())?;
            if info.version_major != version {
                return Err(format!("stream {stream} is at version {}, not {version}", info.version_major));
            }
            let annotation = info.descriptor.unwrap().annotations.pop().and_then(|pair| pair.val).map(|it| it.value);
            if annotation.as_ref() != self.annotations.get(&stream) {
                return Err(format!("stream {stream} has the annotation {annotation:?}"));
            }
            let (count, min, max) = summary(engine, stream);
            let values = || expected.iter().map(|point| point.1);
            let expected =
                (expected.len() as u64, values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
            if (count, min, max) != expected {
                return Err(format!("stream {stream} has the statistics {:?}, not {expected:?}", (count, min, max)));
            }
        }
        Ok(())
    }
}

fn is_same(a: &Points, b: &Points) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && a.1.to_bits() == b.1.to_bits())
}

/// The rules of merging, point by point.
fn merged(mut points: Points, mut new: Points, policy: proto::MergePolicy) -> Points {
    new.sort_by_key(|point| point.0);
    for (time, value) in new {
        let first = points.partition_point(|point| point.0 < time);
        let same_time = points[first..].iter().take_while(|point| point.0 == time);
        let is_taken = same_time.clone().count() > 0;
        let is_equal = same_time.clone().any(|point| point.1.to_bits() == value.to_bits());
        match policy {
            proto::MergePolicy::Equal if is_equal => continue,
            proto::MergePolicy::Retain if is_taken => continue,
            proto::MergePolicy::Replace => points.retain(|point| point.0 != time),
            _ => {}
        }
        let place = points.partition_point(|point| point.0 <= time);
        points.insert(place, (time, value));
    }
    points
}

pub(crate) fn open(store: std::sync::Arc<dyn Store>) -> btrdb_engine::Result<Engine> {
    // Little memory, so that nodes are read back from the log.
    Engine::open(store, Options { cache_bytes: 1 << 20 })
}

pub(crate) fn create(engine: &Engine, stream: u8) -> btrdb_engine::Result<()> {
    let collection = format!("c/{stream}");
    engine.create(proto::CreateParams { uuid: vec![stream; 16].into(), collection, ..Default::default() }).map(|_| ())
}

/// Does a step that is a call.
pub(crate) fn call(engine: &Engine, step: &Step) -> btrdb_engine::Result<()> {
    let uuid = |stream: &u8| vec![*stream; 16].into();
    match step {
        Step::Insert(stream, points, policy) => {
            let values = points.iter().map(|&(time, value)| proto::RawPoint { time, value }).collect();
            let merge_policy = (*policy).into();
            engine.insert(&proto::InsertParams { uuid: uuid(stream), values, merge_policy, ..Default::default() })?;
        }
        Step::Delete(stream, start, end) => {
            engine.delete(&proto::DeleteParams { uuid: uuid(stream), start: *start, end: *end })?;
        }
        Step::Annotate(stream, text) => {
            let val = Some(proto::OptValue { value: text.clone() });
            let changes = vec![proto::KeyOptValue { key: "note".into(), val }];
            let params = proto::SetStreamAnnotationsParams { uuid: uuid(stream), changes, ..Default::default() };
            engine.set_stream_annotations(params)?;
        }
        Step::Flush(stream) => {
            engine.flush(&proto::FlushParams { uuid: uuid(stream) })?;
        }
        Step::Reopen | Step::Compact => unreachable!("not calls of an engine"),
    }
    Ok(())
}

pub(crate) fn points(engine: &Engine, stream: u8, version_major: u64) -> btrdb_engine::Result<Points> {
    let uuid = vec![stream; 16].into();
    let params = proto::RawValuesParams { uuid, start: -1 << 60, end: (3 << 60) - 1, version_major };
    let mut found = Vec::new();
    for reply in engine.raw_values(&params)? {
        found.extend(reply?.values.iter().map(|point| (point.time, point.value)));
    }
    Ok(found)
}

fn summary(engine: &Engine, stream: u8) -> (u64, f64, f64) {
    let (start, end) = (-1 << 60, 3 << 60);
    let uuid = vec![stream; 16].into();
    let params = proto::AlignedWindowsParams { uuid, start, end, version_major: 0, point_width: 12 };
    let windows: Vec<proto::StatPoint> =
        engine.aligned_windows(&params).unwrap().flat_map(|reply| reply.unwrap().values).collect();
    let (min, max) = (windows.iter().map(|window| window.min), windows.iter().map(|window| window.max));
    (windows.iter().map(|it| it.count).sum(), min.fold(f64::MAX, f64::min), max.fold(f64::MIN, f64::max))
}
