//! The store on disk: what was acknowledged is there again, what was damaged is said and not served.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod program;

use std::{fs, sync::Arc};

use btrdb_engine::{
    Code, Engine, Options, compact,
    store::{Batch, Disk, Store},
};
use program::{Model, STREAMS, Step, any_step, files::Faulty};
use proptest::prelude::*;

fn store(files: &Faulty) -> Option<Arc<dyn Store>> {
    Some(Arc::new(Disk::open_in(Arc::new(files.clone())).ok()?))
}

fn open(files: &Faulty) -> Option<Engine> {
    program::open(store(files)?).ok()
}

fn insert(stream: u8, points: impl IntoIterator<Item = (i64, f64)>) -> Step {
    Step::Insert(stream, points.into_iter().collect(), btrdb_proto::MergePolicy::Never)
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
    for name in ["btrdb.redb", "log.1"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), "something else entirely").unwrap();
        let error = Disk::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&folder.path().display().to_string()), "{error}");
        assert_eq!(fs::read(folder.path().join(name)).unwrap(), b"something else entirely");
    }
}

#[test]
fn another_format_is_refused_in_words() {
    let store = Arc::new(Disk::open_in(Arc::new(Faulty::default())).unwrap());
    let newer = vec![(b"f".to_vec(), 9_u32.to_le_bytes().to_vec())];
    store.commit(&Batch { set: newer, ..Batch::default() }).unwrap();
    let error = Engine::open(store, Options::default()).unwrap_err();
    assert_eq!(error.code, Code::StorageError);
    assert!(error.message.contains("format 9"), "{error}");
}

#[test]
fn a_flipped_bit_is_reported_with_its_times_and_not_served() {
    let files = Faulty::default();
    {
        let engine = open(&files).unwrap();
        program::create(&engine, 1).unwrap();
        program::call(&engine, &insert(1, (0..10_000).map(|time| (time, f64::sqrt(time as f64))))).unwrap();
    }
    // The last frames of the log are the nodes above the leaves.
    files.flip_from_end("log.1", 20_000);
    let error = program::points(&open(&files).unwrap(), 1, 0).unwrap_err();
    assert_eq!(error.code, Code::StorageError);
    assert!(error.message.contains("checksum"), "{error}");
    assert!(error.message.contains("stream 01010101-0101-0101-0101-010101010101"), "{error}");
    assert!(error.message.contains("of times"), "{error}");
}

#[test]
fn a_flipped_bit_among_what_is_replayed_cuts_nothing_off() {
    let files = Faulty::default();
    {
        let engine = open(&files).unwrap();
        for stream in 1..3 {
            program::create(&engine, stream).unwrap();
        }
        // Journalled, then a large insert of another stream behind it.
        program::call(&engine, &insert(1, (0..1_000).map(|time| (time, f64::sqrt(time as f64))))).unwrap();
        program::call(&engine, &insert(2, (0..10_000).map(|time| (time, f64::sqrt(time as f64))))).unwrap();
    }
    files.flip_from_end("log.1", 20_000);
    let error = program::open(store(&files).unwrap()).unwrap_err();
    assert!(error.message.contains("though it was whole"), "{error}");
    files.flip_from_end("log.1", 20_000);
    let engine = open(&files).unwrap();
    assert_eq!([1, 2].map(|stream| program::points(&engine, stream, 0).unwrap().len()), [1_000, 10_000]);
}

