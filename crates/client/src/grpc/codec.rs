//! Calls as bytes: what gRPC does with a message is the same for all of them, so it is compiled once and not for every
//! pair of messages.

use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use tonic::client::Grpc;
#[cfg(feature = "native")]
use tonic::codec::CompressionEncoding;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status, Streaming};

use super::{GrpcTransport, Guard};
use crate::connection::LARGEST_MESSAGE;

/// Makes a call of many answers.
pub(super) async fn streaming<T: GrpcTransport>(
    guard: Guard<T>,
    path: &str,
    request: Request<Bytes>,
) -> Result<Streaming<Bytes>, Status> {
    let path = PathAndQuery::try_from(path).map_err(|error| Status::internal(error.to_string()))?;
    let client = Grpc::new(guard).max_decoding_message_size(LARGEST_MESSAGE);
    #[cfg(feature = "native")]
    let client = client.accept_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Deflate);
    let mut client = client;
    client.ready().await.map_err(|error| Status::from_error(error.into()))?;
    Ok(client.server_streaming(request, path, AsBytes).await?.into_inner())
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
