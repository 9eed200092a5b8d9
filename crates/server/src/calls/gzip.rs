//! Answers compressed with gzip, message by message, for callers who want that.
//!
//! tonic could compress too, but always, and at level 6: an answer of 100 bytes would grow, and one of points would take
//! many times longer to compress than to find. Here small messages stay as they are, as does an answer that hardly shrinks.

#[cfg(test)]
mod tests;

use std::{
    io::{self, Write},
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Response};
use http_body::{Body as _, Frame};
use tokio::task::{JoinHandle, spawn_blocking};
use tonic::{Status, body::Body};

/// Before each message of a gRPC body: whether it is compressed, and its length as a big-endian u32.
const PREFIX: usize = 5;

/// Messages below this many bytes fit into a network packet or two as they are.
const WORTH_IT: usize = 2 << 10;

/// Messages from this many bytes on are compressed where others do not have to wait for it.
const LONG_WORK: usize = 32 << 10;

/// Whether the caller wants gzip: because its own messages are, or because it names that before `identity`.
///
/// The other way round is what gRPC for C, and so for Python, says of every program, whether it asked for that or not. Most
/// of those are on this machine, where compression would only take time.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    if headers.get("grpc-encoding").is_some_and(|encoding| encoding == "gzip") {
        return true;
    }
    let accepted = headers.get_all("grpc-accept-encoding").iter().filter_map(|value| value.to_str().ok());
    let mut choices = accepted.flat_map(|list| list.split(',')).map(str::trim);
    choices.find(|choice| matches!(*choice, "gzip" | "identity")) == Some("gzip")
}

/// `response` with its messages compressed where it is worth it.
pub(super) fn compressed(mut response: Response<Body>) -> Response<Body> {
    if response.body().is_end_stream() {
        return response;
    }
    response.headers_mut().insert("grpc-encoding", HeaderValue::from_static("gzip"));
    response.map(|body| Body::new(Gzip { body, pending: Bytes::new(), working: None, give_up: false }))
}

/// A message as it is sent, prefix included.
struct Packed {
    message: Bytes,
    shrank: bool,
}

/// A gRPC body whose messages are compressed.
struct Gzip {
    body: Body,
    /// What has come of messages that are not handed on yet.
    pending: Bytes,
    working: Option<JoinHandle<Packed>>,
    /// One message hardly shrank: the others of the answer are alike.
    give_up: bool,
}

impl Gzip {
    fn take_in(&mut self, data: Bytes) {
        if self.pending.is_empty() {
            self.pending = data;
        } else {
            let mut both = BytesMut::from(mem::take(&mut self.pending));
            both.extend_from_slice(&data);
            self.pending = both.freeze();
        }
    }

    /// The messages that come next and stay as they are.
    fn as_they_are(&mut self) -> Option<Bytes> {
        let mut end = 0;
        while let Some(length) = whole(&self.pending[end..]).filter(|length| self.give_up || *length < WORTH_IT) {
            end += length;
        }
        (end > 0).then(|| self.pending.split_to(end))
    }

    fn hand_on(&mut self, packed: Packed) -> Frame<Bytes> {
        self.give_up |= !packed.shrank;
        Frame::data(packed.message)
    }
}

/// The length of the message at the beginning of `bytes`, prefix included, once all of it is there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let length: [u8; 4] = bytes.get(1..PREFIX)?.try_into().ok()?;
    let end = PREFIX + u32::from_be_bytes(length) as usize;
    (bytes.len() >= end).then_some(end)
}

/// Compresses `message`, a whole one, if that saves an eighth of it at least.
fn pack(message: Bytes) -> Packed {
    let squeeze = || -> io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(vec![0; PREFIX], Compression::fast());
        encoder.write_all(&message[PREFIX..])?;
        encoder.finish()
    };
    match squeeze() {
        Ok(mut packed) if packed.len() <= message.len() - message.len() / 8 => {
            let length = (packed.len() - PREFIX) as u32;
            packed[0] = 1;
            packed[1..PREFIX].copy_from_slice(&length.to_be_bytes());
            Packed { message: packed.into(), shrank: true }
        }
        _ => Packed { message, shrank: false },
    }
}

impl http_body::Body for Gzip {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            if let Some(work) = &mut this.working {
                let packed = ready!(Pin::new(work).poll(cx));
                this.working = None;
                let frame = packed.map(|packed| this.hand_on(packed));
                return Poll::Ready(Some(frame.map_err(|error| Status::internal(format!("compressing: {error}")))));
            }
            if let Some(messages) = this.as_they_are() {
                return Poll::Ready(Some(Ok(Frame::data(messages))));
            }
            if let Some(length) = whole(&this.pending) {
                let message = this.pending.split_to(length);
                if length < LONG_WORK {
                    return Poll::Ready(Some(Ok(this.hand_on(pack(message)))));
                }
                this.working = Some(spawn_blocking(move || pack(message)));
                continue;
            }
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.take_in(data),
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                ended => return Poll::Ready(ended),
            }
        }
    }
}
