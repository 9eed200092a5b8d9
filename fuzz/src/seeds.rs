//! Honest messages, of which the fuzzer makes others.

use std::{env, fs, path::Path, sync::Arc};

use arrow_array::{ArrayRef, Float32Array, Float64Array, Int64Array, RecordBatch, TimestampMicrosecondArray};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use btrdb_proto as proto;
use bytes::Bytes;
use prost::Message;

use crate::uuid;

/// Writes `seeds` to the folder that `FUZZ_SEEDS` names, if it names one.
pub fn write(seeds: impl IntoIterator<Item = Vec<u8>>) {
    let Some(folder) = env::var_os("FUZZ_SEEDS") else { return };
    for (number, seed) in seeds.into_iter().enumerate() {
        fs::write(Path::new(&folder).join(format!("seed-{number}")), seed).expect("the folder of seeds");
    }
}

/// Statements of SQL, a parameter on each line after the first.
pub fn statements() -> Vec<Vec<u8>> {
    [
        "select * from streams where collection like $1 order by name limit 10\nfuzz/%",
        "select uuid::text, annotations -> 'of' as of, name || unit from streams where annotations ? 'of'",
        "select distinct skeys(annotations) from streams",
        "with a as (select name, count(*) n from streams group by name having count(*) > 0) select * from a join streams b using (name)",
        "select coalesce(nullif(unit, ''), upper(name)), case when property_version > 1 then 1.5 else -2 end from public.streams",
        "select s.name, (select max(t.name) from streams t where t.collection = s.collection) from streams s union all values ('x', 'y')",
        "select array_agg(name order by name) filter (where name ilike '%A_'), regexp_replace(collection, '[0-9]+', '#') from streams group by 2",
    ]
    .map(|statement| statement.as_bytes().to_vec())
    .to_vec()
}

/// Arrow streams that an insert takes.
pub fn arrow() -> Vec<Vec<u8>> {
    let doubles: ArrayRef = Arc::new(Float64Array::from(vec![1.5, -2.0, 1e300]));
    let floats: ArrayRef = Arc::new(Float32Array::from(vec![1.5, -2.0, 0.0]));
    let nanos: ArrayRef = Arc::new(Int64Array::from(vec![5, 6, 6]));
    let micros: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![3, 2, 1]).with_timezone("UTC"));
    [(nanos, doubles), (micros, floats)]
        .map(|(times, values)| {
            let batch = RecordBatch::try_from_iter([("time", times), ("value", values)]).expect("equal columns");
            let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).expect("a schema");
            writer.write(&batch).and_then(|()| writer.into_inner()).expect("a batch")
        })
        .into()
}

/// Schemas that answers can be cast to.
pub fn template() -> Vec<Vec<u8>> {
    let zones = [Some("UTC".into()), None];
    zones
        .into_iter()
        .zip([DataType::Float32, DataType::Int16])
        .map(|(zone, value)| {
            let time = Field::new("t", DataType::Timestamp(TimeUnit::Millisecond, zone), false);
            let schema = Schema::new(vec![time, Field::new("v", value, true)]);
            StreamWriter::try_new(Vec::new(), &schema).and_then(StreamWriter::into_inner).expect("a schema")
        })
        .collect()
}

/// A message for every call, each after the byte that names it.
pub fn requests() -> Vec<Vec<u8>> {
    let (one, start, end) = (uuid(3), 0, 5_000);
    let pair = proto::KeyOptValue { key: "unit".into(), val: Some(proto::OptValue { value: "V".into() }) };
    let template_bytes = Bytes::from(template().swap_remove(0));
    let aligned = proto::AlignedWindowsParams { uuid: one.clone(), start, end, point_width: 8, ..Default::default() };
    let windows = proto::WindowsParams { uuid: one.clone(), start, end, width: 100, ..Default::default() };
    let csv = proto::GenerateCsvParams {
        end_time: end,
        depth: 9,
        streams: vec![proto::StreamCsvConfig { uuid: one.clone(), ..Default::default() }],
        ..Default::default()
    };
    let table = proto::ArrowMultiValuesParams {
        uuid: vec![uuid(1), uuid(2), one.clone()],
        version_major: vec![0, 11, 12],
        start,
        end,
        snap_period_ns: 7,
        ..Default::default()
    };
    let create = proto::CreateParams {
        uuid: uuid(9),
        collection: "new".into(),
        tags: vec![pair.clone()],
        annotations: vec![pair.clone()],
    };
    let lookup =
        proto::LookupStreamsParams { is_collection_prefix: true, tags: vec![pair.clone()], ..Default::default() };
    let values = vec![proto::RawPoint { time: 5, value: 1.0 }, proto::RawPoint { time: 5, value: -0.0 }];
    let insert = proto::InsertParams { uuid: one.clone(), values, merge_policy: 3, ..Default::default() };
    let arrow_bytes = Bytes::from(arrow().swap_remove(0));
    let tags = proto::SetStreamTagsParams { uuid: one.clone(), tags: vec![pair.clone()], ..Default::default() };
    let notes = proto::SetStreamAnnotationsParams { uuid: one.clone(), changes: vec![pair], ..Default::default() };
    let uuid = one;
    let messages = [
        proto::RawValuesParams { uuid: uuid.clone(), start, end, version_major: 11 }.encode_to_vec(),
        proto::ArrowRawValuesParams { uuid: uuid.clone(), start, end, template_bytes, ..Default::default() }
            .encode_to_vec(),
        table.encode_to_vec(),
        aligned.encode_to_vec(),
        aligned.encode_to_vec(),
        windows.encode_to_vec(),
        windows.encode_to_vec(),
        proto::ChangesParams { uuid: uuid.clone(), from_major: 10, to_major: 0, resolution: 5 }.encode_to_vec(),
        csv.encode_to_vec(),
        proto::ListCollectionsParams { prefix: "f".into(), role: None }.encode_to_vec(),
        lookup.encode_to_vec(),
        proto::StreamInfoParams { uuid: uuid.clone(), ..Default::default() }.encode_to_vec(),
        proto::NearestParams { uuid: uuid.clone(), time: 50, version_major: 0, backward: true }.encode_to_vec(),
        proto::MetadataUsageParams { prefix: "f".into(), role: None }.encode_to_vec(),
        insert.encode_to_vec(),
        proto::ArrowInsertParams { uuid: uuid.clone(), arrow_bytes, ..Default::default() }.encode_to_vec(),
        proto::DeleteParams { uuid: uuid.clone(), start, end }.encode_to_vec(),
        proto::FlushParams { uuid: uuid.clone() }.encode_to_vec(),
        create.encode_to_vec(),
        tags.encode_to_vec(),
        notes.encode_to_vec(),
        proto::ObliterateParams { uuid }.encode_to_vec(),
    ];
    (0_u8..).zip(messages).map(|(number, message)| [&[number], &message[..]].concat()).collect()
}
