//! Against the general Arrow library, both ways, and against bytes that no honest server sends.

mod tables;

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray, TimestampNanosecondArray,
    UInt64Array,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_ipc::{BodyCompression, BodyCompressionArgs, Buffer, FieldNode, MessageHeader, RecordBatchArgs};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use btrdb_core::{RawColumns, StatColumns, StatPoint};
use proptest::prelude::*;

use super::write::{Column, Data, message, schema};
use super::{Malformed, read_raw, read_stats, write_raw};

const RAW: [Column<'_>; 2] = [
    Column { name: "time", data: Data::Times(&[]), present: None },
    Column { name: "value", data: Data::Floats(&[]), present: None },
];

fn times(times: &[i64]) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from(times.to_vec()).with_timezone("UTC"))
}

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let field = |(name, array): &(&str, ArrayRef)| Field::new(*name, array.data_type().clone(), array.is_nullable());
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

fn raw_batch(columns: &RawColumns) -> RecordBatch {
    batch(vec![("time", times(&columns.time)), ("value", floats(&columns.value))])
}

fn stat_batch(columns: &StatColumns) -> RecordBatch {
    batch(vec![
        ("time", times(&columns.time)),
        ("min", floats(&columns.min)),
        ("mean", floats(&columns.mean)),
        ("max", floats(&columns.max)),
        ("count", Arc::new(UInt64Array::from(columns.count.clone()))),
        ("stddev", floats(&columns.stddev)),
    ])
}

/// The IPC stream that the general library makes of `batches`.
fn ipc(batches: &[RecordBatch]) -> Vec<u8> {
    ipc_with(batches, IpcWriteOptions::default())
}

fn ipc_with(batches: &[RecordBatch], options: IpcWriteOptions) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new_with_options(&mut bytes, &batches[0].schema(), options).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.finish().unwrap();
    drop(writer);
    bytes
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn raw_columns() -> impl Strategy<Value = RawColumns> {
    prop::collection::vec((any::<i64>(), any::<u64>().prop_map(f64::from_bits)), 0..50).prop_map(|points| RawColumns {
        time: points.iter().map(|p| p.0).collect(),
        value: points.iter().map(|p| p.1).collect(),
    })
}

fn stat_columns() -> impl Strategy<Value = StatColumns> {
    let float = || any::<u64>().prop_map(f64::from_bits);
    let stat = (any::<i64>(), float(), float(), float(), any::<u64>(), float())
        .prop_map(|(time, min, mean, max, count, stddev)| StatPoint { time, min, mean, max, count, stddev });
    prop::collection::vec(stat, 0..50).prop_map(|stats| stats.into_iter().collect())
}

