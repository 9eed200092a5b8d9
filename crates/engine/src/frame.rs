//! How things stand in the log: a length, a checksum, then a node or a journalled insert.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::store::Store;

/// A little-endian u32, how many bytes follow the header, and a little-endian u64, their xxh3 checksum.
pub(crate) const HEADER: usize = 12;

/// As much as is read at first: more than most frames take.
const USUAL: usize = 8 << 10;

/// Appends to `out`, which is to stand in the log from `start` on, a frame around what `body` writes. The position of the
/// frame.
pub(crate) fn write(start: u64, out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) -> u64 {
    let (from, position) = (out.len(), start + out.len() as u64);
    out.extend_from_slice(&[0; HEADER]);
    body(out);
    let len = (out.len() - from - HEADER) as u32;
    let sum = checksum(position, &out[from + HEADER..]);
    out[from..from + 4].copy_from_slice(&len.to_le_bytes());
    out[from + 4..from + HEADER].copy_from_slice(&sum.to_le_bytes());
    position
}

/// What the frame at `position` holds.
///
/// # Errors
/// In words, where there is no whole frame.
pub(crate) fn read(store: &dyn Store, position: u64) -> Result<Vec<u8>, String> {
    let part = |from, most| store.log(from, most).map_err(|error| error.to_string());
    let mut bytes = part(position, USUAL)?;
    let Some((header, _)) = bytes.split_first_chunk::<HEADER>() else { return Err("the log ends before it".into()) };
    let (len, sum) = header.split_at(4);
    let len = HEADER + u32::from_le_bytes(len.try_into().unwrap_or_default()) as usize;
    let sum = u64::from_le_bytes(sum.try_into().unwrap_or_default());
    // No memory for a length that the log does not have.
    if len as u64 > store.log_end().saturating_sub(position) {
        return Err("the log ends within it".into());
    }
    if len > bytes.len() {
        bytes.append(&mut part(position + bytes.len() as u64, len - bytes.len())?);
    }
    bytes.truncate(len);
    let body = bytes.split_off(HEADER);
    if sum != checksum(position, &body) {
        return Err("the checksum is wrong: the disk changed what was written".into());
    }
    Ok(body)
}

/// What the frame at `offset` of `bytes`, which stand in the log from `start` on, holds, if there is a whole one of no more
/// than `most` bytes.
pub(crate) fn within(start: u64, bytes: &[u8], offset: usize, most: usize) -> Option<&[u8]> {
    let (len, rest) = bytes.get(offset..)?.split_first_chunk()?;
    let (sum, rest) = rest.split_first_chunk()?;
    let len = u32::from_le_bytes(*len) as usize;
    let body = rest.get(..len).filter(|_| len <= most)?;
    (u64::from_le_bytes(*sum) == checksum(start + offset as u64, body)).then_some(body)
}

/// The position after a frame at `position` that holds `body`.
pub(crate) const fn next(position: u64, body: &[u8]) -> u64 {
    position + (HEADER + body.len()) as u64
}

/// The sum over the bytes and their place, so that a frame in another's place is found out too.
fn checksum(position: u64, body: &[u8]) -> u64 {
    xxh3_64_with_seed(body, position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Memory;

    #[test]
    fn frames_come_back_and_damage_is_told() {
        let store = Memory::default();
        let bodies = [vec![1; 3], vec![2; 3 * USUAL], vec![3]];
        let mut positions = Vec::new();
        let start = store
            .append(&mut |start, out| {
                positions = bodies.iter().map(|body| write(start, out, |out| out.extend_from_slice(body))).collect();
            })
            .unwrap();
        assert_eq!(positions[0], start);
        for (position, body) in positions.iter().zip(&bodies) {
            assert_eq!(read(&store, *position).as_ref(), Ok(body));
        }
        assert_eq!(next(positions[0], &bodies[0]), positions[1]);
        assert!(read(&store, positions[0] + 1).is_err());
        store.cut_log(positions[2]).unwrap();
        assert!(read(&store, positions[2]).is_err());
        assert!(read(&store, 1 << 40).is_err());
    }
}
