//! The forms of Arrow that BTrDB sends and takes, read and written without the general library: every message of a call
//! holds a complete IPC stream, of a schema that is known beforehand.

mod extent;
mod frames;
mod insert;
mod join;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use self::extent::extent;
pub(crate) use self::frames::Malformed;
pub(crate) use self::insert::read_points;
pub(crate) use self::join::joined;
pub(crate) use self::read::{read_floats, read_raw, read_stats};
pub(crate) use self::write::{Column, Data, write_raw, write_table};