proptest! {
    #[test]
    fn reads_points_of_any_batches(batches in prop::collection::vec(raw_columns(), 1..4), lead in 0..8_usize) {
        let bytes = ipc(&batches.iter().map(raw_batch).collect::<Vec<_>>());
        // A message from the wire starts at any address.
        let shifted = [vec![0; lead], bytes].concat();
        let read = read_raw(&shifted[lead..]).unwrap();
        let mut expected = RawColumns::default();
        for batch in batches {
            expected.append(batch);
        }
        prop_assert_eq!(&read.time, &expected.time);
        prop_assert_eq!(bits(&read.value), bits(&expected.value));
    }

    #[test]
    fn reads_windows_of_any_batches(batches in prop::collection::vec(stat_columns(), 1..4)) {
        let read = read_stats(&ipc(&batches.iter().map(stat_batch).collect::<Vec<_>>())).unwrap();
        let mut expected = StatColumns::default();
        for batch in batches {
            expected.append(batch);
        }
        prop_assert_eq!(&read.time, &expected.time);
        prop_assert_eq!(&read.count, &expected.count);
        for (read, expected) in [
            (&read.min, &expected.min),
            (&read.mean, &expected.mean),
            (&read.max, &expected.max),
            (&read.stddev, &expected.stddev),
        ] {
            prop_assert_eq!(bits(read), bits(expected));
        }
    }

    #[test]
    fn what_is_written_reads_the_same_everywhere(columns in raw_columns()) {
        let bytes = write_raw(&columns.time, &columns.value);
        let general: Vec<_> = StreamReader::try_new(bytes.as_slice(), None).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(general.len(), 1);
        prop_assert_eq!(general[0].schema(), raw_batch(&columns).schema());
        let time = general[0].column(0).as_any().downcast_ref::<TimestampNanosecondArray>().unwrap();
        let value = general[0].column(1).as_any().downcast_ref::<Float64Array>().unwrap();
        prop_assert_eq!(time.values(), columns.time.as_slice());
        prop_assert_eq!(bits(value.values()), bits(&columns.value));
        let own = read_raw(&bytes).unwrap();
        prop_assert_eq!(own.time, columns.time);
        prop_assert_eq!(bits(&own.value), bits(&columns.value));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = read_raw(&bytes);
        let _ = read_stats(&bytes);
    }

    #[test]
    fn no_changed_bytes_make_it_panic(
        columns in stat_columns(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = ipc(&[stat_batch(&columns)]);
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if cut {
            bytes.truncate(keep.index(bytes.len()));
        }
        if let Ok(read) = read_stats(&bytes) {
            prop_assert_eq!(read.time.len(), read.stddev.len());
        }
        let _ = read_raw(&bytes);
    }

    #[test]
    fn no_lengths_make_it_panic(word in any::<i64>(), place in any::<prop::sample::Index>()) {
        let mut bytes = write_raw(&[1, 2, 3], &[1.0, 2.0, 3.0]);
        let start = place.index(bytes.len() / 8) * 8;
        bytes[start..start + 8].copy_from_slice(&word.to_le_bytes());
        if let Ok(read) = read_raw(&bytes) {
            prop_assert_eq!(read.time.len(), read.value.len());
        }
    }
}

fn three() -> RawColumns {
    RawColumns { time: vec![1, 2, 3], value: vec![0.5, -0.0, 7.0] }
}

#[test]
fn sliced_batches_and_wide_alignment() {
    let sliced = raw_batch(&three()).slice(1, 2);
    assert_eq!(read_raw(&ipc(&[sliced])).unwrap().time, [2, 3]);
    for alignment in [8, 16, 32, 64] {
        let options = IpcWriteOptions::try_new(alignment, false, arrow_ipc::MetadataVersion::V5).unwrap();
        assert_eq!(read_raw(&ipc_with(&[raw_batch(&three())], options)).unwrap(), three());
    }
}

#[test]
fn a_schema_alone_is_no_points() {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &raw_batch(&three()).schema()).unwrap();
    writer.finish().unwrap();
    drop(writer);
    assert!(read_raw(&bytes).unwrap().is_empty());
    // The end may go without a mark.
    assert!(read_raw(&bytes[..bytes.len() - 8]).unwrap().is_empty());
    assert_eq!(read_raw(&[bytes, vec![0]].concat()), Err(Malformed::Trailing));
}

#[test]
fn every_cut_is_noticed() {
    let bytes = write_raw(&three().time, &three().value);
    let schema_length = 8 + usize::try_from(i32::from_le_bytes(bytes[4..8].try_into().unwrap())).unwrap();
    for length in 0..bytes.len() {
        let read = read_raw(&bytes[..length]);
        match length {
            0 => assert_eq!(read, Err(Malformed::Empty)),
            _ if length == schema_length => assert_eq!(read, Ok(RawColumns::default())),
            _ if length == bytes.len() - 8 => assert_eq!(read, Ok(three())),
            _ => assert_eq!(read, Err(Malformed::CutShort), "{length}"),
        }
    }
}

#[test]
fn other_schemas_are_refused() {
    let value = || ("value", floats(&[1.0]));
    let micros: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1]).with_timezone("UTC"));
    let zoned: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1]).with_timezone("Europe/Paris"));
    let unzoned: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1]));
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
    for columns in [
        vec![value(), ("time", times(&[1]))],
        vec![("time", times(&[1]))],
        vec![("time", times(&[1])), value(), ("more", floats(&[1.0]))],
        vec![("when", times(&[1])), value()],
        vec![("time", micros), value()],
        vec![("time", zoned), value()],
        vec![("time", unzoned), value()],
        vec![("time", times(&[1])), ("value", text)],
        vec![("time", times(&[1])), ("value", Arc::new(UInt64Array::from(vec![1])) as ArrayRef)],
    ] {
        let batch = batch(columns);
        assert_eq!(read_raw(&ipc(std::slice::from_ref(&batch))), Err(Malformed::OtherSchema), "{batch:?}");
    }
    assert_eq!(read_stats(&ipc(&[raw_batch(&three())])), Err(Malformed::OtherSchema));
    assert_eq!(read_raw(&ipc(&[stat_batch(&StatColumns::default())])), Err(Malformed::OtherSchema));
}

