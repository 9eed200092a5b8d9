//! Columns of integers: differences of an order that suits them, packed in blocks of 64 with a width each.
//!
//! Layout: the order (0, 1 or 2), as many starting values as the order asks for as zigzag varints, then for every block
//! of up to 64 residuals the block's base as a zigzag varint, its width as a byte, and the residuals less the base.
//! Regular times leave residuals of 0 at order 2 and cost one base and one width byte a block.

use super::{
    Damaged,
    bits::{pack, packed_len, unpack, unzigzag, width_of, write_varint, zigzag},
    reader::Reader,
};

const BLOCK: usize = 64;
const ORDERS: usize = 3;

/// Appends `numbers`; how many there are is for the caller to remember.
pub(super) fn encode(numbers: &[i64], out: &mut Vec<u8>) {
    let mut residuals = numbers.to_vec();
    let mut best = (cost(&residuals), 0, residuals.clone());
    for order in 1..ORDERS.min(numbers.len()) {
        differentiate(&mut residuals, order);
        let cost = cost(&residuals[order..]);
        if cost < best.0 {
            best = (cost, order, residuals.clone());
        }
    }
    let (_, order, residuals) = best;
    out.push(order as u8);
    let (starts, rest) = residuals.split_at(order);
    for start in starts {
        write_varint(out, zigzag(*start));
    }
    for block in rest.chunks(BLOCK) {
        let (base, width) = frame(block);
        write_varint(out, zigzag(base));
        out.push(width);
        let mut offsets = [0; BLOCK];
        offsets.iter_mut().zip(block).for_each(|(offset, number)| *offset = number.wrapping_sub(base) as u64);
        pack(&offsets[..block.len()], width, out);
    }
}

/// The `count` numbers that come next.
pub(super) fn decode(reader: &mut Reader<'_>, count: usize) -> Result<Vec<i64>, Damaged> {
    let order = usize::from(reader.byte()?);
    if order >= ORDERS || order > count {
        return Err(Damaged("unknown order of differences"));
    }
    // A block of 64 takes at least two bytes: whoever claims more is lying, and gets no memory for it.
    if count.div_ceil(BLOCK) > reader.left() + order {
        return Err(Damaged("more numbers than bytes"));
    }
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..order {
        numbers.push(unzigzag(reader.varint()?));
    }
    let mut offsets = Vec::with_capacity(BLOCK);
    while numbers.len() < count {
        let base = unzigzag(reader.varint()?);
        let width = reader.byte()?;
        offsets.clear();
        unpack(reader, width, BLOCK.min(count - numbers.len()), &mut offsets)?;
        numbers.extend(offsets.iter().map(|offset| base.wrapping_add(*offset as i64)));
    }
    for order in (1..=order).rev() {
        integrate(&mut numbers, order);
    }
    Ok(numbers)
}

/// Replaces each number from `order` on by its difference from the one before.
fn differentiate(numbers: &mut [i64], order: usize) {
    for i in (order..numbers.len()).rev() {
        numbers[i] = numbers[i].wrapping_sub(numbers[i - 1]);
    }
}

/// The inverse of [`differentiate`].
fn integrate(numbers: &mut [i64], order: usize) {
    for i in order..numbers.len() {
        numbers[i] = numbers[i].wrapping_add(numbers[i - 1]);
    }
}

/// How many bytes the blocks of `numbers` take.
fn cost(numbers: &[i64]) -> usize {
    let block_cost = |block: &[i64]| {
        let (base, width) = frame(block);
        let base_len = (70 - zigzag(base).leading_zeros() as usize) / 7;
        base_len.max(1) + 1 + packed_len(block.len(), width)
    };
    numbers.chunks(BLOCK).map(block_cost).sum()
}

/// The smallest number of a block, and how many bits the distances from it take.
fn frame(block: &[i64]) -> (i64, u8) {
    let (mut low, mut high) = (i64::MAX, i64::MIN);
    for number in block {
        low = low.min(*number);
        high = high.max(*number);
    }
    (low, width_of(&[high.wrapping_sub(low) as u64]))
}
