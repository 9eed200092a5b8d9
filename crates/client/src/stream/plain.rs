//! The answers to a read without Arrow, as columns at once: a message for each point would only be made to be taken
//! apart, which takes three times as long as all else.

use btrdb_core::{Point, RawColumns, StatColumns, StatPoint};
use btrdb_proto::{self as wire, RawValuesResponse, WindowsResponse};
use bytes::Bytes;
use prost::{DecodeError, Message};

use crate::convert::{self, Reply};

/// The points or windows of one message, with the version they are of.
#[derive(Debug, Default)]
pub(crate) struct Plain<C> {
    stat: Option<wire::Status>,
    pub(crate) version_major: u64,
    pub(crate) version_minor: u64,
    pub(crate) columns: C,
}

impl Reply for Plain<RawColumns> {
    fn parse(bytes: Bytes) -> Result<Self, DecodeError> {
        let mut columns = RawColumns { time: room(&bytes, 2), value: room(&bytes, 2) };
        if let Some([version_major, version_minor]) = ordinary(&bytes, &mut columns) {
            return Ok(Self { stat: None, version_major, version_minor, columns });
        }
        let RawValuesResponse { stat, version_major, version_minor, values } = Message::decode(bytes)?;
        Ok(Self { stat, version_major, version_minor, columns: convert::raw_columns(&values) })
    }

    fn take_status(&mut self) -> Option<wire::Status> {
        self.stat.take()
    }
}

/// Those of windows of any width and of aligned ones are alike.
impl Reply for Plain<StatColumns> {
    fn parse(bytes: Bytes) -> Result<Self, DecodeError> {
        let mut columns = StatColumns {
            time: room(&bytes, 6),
            min: room(&bytes, 6),
            mean: room(&bytes, 6),
            max: room(&bytes, 6),
            count: room(&bytes, 6),
            stddev: room(&bytes, 6),
        };
        if let Some([version_major, version_minor]) = ordinary(&bytes, &mut columns) {
            return Ok(Self { stat: None, version_major, version_minor, columns });
        }
        let WindowsResponse { stat, version_major, version_minor, values } = Message::decode(bytes)?;
        Ok(Self { stat, version_major, version_minor, columns: convert::stat_columns(&values) })
    }

    fn take_status(&mut self) -> Option<wire::Status> {
        self.stat.take()
    }
}

/// Columns of points of `N` fields, which take `SIZE` bytes where none is left out.
trait Rows<const N: usize, const SIZE: usize> {
    /// Adds a point of these fields.
    fn add(&mut self, fields: [u64; N]);

    /// Adds points that leave out no field.
    fn extend(&mut self, points: &[[u8; SIZE]]);
}

impl Rows<2, 20> for RawColumns {
    fn add(&mut self, [time, value]: [u64; 2]) {
        self.push(Point { time: time as i64, value: f64::from_bits(value) });
    }

    fn extend(&mut self, points: &[[u8; 20]]) {
        self.time.extend(column::<3, 20>(points).map(i64::from_le_bytes));
        self.value.extend(column::<12, 20>(points).map(f64::from_le_bytes));
    }
}

impl Rows<6, 56> for StatColumns {
    fn add(&mut self, [time, min, mean, max, count, stddev]: [u64; 6]) {
        let [min, mean, max, stddev] = [min, mean, max, stddev].map(f64::from_bits);
        self.push(StatPoint { time: time as i64, min, mean, max, count, stddev });
    }

    fn extend(&mut self, points: &[[u8; 56]]) {
        self.time.extend(column::<3, 56>(points).map(i64::from_le_bytes));
        self.min.extend(column::<12, 56>(points).map(f64::from_le_bytes));
        self.mean.extend(column::<21, 56>(points).map(f64::from_le_bytes));
        self.max.extend(column::<30, 56>(points).map(f64::from_le_bytes));
        self.count.extend(column::<39, 56>(points).map(u64::from_le_bytes));
        self.stddev.extend(column::<48, 56>(points).map(f64::from_le_bytes));
    }
}

/// The eight bytes at `AT` of each point.
fn column<const AT: usize, const SIZE: usize>(points: &[[u8; SIZE]]) -> impl ExactSizeIterator<Item = [u8; 8]> {
    points.iter().map(|point| point[AT..].first_chunk().copied().unwrap_or_default())
}

