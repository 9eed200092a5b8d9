//! The rows in the answers to reads: columns straight from the bytes of the wire, without a message for each row between
//! them. A million of them are read at a time.

use btrdb_core::{Point, RawColumns, StatColumns, StatPoint};
use btrdb_proto as wire;
use bytes::Bytes;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost::{DecodeError, Message};

use super::full::{self, EIGHT_BYTES, FIELD, FullPoint, FullWindow, ROWS};
use crate::arrow::{self, Malformed};
use crate::columns::Columns;
use crate::error::{Error, ErrorKind, Result, from_reply};
use crate::stream::Batch;

/// The points in an answer to `RawValues`.
pub(crate) fn raw(bytes: &Bytes) -> Result<Batch> {
    let mut columns = RawColumns::with_capacity(bytes.len() / size_of::<FullPoint>());
    let head = read(bytes, &mut columns)?;
    Ok(head.batch(Columns::Raw(columns)))
}

/// The windows in an answer to `Windows` or `AlignedWindows`.
pub(crate) fn stats(bytes: &Bytes) -> Result<Batch> {
    let mut columns = StatColumns::with_capacity(bytes.len() / size_of::<FullWindow>());
    let head = read(bytes, &mut columns)?;
    Ok(head.batch(Columns::Stats(columns)))
}

/// What the rows of an answer become.
trait Rows<'a> {
    /// Takes a row.
    fn take(&mut self, row: &'a [u8]) -> Result<(), DecodeError>;

    /// Takes the rows at the beginning of `bytes` that leave out no field, a column at a time; returns how many bytes they
    /// are.
    fn take_full(&mut self, bytes: &'a [u8]) -> usize {
        let _ = bytes;
        0
    }
}

impl Rows<'_> for RawColumns {
    fn take(&mut self, row: &[u8]) -> Result<(), DecodeError> {
        self.push(match fields(row) {
            Some([time, value]) => Point { time: time as i64, value: f64::from_bits(value) },
            None => super::point(wire::RawPoint::decode(row)?),
        });
        Ok(())
    }

    fn take_full(&mut self, bytes: &[u8]) -> usize {
        let rows = full::rows::<FullPoint>(bytes);
        self.time.extend(rows.iter().map(|row| i64::from_le_bytes(row.time.content)));
        self.value.extend(rows.iter().map(|row| f64::from_le_bytes(row.value.content)));
        size_of_val(rows)
    }
}

impl Rows<'_> for StatColumns {
    fn take(&mut self, row: &[u8]) -> Result<(), DecodeError> {
        self.push(if let Some([time, min, mean, max, count, stddev]) = fields(row) {
            let [min, mean, max, stddev] = [min, mean, max, stddev].map(f64::from_bits);
            StatPoint { time: time as i64, min, mean, max, count, stddev }
        } else {
            let wire::StatPoint { time, min, mean, max, count, stddev } = wire::StatPoint::decode(row)?;
            StatPoint { time, min, mean, max, count, stddev }
        });
        Ok(())
    }

    fn take_full(&mut self, bytes: &[u8]) -> usize {
        let rows = full::rows::<FullWindow>(bytes);
        self.time.extend(rows.iter().map(|row| i64::from_le_bytes(row.time.content)));
        self.min.extend(rows.iter().map(|row| f64::from_le_bytes(row.min.content)));
        self.mean.extend(rows.iter().map(|row| f64::from_le_bytes(row.mean.content)));
        self.max.extend(rows.iter().map(|row| f64::from_le_bytes(row.max.content)));
        self.count.extend(rows.iter().map(|row| u64::from_le_bytes(row.count.content)));
        self.stddev.extend(rows.iter().map(|row| f64::from_le_bytes(row.stddev.content)));
        size_of_val(rows)
    }
}

/// The points in an answer to `ArrowRawValues`.
pub(crate) fn arrow_raw(bytes: &Bytes) -> Result<Batch> {
    arrow_rows(bytes, |ipc| arrow::read_raw(ipc).map(Columns::Raw))
}

/// The windows in an answer to `ArrowWindows` or `ArrowAlignedWindows`.
pub(crate) fn arrow_stats(bytes: &Bytes) -> Result<Batch> {
    arrow_rows(bytes, |ipc| arrow::read_stats(ipc).map(Columns::Stats))
}

