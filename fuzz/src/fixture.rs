//! An engine in memory with some streams.

use std::{cell::RefCell, sync::Arc};

use btrdb_engine::{Engine, Options, store::Memory};
use btrdb_proto as proto;
use bytes::Bytes;

/// How many streams there are at first; the first has no points.
const STREAMS: u8 = 4;

/// How many calls one engine sees: inserts add up.
const CALLS_AN_ENGINE: u32 = 500;

/// The uuid of stream `number`.
pub fn uuid(number: u8) -> Bytes {
    vec![number; 16].into()
}

/// An engine in which earlier calls may have left something.
pub fn engine() -> Engine {
    thread_local! {
        static ENGINE: RefCell<Option<(Engine, u32)>> = const { RefCell::new(None) };
    }
    ENGINE.with_borrow_mut(|kept| {
        let (engine, calls) = kept.take().filter(|(_, calls)| *calls < CALLS_AN_ENGINE).unwrap_or_else(|| (fresh(), 0));
        *kept = Some((engine.clone(), calls + 1));
        engine
    })
}

fn fresh() -> Engine {
    let engine = Engine::open(Arc::new(Memory::default()), Options { cache_bytes: 1 << 20 }).expect("memory opens");
    for number in 0..STREAMS {
        let name = proto::OptValue { value: format!("name {number}") };
        let create = proto::CreateParams {
            uuid: uuid(number),
            collection: format!("fuzz/{}", number % 2),
            tags: vec![proto::KeyOptValue { key: "name".into(), val: Some(name.clone()) }],
            annotations: vec![proto::KeyOptValue { key: "of".into(), val: Some(name) }],
        };
        engine.create(create).expect("a new name");
        for batch in 0..i64::from(number) {
            // Crowded enough for slots below slots, with times that several streams share.
            let point = |i: i64| proto::RawPoint { time: batch * 700 + i * i64::from(number), value: i as f64 / 3.0 };
            let values = (0..1_500).map(point).collect();
            engine.insert(&proto::InsertParams { uuid: uuid(number), values, ..Default::default() }).expect("points");
        }
    }
    engine
}