#[test]
fn nulls_are_refused_and_nullable_columns_are_not() {
    let schema = Arc::new(Schema::new(vec![
        Field::new("time", DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())), true),
        Field::new("value", DataType::Float64, true),
    ]));
    let of = |values: Vec<Option<f64>>| {
        let columns: Vec<ArrayRef> = vec![times(&[1, 2]), Arc::new(Float64Array::from(values))];
        ipc(&[RecordBatch::try_new(Arc::clone(&schema), columns).unwrap()])
    };
    assert_eq!(read_raw(&of(vec![Some(1.0), None])), Err(Malformed::Nulls));
    assert_eq!(read_raw(&of(vec![Some(1.0), Some(2.0)])).unwrap().value, [1.0, 2.0]);
}

#[test]
fn a_missing_marker_and_stray_messages_are_refused() {
    let bytes = write_raw(&three().time, &three().value);
    // Before 2019, messages began with their length.
    assert_eq!(read_raw(&bytes[4..]), Err(Malformed::NoMarker));
    let schema_length = 8 + usize::try_from(i32::from_le_bytes(bytes[4..8].try_into().unwrap())).unwrap();
    assert_eq!(read_raw(&bytes[schema_length..]), Err(Malformed::Empty), "no schema first");
    let twice = [&bytes[..schema_length], &bytes[..]].concat();
    assert_eq!(read_raw(&twice), Err(Malformed::OtherMessage), "a schema where a batch belongs");
    assert_eq!(read_raw(&[bytes.clone(), bytes].concat()), Err(Malformed::Trailing));
}

#[test]
fn compressed_and_misplaced_columns_are_refused() {
    let with = |rows: i64, nodes: &[FieldNode], buffers: &[Buffer], compressed: bool| {
        let mut bytes = Vec::new();
        message(&mut bytes, MessageHeader::Schema, 0, |builder| schema(builder, &RAW).as_union_value());
        message(&mut bytes, MessageHeader::RecordBatch, 16, |builder| {
            let compression = compressed.then(|| BodyCompression::create(builder, &BodyCompressionArgs::default()));
            let nodes = Some(builder.create_vector(nodes));
            let buffers = Some(builder.create_vector(buffers));
            let args = RecordBatchArgs { length: rows, nodes, buffers, compression, ..RecordBatchArgs::default() };
            arrow_ipc::RecordBatch::create(builder, &args).as_union_value()
        });
        bytes.extend([1_i64.to_le_bytes(), 1.0_f64.to_le_bytes()].concat());
        read_raw(&bytes)
    };
    let node = FieldNode::new(1, 0);
    let whole = [Buffer::new(0, 0), Buffer::new(0, 8), Buffer::new(8, 0), Buffer::new(8, 8)];
    let second = |buffer| [whole[0], whole[1], whole[2], buffer];
    assert_eq!(with(1, &[node; 2], &whole, false).unwrap(), RawColumns { time: vec![1], value: vec![1.0] });
    assert_eq!(with(1, &[node; 2], &whole, true), Err(Malformed::Compressed));
    assert_eq!(with(1, &[node; 1], &whole, false), Err(Malformed::BadMetadata));
    assert_eq!(with(1, &[node; 2], &whole[..3], false), Err(Malformed::BadMetadata));
    assert_eq!(with(-1, &[FieldNode::new(-1, 0); 2], &whole, false), Err(Malformed::BadMetadata));
    assert_eq!(with(1, &[node, FieldNode::new(0, 0)], &whole, false), Err(Malformed::BadBuffer));
    assert_eq!(with(i64::MAX, &[FieldNode::new(i64::MAX, 0); 2], &whole, false), Err(Malformed::BadBuffer));
    assert_eq!(with(2, &[FieldNode::new(2, 0); 2], &whole, false), Err(Malformed::BadBuffer));
    for buffer in [
        Buffer::new(16, 8),
        Buffer::new(12, 8),
        Buffer::new(4, 8),
        Buffer::new(8, 4),
        Buffer::new(8, 16),
        Buffer::new(-8, 8),
        Buffer::new(8, -8),
        Buffer::new(i64::MAX - 7, 8),
    ] {
        assert_eq!(with(1, &[node; 2], &second(buffer), false), Err(Malformed::BadBuffer), "{buffer:?}");
    }
}
