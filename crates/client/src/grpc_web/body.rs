//! The body of an answer, as gRPC has it.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body, Frame};
use pin_project_lite::pin_project;

use super::frames::Frames;
use crate::transport::TransportFault;

pin_project! {
    /// The messages and the trailers in chunks of bytes. Nothing is asked of the chunks that is not waited for here, and
    /// they are read to their end before the trailers are handed out, so that whoever brings them can use the line again.
    #[derive(Debug)]
    pub struct WebBody<S> {
        #[pin]
        chunks: S,
        chunk: Bytes,
        content: Content,
    }
}

#[derive(Debug)]
enum Content {
    Frames(Frames),
    /// Bytes that are no frames, for whoever wants to read them.
    Page,
    Over,
}

impl<S> WebBody<S> {
    pub(super) fn new(chunks: S) -> Self {
        Self { chunks, chunk: Bytes::new(), content: Content::Frames(Frames::default()) }
    }

    pub(super) fn of_page(chunks: S) -> Self {
        Self { chunks, chunk: Bytes::new(), content: Content::Page }
    }
}

impl<S> Body for WebBody<S>
where
    S: Stream<Item = Result<Bytes, TransportFault>>,
{
    type Data = Bytes;
    type Error = TransportFault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, TransportFault>>> {
        let mut this = self.project();
        loop {
            let messages = match this.content {
                Content::Over => return Poll::Ready(None),
                Content::Page => Ok(Some(mem::take(this.chunk)).filter(|chunk| !chunk.is_empty())),
                Content::Frames(frames) => frames.messages_in(this.chunk),
            };
            match messages {
                Ok(None) => {}
                Ok(Some(messages)) => return Poll::Ready(Some(Ok(Frame::data(messages)))),
                Err(fault) => {
                    *this.content = Content::Over;
                    return Poll::Ready(Some(Err(fault)));
                }
            }
            let fault = match ready!(this.chunks.as_mut().poll_next(cx)) {
                Some(Ok(next)) => {
                    *this.chunk = next;
                    continue;
                }
                Some(Err(fault)) => Some(fault),
                None => None,
            };
            let last = match (mem::replace(this.content, Content::Over), fault) {
                (Content::Frames(frames), Some(fault)) if !frames.is_complete() => Err(fault),
                (Content::Frames(frames), _) => frames.finish(),
                (_, Some(fault)) => Err(fault),
                (_, None) => Ok(None),
            };
            return Poll::Ready(last.map(|trailers| trailers.map(Frame::trailers)).transpose());
        }
    }
}