/// Whether a point, its tag and length included, has all of its fields in their order.
fn is_full<const N: usize, const SIZE: usize>(point: &[u8; SIZE]) -> bool {
    point[0] == POINT
        && usize::from(point[1]) == SIZE - 2
        && (0..N).all(|field| usize::from(point[2 + FIELD * field]) == (field + 1) << 3 | FIXED64)
}

/// The tag of a point in an answer.
const POINT: u8 = 4 << 3 | 2;

/// The bytes of a field of a point: its tag and eight of content.
const FIELD: usize = 9;

/// How the tag of such a field ends.
const FIXED64: usize = 1;

/// Room for as many points as `bytes` hold if each has all of its `fields`.
fn room<T>(bytes: &[u8], fields: usize) -> Vec<T> {
    Vec::with_capacity(bytes.len() / (2 + FIELD * fields))
}

/// Adds the points in an answer to `rows` and returns its two versions, if it holds nothing else and each point is made of
/// eight-byte fields alone. For any other answer points may have been added in vain.
fn ordinary<const N: usize, const SIZE: usize>(mut bytes: &[u8], rows: &mut impl Rows<N, SIZE>) -> Option<[u64; 2]> {
    const MAJOR: u8 = 2 << 3;
    const MINOR: u8 = 3 << 3;
    let mut versions = [0; 2];
    while let [tag, rest @ ..] = bytes {
        bytes = match *tag {
            POINT => {
                let points = bytes.as_chunks::<SIZE>().0;
                let full = points.iter().take_while(|point| is_full::<N, SIZE>(point)).count();
                if full > 0 {
                    rows.extend(&points[..full]);
                    &bytes[full * SIZE..]
                } else {
                    let (length, rest) = rest.split_first().filter(|(length, _)| **length < 0x80)?;
                    let (point, rest) = rest.split_at_checked(usize::from(*length))?;
                    rows.add(fields(point)?);
                    rest
                }
            }
            MAJOR | MINOR => {
                let (version, rest) = varint(rest)?;
                versions[usize::from(*tag == MINOR)] = version;
                rest
            }
            _ => return None,
        };
    }
    Some(versions)
}

/// The fields of a point, 0 where they are left out.
#[inline]
fn fields<const N: usize>(point: &[u8]) -> Option<[u64; N]> {
    let (parts, []) = point.as_chunks::<FIELD>() else { return None };
    let mut fields = [0; N];
    for [tag, content @ ..] in parts {
        let is_wide = usize::from(tag & 7) == FIXED64;
        let field = fields.get_mut(usize::from(tag >> 3).wrapping_sub(1)).filter(|_| is_wide)?;
        *field = u64::from_le_bytes(*content);
    }
    Some(fields)
}

/// The number at the front of `bytes`, and what follows it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[index + 1..]));
        }
    }
    None
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
            WindowsResponse { stat, version_major, version_minor, values }.encode_to_vec()
        })
    }

    /// `bytes` read here and by prost must give the same; so must what is no answer.
    fn check(bytes: &[u8]) {
        let (ours, theirs) =
            (Plain::<StatColumns>::parse(Bytes::copy_from_slice(bytes)), WindowsResponse::decode(bytes));
        assert_eq!(ours.is_ok(), theirs.is_ok());
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            // By their text, since no NaN equals another.
            let columns = convert::stat_columns(&theirs.values);
            assert_eq!(format!("{:?}", ours.columns), format!("{columns:?}"));
            assert_eq!(ours.stat, theirs.stat);
            assert_eq!([ours.version_major, ours.version_minor], [theirs.version_major, theirs.version_minor]);
        }
        let (ours, theirs) =
            (Plain::<RawColumns>::parse(Bytes::copy_from_slice(bytes)), RawValuesResponse::decode(bytes));
        assert_eq!(ours.is_ok(), theirs.is_ok());
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            assert_eq!(format!("{:?}", ours.columns), format!("{:?}", convert::raw_columns(&theirs.values)));
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
    fn the_usual_answers_take_the_short_way() {
        let values = vec![
            wire::RawPoint { time: 7, value: 0.0 },
            wire::RawPoint { time: 8, value: 1.5 },
            wire::RawPoint { time: 9, value: 2.5 },
        ];
        let bytes = RawValuesResponse { stat: None, version_major: 300, version_minor: 1, values };
        let mut columns = RawColumns::default();
        assert_eq!(ordinary(&bytes.encode_to_vec(), &mut columns), Some([300, 1]));
        assert_eq!(columns, [Point::new(7, 0.0), Point::new(8, 1.5), Point::new(9, 2.5)].into_iter().collect());
    }
}
