//! Writing points for insertion: one schema, one record batch.

use arrow_ipc::{
    Buffer, Endianness, Field, FieldArgs, FieldNode, FloatingPoint, FloatingPointArgs, Message, MessageArgs,
    MessageHeader, MetadataVersion, Precision, RecordBatch, RecordBatchArgs, Schema, SchemaArgs, TimeUnit, Timestamp,
    TimestampArgs, Type,
};
use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, WIPOffset};

use super::schema::{Kind, RAW, TIME_ZONE, VALUE_BYTES};

/// Metadata and bodies are padded to multiples of this.
const ALIGNMENT: usize = 8;

/// The marker that every message begins with.
const MARKER: [u8; 4] = [0xff; 4];

/// An Arrow IPC stream of the points of `times` and `values`, which are of one length.
pub(crate) fn write_raw(times: &[i64], values: &[f64]) -> Vec<u8> {
    debug_assert_eq!(times.len(), values.len(), "columns of one length");
    let column_bytes = times.len() * VALUE_BYTES;
    let mut out = Vec::with_capacity(2 * column_bytes + 1024);
    message(&mut out, MessageHeader::Schema, 0, |builder| schema(builder).as_union_value());
    message(&mut out, MessageHeader::RecordBatch, 2 * column_bytes as i64, |builder| {
        record_batch(builder, times.len() as i64, column_bytes as i64).as_union_value()
    });
    out.extend(times.iter().flat_map(|time| time.to_le_bytes()));
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    out.extend(MARKER);
    out.extend(0_i32.to_le_bytes());
    out
}

/// Writes the metadata of a message, whose body of `body_length` bytes is to follow.
pub(super) fn message(
    out: &mut Vec<u8>,
    header_type: MessageHeader,
    body_length: i64,
    header: impl FnOnce(&mut FlatBufferBuilder<'_>) -> WIPOffset<UnionWIPOffset>,
) {
    let mut builder = FlatBufferBuilder::new();
    let header = Some(header(&mut builder));
    let version = MetadataVersion::V5;
    let args = MessageArgs { version, header_type, header, bodyLength: body_length, custom_metadata: None };
    let message = Message::create(&mut builder, &args);
    builder.finish(message, None);
    let metadata = builder.finished_data();
    let padded = metadata.len().next_multiple_of(ALIGNMENT);
    out.extend(MARKER);
    out.extend((padded as i32).to_le_bytes());
    out.extend(metadata);
    out.resize(out.len() + padded - metadata.len(), 0);
}

pub(super) fn schema<'a>(builder: &mut FlatBufferBuilder<'a>) -> WIPOffset<Schema<'a>> {
    let fields = RAW.map(|(name, kind)| {
        let name = Some(builder.create_string(name));
        let (type_type, type_) = column_type(builder, kind);
        // Some readers insist on a list of children, if an empty one.
        let children = Some(builder.create_vector::<WIPOffset<Field<'_>>>(&[]));
        let args = FieldArgs { name, nullable: false, type_type, type_: Some(type_), children, ..FieldArgs::default() };
        Field::create(builder, &args)
    });
    let fields = Some(builder.create_vector(&fields));
    Schema::create(builder, &SchemaArgs { endianness: Endianness::Little, fields, ..SchemaArgs::default() })
}

fn column_type(builder: &mut FlatBufferBuilder<'_>, kind: Kind) -> (Type, WIPOffset<UnionWIPOffset>) {
    match kind {
        Kind::Time => {
            let timezone = Some(builder.create_string(TIME_ZONE));
            let args = TimestampArgs { unit: TimeUnit::NANOSECOND, timezone };
            (Type::Timestamp, Timestamp::create(builder, &args).as_union_value())
        }
        Kind::Float => {
            let args = FloatingPointArgs { precision: Precision::DOUBLE };
            (Type::FloatingPoint, FloatingPoint::create(builder, &args).as_union_value())
        }
        Kind::Count => {
            let args = arrow_ipc::IntArgs { bitWidth: 64, is_signed: false };
            (Type::Int, arrow_ipc::Int::create(builder, &args).as_union_value())
        }
    }
}

fn record_batch<'a>(builder: &mut FlatBufferBuilder<'a>, rows: i64, column_bytes: i64) -> WIPOffset<RecordBatch<'a>> {
    let nodes = Some(builder.create_vector(&[FieldNode::new(rows, 0), FieldNode::new(rows, 0)]));
    // Each column has a buffer that says which values are there, empty where all are.
    let buffers = Some(builder.create_vector(&[
        Buffer::new(0, 0),
        Buffer::new(0, column_bytes),
        Buffer::new(column_bytes, 0),
        Buffer::new(column_bytes, column_bytes),
    ]));
    RecordBatch::create(builder, &RecordBatchArgs { length: rows, nodes, buffers, ..RecordBatchArgs::default() })
}