fn arrow_rows(bytes: &Bytes, columns: fn(&[u8]) -> Result<Columns, Malformed>) -> Result<Batch> {
    let (head, ipc) = read_ipc(bytes)?;
    let columns = columns(ipc).map_err(|why| Error::new(ErrorKind::BadResponse, why.to_string()))?;
    Ok(head.batch(columns))
}

/// The version that an answer of Arrow is of, and its IPC stream.
pub(crate) fn ipc(bytes: &Bytes) -> Result<(u64, Bytes)> {
    read_ipc(bytes).map(|(head, ipc)| (head.version, bytes.slice_ref(ipc)))
}

fn read_ipc(bytes: &Bytes) -> Result<(Head, &[u8])> {
    let mut ipc = Ipc(&[]);
    let head = read(bytes, &mut ipc)?;
    Ok((head, ipc.0))
}

/// An IPC stream, which stands for all rows.
struct Ipc<'a>(&'a [u8]);

impl<'a> Rows<'a> for Ipc<'a> {
    fn take(&mut self, ipc: &'a [u8]) -> Result<(), DecodeError> {
        self.0 = ipc;
        Ok(())
    }
}

/// What an answer says of its rows.
#[derive(Default)]
struct Head {
    bytes: u64,
    version: u64,
    minor_version: u64,
}

impl Head {
    fn batch(self, columns: Columns) -> Batch {
        let Self { bytes, version, minor_version } = self;
        Batch { version, is_committed: minor_version == 0 && version != 0, bytes, columns }
    }
}

/// Hands each row, or the IPC stream that stands for all of them, to `rows`. The fields of these answers are numbered
/// alike. Fails for an answer that holds an error.
fn read<'a>(bytes: &'a [u8], rows: &mut impl Rows<'a>) -> Result<Head> {
    use WireType::{LengthDelimited, Varint};

    let (mut rest, mut status) = (bytes, None);
    let mut head = Head { bytes: bytes.len() as u64, ..Head::default() };
    while !rest.is_empty() {
        // What nearly all of an answer is: rows of less than 128 bytes, most of them with all of their fields.
        let full = rows.take_full(rest);
        if full > 0 {
            rest = &rest[full..];
            continue;
        }
        if let [ROWS, length @ 0..0x80, after @ ..] = rest
            && let Some((row, after)) = after.split_at_checked(usize::from(*length))
        {
            rows.take(row)?;
            rest = after;
            continue;
        }
        let (tag, wire_type) = decode_key(&mut rest)?;
        match (tag, wire_type) {
            (1, LengthDelimited) => {
                status.get_or_insert_with(wire::Status::default).merge(delimited(&mut rest)?)?;
            }
            (2, Varint) => head.version = decode_varint(&mut rest)?,
            (3, Varint) => head.minor_version = decode_varint(&mut rest)?,
            (4, LengthDelimited) => rows.take(delimited(&mut rest)?)?,
            (1..=4, _) => return Err(Error::new(ErrorKind::BadResponse, "a field of another type than it has")),
            _ => skip_field(wire_type, tag, &mut rest, DecodeContext::default())?,
        }
    }
    from_reply(status).map_or(Ok(head), Err)
}

fn delimited<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let length = usize::try_from(decode_varint(rest)?).unwrap_or(usize::MAX);
    let cut_short = || Error::new(ErrorKind::BadResponse, "a message that was cut short");
    let (content, after) = rest.split_at_checked(length).ok_or_else(cut_short)?;
    *rest = after;
    Ok(content)
}

