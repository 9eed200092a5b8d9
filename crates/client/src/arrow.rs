//! The two forms of Arrow that BTrDB sends and the one it takes, read and written without the general library: every
//! message of a call holds a complete IPC stream of a schema that is known beforehand.

mod read;
mod schema;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use self::read::{Malformed, read_raw, read_stats};
pub(crate) use self::write::write_raw;
