//! HTTP/1.1 as a browser or a scraper speaks it, byte by byte.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// The head, in small letters, and the body of an answer.
pub(crate) type Answer = (String, Vec<u8>);

/// One exchange over a connection of its own.
pub(crate) fn exchange(address: &str, request: &[u8]) -> Answer {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(request).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    parsed(&answer)
}

/// What a server sent until it closed the connection.
pub(crate) fn parsed(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let body = &answer[end + 4..];
    let body = if head.contains("transfer-encoding: chunked") { joined(body) } else { body.to_vec() };
    (head, body)
}

fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = chunks.windows(2).position(|bytes| bytes == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&chunks[..end]).unwrap(), 16).unwrap();
        body.extend_from_slice(&chunks[end + 2..end + 2 + length]);
        chunks = &chunks[end + 2 + length + 2..];
    }
    body
}

pub(crate) fn get(address: &str, path: &str) -> Answer {
    get_with(address, path, "")
}

/// With more header lines, each ended.
pub(crate) fn get_with(address: &str, path: &str, headers: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n");
    exchange(address, request.as_bytes())
}

/// A gRPC-web call over HTTP/1.1, as a browser's page of `origin` makes it.
pub(crate) fn grpc_web(address: &str, call: &str, message: &[u8], origin: Option<&str>) -> Answer {
    let origin = origin.map(|origin| format!("Origin: {origin}\r\n")).unwrap_or_default();
    exchange(address, &grpc_web_request(call, message, false, &origin))
}

/// The bytes of a gRPC-web call whose message is `compressed` or not, with more header lines, each ended.
pub(crate) fn grpc_web_request(call: &str, message: &[u8], compressed: bool, headers: &str) -> Vec<u8> {
    let mut request = format!(
        "POST /v5api.BTrDB/{call} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/grpc-web+proto\r\n\
         X-Grpc-Web: 1\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        message.len() + 5
    )
    .into_bytes();
    request.push(compressed.into());
    request.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    request.extend_from_slice(message);
    request
}

/// A browser's question whether a page of `origin` may make gRPC-web calls.
pub(crate) fn preflight_request(origin: &str) -> Vec<u8> {
    format!(
        "OPTIONS /v5api.BTrDB/Info HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n\
         Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type,x-grpc-web\r\n\
         Connection: close\r\n\r\n"
    )
    .into_bytes()
}
