//! Points as they are inserted, told by the server by itself. Needs a transport on which both sides speak at once, which
//! a browser has not: there, [`Stream::tail`](crate::Stream::tail).

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use btrdb_core::RawColumns;
use btrdb_proto::client::BTrDbClient;
use btrdb_proto::{SubscriptionResp, SubscriptionUpdate, SubscriptionUpdateOp};
use futures_core::Stream;
use futures_util::stream::poll_fn;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tonic::codec::CompressionEncoding;
use tonic::{Request, Streaming};
use uuid::Uuid;

use crate::arrow;
use crate::call::Call;
use crate::connection::Connection;
use crate::convert;
use crate::error::{Error, ErrorKind, Result, from_reply, from_status};
use crate::grpc::{GrpcTransport, Guard, Refusal, sign};

const CALL: Call = Call::new("Subscribe");

/// Subscribes to the streams of `uuids`: what is inserted into them from now on is told in order of arrival. Which
/// streams are followed can be changed meanwhile by the updates that are returned beside the subscription.
///
/// # Errors
/// Whatever keeps the server from answering. Streams that do not exist end the subscription with `StreamNotFound`.
pub async fn subscribe<T: GrpcTransport>(
    connection: &Connection<T>,
    uuids: impl IntoIterator<Item = Uuid>,
) -> Result<(Subscription, SubscriptionUpdates)> {
    let (sender, mut receiver) = unbounded_channel();
    let updates = SubscriptionUpdates(sender);
    updates.add(uuids);
    let mut request = Request::new(poll_fn(move |cx| receiver.poll_recv(cx)));
    let (transport, headers, wants_gzip) = connection.parts();
    sign(request.metadata_mut(), headers)?;
    let refusal = Refusal::default();
    request.extensions_mut().insert(refusal.clone());
    let service = BTrDbClient::new(Guard { transport: transport.clone(), wants_gzip });
    let mut service =
        service.accept_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Deflate);
    let answers = service.subscribe(request).await;
    let answers = answers.map_err(|status| CALL.failed(from_status(&status, refusal.was_sent())))?.into_inner();
    Ok((Subscription { answers: Some(answers), refusal }, updates))
}

/// Which streams a subscription follows.
#[derive(Clone, Debug)]
pub struct SubscriptionUpdates(UnboundedSender<SubscriptionUpdate>);

impl SubscriptionUpdates {
    /// Follows these streams too. Does nothing once the subscription has ended.
    pub fn add(&self, uuids: impl IntoIterator<Item = Uuid>) {
        self.send(SubscriptionUpdateOp::AddUuids, uuids);
    }

    /// Follows these streams no longer. Does nothing once the subscription has ended.
    pub fn remove(&self, uuids: impl IntoIterator<Item = Uuid>) {
        self.send(SubscriptionUpdateOp::RemoveUuids, uuids);
    }

    fn send(&self, op: SubscriptionUpdateOp, uuids: impl IntoIterator<Item = Uuid>) {
        let uuid = uuids.into_iter().map(convert::uuid_bytes).collect();
        // Nobody listens after the end.
        let _ = self.0.send(SubscriptionUpdate { op: op.into(), uuid });
    }
}

/// The inserts into the streams followed: each with its stream and its points, as they were sent. An error is the last
/// item: `Server` with number 426 says that the reader fell too far behind. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    answers: Option<Streaming<SubscriptionResp>>,
    refusal: Refusal,
}

impl Stream for Subscription {
    type Item = Result<(Uuid, RawColumns)>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(answers) = &mut self.answers else { return Poll::Ready(None) };
        let item = match ready!(Pin::new(answers).poll_next(cx)) {
            None => None,
            Some(Err(status)) => Some(Err(from_status(&status, self.refusal.was_sent()))),
            Some(Ok(answer)) => Some(insert(answer)),
        };
        if !matches!(item, Some(Ok(_))) {
            self.answers = None;
        }
        Poll::Ready(item.map(|item| item.map_err(|error| CALL.failed(error))))
    }
}

fn insert(answer: SubscriptionResp) -> Result<(Uuid, RawColumns)> {
    if let Some(error) = from_reply(answer.stat) {
        return Err(error);
    }
    let bad = |why: String| Error::new(ErrorKind::BadResponse, why);
    let uuid = Uuid::from_slice(&answer.uuid).map_err(|why| bad(why.to_string()))?;
    // An insert is told as it was sent, so in whatever types.
    let points = arrow::read_points(&answer.arrow_bytes).map_err(|why| bad(why.to_string()))?;
    Ok((uuid, points))
}
