//! Making a call: headers out, both kinds of error in, on every message.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tonic::{Request, Response, Status, Streaming};
use uuid::Uuid;

use crate::connection::{Client, Connection};
use crate::convert::Reply;
use crate::error::{Error, Result, from_reply, from_status};
use crate::guard::Refusal;
use crate::transport::Transport;

/// Which call is made, on which stream: what its errors name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    name: &'static str,
    stream: Option<Uuid>,
}

impl Call {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, stream: None }
    }

    pub(crate) fn on(name: &'static str, stream: Uuid) -> Self {
        Self { name, stream: Some(stream) }
    }

    /// `error`, naming this call.
    pub(crate) fn failed(self, error: Error) -> Error {
        error.during(self.name, self.stream)
    }
}

impl<T: Transport> Connection<T> {
    /// Makes a call of one answer.
    pub(crate) async fn unary<Q, R, F>(
        &self,
        call: Call,
        message: Q,
        send: impl FnOnce(Client<T>, Request<Q>) -> F,
    ) -> Result<R>
    where
        R: Reply,
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let refusal = Refusal::default();
        let mut reply = match send(self.client(), self.request(message, &refusal)).await {
            Ok(response) => response.into_inner(),
            Err(status) => return Err(call.failed(from_status(&status, refusal.was_sent()))),
        };
        match from_reply(reply.take_status()) {
            Some(error) => Err(call.failed(error)),
            None => Ok(reply),
        }
    }

    /// Makes a call of many answers and waits for the first of them, so that a call that fails outright fails here.
    pub(crate) async fn open<Q, R, F>(
        &self,
        call: Call,
        message: Q,
        send: impl FnOnce(Client<T>, Request<Q>) -> F,
    ) -> Result<Messages<R>>
    where
        R: Reply,
        F: Future<Output = Result<Response<Streaming<R>>, Status>>,
    {
        let refusal = Refusal::default();
        let rest = match send(self.client(), self.request(message, &refusal)).await {
            Ok(response) => Some(response.into_inner()),
            Err(status) => return Err(call.failed(from_status(&status, refusal.was_sent()))),
        };
        let mut messages = Messages { call, refusal, first: None, rest };
        messages.first = std::future::poll_fn(|cx| messages.poll_rest(cx)).await.transpose()?;
        Ok(messages)
    }

    fn request<Q>(&self, message: Q, refusal: &Refusal) -> Request<Q> {
        let mut request = Request::new(message);
        self.sign(request.metadata_mut());
        request.extensions_mut().insert(refusal.clone());
        request
    }
}

/// The answers to a call, each looked into for an error. An error is the last item, and no error ends them quietly.
/// Dropping them cancels the call.
pub(crate) struct Messages<R> {
    call: Call,
    refusal: Refusal,
    first: Option<R>,
    rest: Option<Streaming<R>>,
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
            Some(Ok(mut reply)) => match from_reply(reply.take_status()) {
                None => return Poll::Ready(Some(Ok(reply))),
                Some(error) => error,
            },
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
