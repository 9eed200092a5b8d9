//! Answers cut up at odd places come out with the same messages.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::{convert::Infallible, io::Read};

use flate2::read::GzDecoder;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};

use super::*;

fn framed(message: &[u8]) -> Vec<u8> {
    let mut framed = vec![0];
    framed.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    framed.extend_from_slice(message);
    framed
}

/// Bytes that do not shrink.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// Each message that comes out for an answer of `messages` in pieces of `piece` bytes, and whether it was compressed.
async fn through(messages: &[Vec<u8>], piece: usize) -> Vec<(Vec<u8>, bool)> {
    let bytes: Vec<u8> = messages.iter().flat_map(|message| framed(message)).collect();
    let pieces: Vec<Bytes> = bytes.chunks(piece).map(Bytes::copy_from_slice).collect();
    let frames = pieces.into_iter().map(|piece| Ok::<_, Infallible>(Frame::data(piece)));
    let response = compressed(Response::new(Body::new(StreamBody::new(stream::iter(frames)))));
    assert_eq!(response.headers()["grpc-encoding"], "gzip");
    let mut body = response.into_body().collect().await.unwrap().to_bytes();
    let mut out = Vec::new();
    while !body.is_empty() {
        let message = body.split_to(whole(&body).unwrap());
        let mut plain = Vec::new();
        if message[0] == 1 {
            GzDecoder::new(&message[PREFIX..]).read_to_end(&mut plain).unwrap();
        } else {
            plain.extend_from_slice(&message[PREFIX..]);
        }
        out.push((plain, message[0] == 1));
    }
    out
}

#[tokio::test]
async fn messages_come_out_as_they_went_in() {
    let even = |length| vec![7; length];
    let messages =
        [even(0), even(100), even(LONG_WORK - PREFIX - 1), even(1), even(LONG_WORK), noise(WORTH_IT), even(WORTH_IT)];
    for piece in [1, 4, 6, 1_000, 1 << 20] {
        let out = through(&messages, piece).await;
        assert!(out.iter().map(|(message, _)| message).eq(&messages), "in pieces of {piece}");
        let packed: Vec<bool> = out.iter().map(|(_, packed)| *packed).collect();
        // Once a message did not shrink, no further one is tried.
        assert_eq!(packed, [false, false, true, false, true, false, false], "in pieces of {piece}");
    }
}

#[test]
fn gzip_must_be_wanted() {
    let wanted = |name: &'static str, value: &'static str| {
        let header = (http::HeaderName::from_static(name), HeaderValue::from_static(value));
        is_wanted(&HeaderMap::from_iter([header]))
    };
    for accepted in ["gzip", "gzip,identity", "deflate, gzip , identity"] {
        assert!(wanted("grpc-accept-encoding", accepted), "{accepted}");
    }
    for accepted in ["", "identity, deflate, gzip", "identity,deflate", "gzippy"] {
        assert!(!wanted("grpc-accept-encoding", accepted), "{accepted}");
    }
    assert!(wanted("grpc-encoding", "gzip") && !wanted("grpc-encoding", "identity"));
}
