//! Calls as bytes: what gRPC does with a message is the same for all of them, so it is compiled once and not for every
//! pair of messages.

use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use tonic::client::Grpc;
#[cfg(feature = "native")]
use tonic::codec::CompressionEncoding;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status, Streaming};

use crate::connection::LARGEST_MESSAGE;
use crate::guard::Guard;
use crate::transport::Transport;

/// Makes a call of one answer.
pub(super) async fn unary<T: Transport>(
    guard: Guard<T>,
    name: &'static str,
    request: Request<Bytes>,
) -> Result<Bytes, Status> {
    let (mut client, path) = ready(guard, name).await?;
    Ok(client.unary(request, path, AsBytes).await?.into_inner())
}

/// Makes a call of many answers.
pub(super) async fn streaming<T: Transport>(
    guard: Guard<T>,
    name: &'static str,
    request: Request<Bytes>,
) -> Result<Streaming<Bytes>, Status> {
    let (mut client, path) = ready(guard, name).await?;
    Ok(client.server_streaming(request, path, AsBytes).await?.into_inner())
}

async fn ready<T: Transport>(guard: Guard<T>, name: &str) -> Result<(Grpc<Guard<T>>, PathAndQuery), Status> {
    let path = PathAndQuery::try_from(format!("/{}/{name}", btrdb_proto::server::SERVICE_NAME));
    let path = path.map_err(|error| Status::internal(error.to_string()))?;
    let client = Grpc::new(guard).max_decoding_message_size(LARGEST_MESSAGE);
    // Over gRPC-web, messages are unpacked before they come here.
    #[cfg(feature = "native")]
    let client = client.accept_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Deflate);
    let mut client = client;
    client.ready().await.map_err(|error| Status::from_error(error.into()))?;
    Ok((client, path))
}

/// Messages that were encoded before and are decoded afterwards.
#[derive(Clone, Copy, Debug)]
struct AsBytes;

impl Codec for AsBytes {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for AsBytes {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put(message);
        Ok(())
    }
}

impl Decoder for AsBytes {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(message.copy_to_bytes(message.remaining())))
    }
}
