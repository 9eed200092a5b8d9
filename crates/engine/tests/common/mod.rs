//! An engine in memory with one stream, and calls without ceremony.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses some of it, and stops where it cannot go on")]

use std::sync::Arc;

use btrdb_engine::{Code, Engine, Options, store::Memory};
use btrdb_proto as proto;
use bytes::Bytes;

/// An engine with the stream `a/b`, named `n`, in volts.
pub(crate) struct Fixture {
    pub(crate) engine: Engine,
    pub(crate) uuid: Bytes,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::over(Arc::new(Memory::default()))
    }

    pub(crate) fn over(store: Arc<Memory>) -> Self {
        let engine = Engine::open(store, Options::default()).unwrap();
        let fixture = Self { engine, uuid: vec![1; 16].into() };
        fixture.create(1, "a/b", "n", &[]);
        fixture
    }

    pub(crate) fn create(&self, number: u8, collection: &str, name: &str, annotations: &[(&str, &str)]) {
        let params = proto::CreateParams {
            uuid: vec![number; 16].into(),
            collection: collection.into(),
            tags: pairs(&[("name", name), ("unit", "V")]),
            annotations: pairs(annotations),
        };
        self.engine.create(params).unwrap();
    }

    pub(crate) fn info(&self) -> proto::StreamInfoResponse {
        let params = proto::StreamInfoParams { uuid: self.uuid.clone(), ..Default::default() };
        self.engine.stream_info(&params).unwrap()
    }

    pub(crate) fn insert(&self, points: &[(i64, f64)], policy: proto::MergePolicy) -> Result<u64, Code> {
        let params = proto::InsertParams {
            uuid: self.uuid.clone(),
            values: points.iter().map(|&(time, value)| proto::RawPoint { time, value }).collect(),
            merge_policy: policy.into(),
            ..Default::default()
        };
        self.engine.insert(&params).map(|reply| reply.version_major).map_err(|error| error.code)
    }

    pub(crate) fn delete(&self, start: i64, end: i64) -> Result<u64, Code> {
        let params = proto::DeleteParams { uuid: self.uuid.clone(), start, end };
        self.engine.delete(&params).map(|reply| reply.version_major).map_err(|error| error.code)
    }

    pub(crate) fn raw_values(
        &self,
        start: i64,
        end: i64,
        version_major: u64,
    ) -> Result<Vec<proto::RawValuesResponse>, Code> {
        let params = proto::RawValuesParams { uuid: self.uuid.clone(), start, end, version_major };
        let batches = self.engine.raw_values(&params).map_err(|error| error.code)?;
        Ok(batches.map(Result::unwrap).collect())
    }

    pub(crate) fn times(&self, start: i64, end: i64, version: u64) -> Vec<i64> {
        let replies = self.raw_values(start, end, version).unwrap();
        replies.iter().flat_map(|reply| &reply.values).map(|point| point.time).collect()
    }

    pub(crate) fn aligned(&self, start: i64, end: i64, point_width: u32) -> Result<Vec<proto::StatPoint>, Code> {
        let uuid = self.uuid.clone();
        let params = proto::AlignedWindowsParams { uuid, start, end, version_major: 0, point_width };
        let batches = self.engine.aligned_windows(&params).map_err(|error| error.code)?;
        Ok(batches.flat_map(|reply| reply.unwrap().values).collect())
    }

    pub(crate) fn windows(&self, start: i64, end: i64, width: u64) -> Result<Vec<proto::StatPoint>, Code> {
        let uuid = self.uuid.clone();
        let params = proto::WindowsParams { uuid, start, end, version_major: 0, width, depth: 0 };
        let batches = self.engine.windows(&params).map_err(|error| error.code)?;
        Ok(batches.flat_map(|reply| reply.unwrap().values).collect())
    }

    pub(crate) fn nearest(&self, time: i64, backward: bool) -> Result<i64, Code> {
        let params = proto::NearestParams { uuid: self.uuid.clone(), time, version_major: 0, backward };
        self.engine.nearest(&params).map(|reply| reply.value.unwrap().time).map_err(|error| error.code)
    }

    pub(crate) fn changes(&self, from: u64, to: u64, resolution: u32) -> Result<Vec<(i64, i64)>, Code> {
        let params = proto::ChangesParams { uuid: self.uuid.clone(), from_major: from, to_major: to, resolution };
        let batches = self.engine.changes(&params).map_err(|error| error.code)?;
        let ranges = batches.flat_map(|reply| reply.unwrap().ranges);
        Ok(ranges.map(|range| (range.start, range.end)).collect())
    }

    pub(crate) fn lookup(
        &self,
        collection: &str,
        is_collection_prefix: bool,
        tags: Vec<proto::KeyOptValue>,
        annotations: Vec<proto::KeyOptValue>,
    ) -> Vec<String> {
        let collection = collection.to_owned();
        let params = proto::LookupStreamsParams { collection, is_collection_prefix, tags, annotations, role: None };
        let found = self.engine.lookup_streams(&params).flat_map(|reply| reply.unwrap().results);
        found.map(|descriptor| descriptor.collection).collect()
    }

    pub(crate) fn collections(&self, prefix: &str) -> Vec<String> {
        let params = proto::ListCollectionsParams { prefix: prefix.into(), role: None };
        self.engine.list_collections(&params).flat_map(|reply| reply.unwrap().collections).collect()
    }
}

pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<proto::KeyOptValue> {
    let pair = |&(key, value): &(&str, &str)| proto::KeyOptValue {
        key: key.into(),
        val: Some(proto::OptValue { value: value.into() }),
    };
    pairs.iter().map(pair).collect()
}

/// The code that a call failed with.
pub(crate) fn code<T>(outcome: btrdb_engine::Result<T>) -> Option<Code> {
    outcome.err().map(|error| error.code)
}
