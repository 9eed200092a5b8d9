//! The Arrow calls against the plain ones, and what they take and refuse.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float32Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    TimestampNanosecondArray, UInt64Array, cast::AsArray, types::Float64Type,
};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use btrdb_engine::Code;
use btrdb_proto as proto;
use bytes::Bytes;
use common::{Fixture, code};
use proto::MergePolicy;

fn read(bytes: &Bytes) -> RecordBatch {
    let reader = StreamReader::try_new(bytes.as_ref(), None).unwrap();
    let schema = reader.schema();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    batches.into_iter().next().unwrap_or_else(|| RecordBatch::new_empty(schema))
}

fn write(schema: Schema, batches: &[Vec<ArrayRef>]) -> Bytes {
    let schema = Arc::new(schema);
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).unwrap();
    for columns in batches {
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns.clone()).unwrap()).unwrap();
    }
    writer.into_inner().unwrap().into()
}

fn utc(unit: TimeUnit) -> DataType {
    DataType::Timestamp(unit, Some("UTC".into()))
}

fn raw(fixture: &Fixture, template: Option<Schema>) -> btrdb_engine::Result<Vec<RecordBatch>> {
    let template_bytes = template.map(|schema| write(schema, &[])).unwrap_or_default();
    let params = proto::ArrowRawValuesParams {
        uuid: fixture.uuid.clone(),
        start: -1000,
        end: 1000,
        version_major: 0,
        template_bytes,
    };
    fixture.engine.arrow_raw_values(&params)?.map(|reply| Ok(read(&reply?.arrow_bytes))).collect()
}

#[test]
fn schemas_are_those_of_the_protocol() {
    let fixture = Fixture::new();
    let points = raw(&fixture, None).unwrap();
    assert_eq!(points.len(), 1, "an empty answer has its schema too");
    assert_eq!(
        *points[0].schema(),
        Schema::new(vec![
            Field::new("time", utc(TimeUnit::Nanosecond), false),
            Field::new("value", DataType::Float64, false),
        ])
    );
    let params = proto::WindowsParams { uuid: fixture.uuid.clone(), end: 5, width: 10, ..Default::default() };
    let windows: Vec<_> = fixture.engine.arrow_windows(&params).unwrap().map(Result::unwrap).collect();
    let float = |name: &str| Field::new(name, DataType::Float64, false);
    assert_eq!(
        *read(&windows[0].arrow_bytes).schema(),
        Schema::new(vec![
            Field::new("time", utc(TimeUnit::Nanosecond), false),
            float("min"),
            float("mean"),
            float("max"),
            Field::new("count", DataType::UInt64, false),
            float("stddev"),
        ])
    );
}

#[test]
fn windows_are_the_same_in_both_forms_to_the_last_bit() {
    let fixture = Fixture::new();
    let points: Vec<_> = (0..5000).map(|i| (i * 7, (i as f64 * 0.37).sin() * 1e5)).collect();
    fixture.insert(&points, MergePolicy::Never).unwrap();
    let plain = fixture.windows(3, 35_000, 111).unwrap();
    let params =
        proto::WindowsParams { uuid: fixture.uuid.clone(), start: 3, end: 35_000, width: 111, ..Default::default() };
    let replies: Vec<_> = fixture.engine.arrow_windows(&params).unwrap().map(Result::unwrap).collect();
    assert_eq!(replies.len(), 1);
    let arrow = read(&replies[0].arrow_bytes);
    let bits = |column: usize| -> Vec<u64> {
        arrow.column(column).as_primitive::<Float64Type>().values().iter().map(|value| value.to_bits()).collect()
    };
    let plain_bits = |of: fn(&proto::StatPoint) -> f64| plain.iter().map(|stat| of(stat).to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(1), plain_bits(|stat| stat.min));
    assert_eq!(bits(2), plain_bits(|stat| stat.mean));
    assert_eq!(bits(3), plain_bits(|stat| stat.max));
    assert_eq!(bits(5), plain_bits(|stat| stat.stddev));
}

fn insert(fixture: &Fixture, bytes: Bytes) -> Option<Code> {
    let params = proto::ArrowInsertParams {
        uuid: fixture.uuid.clone(),
        arrow_bytes: bytes,
        merge_policy: MergePolicy::Never.into(),
        ..Default::default()
    };
    code(fixture.engine.arrow_insert(&params))
}

fn two(time: DataType, value: DataType) -> Schema {
    Schema::new(vec![Field::new("when", time, true), Field::new("what", value, true)])
}

