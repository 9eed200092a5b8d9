//! Every call of the service from bytes.

use btrdb_engine::{Batches, Engine};
use prost::Message;

/// How many turns of an answer are taken: all of it may be all of time in nanoseconds.
const TURNS: usize = 3;

fn decoded<P: Message + Default>(bytes: &[u8]) -> Option<P> {
    P::decode(bytes).ok()
}

fn pull<M>(answer: btrdb_engine::Result<Batches<M>>) {
    let Ok(mut batches) = answer else { return };
    for _ in 0..TURNS {
        if batches.turn().is_last {
            break;
        }
    }
}

type Call = fn(&Engine, &[u8]) -> Option<()>;

/// All calls that take a message, but those of the Arrow targets.
const CALLS: &[Call] = &[
    |engine, bytes| decoded(bytes).map(|params| pull(engine.raw_values(&params))),
    |engine, bytes| decoded(bytes).map(|params| pull(engine.arrow_raw_values(&params))),
    |engine, bytes| decoded(bytes).map(|params| pull(engine.arrow_multi_values(&params))),
    |engine, bytes| decoded(bytes).map(|params| pull(engine.aligned_windows(&params))),
    |engine, bytes| decoded(bytes).map(|params| pull(engine.arrow_aligned_windows(&params))),
    |engine, bytes| decoded(bytes).map(|params| pull(engine.windows(&params))),
    |engine, bytes| decoded(bytes).map(|params| pull(engine.arrow_windows(&params))),
    |engine, bytes| decoded(bytes).map(|params| pull(engine.changes(&params))),
    |engine, bytes| decoded(bytes).map(|params| pull(engine.generate_csv(&params))),
    |engine, bytes| decoded(bytes).map(|params| pull(Ok(engine.list_collections(&params)))),
    |engine, bytes| decoded(bytes).map(|params| pull(Ok(engine.lookup_streams(&params)))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.stream_info(&params))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.nearest(&params))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.metadata_usage(&params))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.insert(&params))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.arrow_insert(&params))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.delete(&params))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.flush(&params))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.create(params))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.set_stream_tags(params))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.set_stream_annotations(params))),
    |engine, bytes| decoded(bytes).map(|params| drop(engine.obliterate(&params))),
];

/// Makes the call that the first byte names with the message in the others.
pub fn call(engine: &Engine, bytes: &[u8]) {
    if let Some((number, message)) = bytes.split_first()
        && let Some(call) = CALLS.get(usize::from(*number))
    {
        call(engine, message);
    }
}
