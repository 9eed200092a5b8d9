//! The identity of a stream, in the 16 bytes of its UUID.

use std::fmt;

/// A stream's UUID as a number, most significant byte first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u128);

impl StreamId {
    /// Reads the usual form of a UUID, 32 hexadecimal digits with or without hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.chars().filter(|&letter| letter != '-');
        let (mut value, mut count) = (0_u128, 0);
        for digit in digits {
            value = value.checked_mul(16)? | u128::from(digit.to_digit(16)?);
            count += 1;
        }
        (count == 32).then_some(Self(value))
    }
}

impl fmt::Display for StreamId {
    /// Five groups of lower-case digits joined by hyphens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96,
            (bits >> 80) & 0xffff,
            (bits >> 64) & 0xffff,
            (bits >> 48) & 0xffff,
            bits & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_is_no_uuid() {
        for text in ["", "12", "zz", "123456781234123412341234567890123", "ffffffff-ffff-ffff-ffff-fffffffffff"] {
            assert_eq!(StreamId::parse(text), None, "{text}");
        }
        assert_eq!(StreamId::parse("ffffffff-ffff-ffff-ffff-ffffffffffff"), Some(StreamId(u128::MAX)));
    }

    proptest! {
        #[test]
        fn text_and_back(bits in any::<u128>()) {
            prop_assert_eq!(StreamId::parse(&StreamId(bits).to_string()), Some(StreamId(bits)));
        }
    }
}
