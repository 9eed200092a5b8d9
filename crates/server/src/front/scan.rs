//! Counting what a request holds before it is decoded.
//!
//! Two bytes on the wire can be an element of fifty in memory. So the elements of a message, its fields at the top level,
//! are counted as they pass by, in a few nanoseconds each, and a message with too many is refused undecoded.

use tonic::Status;

/// What a request may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The most bytes of a message.
    pub(super) bytes: usize,
    /// The most elements.
    pub(super) elements: usize,
    /// How many bytes of memory each byte stands for.
    pub(super) factor: usize,
    /// Whether a message may be compressed; it is looked at again once it is not.
    pub(super) compressed: bool,
}

/// How far into the frames of a request body the scan has come.
#[derive(Debug)]
pub(super) struct Scan {
    limits: Limits,
    place: Place,
    /// How many bytes of the message are left.
    left: usize,
    /// How many it had at first.
    message: usize,
    elements: usize,
}

#[derive(Debug)]
enum Place {
    /// In the five bytes before a message: its kind and its length, big-endian.
    Head {
        read: usize,
        length: usize,
        compressed: bool,
    },
    /// In a field's key or length, varints: the value so far and its bits.
    Key(u64, u32),
    Length(u64, u32),
    /// In a varint that is a field's value.
    Varint,
    /// In bytes that need no look.
    Skip(usize),
}

const HEAD: Place = Place::Head { read: 0, length: 0, compressed: false };

impl Scan {
    pub(super) const fn new(limits: Limits) -> Self {
        Self { limits, place: HEAD, left: 0, message: 0, elements: 0 }
    }

    /// How long the message says that it is, once it has.
    pub(super) const fn message(&self) -> usize {
        self.message
    }

    /// Looks at the bytes that come next.
    ///
    /// # Errors
    /// For a message beyond the limits.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> Result<(), Status> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if let Place::Head { read, length, compressed } = self.place {
                self.head(byte, read, length, if read == 0 { byte == 1 } else { compressed })?;
                bytes = rest;
                continue;
            }
            let step = if let Place::Skip(count) = &mut self.place {
                let step = (*count).min(bytes.len()).min(self.left);
                *count -= step;
                if *count == 0 {
                    self.place = Place::Key(0, 0);
                }
                step
            } else {
                self.field(byte)?;
                1
            };
            self.left -= step;
            bytes = &bytes[step..];
            if self.left == 0 {
                self.place = HEAD;
            }
        }
        Ok(())
    }

    fn head(&mut self, byte: u8, read: usize, length: usize, compressed: bool) -> Result<(), Status> {
        let length = if read == 0 { 0 } else { length << 8 | usize::from(byte) };
        if length > self.limits.bytes {
            let most = self.limits.bytes >> 20;
            let message = format!("[426] a request of this kind has at most {most} MiB: send less at a time");
            return Err(Status::resource_exhausted(message));
        }
        if compressed && !self.limits.compressed {
            return Err(Status::unimplemented("requests of this kind are not taken compressed"));
        }
        self.message = if read == 4 { length } else { 0 };
        (self.place, self.left, self.elements) = match (read, length) {
            (4, 0) => (HEAD, 0, 0),
            (4, length) if compressed => (Place::Skip(length), length, 0),
            (4, length) => (Place::Key(0, 0), length, 0),
            _ => (Place::Head { read: read + 1, length, compressed }, 0, 0),
        };
        Ok(())
    }

    /// Takes in a byte of a field's head. What makes no sense is left for the decoder to refuse.
    fn field(&mut self, byte: u8) -> Result<(), Status> {
        let (value, bits) = match self.place {
            Place::Key(value, bits) | Place::Length(value, bits) => (value, bits),
            _ => (0, 0),
        };
        let value = value | u64::from(byte & 0x7f).checked_shl(bits).unwrap_or(0);
        let (is_last, bits) = (byte < 0x80, bits.saturating_add(7));
        self.place = match self.place {
            Place::Key(..) if is_last => {
                self.elements += 1;
                if self.elements > self.limits.elements {
                    let most = self.limits.elements;
                    let message =
                        format!("[426] a request of this kind has at most {most} elements: send fewer at a time");
                    return Err(Status::resource_exhausted(message));
                }
                match value & 7 {
                    0 => Place::Varint,
                    1 => Place::Skip(8),
                    2 => Place::Length(0, 0),
                    5 => Place::Skip(4),
                    _ => Place::Skip(self.left),
                }
            }
            Place::Length(..) if is_last && value > 0 => Place::Skip(usize::try_from(value).unwrap_or(usize::MAX)),
            Place::Key(..) => Place::Key(value, bits),
            Place::Length(..) if !is_last => Place::Length(value, bits),
            Place::Varint if !is_last => Place::Varint,
            _ => Place::Key(0, 0),
        };
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use btrdb_proto::{ArrowMultiValuesParams, InsertParams, RawPoint};
    use prost::Message as _;
    use tonic::codegen::Bytes;

    use super::*;

    /// A message as it goes over the wire.
    fn frame(message: &[u8]) -> Vec<u8> {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[0], &length[..], message].concat()
    }

    fn encoded(uuids: usize, versions: usize) -> Vec<u8> {
        let params = ArrowMultiValuesParams {
            uuid: vec![Bytes::from_static(&[7; 16]); uuids],
            version_major: vec![u64::MAX; versions],
            start: 1,
            ..Default::default()
        };
        params.encode_to_vec()
    }

    fn is_taken(bytes: &[u8], elements: usize, chunk: usize) -> bool {
        let mut scan = Scan::new(Limits { bytes: 1 << 20, elements, factor: 1, compressed: false });
        bytes.chunks(chunk).all(|chunk| scan.pass(chunk).is_ok())
    }

    #[test]
    fn fields_are_counted_however_they_are_cut() {
        // All versions are one field; the start is another.
        let (one, two) = (frame(&encoded(30, 5)), frame(&encoded(40, 0)));
        let both = [one, frame(&[]), two].concat();
        for chunk in [1, 2, 3, 7, 64, both.len()] {
            assert!(is_taken(&both, 41, chunk), "{chunk}");
            assert!(!is_taken(&both, 40, chunk), "{chunk}");
        }
    }

    #[test]
    fn points_count_one_each() {
        let values = vec![RawPoint { time: 5, value: 1.0 }; 1000];
        let bytes = frame(&InsertParams { values, ..Default::default() }.encode_to_vec());
        assert!(is_taken(&bytes, 1000, 100));
        assert!(!is_taken(&bytes, 999, 100));
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_at_once() {
        assert!(!is_taken(&[0, 0, 16, 0, 1], 10, 5));
        assert!(is_taken(&[0, 0, 16, 0, 0], 10, 5));
    }

    #[test]
    fn nonsense_passes_to_the_decoder() {
        for byte in 0..=255_u8 {
            assert!(is_taken(&frame(&[byte; 100]), 1000, 3));
        }
    }
}
