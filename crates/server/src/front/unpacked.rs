//! Compressed requests, unpacked before they are counted: a few kilobytes can unpack to as many megabytes.

use std::{future::poll_fn, io::Read, pin::Pin};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use tokio::{sync::Semaphore, task::spawn_blocking};
use tonic::{Status, body::Body};

use super::{
    arriving::{Arriving, Held},
    scan::{Limits, Scan},
};

/// Before each message: whether it is compressed, and its length.
const HEAD: usize = 5;

/// How many requests are unpacked at once.
static UNPACKING: Semaphore = Semaphore::const_new(2);

/// The body of one message that `body` holds, uncompressed and counted. What is no whole message is left to the service.
pub(super) async fn unpacked(mut body: Arriving, limits: Limits, held: &Held) -> Result<Body, Status> {
    let mut packed = BytesMut::new();
    while let Some(frame) = poll_fn(|context| http_body::Body::poll_frame(Pin::new(&mut body), context)).await {
        if let Ok(bytes) = frame?.into_data() {
            packed.put(bytes);
        }
    }
    let packed = packed.freeze();
    if packed.first() != Some(&1) || packed.len() < HEAD {
        return Ok(whole(packed));
    }
    // What is unpacked is in nobody's account until its size is known, so few may be at it.
    let _unpacking = UNPACKING.acquire().await.map_err(|_closed| broken())?;
    let unpacked = spawn_blocking(move || unpack(packed, limits)).await.map_err(|_lost| broken())??;
    Scan::new(limits).pass(&unpacked)?;
    // All that is needed at once, without what was set aside for the packed bytes: those are gone.
    held.give_back();
    held.hold(unpacked.len() * limits.factor).await?;
    Ok(whole(unpacked))
}

fn whole(bytes: Bytes) -> Body {
    Body::new(axum::body::Body::from(bytes))
}

fn broken() -> Status {
    Status::invalid_argument("the request is not the gzip that it says it is")
}

fn unpack(mut packed: Bytes, limits: Limits) -> Result<Bytes, Status> {
    packed.advance(HEAD);
    let mut message = vec![0; HEAD];
    let most = limits.bytes as u64 + 1;
    MultiGzDecoder::new(packed.reader()).take(most).read_to_end(&mut message).map_err(|_why| broken())?;
    // The scan refuses a length beyond the limit, and this one too.
    let length = u32::try_from(message.len() - HEAD).map_err(|_huge| broken())?;
    message[1..HEAD].copy_from_slice(&length.to_be_bytes());
    Ok(message.into())
}
