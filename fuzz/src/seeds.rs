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

/// Answers of gRPC-web, each after how large its chunks are.
pub fn frames() -> Vec<Vec<u8>> {
    let point = proto::RawPoint { time: 5, value: 1.5 };
    let reply = proto::RawValuesResponse { version_major: 11, values: vec![point; 3], ..Default::default() };
    let (reply, no) = (reply.encode_to_vec(), "grpc-status:5\r\ngrpc-message: no%20such\r\n");
    let frame = |flags: u8, content: &[u8]| {
        [&[flags][..], &u32::try_from(content.len()).expect("a short frame").to_be_bytes(), content].concat()
    };
    let well = frame(0x80, b"grpc-status:0\r\n");
    vec![
        [&[255][..], &frame(0, &reply), &frame(0, &reply), &well].concat(),
        [&[3][..], &frame(0, &reply), &frame(0x80, no.as_bytes())].concat(),
        [&[1][..], &frame(1, &reply), &frame(0x81, &well)].concat(),
        [&[7][..], &frame(0, &reply), &frame(0x80, b"")].concat(),
    ]
}

/// Tables of Arrow as a server sends them.
pub fn arrow_replies() -> Vec<Vec<u8>> {
    let engine = crate::engine();
    let (one, start, end) = (uuid(3), 0, 300);
    let raw = proto::ArrowRawValuesParams { uuid: one.clone(), start, end, ..Default::default() };
    let windows = proto::WindowsParams { uuid: one.clone(), start, end, width: 100, ..Default::default() };
    let table = proto::ArrowMultiValuesParams {
        uuid: vec![uuid(2), one],
        version_major: vec![0, 0],
        start,
        end,
        ..Default::default()
    };
    let raw = engine.arrow_raw_values(&raw).expect("points").turn().messages.swap_remove(0).expect("a message");
    let windows = engine.arrow_windows(&windows).expect("windows").turn().messages.swap_remove(0).expect("a message");
    let table = engine.arrow_multi_values(&table).expect("a table").turn().messages.swap_remove(0).expect("a message");
    [raw.arrow_bytes, windows.arrow_bytes, table.arrow_bytes].map(|bytes| bytes.to_vec()).into()
}

/// A reply to every call of the client, each after the byte that names it.
pub fn replies() -> Vec<Vec<u8>> {
    let (version_major, point) = (11, proto::RawPoint { time: 5, value: 1.5 });
    let window = proto::StatPoint { time: 10, min: 1.0, mean: 2.0, max: 3.0, count: 4, stddev: 0.5 };
    let pair = proto::KeyOptValue { key: "unit".into(), val: Some(proto::OptValue { value: "V".into() }) };
    let stream = proto::StreamDescriptor {
        uuid: uuid(1),
        collection: "a/b".into(),
        tags: vec![pair.clone()],
        annotations: vec![pair],
        property_version: 2,
    };
    let count = proto::KeyCount { key: "unit".into(), count: 7 };
    let row = Bytes::from_static(br#"{"name":"x","annotations":{"a":"1.5"},"property_version":3}"#);
    let raw = proto::RawValuesResponse { version_major, values: vec![point; 3], ..Default::default() };
    let windows = proto::WindowsResponse { version_major, values: vec![window; 2], ..Default::default() };
    let nearest = proto::NearestResponse { version_major, value: Some(point), ..Default::default() };
    let range = proto::ChangedRange { start: 0, end: 64 };
    let changes = proto::ChangesResponse { version_major, ranges: vec![range], ..Default::default() };
    let info = proto::StreamInfoResponse { version_major, descriptor: Some(stream.clone()), ..Default::default() };
    let names = proto::ListCollectionsResponse { collections: vec!["a".into(), "a/b".into()], ..Default::default() };
    let found = proto::LookupStreamsResponse { results: vec![stream; 2], ..Default::default() };
    let usage =
        proto::MetadataUsageResponse { tags: vec![count.clone()], annotations: vec![count], ..Default::default() };
    let rows = proto::SqlQueryResponse { sql_query_row: vec![row.clone(), row], ..Default::default() };
    let stat = proto::Status { code: 404, msg: "stream does not exist".into(), mash: None };
    let no = proto::StreamInfoResponse { stat: Some(stat), ..Default::default() };
    let done = proto::InsertResponse { version_major, ..Default::default() };
    let [windows, info, rows, done] =
        [windows.encode_to_vec(), info.encode_to_vec(), rows.encode_to_vec(), done.encode_to_vec()];
    let messages = [
        raw.encode_to_vec(),
        windows.clone(),
        windows.clone(),
        nearest.encode_to_vec(),
        changes.encode_to_vec(),
        windows,
        info.clone(),
        info,
        no.encode_to_vec(),
        done.clone(),
        done.clone(),
        done,
        names.encode_to_vec(),
        found.encode_to_vec(),
        usage.encode_to_vec(),
        rows.clone(),
        rows,
        raw.encode_to_vec(),
    ];
    (0_u8..).zip(messages).map(|(number, message)| [&[number], &message[..]].concat()).collect()
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