/// The fields of `row`, numbered from 1 on, if each has eight bytes; 0 where one is left out.
#[inline]
fn fields<const N: usize>(row: &[u8]) -> Option<[u64; N]> {
    let (parts, []) = row.as_chunks::<FIELD>() else { return None };
    let mut fields = [0; N];
    for [key, content @ ..] in parts {
        let is_wide = key & 7 == EIGHT_BYTES;
        let field = fields.get_mut(usize::from(key >> 3).wrapping_sub(1)).filter(|_| is_wide)?;
        *field = u64::from_le_bytes(*content);
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Fields are zero often, since they are then left out.
    fn field() -> impl Strategy<Value = u64> {
        prop_oneof![Just(0), any::<u64>(), (0.0..1e6_f64).prop_map(f64::to_bits)]
    }

    fn stat() -> impl Strategy<Value = wire::StatPoint> {
        [field(), field(), field(), field(), field(), field()].prop_map(|[time, min, mean, max, count, stddev]| {
            let [min, mean, max, stddev] = [min, mean, max, stddev].map(f64::from_bits);
            wire::StatPoint { time: time as i64, min, mean, max, count, stddev }
        })
    }

    fn answer() -> impl Strategy<Value = Vec<u8>> {
        let status = proptest::option::of((any::<u32>(), ".*"));
        let status = status.prop_map(|status| status.map(|(code, msg)| wire::Status { code, msg, mash: None }));
        let parts = (status, any::<u64>(), 0..3_u64, proptest::collection::vec(stat(), 0..20));
        parts.prop_map(|(stat, version_major, version_minor, values)| {
            wire::WindowsResponse { stat, version_major, version_minor, values }.encode_to_vec()
        })
    }

    /// `bytes` read here and by prost must give the same; so must what is no answer.
    fn check(bytes: &[u8]) {
        let bytes = Bytes::copy_from_slice(bytes);
        let theirs = wire::WindowsResponse::decode(bytes.clone()).map(|reply| {
            let wire::WindowsResponse { stat, version_major, version_minor, values } = reply;
            let stat_point = |stat: wire::StatPoint| {
                let wire::StatPoint { time, min, mean, max, count, stddev } = stat;
                StatPoint { time, min, mean, max, count, stddev }
            };
            (stat, version_major, version_minor, Columns::Stats(values.into_iter().map(stat_point).collect()))
        });
        compare(&stats(&bytes), theirs);
        let theirs = wire::RawValuesResponse::decode(bytes.clone()).map(|reply| {
            let wire::RawValuesResponse { stat, version_major, version_minor, values } = reply;
            (stat, version_major, version_minor, Columns::Raw(values.into_iter().map(crate::convert::point).collect()))
        });
        compare(&raw(&bytes), theirs);
    }

    type Theirs = Result<(Option<wire::Status>, u64, u64, Columns), DecodeError>;

    fn compare(ours: &crate::Result<Batch>, theirs: Theirs) {
        match (ours, theirs) {
            (Err(ours), Err(_)) => assert_eq!(ours.btrdb_code(), None),
            (Err(ours), Ok((stat, ..))) => assert_eq!(ours.btrdb_code(), stat.map(|stat| stat.code)),
            (Ok(ours), Ok((stat, version_major, version_minor, columns))) => {
                assert_eq!(stat.map_or(0, |stat| stat.code), 0);
                assert_eq!(ours.version, version_major);
                assert_eq!(ours.is_committed, version_minor == 0 && version_major != 0);
                // By their text, since no NaN equals another.
                assert_eq!(format!("{:?}", ours.columns), format!("{columns:?}"));
            }
            (Ok(_), Err(why)) => panic!("read in spite of {why}"),
        }
    }

    proptest! {
        #[test]
        fn answers_read_as_their_messages_do(bytes in answer()) {
            check(&bytes);
        }

        #[test]
        fn so_do_cut_and_damaged_ones(mut bytes in answer(), cut in 0..2000_usize, place: usize, byte: u8, more: Vec<u8>) {
            if !bytes.is_empty() {
                let place = place % bytes.len();
                bytes[place] = byte;
                bytes.truncate(cut);
            }
            bytes.extend(more);
            check(&bytes);
        }
    }

    #[test]
    fn the_usual_rows_take_the_short_way() {
        let point = wire::RawPoint { time: 7, value: 0.0 };
        assert_eq!(fields(&point.encode_to_vec()), Some([7, 0]));
        let values = vec![wire::RawPoint { time: 8, value: 1.5 }, wire::RawPoint { time: 9, value: 2.5 }, point];
        let answer = wire::RawValuesResponse { values, ..Default::default() }.encode_to_vec();
        let mut columns = RawColumns::default();
        assert_eq!(columns.take_full(&answer[..answer.len() - 1]), 2 * size_of::<FullPoint>());
        assert_eq!(columns, [Point::new(8, 1.5), Point::new(9, 2.5)].into_iter().collect());
        assert_eq!(fields::<2>(&wire::RawPointVec { time: 7, value: vec![1.0] }.encode_to_vec()), None);
    }
}
