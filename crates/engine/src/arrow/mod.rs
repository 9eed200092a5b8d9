//! Points and windows as Arrow IPC streams, the way BTrDB sends them: every message a whole stream of its own.

mod frames;
mod read;
mod schema;
mod template;
mod write;

pub(crate) use read::decode_points;
pub(crate) use template::Template;
pub(crate) use write::{encode_points, encode_table, encode_windows};

use arrow_schema::ArrowError;

use crate::{Code, Error};

/// Arrow data of a caller that cannot be used.
fn unusable(error: &ArrowError) -> Error {
    Error::new(Code::InvalidParameter, format!("Arrow data: {error}"))
}
