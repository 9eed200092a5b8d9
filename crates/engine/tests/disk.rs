//! The store on disk: what was acknowledged is there again, what was damaged is said and not served.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use btrdb_engine::{
    Code, Engine, Options,
    store::{Batch, Disk, Record, Store, StoreError},
};
use btrdb_proto as proto;
use proptest::prelude::*;

fn open(folder: &Path) -> Engine {
    Engine::open(Arc::new(Disk::open(folder).unwrap()), Options::default()).unwrap()
}

fn create(engine: &Engine, number: u8) {
    let params =
        proto::CreateParams { uuid: vec![number; 16].into(), collection: format!("c/{number}"), ..Default::default() };
    engine.create(params).unwrap();
}

fn insert(engine: &Engine, number: u8, points: &[(i64, f64)]) -> u64 {
    let values = points.iter().map(|&(time, value)| proto::RawPoint { time, value }).collect();
    let params = proto::InsertParams { uuid: vec![number; 16].into(), values, ..Default::default() };
    engine.insert(&params).unwrap().version_major
}

fn points(engine: &Engine, number: u8, version_major: u64) -> btrdb_engine::Result<Vec<(i64, f64)>> {
    let uuid = vec![number; 16].into();
    let params = proto::RawValuesParams { uuid, start: -1 << 60, end: (3 << 60) - 1, version_major };
    let mut found = Vec::new();
    for reply in engine.raw_values(&params)? {
        found.extend(reply?.values.iter().map(|point| (point.time, point.value)));
    }
    Ok(found)
}

#[test]
fn a_folder_belongs_to_one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = Disk::open(folder.path()).unwrap();
    let error = Disk::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("in use by another process"), "{error}");
    drop(first);
    Disk::open(folder.path()).unwrap();
}

#[test]
fn a_file_that_is_no_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("btrdb.redb"), "something else entirely").unwrap();
    let error = Disk::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains(&folder.path().display().to_string()), "{error}");
    assert_eq!(fs::read(folder.path().join("btrdb.redb")).unwrap(), b"something else entirely");
}

#[test]
fn a_newer_format_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Disk::open(folder.path()).unwrap());
    let newer = vec![(b"f".to_vec(), 2_u32.to_le_bytes().to_vec())];
    store.commit(&Batch { set: newer, ..Batch::default() }).unwrap();
    let error = Engine::open(store, Options::default()).unwrap_err();
    assert_eq!(error.code, Code::StorageError);
    assert!(error.message.contains("format 2"), "{error}");
}

/// A store that changes one bit of one block on its way back.
#[derive(Debug)]
struct Flipped {
    store: Disk,
    block: Mutex<Option<u64>>,
}

impl Store for Flipped {
    fn block(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut block = self.store.block(number)?;
        if *self.block.lock().unwrap() == Some(number)
            && let Some(byte) = block.as_mut().and_then(|block| block.last_mut())
        {
            *byte ^= 1;
        }
        Ok(block)
    }

    fn last_block(&self) -> Result<u64, StoreError> {
        self.store.last_block()
    }

    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.record(key)
    }

    fn records(&self, prefix: &[u8]) -> Result<Vec<Record>, StoreError> {
        self.store.records(prefix)
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.store.commit(batch)
    }
}

#[test]
fn a_flipped_bit_is_reported_and_not_served() {
    let folder = tempfile::tempdir().unwrap();
    {
        let engine = open(folder.path());
        create(&engine, 1);
        insert(&engine, 1, &[(5, 1.0), (6, 2.0)]);
    }
    let store = Arc::new(Flipped { store: Disk::open(folder.path()).unwrap(), block: Mutex::new(None) });
    *store.block.lock().unwrap() = Some(store.last_block().unwrap());
    let engine = Engine::open(store, Options::default()).unwrap();
    let error = points(&engine, 1, 0).unwrap_err();
    assert_eq!(error.code, Code::StorageError);
    assert!(error.message.contains("checksum"), "{error}");
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, Vec<(i64, f64)>),
    Delete(u8, i64, i64),
    Reopen,
}

fn any_step() -> impl Strategy<Value = Step> {
    let point = (0..5_000_i64, (0..10_i32).prop_map(f64::from));
    let many = (0..100_000_i64, 1..2_000_i64)
        .prop_map(|(start, count)| (start..start + count).map(|time| (time, time as f64)).collect());
    prop_oneof![
        4 => (1..3_u8, prop::collection::vec(point, 1..50)).prop_map(|(stream, points)| Step::Insert(stream, points)),
        2 => (1..3_u8, many).prop_map(|(stream, points)| Step::Insert(stream, points)),
        1 => (1..3_u8, 0..5_000_i64, 1..5_000_i64).prop_map(|(stream, start, len)| Step::Delete(stream, start, start + len)),
        2 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever happens between, every version of every stream keeps showing what it showed.
    #[test]
    fn versions_survive_restarts(steps in prop::collection::vec(any_step(), 1..12)) {
        let folder = tempfile::tempdir().unwrap();
        let mut engine = open(folder.path());
        let mut history: BTreeMap<(u8, u64), Vec<(i64, f64)>> = BTreeMap::new();
        let mut latest: BTreeMap<u8, u64> = BTreeMap::new();
        for stream in 1..3 {
            create(&engine, stream);
            history.insert((stream, 10), Vec::new());
            latest.insert(stream, 10);
        }
        for step in steps {
            let (stream, version, list) = match step {
                Step::Reopen => {
                    drop(engine);
                    engine = open(folder.path());
                    continue;
                }
                Step::Insert(stream, points) => {
                    let mut list = history[&(stream, latest[&stream])].clone();
                    list.extend(&points);
                    list.sort_by_key(|point| point.0);
                    (stream, insert(&engine, stream, &points), list)
                }
                Step::Delete(stream, start, end) => {
                    let mut list = history[&(stream, latest[&stream])].clone();
                    list.retain(|point| !(start..end).contains(&point.0));
                    let params = proto::DeleteParams { uuid: vec![stream; 16].into(), start, end };
                    (stream, engine.delete(&params).unwrap().version_major, list)
                }
            };
            prop_assert_eq!(version, latest[&stream] + 1);
            history.insert((stream, version), list);
            latest.insert(stream, version);
        }
        drop(engine);
        let engine = open(folder.path());
        for ((stream, version), list) in &history {
            prop_assert_eq!(&points(&engine, *stream, *version).unwrap(), list);
        }
        for (stream, version) in latest {
            prop_assert_eq!(&points(&engine, stream, 0).unwrap(), &history[&(stream, version)]);
        }
    }
}
