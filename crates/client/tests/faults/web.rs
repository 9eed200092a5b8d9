//! The same over gRPC-web, whose status comes in the body: what a transport over `fetch` makes of its chunks.

use btrdb_client::grpc_web::{self, Head, MEDIA_TYPE};
use btrdb_client::{Answers, Connection, ErrorKind, Options, Pending, Request, Transport, TransportFault};
use bytes::Bytes;
use futures_util::stream;
use prost::Message;

use crate::{framed, info, points, read};

type Chunk = Result<Bytes, TransportFault>;

/// The frame that ends an answer.
fn end(lines: &str) -> Bytes {
    let mut frame = framed(lines.as_bytes()).to_vec();
    frame[0] = 0x80;
    frame.into()
}

fn values(times: &[i64]) -> Bytes {
    framed(&points(times).encode_to_vec())
}

/// A transport that answers all but `Info` with a head and chunks.
#[derive(Clone)]
struct Answering {
    head: Head,
    chunks: Vec<Chunk>,
}

impl Transport for Answering {
    fn call(&self, request: Request) -> Pending<'static, Answers> {
        let Self { head, chunks } = self.clone();
        Box::pin(match request.call {
            "Info" => grpc_web::answers(sound_head(), stream::iter(sound_info())),
            _ => grpc_web::answers(head, stream::iter(chunks)),
        })
    }
}

fn sound_head() -> Head {
    Head { status: 200, media_type: Some(MEDIA_TYPE.to_owned()), ..Head::default() }
}

fn sound_info() -> Vec<Chunk> {
    let mut frames = info(29).frames;
    frames.push(Ok(end("grpc-status:0")));
    frames
}

/// How many points come, and the error they end in.
async fn outcome(headers: &[(&'static str, &'static str)], chunks: Vec<Chunk>) -> (usize, Option<(ErrorKind, String)>) {
    let header = |wanted| headers.iter().find(|(name, _)| *name == wanted).map(|&(_, value)| value.to_owned());
    let (grpc_status, grpc_message) = (header("grpc-status"), header("grpc-message"));
    let transport = Answering { head: Head { grpc_status, grpc_message, ..sound_head() }, chunks };
    let connection = Connection::connect(transport, Options::default()).await.unwrap();
    let (count, error) = read(&connection).await;
    (count, error.map(|error| (error.kind(), error.to_string())))
}

#[tokio::test]
async fn sound_answers_in_any_chunks() {
    let whole = [values(&[1, 2]), values(&[3]), end("grpc-status: 0\r\n")].concat();
    for size in [1, 2, 5, 7, 1_000] {
        let chunks = whole.chunks(size).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        assert_eq!(outcome(&[], chunks).await, (3, None), "{size}");
    }
    let large: Vec<i64> = (0..400_000).collect();
    let whole = [values(&large), end("grpc-status:0")].concat();
    let chunks = whole.chunks(65_536).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    assert_eq!(outcome(&[], chunks).await, (400_000, None), "a message of over 6 MB");
}

#[tokio::test]
async fn statuses_wherever_they_are() {
    let ok = ("grpc-status", "0");
    for (headers, chunks, count, expected) in [
        (&[("grpc-status", "7"), ("grpc-message", "no%20entry")][..], vec![], 0, Some("no entry")),
        (&[("grpc-status", "16"), ("grpc-message", "who")], vec![Ok(end(""))], 0, Some("who")),
        (&[], vec![Ok(end("grpc-status:5\r\ngrpc-message:gone%3F"))], 0, Some("gone?")),
        (&[], vec![Ok(values(&[1])), Ok(end("grpc-status:14\ngrpc-message:later"))], 1, Some("later, after 1 rows")),
        (&[ok], vec![Ok(values(&[1])), Ok(end("grpc-status:13\ngrpc-message:disk full"))], 1, Some("disk full")),
        (&[ok], vec![Ok(values(&[1])), Ok(end(""))], 1, None),
        (&[ok], vec![], 0, None),
        (&[], vec![Ok(values(&[1])), Ok(end(""))], 1, Some("without a final status")),
        (&[], vec![Ok(end("grpc-status:99\r\ngrpc-message:odd"))], 0, Some("odd")),
    ] {
        let (found, error) = outcome(headers, chunks).await;
        let text = error.map(|(_, text)| text);
        let fits = match (&text, expected) {
            (Some(text), Some(expected)) => text.contains(expected),
            (text, expected) => text.is_none() && expected.is_none(),
        };
        assert!(found == count && fits, "{found} points and {text:?} for {headers:?}, {expected:?}");
    }
}

