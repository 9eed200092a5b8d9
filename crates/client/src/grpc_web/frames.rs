//! Where the messages end and the trailers begin.

use bytes::Bytes;

use super::{Trailers, inflate};
use crate::connection::LARGEST_MESSAGE;
use crate::transport::TransportFault;

/// The bytes before the content of a frame: flags and length.
const HEAD: usize = 5;

/// The flag of a frame whose content is compressed.
const COMPRESSED: u8 = 0x01;

/// The flag of the frame of trailers.
const TRAILERS: u8 = 0x80;

/// The largest frame of trailers taken, in bytes. Proxies put up to 16 KiB of a page into a status.
const LARGEST_TRAILERS: usize = 256 << 10;

/// How much room is made for a message at most before its bytes are there, since its length may be a lie.
const ROOM: usize = 1 << 20;

/// The frames of one answer, whose bytes come in chunks of any size.
///
/// A message that lies in one chunk is not copied. Those that are compressed are unpacked: which compression it was can
/// be told from them, while a page may not see the header that names it.
#[derive(Debug, Default)]
pub struct Frames {
    /// Whether anything came at all.
    has_begun: bool,
    /// What has come of a head.
    head: Vec<u8>,
    /// What comes after the head.
    content: Option<Content>,
    /// After the trailers.
    trailers: Option<Trailers>,
}

/// A frame of which the rest is still to come.
#[derive(Debug)]
struct Content {
    flags: u8,
    length: usize,
    so_far: Vec<u8>,
}

impl Frames {
    /// The next message in `chunk`, from which all that is dealt with is taken; `None` once that is all of it.
    ///
    /// # Errors
    /// `BadResponse` for frames that make no sense and for anything after the trailers.
    pub fn message_in(&mut self, chunk: &mut Bytes) -> Result<Option<Bytes>, TransportFault> {
        self.has_begun |= !chunk.is_empty();
        loop {
            if let Some(mut content) = self.content.take() {
                if content.lacks() > chunk.len() {
                    content.take(chunk);
                    self.content = Some(content);
                    return Ok(None);
                }
                if let Some(message) = self.message(content.flags, content.rest_in(chunk))? {
                    return Ok(Some(message));
                }
            } else if chunk.is_empty() {
                return Ok(None);
            } else if self.trailers.is_some() {
                return Err(bad("something follows the end of the answer"));
            } else {
                let here = chunk.len().min(HEAD - self.head.len());
                self.head.extend(chunk.split_to(here));
                if let Some(head) = self.head.first_chunk() {
                    self.content = Some(Content::after(*head)?);
                    self.head.clear();
                }
            }
        }
    }

    /// The message that a frame is, unless it is that of the trailers.
    fn message(&mut self, flags: u8, content: Bytes) -> Result<Option<Bytes>, TransportFault> {
        let (is_last, is_packed) = (flags & TRAILERS != 0, flags & COMPRESSED != 0);
        let most = if is_last { LARGEST_TRAILERS } else { LARGEST_MESSAGE };
        let content = if is_packed { inflate::inflated(&content, most)?.into() } else { content };
        if !is_last {
            return Ok(Some(content));
        }
        self.trailers = Some(Trailers::parse(&content)?);
        Ok(None)
    }

    /// The trailers, after the last chunk; `None` where nothing came at all.
    ///
    /// # Errors
    /// `CutShort` for an answer that ends before its trailers.
    pub fn finish(self) -> Result<Option<Trailers>, TransportFault> {
        match self.content {
            _ if self.trailers.is_some() || !self.has_begun => Ok(self.trailers),
            Some(content) if content.flags & TRAILERS != 0 => Err(cut("it ends within its status")),
            Some(content) => Err(cut(&format!("a message lacks {} bytes", content.lacks()))),
            None if self.head.is_empty() => Err(cut("it ends without a status")),
            None => Err(cut("it ends before a message")),
        }
    }

    /// Whether the trailers have come, so that nothing more is needed.
    pub(super) fn is_complete(&self) -> bool {
        self.trailers.is_some()
    }
}

impl Content {
    /// What begins with `head`.
    fn after([flags, length @ ..]: [u8; HEAD]) -> Result<Self, TransportFault> {
        let length = u32::from_be_bytes(length) as usize;
        let (what, most) = match flags {
            0 => ("message", LARGEST_MESSAGE),
            COMPRESSED => ("compressed message", LARGEST_MESSAGE),
            _ if flags & !COMPRESSED == TRAILERS => ("status", LARGEST_TRAILERS),
            _ => return Err(bad(&format!("what answers there is not gRPC-web: a frame has the flags {flags:#04x}"))),
        };
        if length > most {
            return Err(bad(&format!("a {what} too large to be taken: {length} bytes, more than {most}")));
        }
        Ok(Self { flags, length, so_far: Vec::new() })
    }

    /// How many bytes are still to come.
    fn lacks(&self) -> usize {
        self.length - self.so_far.len()
    }

    /// Takes all of `chunk`, which is not enough.
    fn take(&mut self, chunk: &mut Bytes) {
        if self.so_far.is_empty() {
            self.so_far.reserve(self.length.min(ROOM));
        }
        self.so_far.extend_from_slice(chunk);
        chunk.clear();
    }

    /// The whole content, the rest of which is in `chunk`.
    fn rest_in(mut self, chunk: &mut Bytes) -> Bytes {
        let rest = chunk.split_to(self.lacks());
        if self.so_far.is_empty() {
            return rest;
        }
        self.so_far.extend_from_slice(&rest);
        self.so_far.into()
    }
}

fn cut(where_to: &str) -> TransportFault {
    TransportFault::CutShort(format!("the answer was cut short: {where_to}"))
}

pub(super) fn bad(what: &str) -> TransportFault {
    TransportFault::BadResponse(what.to_owned())
}

#[cfg(test)]
mod tests;
