//! The messages of an IPC stream, with nothing taken on trust.
//!
//! The general reader of `arrow-ipc` is not made for bytes that lie: it panics on some. What callers send is read through
//! the flatbuffers accessors alone, which verify first, and every length is checked against what is there.

use arrow_ipc::{Message, root_as_message};

use crate::{Code, Error, Result};

/// The most bytes of a message's metadata, which describes columns but holds no values.
const MAX_METADATA: usize = 1 << 20;

/// What has not been read yet.
pub(super) struct Frames<'a>(pub(super) &'a [u8]);

/// Arrow data that makes no sense.
pub(super) fn malformed(what: &str) -> Error {
    Error::new(Code::InvalidParameter, format!("Arrow data: {what}"))
}

impl<'a> Frames<'a> {
    /// The next message and its body; none at the end, marked as such or not.
    pub(super) fn next(&mut self) -> Result<Option<(Message<'a>, &'a [u8])>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let mut length = self.take_word()?;
        // Before the length stands a marker, except in streams of long ago.
        if length == u32::MAX {
            length = self.take_word()?;
        }
        if length == 0 {
            return Ok(None);
        }
        if length as usize > MAX_METADATA {
            return Err(malformed("a message describes itself at too great a length"));
        }
        let metadata = self.take(length as usize)?;
        let message = root_as_message(metadata).map_err(|error| malformed(&error.to_string()))?;
        let body = usize::try_from(message.bodyLength()).map_err(|_negative| malformed("a body of negative length"))?;
        Ok(Some((message, self.take(body)?)))
    }

    fn take_word(&mut self) -> Result<u32> {
        let word = self.take(4)?.first_chunk().copied().unwrap_or_default();
        Ok(u32::from_le_bytes(word))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(|| malformed("it is cut short"))?;
        self.0 = rest;
        Ok(taken)
    }
}
