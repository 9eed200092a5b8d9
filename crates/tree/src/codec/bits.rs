//! Numbers of few bits side by side.

use super::{Damaged, reader::Reader};

/// Maps small numbers of either sign to small unsigned ones: 0, −1, 1, −2 … become 0, 1, 2, 3 …
pub(super) const fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

/// The inverse of [`zigzag`].
pub(super) const fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Appends `number` in groups of seven bits, lowest first.
pub(super) fn write_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// How many bits the largest of `numbers` needs.
pub(super) fn width_of(numbers: &[u64]) -> u8 {
    let all = numbers.iter().fold(0, |bits, number| bits | number);
    (u64::BITS - all.leading_zeros()) as u8
}

/// How many bytes `count` numbers of `width` bits take.
pub(super) const fn packed_len(count: usize, width: u8) -> usize {
    (count * width as usize).div_ceil(8)
}

/// Appends `numbers`, each in `width` bits, lowest bit first.
pub(super) fn pack(numbers: &[u64], width: u8, out: &mut Vec<u8>) {
    if width == 0 {
        return;
    }
    let (mut held, mut bits) = (0_u128, 0_u32);
    for number in numbers {
        held |= u128::from(*number) << bits;
        bits += u32::from(width);
        if bits >= 64 {
            out.extend_from_slice(&(held as u64).to_le_bytes());
            held >>= 64;
            bits -= 64;
        }
    }
    out.extend_from_slice(&held.to_le_bytes()[..bits.div_ceil(8) as usize]);
}

/// Appends `count` numbers of `width` bits to `numbers`.
pub(super) fn unpack(reader: &mut Reader<'_>, width: u8, count: usize, numbers: &mut Vec<u64>) -> Result<(), Damaged> {
    if width > 64 {
        return Err(Damaged("numbers of more than 64 bits"));
    }
    let packed = reader.take(packed_len(count, width))?;
    if width == 0 {
        numbers.resize(numbers.len() + count, 0);
        return Ok(());
    }
    let mask = u64::MAX >> (64 - width);
    let mut words = packed.chunks(8).map(|chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    });
    let (mut held, mut bits) = (0_u128, 0_u32);
    for _ in 0..count {
        if bits < u32::from(width) {
            held |= u128::from(words.next().unwrap_or(0)) << bits;
            bits += 64;
        }
        numbers.push(held as u64 & mask);
        held >>= width;
        bits -= u32::from(width);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packing_keeps_every_bit(width in 0..=64_u8, numbers in prop::collection::vec(any::<u64>(), 0..130)) {
            let mask = if width == 0 { 0 } else { u64::MAX >> (64 - width) };
            let numbers: Vec<u64> = numbers.into_iter().map(|number| number & mask).collect();
            let mut bytes = Vec::new();
            pack(&numbers, width, &mut bytes);
            prop_assert_eq!(bytes.len(), packed_len(numbers.len(), width));
            let mut back = Vec::new();
            unpack(&mut Reader::new(&bytes), width, numbers.len(), &mut back).unwrap();
            prop_assert_eq!(back, numbers);
        }

        #[test]
        fn zigzag_and_varint_come_back(number in any::<i64>()) {
            let mut bytes = Vec::new();
            write_varint(&mut bytes, zigzag(number));
            prop_assert_eq!(unzigzag(Reader::new(&bytes).varint().unwrap()), number);
        }
    }
}
