//! What carries calls to the server.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;

use crate::error::{Error, ErrorKind, Result};

/// What a call waits for.
pub type Pending<'a, V> = Pin<Box<dyn Future<Output = Result<V>> + Send + 'a>>;

/// The messages of an answer as they come. An error is the last item; an answer that ends without one ended well.
/// Dropping them cancels the call.
pub type Answers = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// Anything that gRPC calls can be made over: every [`GrpcTransport`](crate::GrpcTransport), such as a native channel or a
/// service of this very process; and the browser's `fetch`.
pub trait Transport: Clone + Send + Sync + 'static {
    /// Makes the call that `request` is. Dropping what is returned cancels it.
    fn call(&self, request: Request) -> Pending<'static, Answers>;

    /// Whether calls wait for others to end, where only so many can be under way. Whoever has several calls under way and
    /// waits for one more then ends the others for a while, or all would wait for ever.
    fn is_crowded(&self) -> bool {
        false
    }
}

/// A call to be made.
#[derive(Clone)]
pub struct Request {
    /// Its name in the BTrDB service, such as `AlignedWindows`.
    pub call: &'static str,
    /// The message, encoded.
    pub message: Bytes,
    /// Names and values of headers. The values are visible ASCII, and may be secret.
    pub headers: Arc<[(&'static str, String)]>,
    /// How long the server may take, if that is limited.
    pub timeout: Option<Duration>,
    /// How long nothing may come of an answer that is waited for, until the connection counts as broken. Only a
    /// transport can see that.
    pub stall: Option<Duration>,
    /// Whether answers are wanted compressed, rather than merely understood.
    pub wants_gzip: bool,
}

impl Request {
    /// The path of the call on the server.
    pub fn path(&self) -> String {
        format!("/{}/{}", btrdb_proto::server::SERVICE_NAME, self.call)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("call", &self.call).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// How a transport that can tell why it failed says so. One of gRPC ends its calls and bodies with it; a failure of any
/// other type counts as the server being unavailable, unless gRPC itself knows better.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportFault {
    /// The server was not reached, or the connection broke.
    #[error("{0}")]
    Unavailable(String),
    /// What came back is not gRPC.
    #[error("{0}")]
    BadResponse(String),
    /// What came back ends before its end.
    #[error("{0}")]
    CutShort(String),
}

impl TransportFault {
    /// The kind of error that a call with this fault ends in.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::BadResponse(_) | Self::CutShort(_) => ErrorKind::BadResponse,
        }
    }
}

impl From<TransportFault> for Error {
    fn from(fault: TransportFault) -> Self {
        let (kind, is_cut_short) = (fault.kind(), matches!(fault, TransportFault::CutShort(_)));
        let (TransportFault::Unavailable(why) | TransportFault::BadResponse(why) | TransportFault::CutShort(why)) =
            fault;
        Self::new(kind, why).cut_short(is_cut_short)
    }
}
