//! The messages that an IPC stream is made of.

use arrow_ipc::{Message, MetadataVersion, root_as_message};

/// Why bytes are not an Arrow IPC stream of the schema expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("Arrow data without a schema")]
    Empty,
    #[error("Arrow data cut short")]
    CutShort,
    #[error("Arrow data without a continuation marker: an IPC file, perhaps, where an IPC stream is needed")]
    NoMarker,
    #[error("Arrow metadata that makes no sense")]
    BadMetadata,
    #[error("Arrow data of another version than V5")]
    OtherVersion,
    #[error("Arrow data of another schema than the protocol's")]
    OtherSchema,
    #[error("an Arrow message that is neither schema nor record batch")]
    OtherMessage,
    #[error("compressed Arrow data")]
    Compressed,
    #[error("nulls in Arrow data")]
    Nulls,
    #[error("an Arrow column whose length or place is wrong")]
    BadBuffer,
    #[error("bytes after the end of Arrow data")]
    Trailing,
    #[error("an Arrow time out of the range of 64-bit nanoseconds")]
    BadTime,
}

/// The marker that every message begins with.
pub(super) const MARKER: [u8; 4] = [0xff; 4];

/// One message: all its bytes, what it says, and its body.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) message: Message<'a>,
    pub(super) body: &'a [u8],
}

/// What has not been read yet.
pub(super) struct Frames<'a>(pub(super) &'a [u8]);

impl<'a> Frames<'a> {
    /// The next message; `None` at the end, marked as such or not.
    pub(super) fn next(&mut self) -> Result<Option<Frame<'a>>, Malformed> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let all = self.0;
        if self.take_word()? != MARKER {
            return Err(Malformed::NoMarker);
        }
        let length = i32::from_le_bytes(self.take_word()?);
        if length == 0 {
            return Ok(None);
        }
        let metadata = self.take(length.into())?;
        let message = root_as_message(metadata).map_err(|_why| Malformed::BadMetadata)?;
        if message.version() != MetadataVersion::V5 {
            return Err(Malformed::OtherVersion);
        }
        let body = self.take(message.bodyLength())?;
        let bytes = all.get(..all.len() - self.0.len()).unwrap_or_default();
        Ok(Some(Frame { bytes, message, body }))
    }

    /// Whether nothing follows the end.
    pub(super) fn finish(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed::Trailing) }
    }

    fn take_word(&mut self) -> Result<[u8; 4], Malformed> {
        let (word, rest) = self.0.split_first_chunk().ok_or(Malformed::CutShort)?;
        self.0 = rest;
        Ok(*word)
    }

    fn take(&mut self, length: i64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_negative| Malformed::BadMetadata)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed::CutShort)?;
        self.0 = rest;
        Ok(taken)
    }
}