#[test]
fn a_flipped_bit_among_small_inserts_is_no_torn_end() {
    let files = Faulty::default();
    let mut lengths = Vec::new();
    {
        let engine = open(&files).unwrap();
        program::create(&engine, 1).unwrap();
        for start in 0..5 {
            program::call(&engine, &insert(1, (0..100).map(|time| (start * 100 + time, f64::sqrt(time as f64)))))
                .unwrap();
            lengths.push(files.length("log.1"));
        }
    }
    let from_end = |place: usize| files.length("log.1") - lengths[place] + 100;
    for place in 0..4 {
        files.flip_from_end("log.1", from_end(place));
        let error = program::open(store(&files).unwrap()).unwrap_err();
        assert!(error.message.contains("though it was whole"), "{place}: {error}");
        files.flip_from_end("log.1", from_end(place));
    }
    assert_eq!(program::points(&open(&files).unwrap(), 1, 0).unwrap().len(), 500, "the folder was left as it was");
    // Nothing was written after the last: it may as well have been torn off.
    files.flip_from_end("log.1", 100);
    assert_eq!(program::points(&open(&files).unwrap(), 1, 0).unwrap().len(), 400);
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let files = Faulty::default();
    let engine = open(&files).unwrap();
    let mut model = Model::default();
    program::create(&engine, 1).unwrap();
    model.create(1);
    files.limit(Some(files.size() + 200_000));
    let mut refused = 0;
    for start in 0..40_i64 {
        // Small ones are journalled, large ones are not.
        let count = if start % 2 == 0 { 500 } else { 9_000 };
        let step = insert(1, (0..count).map(|number| (start * 10_000 + number, (number * number % 1_013) as f64)));
        match program::call(&engine, &step) {
            Ok(()) => model.apply(&step),
            Err(error) => {
                assert_eq!(error.code, Code::StorageError);
                refused += 1;
            }
        }
    }
    model.check(&engine).unwrap();
    assert!((1..40).contains(&refused), "{refused}");
    files.limit(None);
    let step = insert(1, (0..9_000).map(|time| (-time, 0.5)));
    program::call(&engine, &step).expect("there is room again");
    model.apply(&step);
    model.check(&engine).unwrap();
    drop(engine);
    model.check(&open(&files).unwrap()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens between, every version of every stream keeps showing what it showed.
    #[test]
    fn versions_survive_restarts(steps in prop::collection::vec(any_step(), 1..24)) {
        let files = Faulty::default();
        let mut engine = open(&files).unwrap();
        let mut model = Model::default();
        for stream in STREAMS {
            program::create(&engine, stream).unwrap();
            model.create(stream);
        }
        for step in steps {
            match step {
                Step::Reopen => {
                    drop(engine);
                    engine = open(&files).unwrap();
                }
                Step::Compact => {
                    drop(engine);
                    compact(&store(&files).unwrap(), &mut |_| {}).unwrap();
                    engine = open(&files).unwrap();
                }
                _ => program::call(&engine, &step).unwrap(),
            }
            model.apply(&step);
        }
        prop_assert_eq!(model.check(&engine), Ok(()));
        drop(engine);
        prop_assert_eq!(model.check(&open(&files).unwrap()), Ok(()));
    }

    /// The power goes at any write or sync. What was acknowledged is there; what was not is wholly there or not at all.
    #[test]
    fn what_was_acknowledged_survives_the_loss_of_power(
        steps in prop::collection::vec(any_step(), 1..24),
        operations in 0..400_usize,
        survives in prop::collection::vec(any::<bool>(), 64),
        nothing_survives in any::<bool>(),
    ) {
        let files = Faulty::default();
        let mut engine = Some(open(&files).unwrap());
        files.lose_power_after(operations);
        let mut model = Model::default();
        let mut unacknowledged = None;
        'program: {
            for stream in STREAMS {
                if program::create(engine.as_ref().unwrap(), stream).is_err() {
                    break 'program;
                }
                model.create(stream);
            }
            for step in steps {
                let outcome = match step {
                    Step::Reopen => {
                        drop(engine.take());
                        engine = open(&files);
                        engine.is_some()
                    }
                    Step::Compact => {
                        drop(engine.take());
                        let is_done = store(&files).is_some_and(|store| compact(&store, &mut |_| {}).is_ok());
                        engine = open(&files);
                        is_done && engine.is_some()
                    }
                    _ => program::call(engine.as_ref().unwrap(), &step).is_ok(),
                };
                if !outcome {
                    unacknowledged = Some(step);
                    break;
                }
                model.apply(&step);
            }
        }
        drop(engine);
        let mut survivors = survives.iter().cycle();
        let disk = files.after_power_loss(|| !nothing_survives && *survivors.next().unwrap());
        let engine = open(&disk).unwrap();
        let Some(step) = unacknowledged.filter(|step| !matches!(step, Step::Reopen)) else {
            // A create may have happened or not.
            prop_assert_eq!(model.check(&engine), Ok(()));
            return Ok(());
        };
        let mut with = model.clone();
        with.apply(&step);
        let (with, without) = (with.check(&engine), model.check(&engine));
        prop_assert!(with.is_ok() || without.is_ok(), "{:?}: with it {:?}, without it {:?}", step, with, without);
    }
}
