//! Making a call: headers out, both kinds of error in, on every message.

mod attempts;
mod options;
mod wire;

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::TryStreamExt;
use prost::Message;
use tonic::{Request, Status, Streaming};
use uuid::Uuid;

pub(crate) use self::attempts::Attempts;
pub use self::options::{CallOptions, Retry, Stall};
use crate::arrow;
use crate::connection::Connection;
use crate::convert::Reply;
use crate::error::{Error, ReadSoFar, Result, from_reply, from_status};
use crate::guard::Refusal;
use crate::transport::Transport;

/// Which call is made, on which stream: what its errors name; whether making it twice does no harm, and
/// whether it reads points or windows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    name: &'static str,
    stream: Option<Uuid>,
    is_repeatable: bool,
    is_read: bool,
}

impl Call {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, stream: None, is_repeatable: true, is_read: false }
    }

    pub(crate) fn on(name: &'static str, stream: Uuid) -> Self {
        Self { stream: Some(stream), ..Self::new(name) }
    }

    /// The same call, which is not to be made twice unless `is_repeatable`.
    pub(crate) fn repeatable(self, is_repeatable: bool) -> Self {
        Self { is_repeatable, ..self }
    }

    /// The same call, which reads points or windows.
    pub(crate) const fn reading(self) -> Self {
        Self { is_read: true, ..self }
    }

    pub(crate) fn is_repeatable(self) -> bool {
        self.is_repeatable
    }

    /// `error`, naming this call.
    pub(crate) fn failed(self, error: Error) -> Error {
        error.during(self.name, self.stream)
    }
}

impl<T: Transport> Connection<T> {
    /// Makes a call of one answer.
    pub(crate) async fn unary<R: Reply>(&self, call: Call, message: impl Message) -> Result<R> {
        let message = Bytes::from(message.encode_to_vec());
        let mut attempts = self.attempts(call)?;
        loop {
            let refusal = Refusal::default();
            let request = self.request(message.clone(), &refusal, &attempts);
            // Boxed, because it is large, and every future that waits for a call holds it.
            let sent = Box::pin(wire::unary(self.guard(), call.name, request));
            let outcome =
                attempts.within(async { sent.await.map_err(|status| from_status(&status, refusal.was_sent())) });
            match outcome.await.and_then(decoded) {
                Err(error) => attempts.again_after(call.failed(error)).await?,
                Ok(reply) => return Ok(reply),
            }
        }
    }

    /// Makes a call of many answers and waits for all of them.
    pub(crate) async fn collect<R: Reply>(&self, call: Call, message: impl Message) -> Result<Vec<R>> {
        let message = Bytes::from(message.encode_to_vec());
        let mut attempts = self.attempts(call)?;
        loop {
            let opened = self.open_encoded(call, message.clone(), &attempts);
            let mut all = Vec::new();
            let collected = async {
                let mut replies = opened.await?;
                while let Some(reply) = replies.try_next().await? {
                    all.push(reply);
                }
                Ok(())
            };
            match attempts.within(collected).await {
                Err(error) => attempts.again_after(after(&all, error)).await?,
                Ok(()) => return Ok(all),
            }
        }
    }

    /// Makes a call of many answers once and waits for the first of them, so that a call that fails outright fails
    /// here. Neither this nor the answers end with the time for `attempts`: that is the caller's to see to.
    pub(crate) fn open<R: Reply, Q: Message>(
        &self,
        call: Call,
        message: &Q,
        attempts: &Attempts,
    ) -> impl Future<Output = Result<Messages<R>>> + use<T, R, Q> {
        self.open_encoded(call, message.encode_to_vec().into(), attempts)
    }

    fn open_encoded<R: Reply>(
        &self,
        call: Call,
        message: Bytes,
        attempts: &Attempts,
    ) -> impl Future<Output = Result<Messages<R>>> + use<T, R> {
        let refusal = Refusal::default();
        let request = self.request(message, &refusal, attempts);
        // Boxed, because it is large, and every future that waits for a call holds it.
        let sent = Box::pin(wire::streaming(self.guard(), call.name, request));
        async move {
            let rest = match sent.await {
                Ok(answers) => Some(answers),
                Err(status) => return Err(call.failed(from_status(&status, refusal.was_sent()))),
            };
            let mut messages = Messages { call, refusal, first: None, rest, bytes_of_last: 0 };
            messages.first = std::future::poll_fn(|cx| messages.poll_rest(cx)).await.transpose()?;
            Ok(messages)
        }
    }

    /// The tries of `call` that the options allow.
    pub(crate) fn attempts(&self, call: Call) -> Result<Attempts> {
        Attempts::new(call, self.calls(), self.timer())
    }

    fn request(&self, message: Bytes, refusal: &Refusal, attempts: &Attempts) -> Request<Bytes> {
        let mut request = Request::new(message);
        self.sign(request.metadata_mut());
        if let Some(left) = attempts.time_left() {
            request.set_timeout(left);
        }
        if let Some(stall) = self.calls().stall {
            request.extensions_mut().insert(Stall(stall));
        }
        request.extensions_mut().insert(refusal.clone());
        request
    }
}

/// The answer that `bytes` are, unless it holds an error.
fn decoded<R: Reply>(bytes: Bytes) -> Result<R> {
    let mut reply = R::parse(bytes).map_err(|why| from_status(&Status::internal(why.to_string()), false))?;
    from_reply(reply.take_status()).map_or(Ok(reply), Err)
}

/// `error`, after the rows of `replies`, if they have any.
fn after<R: Reply>(replies: &[R], error: Error) -> Error {
    let extents: Option<Vec<ReadSoFar>> =
        replies.iter().map(|reply| arrow::extent(reply.arrow_bytes()?).ok()).collect();
    match extents {
        Some(extents) if !extents.is_empty() => error.after_reading(ReadSoFar {
            rows: extents.iter().fold(0, |rows, extent| rows.saturating_add(extent.rows)),
            last_time: extents.iter().rev().find_map(|extent| extent.last_time),
            bytes: extents.iter().map(|extent| extent.bytes).sum(),
        }),
        _ => error,
    }
}

/// The answers to a call, each looked into for an error. An error is the last item, and no error ends them quietly.
/// Dropping them cancels the call.
pub(crate) struct Messages<R> {
    call: Call,
    refusal: Refusal,
    first: Option<R>,
    rest: Option<Streaming<Bytes>>,
    /// How many bytes the last message took, once decompressed.
    pub(crate) bytes_of_last: u64,
}

impl<R: Reply> Messages<R> {
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<R>>> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        let error = match ready!(Pin::new(rest).poll_next(cx)) {
            None => {
                self.rest = None;
                return Poll::Ready(None);
            }
            Some(Err(status)) => from_status(&status, self.refusal.was_sent()),
            Some(Ok(bytes)) => {
                self.bytes_of_last = bytes.len() as u64;
                match decoded(bytes) {
                    Ok(reply) => return Poll::Ready(Some(Ok(reply))),
                    Err(error) => error,
                }
            }
        };
        self.rest = None;
        Poll::Ready(Some(Err(self.call.failed(error))))
    }
}

impl<R: Reply> Stream for Messages<R> {
    type Item = Result<R>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => self.poll_rest(cx),
        }
    }
}

impl<R> Unpin for Messages<R> {}
