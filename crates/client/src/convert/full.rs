//! Rows that leave out none of their fields, which nearly all do: each then has the same bytes in the same places, so that
//! columns are read from them without a look at any row between.

use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

/// A point as it is on the wire if no field of it is zero and left out.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct FullPoint {
    head: Head,
    pub(super) time: Field<1>,
    pub(super) value: Field<2>,
}

/// A window likewise.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct FullWindow {
    head: Head,
    pub(super) time: Field<1>,
    pub(super) min: Field<2>,
    pub(super) mean: Field<3>,
    pub(super) max: Field<4>,
    pub(super) count: Field<5>,
    pub(super) stddev: Field<6>,
}

/// The key of a row in an answer, and how many bytes follow.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Head {
    key: u8,
    length: u8,
}

/// A field of eight bytes, little-endian.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Field<const NUMBER: u8> {
    key: u8,
    pub(super) content: [u8; 8],
}

/// The key of a row.
pub(super) const ROWS: u8 = 4 << 3 | 2;

/// The type of a field of eight bytes, with which its key ends.
pub(super) const EIGHT_BYTES: u8 = 1;

/// The bytes of a field, its key included.
pub(super) const FIELD: usize = size_of::<Field<0>>();

/// The rows at the beginning of `bytes` that are full.
pub(super) fn rows<R: Full>(bytes: &[u8]) -> &[R] {
    let Ok((rows, _)) = <[R]>::ref_from_prefix_with_elems(bytes, bytes.len() / size_of::<R>()) else { return &[] };
    &rows[..rows.iter().take_while(|row| row.is_full()).count()]
}

/// What the bytes of a row can be taken for.
pub(super) trait Full: FromBytes + Immutable + KnownLayout + Unaligned {
    /// Whether they are such a row.
    fn is_full(&self) -> bool;
}

impl Full for FullPoint {
    fn is_full(&self) -> bool {
        let Self { head, time, value } = self;
        head.is_of::<Self>() && time.is_here() && value.is_here()
    }
}

impl Full for FullWindow {
    fn is_full(&self) -> bool {
        let Self { head, time, min, mean, max, count, stddev } = self;
        let values = [min.is_here(), mean.is_here(), max.is_here(), stddev.is_here()];
        head.is_of::<Self>() && time.is_here() && values == [true; 4] && count.is_here()
    }
}

impl Head {
    fn is_of<R>(&self) -> bool {
        self.key == ROWS && usize::from(self.length) == size_of::<R>() - size_of::<Self>()
    }
}

impl<const NUMBER: u8> Field<NUMBER> {
    fn is_here(&self) -> bool {
        self.key == NUMBER << 3 | EIGHT_BYTES
    }
}
