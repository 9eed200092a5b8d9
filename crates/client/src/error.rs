//! One error for everything that can go wrong: what kind, in which call, on which stream, in the server's words.

mod kind;
mod progress;
mod status;

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

pub use self::kind::ErrorKind;
pub use self::progress::{ReadSoFar, WrittenSoFar};
pub(crate) use self::status::{DETAILS, Hints, PUSHBACK, Pushback, from_reply, from_status, of_page, refused};

/// The result of every call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed. Cheap to clone, so that a failure can be kept and shown in several places.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    call: Option<&'static str>,
    stream: Option<Uuid>,
    message: String,
    btrdb_code: Option<u32>,
    grpc_code: Option<i32>,
    read: Option<ReadSoFar>,
    written: Option<WrittenSoFar>,
    is_cut_short: bool,
    pushback: Option<Pushback>,
    details: Option<String>,
}

impl Error {
    /// An error of `kind`, outside of any call. `message` has no full stop at its end.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            call: None,
            stream: None,
            message: message.into(),
            btrdb_code: None,
            grpc_code: None,
            read: None,
            written: None,
            is_cut_short: false,
            pushback: None,
            details: None,
        }))
    }

    /// What kind of failure this is: what a program decides by.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The kind as a stable string, such as `STREAM_NOT_FOUND`.
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// The number of the BTrDB error, 401 to 502, where the server gave one.
    pub fn btrdb_code(&self) -> Option<u32> {
        self.0.btrdb_code
    }

    /// The gRPC status code, 1 to 16, where the call itself failed.
    pub fn grpc_code(&self) -> Option<i32> {
        self.0.grpc_code
    }

    /// What else a server said of a call that failed: a message `google.rpc.Status`, in base64, as the header
    /// `grpc-status-details-bin` has it. BTrDB itself sends none; what stands before it may.
    pub fn status_details(&self) -> Option<&str> {
        self.0.details.as_deref()
    }

    /// What went wrong, in the server's words where they are from the server.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The call of the BTrDB service that failed, such as `AlignedWindows`.
    pub fn call(&self) -> Option<&'static str> {
        self.0.call
    }

    /// The stream that the call was about.
    pub fn stream(&self) -> Option<Uuid> {
        self.0.stream
    }

    /// How far a read came before it failed: what was handed out in batches, or would have been. `None` where the
    /// failure was not within a read.
    pub fn read_so_far(&self) -> Option<ReadSoFar> {
        self.0.read
    }

    /// How much of an insert of several calls the server acknowledged before one of them failed. `None` where the
    /// failure was not within an insert.
    pub fn written_so_far(&self) -> Option<WrittenSoFar> {
        self.0.written
    }

    /// Whether the kind is `kind`, or a case of it.
    pub fn is_a(&self, kind: ErrorKind) -> bool {
        self.0.kind.is_a(kind)
    }

    /// Whether the very same call may succeed when made again a little later.
    pub fn is_retryable(&self) -> bool {
        self.0.kind.is_retryable() || self.0.btrdb_code.is_some_and(kind::is_retryable_code)
    }

    /// Whether the server said that it did nothing at all, and may do it a little later.
    pub(crate) fn is_passing_refusal(&self) -> bool {
        self.0.btrdb_code.is_some_and(kind::is_refusal_code)
    }

    /// Whether the server does not know the call, so that a plainer form of it may do.
    pub(crate) fn is_unimplemented(&self) -> bool {
        self.0.kind == ErrorKind::Unimplemented || self.0.btrdb_code == Some(kind::NOT_IMPLEMENTED)
    }

    /// Whether what came was right as far as it came.
    pub(crate) fn is_cut_short(&self) -> bool {
        self.0.is_cut_short
    }

    /// The same error, which is that of an answer that was right as far as it came.
    #[must_use]
    pub(crate) fn cut_short(self, is_cut_short: bool) -> Self {
        self.with(|inner| inner.is_cut_short = is_cut_short)
    }

    /// When to call again, where the server said so.
    pub(crate) fn pushback(&self) -> Option<Pushback> {
        self.0.pushback
    }

    /// The same error, naming the call and the stream it happened in.
    #[must_use]
    pub(crate) fn during(self, call: &'static str, stream: Option<Uuid>) -> Self {
        self.with(|inner| (inner.call, inner.stream) = (Some(call), stream))
    }

    /// The same error, after `read` was read.
    #[must_use]
    pub(crate) fn after_reading(self, read: ReadSoFar) -> Self {
        self.with(|inner| inner.read = Some(read))
    }

    /// The same error, after `written` was written.
    #[must_use]
    pub(crate) fn after_writing(self, written: WrittenSoFar) -> Self {
        self.with(|inner| inner.written = Some(written))
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, call, stream, message, btrdb_code, read, written, .. } = &*self.0;
        match (call, stream) {
            (Some(call), Some(stream)) => write!(f, "{call} of stream {stream}: ")?,
            (Some(call), None) => write!(f, "{call}: ")?,
            (None, _) => {}
        }
        match message.as_str() {
            "" => write!(f, "{}", kind.code())?,
            message => f.write_str(message)?,
        }
        if let Some(code) = btrdb_code {
            write!(f, " (BTrDB error {code})")?;
        }
        if let Some(ReadSoFar { rows, last_time: Some(last), .. }) = read {
            write!(f, ", after {rows} rows up to time {last}")?;
        }
        match written {
            Some(WrittenSoFar { points: 0, .. }) | None => Ok(()),
            Some(WrittenSoFar { points, version }) => write!(f, ", after {points} points up to version {version}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.0.kind).field("text", &self.to_string()).finish()
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_names_call_stream_and_code() {
        let uuid = Uuid::from_u128(0x11);
        let plain = Error::new(ErrorKind::StreamNotFound, "stream does not exist");
        assert_eq!(plain.to_string(), "stream does not exist");
        let full = plain.with(|inner| inner.btrdb_code = Some(404)).during("Nearest", Some(uuid));
        assert_eq!(
            full.to_string(),
            "Nearest of stream 00000000-0000-0000-0000-000000000011: stream does not exist (BTrDB error 404)"
        );
        let mute = Error::new(ErrorKind::Unavailable, "").during("Info", None);
        assert_eq!(mute.to_string(), "Info: UNAVAILABLE");
    }
}
