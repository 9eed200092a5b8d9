//! An answer that is not gRPC at all but the page of a proxy, a portal or a web server.

use tonic::Code;

/// How many bytes of a page are read.
const BYTES: usize = 2 << 10;

/// How many characters of it are told.
const CHARACTERS: usize = 200;

/// A page whose beginning is being read, since it may say what is wrong.
pub(crate) struct Page {
    code: Code,
    what: String,
    beginning: Vec<u8>,
}

impl Page {
    /// The page that comes with `status` of HTTP and `media_type`; `None` if that is an answer.
    pub(crate) fn of(status: u16, media_type: Option<&str>, has_grpc_status: bool) -> Option<Self> {
        let may_be_grpc = media_type.is_none_or(|found| found.starts_with("application/grpc"));
        if has_grpc_status || (status == 200 && may_be_grpc) {
            return None;
        }
        let mut what = format!("what answers there is not BTrDB: HTTP {status}");
        if let Some(found) = media_type {
            what = format!("{what} with {found}");
        }
        Some(Self { code: code(status), what, beginning: Vec::new() })
    }

    /// Takes the next bytes of the page; whether further ones would tell more.
    pub(crate) fn takes_more_after(&mut self, bytes: &[u8]) -> bool {
        self.beginning.extend_from_slice(&bytes[..bytes.len().min(BYTES)]);
        self.beginning.len() < BYTES
    }

    /// What the call ends with, before anybody takes the page for messages: the code and the message of a status.
    pub(crate) fn status(&self) -> (Code, String) {
        let what = &self.what;
        let words = words(&String::from_utf8_lossy(&self.beginning));
        (self.code, if words.is_empty() { what.clone() } else { format!("{what}, saying \"{words}\"") })
    }
}

/// What gRPC says that a status of HTTP means.
fn code(status: u16) -> Code {
    match status {
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502 | 503 | 504 => Code::Unavailable,
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
