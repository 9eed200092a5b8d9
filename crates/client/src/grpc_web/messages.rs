//! The body of an answer, as messages.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tonic::Code;

use super::Trailers;
use super::frames::{Frames, bad};
use crate::error::{Hints, Result, refused};
use crate::transport::TransportFault;

/// The messages in chunks of bytes.
pub(super) struct Messages<S> {
    chunks: S,
    chunk: Bytes,
    /// `None` at the end.
    frames: Option<Frames>,
    /// Whether the headers said that all is well, which holds for an answer that is empty or ends without a status.
    is_ok_early: bool,
}

impl<S> Messages<S> {
    pub(super) fn new(chunks: S, is_ok_early: bool) -> Self {
        Self { chunks, chunk: Bytes::new(), frames: Some(Frames::default()), is_ok_early }
    }

    /// How the answer ends, after the last chunk.
    fn end(&self, frames: Frames) -> Result<()> {
        match frames.finish()? {
            Some(Trailers { status: Some(Code::Ok), .. }) => Ok(()),
            Some(Trailers { status: Some(code), message, pushback, details }) => {
                Err(refused(code, &message, Hints { pushback: pushback.as_deref(), details: details.as_deref() }))
            }
            _ if self.is_ok_early => Ok(()),
            _ => Err(bad("the answer ended without a final status").into()),
        }
    }
}

impl<S> Stream for Messages<S>
where
    S: Stream<Item = Result<Bytes, TransportFault>> + Unpin,
{
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let this = &mut *self;
        loop {
            let Some(frames) = &mut this.frames else { return Poll::Ready(None) };
            let fault = match frames.message_in(&mut this.chunk) {
                Ok(Some(message)) => return Poll::Ready(Some(Ok(message))),
                Err(fault) => Some(fault),
                Ok(None) => match ready!(Pin::new(&mut this.chunks).poll_next(cx)) {
                    Some(Ok(next)) => {
                        this.chunk = next;
                        continue;
                    }
                    // After the end nothing more is needed.
                    Some(Err(fault)) if !frames.is_complete() => Some(fault),
                    _ => None,
                },
            };
            let frames = mem::take(&mut this.frames).unwrap_or_default();
            let end = fault.map_or_else(|| this.end(frames), |fault| Err(fault.into()));
            return Poll::Ready(end.err().map(Err));
        }
    }
}
