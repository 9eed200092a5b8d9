//! Making a call: headers out, both kinds of error in, on every message.

mod attempts;
mod options;

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use btrdb_proto::ObliterateResponse;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::TryStreamExt;
use prost::Message;
use uuid::Uuid;

pub(crate) use self::attempts::Attempts;
pub use self::options::{CallOptions, Retry, Stall};
use crate::arrow;
use crate::connection::Connection;
use crate::convert::Reply;
use crate::error::{Error, ErrorKind, ReadSoFar, Result, from_reply};
use crate::transport::{Answers, Transport};

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
        let missing = || Error::new(ErrorKind::BadResponse, "an answer without a message");
        let replies = self.collected(call, encoded(&message)).await.map_err(|failure| failure.error)?;
        replies.first().ok_or_else(missing).and_then(decoded).map_err(|error| call.failed(error))
    }

    /// Makes a call of many answers and waits for all of them.
    pub(crate) async fn collect<R: Reply>(&self, call: Call, message: impl Message) -> Result<Vec<R>> {
        let replies = self.collected(call, encoded(&message)).await.map_err(|failure| failure.error)?;
        replies.iter().map(decoded).collect::<Result<_>>().map_err(|error| call.failed(error))
    }

    /// Makes a call of many answers, which are of no concern here but for the errors in them, and waits for all of them.
    /// Boxed, because it is large, and every future that waits for a call holds it.
    pub(crate) fn collected(
        &self,
        call: Call,
        message: Bytes,
    ) -> Pin<Box<impl Future<Output = Result<Vec<Bytes>, Failure>> + use<'_, T>>> {
        Box::pin(async move {
            let mut all = Vec::new();
            match self.collect_into(&mut all, call, message).await {
                Ok(()) => Ok(all),
                Err(error) => Err(Failure { error, so_far: all }),
            }
        })
    }

    async fn collect_into(&self, all: &mut Vec<Bytes>, call: Call, message: Bytes) -> Result<()> {
        let mut attempts = self.attempts(call)?;
        loop {
            all.clear();
            let opened = self.open(call, message.clone(), checked, &attempts);
            let collected = async {
                let mut replies = opened.await?;
                while let Some(reply) = replies.try_next().await? {
                    all.push(reply);
                }
                Ok(())
            };
            match attempts.within(collected).await {
                Err(error) => attempts.again_after(error).await?,
                Ok(()) => return Ok(()),
            }
        }
    }

    /// Makes a call of many answers once and waits for the first of them, so that a call that fails outright fails
    /// here. Neither this nor the answers end with the time for `attempts`: that is the caller's to see to.
    pub(crate) fn open<R>(
        &self,
        call: Call,
        message: Bytes,
        decode: Decode<R>,
        attempts: &Attempts,
    ) -> impl Future<Output = Result<Messages<R>>> + use<T, R> {
        let sent = self.send(call.name, message, attempts.time_left());
        async move {
            let rest = sent.await.map_err(|error| call.failed(error))?;
            let mut messages = Messages { call, decode, first: None, rest: Some(rest) };
            messages.first = std::future::poll_fn(|cx| messages.poll_rest(cx)).await.transpose()?;
            Ok(messages)
        }
    }

    /// The tries of `call` that the options allow.
    pub(crate) fn attempts(&self, call: Call) -> Result<Attempts> {
        Attempts::new(call, self.calls(), self.timer())
    }
}

/// What a message of an answer is read by, which fails for one that holds an error.
pub(crate) type Decode<R> = fn(&Bytes) -> Result<R>;

/// Why a call of many answers failed, and what it had brought by then.
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) so_far: Vec<Bytes>,
}

impl Failure {
    /// The error after the rows that had come, if any had: `ipc` finds their IPC stream in a message.
    pub(crate) fn after_rows(self, ipc: fn(&Bytes) -> Result<(u64, Bytes)>) -> Error {
        let extents = self.so_far.iter().map(|reply| arrow::extent(&ipc(reply).ok()?.1).ok());
        match extents.collect::<Option<Vec<ReadSoFar>>>() {
            Some(extents) if !extents.is_empty() => self.error.after_reading(ReadSoFar {
                rows: extents.iter().fold(0, |rows, extent| rows.saturating_add(extent.rows)),
                bytes: extents.iter().map(|extent| extent.bytes).sum(),
                last_time: extents.iter().rev().find_map(|extent| extent.last_time),
            }),
            _ => self.error,
        }
    }
}

pub(crate) fn encoded(message: &impl Message) -> Bytes {
    message.encode_to_vec().into()
}

/// The answer that `bytes` are.
pub(crate) fn decoded<R: Reply>(bytes: &Bytes) -> Result<R> {
    Ok(R::decode(bytes.clone())?)
}

/// `bytes` as they are, unless they hold an error.
pub(crate) fn checked(bytes: &Bytes) -> Result<Bytes> {
    // An answer of which all but the status goes unread: it is the first field of each.
    let ObliterateResponse { stat } = decoded(bytes)?;
    from_reply(stat).map_or_else(|| Ok(bytes.clone()), Err)
}

/// The answers to a call, each looked into for an error. An error is the last item, and no error ends them quietly.
/// Dropping them cancels the call.
pub(crate) struct Messages<R> {
    call: Call,
    decode: Decode<R>,
    first: Option<R>,
    rest: Option<Answers>,
}

impl<R> Messages<R> {
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<R>>> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        let next = ready!(rest.as_mut().poll_next(cx)).map(|next| next.and_then(|bytes| (self.decode)(&bytes)));
        if !matches!(next, Some(Ok(_))) {
            self.rest = None;
        }
        Poll::Ready(next.map(|next| next.map_err(|error| self.call.failed(error))))
    }
}

impl<R> Stream for Messages<R> {
    type Item = Result<R>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => self.poll_rest(cx),
        }
    }
}

impl<R> Unpin for Messages<R> {}