#[test]
fn inserts_take_any_time_unit_and_number() {
    let fixture = Fixture::new();
    let nanos: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1, 2]).with_timezone("UTC"));
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![0.5, 1.5]));
    let schema = two(utc(TimeUnit::Nanosecond), DataType::Float64);
    assert_eq!(insert(&fixture, write(schema.clone(), &[vec![nanos.clone(), floats.clone()]])), None);
    let micros: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![-3]).with_timezone("Europe/Berlin"));
    let counts: ArrayRef = Arc::new(UInt64Array::from(vec![7]));
    let berlin = DataType::Timestamp(TimeUnit::Microsecond, Some("Europe/Berlin".into()));
    assert_eq!(insert(&fixture, write(two(berlin, DataType::UInt64), &[vec![micros, counts]])), None);
    let integers: ArrayRef = Arc::new(Int64Array::from(vec![10]));
    let singles: ArrayRef = Arc::new(Float32Array::from(vec![2.5]));
    let several = vec![vec![integers.clone(), singles.clone()], vec![integers, singles]];
    assert_eq!(insert(&fixture, write(two(DataType::Int64, DataType::Float32), &several)), None);
    assert_eq!(fixture.times(-10_000, 10_000, 0), [-3000, 1, 2, 10, 10]);
    assert_eq!(insert(&fixture, write(schema, &[])), None, "no rows are no error");
}

#[test]
fn inserts_refuse_what_is_not_points() {
    let fixture = Fixture::new();
    let times: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let value: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    let null: ArrayRef = Arc::new(Float64Array::from(vec![None]));
    let nan: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN]));
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
    let floats = two(DataType::Int64, DataType::Float64);
    assert_eq!(insert(&fixture, write(floats.clone(), &[vec![times.clone(), null]])), Some(Code::BadValue));
    assert_eq!(insert(&fixture, write(floats.clone(), &[vec![times.clone(), nan]])), Some(Code::BadValue));
    let texts = two(DataType::Int64, DataType::Utf8);
    assert_eq!(insert(&fixture, write(texts, &[vec![times.clone(), text]])), Some(Code::InvalidParameter));
    let one = Schema::new(vec![Field::new("time", DataType::Int64, false)]);
    assert_eq!(insert(&fixture, write(one, &[vec![times.clone()]])), Some(Code::InvalidParameter));
    let seconds: ArrayRef = Arc::new(arrow_array::TimestampSecondArray::from(vec![i64::MAX / 1000]));
    let far = two(DataType::Timestamp(TimeUnit::Second, None), DataType::Float64);
    assert_eq!(insert(&fixture, write(far, &[vec![seconds, value.clone()]])), Some(Code::InvalidParameter));
    assert_eq!(insert(&fixture, Bytes::from_static(b"not Arrow at all")), Some(Code::InvalidParameter));
    let whole = write(floats, &[vec![times, value]]);
    for cut in [9, 40, whole.len() - 20] {
        assert_eq!(insert(&fixture, whole.slice(..cut)), Some(Code::InvalidParameter), "cut at {cut}");
    }
    assert!(fixture.times(-1000, 1000, 0).is_empty());
}

#[test]
fn templates_rename_and_cast_by_position() {
    let fixture = Fixture::new();
    fixture.insert(&[(-1, 0.5), (999, 1.5)], MergePolicy::Never).unwrap();
    let wanted = two(DataType::Int64, DataType::Float32);
    let found = raw(&fixture, Some(wanted.clone())).unwrap();
    assert_eq!(*found[0].schema(), wanted);
    for zone in [None, Some("UTC"), Some("+01:00"), Some("Europe/Berlin")] {
        let coarse = two(DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into)), DataType::Float64);
        let found = raw(&fixture, Some(coarse.clone())).unwrap();
        assert_eq!(*found[0].schema(), coarse);
        let times = found[0].column(0).as_primitive::<arrow_array::types::TimestampMicrosecondType>();
        assert_eq!(times.values(), &[-1, 0], "coarser units round down, in every zone");
    }
    let three = Schema::new(vec![Field::new("a", DataType::Int64, false); 3]);
    assert_eq!(raw(&fixture, Some(three)).unwrap_err().code, Code::InvalidParameter);
    let impossible = two(DataType::Int64, DataType::Date32);
    assert_eq!(raw(&fixture, Some(impossible)).unwrap_err().code, Code::InvalidParameter);
}
