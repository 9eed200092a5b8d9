//! The schemas of the protocol.

use arrow_ipc::{Endianness, Field, Precision, Schema, TimeUnit, Type};

/// The time zone of every time column.
pub(super) const TIME_ZONE: &str = "UTC";

/// What a column holds. Every kind is 8 bytes wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nanoseconds since 1970 UTC.
    Time,
    /// Doubles.
    Float,
    /// Unsigned integers.
    Count,
}

/// How many bytes a value of any kind takes.
pub(super) const VALUE_BYTES: usize = 8;

/// A column's name and what it holds.
pub(super) type Column = (&'static str, Kind);

/// Points.
pub(super) const RAW: [Column; 2] = [("time", Kind::Time), ("value", Kind::Float)];

/// Windows.
pub(super) const STATS: [Column; 6] = [
    ("time", Kind::Time),
    ("min", Kind::Float),
    ("mean", Kind::Float),
    ("max", Kind::Float),
    ("count", Kind::Count),
    ("stddev", Kind::Float),
];

/// Whether `schema` has exactly `columns`, in their order.
pub(super) fn is(schema: &Schema<'_>, columns: &[Column]) -> bool {
    let Some(fields) = schema.fields() else { return false };
    schema.endianness() == Endianness::Little
        && fields.len() == columns.len()
        && fields.iter().zip(columns).all(|(field, &(name, kind))| {
            field.name() == Some(name) && field.dictionary().is_none() && kind_of(&field) == Some(kind)
        })
}

/// Whether `schema` has a time and then `floats` columns of doubles, whatever their names.
pub(super) fn is_time_and_floats(schema: &Schema<'_>, floats: usize) -> bool {
    let Some(fields) = schema.fields() else { return false };
    let kind = |index| if index == 0 { Kind::Time } else { Kind::Float };
    schema.endianness() == Endianness::Little
        && fields.len() == floats + 1
        && fields
            .iter()
            .enumerate()
            .all(|(index, field)| field.dictionary().is_none() && kind_of(&field) == Some(kind(index)))
}

fn kind_of(field: &Field<'_>) -> Option<Kind> {
    match field.type_type() {
        Type::Timestamp => field
            .type_as_timestamp()
            .filter(|time| time.unit() == TimeUnit::NANOSECOND && time.timezone() == Some(TIME_ZONE))
            .map(|_| Kind::Time),
        Type::FloatingPoint => {
            field.type_as_floating_point().filter(|float| float.precision() == Precision::DOUBLE).map(|_| Kind::Float)
        }
        Type::Int => field.type_as_int().filter(|int| int.bitWidth() == 64 && !int.is_signed()).map(|_| Kind::Count),
        _ => None,
    }
}