#[tokio::test]
async fn answers_without_a_proper_end() {
    let broken = || Err(TransportFault::Unavailable("the connection broke".to_owned()));
    let lying = |length: u32| Ok([&[0][..], &length.to_be_bytes(), b"x"].concat().into());
    for (chunks, count, kind, what) in [
        (vec![Ok(values(&[1, 2]))], 2, ErrorKind::BadResponse, "cut short"),
        (vec![Ok(values(&[1, 2])), Ok(values(&[3]).slice(..9))], 2, ErrorKind::BadResponse, "lacks"),
        (vec![Ok(values(&[1])), broken()], 1, ErrorKind::Unavailable, "the connection broke"),
        (vec![Ok(values(&[1]).slice(..9)), broken()], 0, ErrorKind::Unavailable, "the connection broke"),
        (vec![], 0, ErrorKind::BadResponse, "status"),
        (
            vec![Ok(values(&[1])), Ok(end("grpc-status:0")), Ok(values(&[2]))],
            1,
            ErrorKind::BadResponse,
            "follows the end",
        ),
        (vec![Ok(values(&[1])), lying(u32::MAX)], 1, ErrorKind::BadResponse, "too large"),
        (vec![lying(65 << 20)], 0, ErrorKind::BadResponse, "too large"),
        (vec![lying(60 << 20)], 0, ErrorKind::BadResponse, "cut short"),
        (vec![Ok(Bytes::from_static(b"<html>"))], 0, ErrorKind::BadResponse, "not gRPC-web"),
    ] {
        let (found, error) = outcome(&[], chunks).await;
        let (found_kind, text) = error.unwrap();
        assert_eq!((found, found_kind), (count, kind), "{text}");
        assert!(text.contains(what), "{text}");
    }
    let complete = vec![Ok(values(&[1])), Ok(end("grpc-status:0")), broken()];
    assert_eq!(outcome(&[], complete).await, (1, None), "all of it had come");
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn compressed_messages() {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    let packed = |bytes: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    };
    let frame = |content: &[u8]| {
        let mut frame = framed(content).to_vec();
        frame[0] = 1;
        Bytes::from(frame)
    };
    let message = points(&[1, 2]).encode_to_vec();
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(&message).unwrap();
    let deflate = deflate.finish().unwrap();
    for (encoding, content) in [("gzip", packed(&message)), ("deflate", deflate)] {
        let chunks = vec![Ok(frame(&content)), Ok(values(&[3])), Ok(end("grpc-status:0"))];
        assert_eq!(outcome(&[], chunks).await, (3, None), "{encoding}");
    }
    for (content, what) in [(message, "cannot be unpacked"), (packed(&vec![0; 65 << 20]), "unpacks to more than")] {
        let (count, error) = outcome(&[], vec![Ok(values(&[1])), Ok(frame(&content))]).await;
        let (kind, text) = error.unwrap();
        assert_eq!((count, kind), (1, ErrorKind::BadResponse), "{text}");
        assert!(text.contains(what), "{text}");
    }
}

#[tokio::test]
async fn pages_instead_of_answers() {
    for (status, media_type, kind) in [
        (502, Some("text/html"), ErrorKind::Unavailable),
        (503, None, ErrorKind::Unavailable),
        (401, Some("application/grpc-web+proto"), ErrorKind::Unauthenticated),
        (404, Some("text/html"), ErrorKind::Unimplemented),
        (200, Some("text/html"), ErrorKind::BadResponse),
    ] {
        let head = Head { status, media_type: media_type.map(str::to_owned), ..Head::default() };
        let chunks = vec![Ok(Bytes::from_static(b"<p>out of")), Ok(Bytes::from_static(b" order</p>"))];
        let connection = Connection::connect(Answering { head, chunks }, Options::default()).await.unwrap();
        let (count, error) = read(&connection).await;
        let error = error.unwrap();
        assert_eq!((count, error.kind()), (0, kind), "{status} {media_type:?}: {error}");
        assert!(error.message().contains(&format!("HTTP {status}")) && error.message().contains("\"out of order\""));
    }
}
