//! Nodes as bytes.
//!
//! A block is a kind byte followed by columns. Times, counts and addresses are integer columns ([`ints`]); values are
//! value columns ([`values`]), which turn decimals such as counts of a digitiser into integers first. Both are exact to
//! the last bit. Decoding trusts nothing: any bytes give a node or a [`Damaged`].

mod bits;
mod ints;
mod reader;
mod values;

use btrdb_core::{RawColumns, Stat};
use thiserror::Error;

use crate::{Address, Core, Leaf, Node, Slot, Span};
use reader::Reader;

const LEAF: u8 = 1;
const CORE: u8 = 2;

/// Bytes that are not a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("damaged block: {0}")]
pub struct Damaged(&'static str);

/// Appends `node` to `out`.
pub fn encode(node: &Node, out: &mut Vec<u8>) {
    match node {
        Node::Leaf(leaf) => {
            out.push(LEAF);
            bits::write_varint(out, leaf.points.len() as u64);
            ints::encode(&leaf.points.time, out);
            values::encode(&leaf.points.value, out);
        }
        Node::Core(core) => {
            out.push(CORE);
            let present = core.iter().fold(0_u64, |bits, (number, _)| bits | 1 << number);
            out.extend_from_slice(&present.to_le_bytes());
            let column = |of: fn(&Slot) -> i64| core.iter().map(|(_, slot)| of(&slot)).collect::<Vec<i64>>();
            ints::encode(&column(|slot| slot.address.get() as i64), out);
            ints::encode(&column(|slot| slot.version as i64), out);
            ints::encode(&column(|slot| slot.stat.count as i64), out);
            let column = |of: fn(&Stat) -> f64| core.stats_between(0, Span::SLOTS).iter().map(of).collect::<Vec<f64>>();
            values::encode(&column(|stat| stat.min), out);
            values::encode(&column(|stat| stat.mean), out);
            values::encode(&column(|stat| stat.max), out);
            values::encode(&column(|stat| stat.m2), out);
        }
    }
}

/// Whether `bytes`, if they hold a node, hold a leaf.
pub fn is_leaf(bytes: &[u8]) -> bool {
    bytes.first() == Some(&LEAF)
}

/// The node that `bytes` hold.
///
/// # Errors
/// [`Damaged`] where they hold none.
pub fn decode(bytes: &[u8]) -> Result<Node, Damaged> {
    let mut reader = Reader::new(bytes);
    let node = match reader.byte()? {
        LEAF => Node::Leaf(decode_leaf(&mut reader)?),
        CORE => Node::Core(decode_core(&mut reader)?),
        _ => return Err(Damaged("unknown kind of block")),
    };
    if reader.is_at_end() { Ok(node) } else { Err(Damaged("bytes after the end")) }
}

/// Appends `numbers`, packed as the integer columns of nodes are.
pub fn encode_numbers(numbers: &[i64], out: &mut Vec<u8>) {
    bits::write_varint(out, numbers.len() as u64);
    ints::encode(numbers, out);
}

/// The numbers that `bytes` hold.
///
/// # Errors
/// [`Damaged`] where they hold none, or more than these.
pub fn decode_numbers(bytes: &[u8]) -> Result<Vec<i64>, Damaged> {
    let mut reader = Reader::new(bytes);
    let count = usize::try_from(reader.varint()?).ok().ok_or(Damaged("too many numbers"))?;
    let numbers = ints::decode(&mut reader, count)?;
    if reader.is_at_end() { Ok(numbers) } else { Err(Damaged("bytes after the end")) }
}

fn decode_leaf(reader: &mut Reader<'_>) -> Result<Leaf, Damaged> {
    let count = usize::try_from(reader.varint()?).ok().ok_or(Damaged("too many points"))?;
    let time = ints::decode(reader, count)?;
    let value = values::decode(reader, count)?;
    if !time.is_sorted() {
        return Err(Damaged("times out of order"));
    }
    Ok(Leaf { points: RawColumns { time, value } })
}

fn decode_core(reader: &mut Reader<'_>) -> Result<Core, Damaged> {
    let present = u64::from_le_bytes(reader.array()?);
    let count = present.count_ones() as usize;
    let addresses = ints::decode(reader, count)?;
    let versions = ints::decode(reader, count)?;
    let counts = ints::decode(reader, count)?;
    let [min, mean, max, m2] = [
        values::decode(reader, count)?,
        values::decode(reader, count)?,
        values::decode(reader, count)?,
        values::decode(reader, count)?,
    ];
    let mut core = Core::default();
    let numbers = (0..Span::SLOTS).filter(|number| present >> number & 1 == 1);
    for (row, number) in numbers.enumerate() {
        let address = Address::new(addresses[row] as u64).ok_or(Damaged("a slot without an address"))?;
        let stat = Stat { count: counts[row] as u64, min: min[row], mean: mean[row], max: max[row], m2: m2[row] };
        core.set(number, Some(Slot { address, version: versions[row] as u64, stat }));
    }
    Ok(core)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(node: &Node) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(node, &mut bytes);
        let back = decode(&bytes).unwrap();
        // Bit for bit, so that NaN and −0.0 count too.
        assert_eq!(format!("{back:?}"), format!("{node:?}"));
        bytes
    }

    fn leaf(points: impl IntoIterator<Item = (i64, f64)>) -> Node {
        let (time, value) = points.into_iter().unzip();
        Node::Leaf(Leaf { points: RawColumns { time, value } })
    }

    #[test]
    fn regular_counts_take_little_room() {
        let node = leaf((0..1024).map(|i| (1_283_299_200_000_000_000 + i * 10_000_000, ((i * 7919) % 256) as f64)));
        let bytes = round_trip(&node);
        assert!(bytes.len() < 1024 * 9 / 8 + 64, "{} bytes", bytes.len());
    }

    #[test]
    fn rounded_decimals_take_as_little_as_their_digits() {
        let node = leaf((0..1024).map(|i| (i * 8_333_333, 60.0 + f64::from(((i * 31) % 100) as i32) / 10_000.0)));
        let bytes = round_trip(&node);
        assert!(bytes.len() < 1024 + 128, "{} bytes", bytes.len());
    }

    #[test]
    fn odd_values_survive() {
        round_trip(&leaf([]));
        round_trip(&leaf([(i64::MIN, f64::NAN), (-1, -0.0), (0, 0.0), (0, 5e-324), (i64::MAX, f64::NEG_INFINITY)]));
        round_trip(&leaf((0..200).map(|i| (i, if i == 77 { f64::MAX } else { i as f64 }))));
        round_trip(&leaf((0..200).map(|i| (i, if i == 77 { -0.0 } else { 1.5 }))));
    }

    fn any_leaf() -> impl Strategy<Value = Node> {
        let value = prop_oneof![
            any::<f64>(),
            any::<i32>().prop_map(f64::from),
            (-1_000_000..1_000_000_i64).prop_map(|v| v as f64 / 1000.0),
            Just(1.0),
        ];
        prop::collection::vec((any::<i64>(), value), 0..300).prop_map(|mut points| {
            points.sort_by_key(|point| point.0);
            leaf(points)
        })
    }

    fn any_core() -> impl Strategy<Value = Node> {
        prop::collection::btree_map(0..64_usize, (1..u64::MAX, any::<u64>(), any::<[f64; 4]>(), any::<u64>()), 0..64)
            .prop_map(|slots| {
                let mut core = Core::default();
                for (number, (address, version, [min, mean, max, m2], count)) in slots {
                    let stat = Stat { count, min, mean, max, m2 };
                    core.set(number, Address::new(address).map(|address| Slot { address, version, stat }));
                }
                Node::Core(core)
            })
    }

    proptest! {
        #[test]
        fn every_node_comes_back(node in prop_oneof![any_leaf(), any_core()]) {
            round_trip(&node);
        }

        #[test]
        fn damaged_bytes_never_panic(
            node in prop_oneof![any_leaf(), any_core()],
            at in any::<prop::sample::Index>(),
            with in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = Vec::new();
            encode(&node, &mut bytes);
            let at = at.index(bytes.len());
            bytes[at] = with;
            let _ = decode(&bytes);
            let _ = decode(&bytes[..cut.index(bytes.len())]);
        }

        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
        }
    }
}
