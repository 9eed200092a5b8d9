use bytes::Bytes;
use proptest::prelude::*;
use tonic::Code;

use super::{Frames, Trailers};
use crate::transport::TransportFault;

fn frame(flags: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[flags][..], &length, content].concat()
}

/// The messages, each in a frame again, and the trailers of an answer that comes in chunks.
fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> (Vec<u8>, Result<Option<Trailers>, TransportFault>) {
    let (mut frames, mut messages) = (Frames::default(), Vec::new());
    for chunk in chunks {
        let mut chunk = Bytes::copy_from_slice(chunk);
        loop {
            match frames.message_in(&mut chunk) {
                Ok(Some(message)) => messages.extend(frame(0, &message)),
                Ok(None) => break,
                Err(fault) => return (messages, Err(fault)),
            }
        }
        assert!(chunk.is_empty(), "all of it is dealt with");
    }
    (messages, frames.finish())
}

fn whole(bytes: &[u8]) -> (Vec<u8>, Result<Option<Trailers>, TransportFault>) {
    read([bytes])
}

fn why(bytes: &[u8]) -> String {
    match whole(bytes).1.unwrap_err() {
        TransportFault::BadResponse(why) | TransportFault::CutShort(why) => why,
        TransportFault::Unavailable(why) => panic!("{why}"),
    }
}

#[test]
fn trailers_as_servers_and_proxies_write_them() {
    for lines in [
        "grpc-status: 5\r\ngrpc-message: no%20such\r\n",
        "grpc-status:5\r\ngrpc-message:no%20such\r\n",
        "Grpc-Status: 5\r\nGRPC-MESSAGE:  no%20such ",
        "\r\ngrpc-status:5\ngrpc-message:no%20such\n\n",
    ] {
        let trailers = whole(&frame(0x80, lines.as_bytes())).1.unwrap().unwrap();
        let expected = Trailers { status: Some(Code::NotFound), message: "no such".to_owned(), ..Trailers::default() };
        assert_eq!(trailers, expected, "{lines:?}");
    }
    assert_eq!(whole(&frame(0x80, b"")).1.unwrap(), Some(Trailers::default()), "a frame of no trailers");
    assert!(whole(b"").1.unwrap().is_none(), "no frame at all");
}

#[test]
fn answers_that_end_too_soon_or_too_late() {
    let message = frame(0, b"message");
    let trailers = frame(0x80, b"grpc-status:0\r\n");
    assert!(why(&message).contains("without a status"));
    assert!(why(&message[..8]).contains("lacks 4 bytes"));
    assert!(why(&message[..3]).contains("before a message"));
    assert!(why(&[&message[..], &trailers[..9]].concat()).contains("within its status"));
    for junk in [&message[..], &trailers, b"\0"] {
        let (messages, end) = whole(&[&message[..], &trailers, junk].concat());
        assert!(end.is_err(), "something after the end");
        assert_eq!(messages, message, "what came before counts");
    }
}

#[test]
fn frames_that_make_no_sense() {
    assert!(why(b"<html>502 Bad Gateway</html>").contains("0x3c"));
    assert!(why(&frame(0x82, b"grpc-status:0")).contains("0x82"));
    assert!(why(&frame(0x80, b"no colon")).contains("no sense"));
    assert!(why(&frame(0x80, b"grpc status: 0")).contains("no sense"));
    assert!(why(&[0x80, 0xff, 0xff, 0xff, 0xff]).contains("4294967295 bytes"));
    assert!(!why(&frame(0x81, b"neither gzip nor deflate")).is_empty());
    let (messages, end) = whole(&[&frame(0, b"message")[..], b"\x7f\0\0\0\0"].concat());
    assert!(end.is_err() && messages == frame(0, b"message"), "what came before counts");
    assert!(why(&frame(1, b"not packed")).contains("compressed answer"));
    assert!(why(&[1, 0x04, 0, 0, 1]).contains("67108865 bytes"));
}

#[cfg(feature = "gzip")]
#[test]
fn compressed_messages_and_trailers() {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    let lines = b"grpc-status: 8\r\n";
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(lines).unwrap();
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(lines).unwrap();
    for packed in [gzip.finish().unwrap(), deflate.finish().unwrap()] {
        let (messages, end) = whole(&[frame(1, &packed), frame(0, b"x"), frame(0x81, &packed)].concat());
        assert_eq!(messages, [frame(0, lines), frame(0, b"x")].concat(), "as if they had not been");
        assert_eq!(end.unwrap().unwrap().status, Some(Code::ResourceExhausted));
    }
}

proptest! {
    #[test]
    fn chunks_of_any_size_give_the_same(
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
        cuts in prop::collection::vec(1_usize..12, 1..40),
    ) {
        let messages: Vec<u8> = contents.iter().flat_map(|content| frame(0, content)).collect();
        let all = [&messages[..], &frame(0x80, b"grpc-status:0\r\ngrpc-message:well")].concat();
        let mut rest = &all[..];
        let mut chunks = Vec::new();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, more) = rest.split_at((*cut).min(rest.len()));
            chunks.push(chunk);
            rest = more;
        }
        let (found, end) = read(chunks);
        prop_assert_eq!(found, messages);
        let trailers = end.unwrap().unwrap();
        prop_assert_eq!(trailers, Trailers { status: Some(Code::Ok), message: "well".to_owned(), ..Trailers::default() });
    }

    #[test]
    fn any_bytes_give_an_answer_or_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (messages, end) = whole(&bytes);
        // What unpacks by chance is handed on as it was.
        prop_assert!(bytes.starts_with(&messages) || bytes.contains(&1));
        prop_assert!(!matches!(end, Err(TransportFault::Unavailable(_))));
    }
}
