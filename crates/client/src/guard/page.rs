//! An answer that is not gRPC at all but the page of a proxy, a portal or a web server.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use tonic::codegen::{Body, Bytes};
use tonic::{Code, Status};

/// How many bytes of a page are read.
const BYTES: usize = 2 << 10;

/// How many characters of it are told.
const CHARACTERS: usize = 200;

/// A page whose beginning is being read, since it may say what is wrong.
pub(super) struct Page<B> {
    code: Code,
    what: String,
    body: Pin<Box<B>>,
    beginning: Vec<u8>,
}

impl<B: Body<Data = Bytes>> Page<B> {
    /// The page that `response` is; gives it back if it is an answer.
    pub(super) fn of(response: Response<B>) -> Result<Self, Response<B>> {
        let (status, headers) = (response.status(), response.headers());
        let media_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        let may_be_grpc = media_type.is_none_or(|found| found.starts_with(b"application/grpc"));
        if headers.contains_key(Status::GRPC_STATUS) || (status == StatusCode::OK && may_be_grpc) {
            return Err(response);
        }
        let sent = media_type.map(|found| format!(" with {}", String::from_utf8_lossy(found))).unwrap_or_default();
        let what = format!("what answers there is not BTrDB: HTTP {status}{sent}");
        Ok(Self { code: code(status), what, body: Box::pin(response.into_body()), beginning: Vec::new() })
    }

    /// What the call ends with, before anybody takes the page for messages.
    pub(super) fn poll_status(&mut self, cx: &mut Context<'_>) -> Poll<Status> {
        while self.beginning.len() < BYTES
            && let Some(Ok(frame)) = ready!(self.body.as_mut().poll_frame(cx))
        {
            let bytes = frame.data_ref().map(|bytes| &bytes[..bytes.len().min(BYTES)]);
            self.beginning.extend(bytes.unwrap_or_default());
        }
        let says = match words(&String::from_utf8_lossy(&self.beginning)) {
            words if words.is_empty() => words,
            words => format!(", saying {words:?}"),
        };
        Poll::Ready(Status::new(self.code, format!("{}{says}", self.what)))
    }
}

/// What gRPC says that a status of HTTP means.
fn code(status: StatusCode) -> Code {
    match status {
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        StatusCode::NOT_FOUND => Code::Unimplemented,
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Code::Unavailable,
        _ => Code::Internal,
    }
}

/// The first words of a page, without its tags.
fn words(page: &str) -> String {
    let mut is_in_tag = false;
    let text: String = page
        .chars()
        .map(|letter| {
            let is_end = is_in_tag && letter == '>';
            is_in_tag = (is_in_tag || letter == '<') && !is_end;
            if is_in_tag || is_end || letter.is_control() { ' ' } else { letter }
        })
        .collect();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_without_tags() {
        let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\n<body bgcolor=\"white\"><hr>nginx/1.18";
        assert_eq!(words(page), "502 Bad Gateway nginx/1.18");
        assert_eq!(words("upstream connect error"), "upstream connect error");
        assert_eq!(words("<unfinished"), "");
        assert_eq!(words(&"é".repeat(1_000)).chars().count(), CHARACTERS);
    }
}
