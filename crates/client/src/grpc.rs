//! Calls by tonic, over any transport that speaks gRPC: natively.

mod codec;
mod guard;

use futures_util::TryStreamExt;
use tonic::body::Body as RequestBody;
use tonic::client::GrpcService;
use tonic::codegen::{Body, Bytes, StdError};
use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use tonic::{Request, Status};

pub(crate) use self::guard::{Guard, Refusal};
use crate::call::Stall;
use crate::error::{Error, ErrorKind, Result, from_status};
use crate::transport::{self, Answers, Pending, Transport};

/// A transport of gRPC. Implemented for all that qualifies.
pub trait GrpcTransport:
    GrpcService<
        RequestBody,
        Error: Into<StdError>,
        Future: Send,
        ResponseBody: Body<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<T> GrpcTransport for T where
    T: GrpcService<
            RequestBody,
            Error: Into<StdError>,
            Future: Send,
            ResponseBody: Body<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
        > + Clone
        + Send
        + Sync
        + 'static
{
}

impl<T: GrpcTransport> Transport for T {
    fn call(&self, request: transport::Request) -> Pending<'static, Answers> {
        Box::pin(call(self.clone(), request))
    }
}

async fn call<T: GrpcTransport>(transport: T, request: transport::Request) -> Result<Answers> {
    let guard = Guard { transport, wants_gzip: request.wants_gzip };
    let refusal = Refusal::default();
    let mut message = Request::new(request.message.clone());
    sign(message.metadata_mut(), &request.headers)?;
    if let Some(left) = request.timeout {
        message.set_timeout(left);
    }
    if let Some(stall) = request.stall {
        message.extensions_mut().insert(Stall(stall));
    }
    message.extensions_mut().insert(refusal.clone());
    let failed = move |status: Status| from_status(&status, refusal.was_sent());
    match codec::streaming(guard, &request.path(), message).await {
        Ok(answers) => Ok(Box::pin(answers.map_err(failed))),
        Err(status) => Err(failed(status)),
    }
}

/// Adds `headers` to those of a call.
pub(crate) fn sign(metadata: &mut MetadataMap, headers: &[(&'static str, String)]) -> Result<()> {
    for (name, value) in headers {
        let value: Result<MetadataValue<Ascii>, _> = value.parse();
        let mut value =
            value.map_err(|why| Error::new(ErrorKind::InvalidValue, format!("the header {name}: {why}")))?;
        value.set_sensitive(true);
        metadata.insert(*name, value);
    }
    Ok(())
}
