//! 1,000 windows over the whole of a 120 Hz stream whose span grows: the time must not grow with the points.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::{hint::black_box, sync::Arc};

use btrdb_engine::{Engine, Options, store::Disk};
use btrdb_proto as proto;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

const START: i64 = 1_700_000_000_000_000_000;
/// 120 Hz, as a clock of whole nanoseconds has it.
const PERIOD: i64 = 8_333_333;
const WINDOWS: u64 = 1_000;
const UUID: [u8; 16] = [1; 16];

/// A mains frequency: 60 Hz, a slow swing, a little noise.
fn value(index: i64) -> f64 {
    let noise = (index.wrapping_mul(6_364_136_223_846_793_005) >> 40) as f64 / 1e9;
    60.0 + 0.02 * (index as f64 / 5_000.0).sin() + noise
}

fn engine_with(points: i64, folder: &std::path::Path) -> Engine {
    let engine = Engine::open(Arc::new(Disk::open(folder).unwrap()), Options::default()).unwrap();
    let params = proto::CreateParams { uuid: UUID.to_vec().into(), collection: "bench".into(), ..Default::default() };
    engine.create(params).unwrap();
    for first in (0..points).step_by(1_000_000) {
        let values = (first..points.min(first + 1_000_000))
            .map(|index| proto::RawPoint { time: START + index * PERIOD, value: value(index) })
            .collect();
        engine.insert(&proto::InsertParams { uuid: UUID.to_vec().into(), values, ..Default::default() }).unwrap();
    }
    engine
}

fn windows(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("windows");
    for points in [1_000_000, 10_000_000] {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine_with(points, folder.path());
        let width = (points * PERIOD) as u64 / WINDOWS;
        let params = proto::WindowsParams {
            uuid: UUID.to_vec().into(),
            start: START,
            end: START + points * PERIOD,
            width,
            ..Default::default()
        };
        let count: u64 =
            engine.windows(&params).unwrap().flat_map(|reply| reply.unwrap().values).map(|stat| stat.count).sum();
        assert!(points as u64 - count < 1_000, "the windows cover all but a rest: {count}");
        group.bench_with_input(BenchmarkId::from_parameter(points), &params, |bencher, params| {
            bencher.iter(|| {
                engine.windows(black_box(params)).unwrap().map(|reply| reply.unwrap().values.len()).sum::<usize>()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, windows);
criterion_main!(benches);
