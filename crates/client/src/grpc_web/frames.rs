//! Where the messages end and the trailers begin.

use bytes::{Buf, Bytes};
use http::HeaderMap;

use super::{inflate, trailers};
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

/// The frames of one answer, whose bytes come in chunks of any size.
///
/// Messages are handed on with the heads of their frames, which are those of gRPC, and without being copied or
/// gathered: how large a message may be is for the reader of messages to say. Only those that are compressed are
/// gathered, and handed on as if they had not been: which compression it was can be told from them, while a page may not
/// see the header that names it.
#[derive(Debug, Default)]
pub struct Frames {
    /// The beginning of a head, of which the rest is still to come.
    head: Vec<u8>,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    /// Nothing came yet.
    #[default]
    Empty,
    /// Between frames.
    Between,
    /// In a message, of which so many bytes are to come.
    Message(usize),
    /// In a frame that is needed as a whole: the bytes so far, and how many are to come.
    Gather { flags: u8, so_far: Vec<u8>, left: usize },
    /// After the trailers.
    Over(HeaderMap),
}

impl Frames {
    /// The next bytes of messages in `chunk`, from which all that is dealt with is taken; `None` once that is all of it.
    ///
    /// # Errors
    /// `BadResponse` for frames that make no sense and for anything after the trailers.
    pub fn messages_in(&mut self, chunk: &mut Bytes) -> Result<Option<Bytes>, TransportFault> {
        // So many bytes of the chunk are messages.
        let mut passed = 0;
        loop {
            let rest = &chunk[passed..];
            match &mut self.state {
                State::Message(0) => self.state = State::Between,
                State::Gather { flags, so_far, left: 0 } => {
                    let (flags, content) = (*flags, std::mem::take(so_far));
                    self.state = State::Between;
                    if flags & TRAILERS == 0 {
                        return Ok(Some(plain(&inflate::inflated(&content, LARGEST_MESSAGE)?)));
                    }
                    let is_packed = flags & COMPRESSED != 0;
                    let lines = if is_packed { inflate::inflated(&content, LARGEST_TRAILERS)? } else { content };
                    self.state = State::Over(trailers::parse(&lines)?);
                }
                _ if rest.is_empty() => break,
                State::Gather { so_far, left, .. } => {
                    let here = (*left).min(rest.len());
                    *left -= here;
                    so_far.extend(chunk.split_to(here));
                }
                State::Message(left) => {
                    let here = (*left).min(rest.len());
                    *left -= here;
                    passed += here;
                }
                State::Empty | State::Between => match rest.first_chunk::<HEAD>() {
                    Some(head) if self.head.is_empty() => match State::after(*head) {
                        Ok(message @ State::Message(_)) => {
                            passed += HEAD;
                            self.state = message;
                        }
                        // What came before is handed on first.
                        _ if passed > 0 => break,
                        other => {
                            self.state = other?;
                            chunk.advance(HEAD);
                        }
                    },
                    _ if passed > 0 => break,
                    _ => {
                        let here = rest.len().min(HEAD - self.head.len());
                        self.head.extend(chunk.split_to(here));
                        self.state = State::Between;
                        let Some(head) = self.head.first_chunk::<HEAD>() else { break };
                        self.state = State::after(*head)?;
                        let head = std::mem::take(&mut self.head);
                        if matches!(self.state, State::Message(_)) {
                            return Ok(Some(head.into()));
                        }
                    }
                },
                State::Over(_) => return Err(bad("something follows the end of the answer")),
            }
        }
        Ok((passed > 0).then(|| chunk.split_to(passed)))
    }

    /// The trailers, after the last chunk; `None` where nothing came at all.
    ///
    /// # Errors
    /// `BadResponse` for an answer that ends before its trailers.
    pub fn finish(self) -> Result<Option<HeaderMap>, TransportFault> {
        match self.state {
            State::Empty => Ok(None),
            State::Over(trailers) => Ok(Some(trailers)),
            State::Between if self.head.is_empty() => Err(cut("it ends without a status")),
            State::Between => Err(cut("it ends before a message")),
            State::Gather { flags, .. } if flags & TRAILERS != 0 => Err(cut("it ends within its status")),
            State::Message(left) | State::Gather { left, .. } => Err(cut(&format!("a message lacks {left} bytes"))),
        }
    }

    /// Whether the trailers have come, so that nothing more is needed.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self.state, State::Over(_))
    }
}

impl State {
    /// What begins with `head`.
    fn after([flags, length @ ..]: [u8; HEAD]) -> Result<Self, TransportFault> {
        let left = u32::from_be_bytes(length) as usize;
        let (what, most) = match flags & !COMPRESSED {
            0 if flags == 0 => return Ok(Self::Message(left)),
            0 => ("compressed message", LARGEST_MESSAGE),
            TRAILERS => ("status", LARGEST_TRAILERS),
            _ => return Err(bad(&format!("what answers there is not gRPC-web: a frame has the flags {flags:#04x}"))),
        };
        if left > most {
            return Err(bad(&format!("a {what} too large to be taken: {left} bytes, more than {most}")));
        }
        Ok(Self::Gather { flags, so_far: Vec::new(), left })
    }
}

/// The frame of a message that is not compressed, or no longer. Its length is below 2^32.
fn plain(content: &[u8]) -> Bytes {
    [&[0][..], &(content.len() as u32).to_be_bytes(), content].concat().into()
}

fn cut(where_to: &str) -> TransportFault {
    TransportFault::CutShort(format!("the answer was cut short: {where_to}"))
}

pub(super) fn bad(what: &str) -> TransportFault {
    TransportFault::BadResponse(what.to_owned())
}

#[cfg(test)]
mod tests;
