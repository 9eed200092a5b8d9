//! What carries calls to the server.

use tonic::body::Body as RequestBody;
use tonic::client::GrpcService;
use tonic::codegen::{Body, Bytes, StdError};

use crate::ErrorKind;

/// Anything that gRPC calls can be made over: a native channel, the browser's `fetch`, or a service of this very
/// process. Implemented for all that qualifies; its futures need not be `Send`.
pub trait Transport:
    GrpcService<
        RequestBody,
        Error: Into<StdError>,
        ResponseBody: Body<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
    > + Clone
    + 'static
{
}

impl<T> Transport for T where
    T: GrpcService<
            RequestBody,
            Error: Into<StdError>,
            ResponseBody: Body<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
        > + Clone
        + 'static
{
}

/// How a transport that can tell why it failed says so: the error that its calls and bodies end with. A failure of any
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
