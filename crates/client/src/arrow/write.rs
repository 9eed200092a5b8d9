//! Writing tables of times, doubles and counts: one schema, one record batch.

use arrow_ipc::{
    Buffer, Endianness, Field, FieldArgs, FieldNode, FloatingPoint, FloatingPointArgs, Message, MessageArgs,
    MessageHeader, MetadataVersion, Precision, RecordBatch, RecordBatchArgs, Schema, SchemaArgs, TimeUnit, Timestamp,
    TimestampArgs, Type,
};
use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, WIPOffset};

use super::frames::MARKER;
use super::schema::{Kind, RAW, TIME_ZONE, VALUE_BYTES};

/// Metadata, buffers and bodies are padded to multiples of this.
const ALIGNMENT: usize = 8;

/// A column to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column<'a> {
    pub(crate) name: &'a str,
    pub(crate) data: Data<'a>,
    /// Which values are there; `None` for a column that cannot have nulls.
    pub(crate) present: Option<&'a [bool]>,
}

/// The values of a column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Data<'a> {
    Times(&'a [i64]),
    Floats(&'a [f64]),
    Counts(&'a [u64]),
}

impl Data<'_> {
    fn kind(self) -> Kind {
        match self {
            Self::Times(_) => Kind::Time,
            Self::Floats(_) => Kind::Float,
            Self::Counts(_) => Kind::Count,
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Times(times) => out.extend(times.iter().flat_map(|time| time.to_le_bytes())),
            Self::Floats(floats) => out.extend(floats.iter().flat_map(|float| float.to_le_bytes())),
            Self::Counts(counts) => out.extend(counts.iter().flat_map(|count| count.to_le_bytes())),
        }
    }
}

/// An Arrow IPC stream of the points of `times` and `values`, which are of one length.
pub(crate) fn write_raw(times: &[i64], values: &[f64]) -> Vec<u8> {
    let [(time, _), (value, _)] = RAW;
    let columns = [
        Column { name: time, data: Data::Times(times), present: None },
        Column { name: value, data: Data::Floats(values), present: None },
    ];
    write_table(times.len(), &columns)
}

/// An Arrow IPC stream of `columns`, all of which have `rows` values.
pub(crate) fn write_table(rows: usize, columns: &[Column<'_>]) -> Vec<u8> {
    let layout = Layout::of(rows, columns);
    let mut out = Vec::with_capacity(layout.body + 512 + 128 * columns.len());
    message(&mut out, MessageHeader::Schema, 0, |builder| schema(builder, columns).as_union_value());
    message(&mut out, MessageHeader::RecordBatch, layout.body as i64, |builder| {
        layout.record_batch(builder).as_union_value()
    });
    for column in columns {
        if let Some(present) = column.present {
            write_bits(&mut out, present);
        }
        column.data.write(&mut out);
    }
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

pub(super) fn schema<'a>(builder: &mut FlatBufferBuilder<'a>, columns: &[Column<'_>]) -> WIPOffset<Schema<'a>> {
    let mut fields = Vec::with_capacity(columns.len());
    for column in columns {
        let name = Some(builder.create_string(column.name));
        let (type_type, type_) = column_type(builder, column.data.kind());
        // Some readers insist on a list of children, if an empty one.
        let children = Some(builder.create_vector::<WIPOffset<Field<'_>>>(&[]));
        let nullable = column.present.is_some();
        let args = FieldArgs { name, nullable, type_type, type_: Some(type_), children, ..FieldArgs::default() };
        fields.push(Field::create(builder, &args));
    }
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

/// Where the buffers of a record batch lie in its body.
struct Layout {
    rows: usize,
    nodes: Vec<FieldNode>,
    buffers: Vec<Buffer>,
    body: usize,
}

impl Layout {
    fn of(rows: usize, columns: &[Column<'_>]) -> Self {
        let mut layout = Self { rows, nodes: Vec::new(), buffers: Vec::new(), body: 0 };
        for column in columns {
            let nulls = column.present.map_or(0, |present| present.iter().filter(|is_there| !**is_there).count());
            layout.nodes.push(FieldNode::new(rows as i64, nulls as i64));
            // Each column has a buffer that says which values are there, empty where all are.
            layout.push(column.present.map_or(0, |present| present.len().div_ceil(8)));
            layout.push(rows * VALUE_BYTES);
        }
        layout
    }

    fn push(&mut self, bytes: usize) {
        self.buffers.push(Buffer::new(self.body as i64, bytes as i64));
        self.body += bytes.next_multiple_of(ALIGNMENT);
    }

    fn record_batch<'a>(&self, builder: &mut FlatBufferBuilder<'a>) -> WIPOffset<RecordBatch<'a>> {
        let nodes = Some(builder.create_vector(&self.nodes));
        let buffers = Some(builder.create_vector(&self.buffers));
        let length = self.rows as i64;
        RecordBatch::create(builder, &RecordBatchArgs { length, nodes, buffers, ..RecordBatchArgs::default() })
    }
}

/// One bit for each of `flags`, lowest first, padded.
fn write_bits(out: &mut Vec<u8>, flags: &[bool]) {
    let end = out.len() + flags.len().div_ceil(8).next_multiple_of(ALIGNMENT);
    for eight in flags.chunks(8) {
        out.push(eight.iter().enumerate().fold(0, |bits, (place, &flag)| bits | (u8::from(flag) << place)));
    }
    out.resize(end, 0);
}
