//! The engine as a gRPC service: every call on a thread that may block, every error in-band.

use std::{pin::Pin, sync::Arc};

use btrdb_engine::{Batches, Engine, Reply, Result as EngineResult};
use btrdb_proto as proto;
use btrdb_proto::server::{BTrDb, BTrDbServer};
use futures_util::{Stream, StreamExt, stream};
use tokio::{sync::Semaphore, task::spawn_blocking};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming, codec::CompressionEncoding};

use crate::{
    calls::{Note, Subject},
    hang_up::HangUp,
    keys::Keys,
    subscribe::subscribe,
};

/// The largest request that is taken, in bytes: an insert of a million points as plain messages is 20 MB.
const MAX_REQUEST: usize = 64 << 20;

/// How many SQL statements run at once; others wait. One may take seconds, and must not keep other calls from theirs.
const MAX_STATEMENTS: usize = 4;

/// The calls of BTrDB over one engine.
#[derive(Clone, Debug)]
pub struct Service {
    engine: Engine,
    /// Without keys everybody may do everything.
    keys: Option<Arc<Keys>>,
    statements: Arc<Semaphore>,
}

type Answer<T> = Result<Response<T>, Status>;
type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Service {
    /// The calls of `engine`, for whoever has one of `keys`.
    pub fn new(engine: Engine, keys: Option<Keys>) -> Self {
        Self { engine, keys: keys.map(Arc::new), statements: Arc::new(Semaphore::new(MAX_STATEMENTS)) }
    }

    /// Who may call; everybody, if there are none.
    pub(crate) fn keys(&self) -> Option<Arc<Keys>> {
        self.keys.clone()
    }

    /// The engine as the caller may see it.
    fn engine_for<P>(&self, request: &Request<P>) -> Result<Engine, Status> {
        let Some(keys) = &self.keys else { return Ok(self.engine.clone()) };
        let authorization = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
        match keys.rights_of(authorization) {
            Some(rights) => Ok(self.engine.restricted(rights.clone())),
            None => Err(Status::unauthenticated("invalid api key")),
        }
    }

    /// The generated server around it: a door for any gRPC transport, and for clients of this process.
    pub fn into_server(self) -> BTrDbServer<Self> {
        BTrDbServer::new(self)
            .accept_compressed(CompressionEncoding::Gzip)
            .max_decoding_message_size(MAX_REQUEST)
            .max_encoding_message_size(usize::MAX)
    }

    /// One answer.
    async fn one<P, R>(&self, params: Request<P>, call: fn(&Engine, P) -> EngineResult<R>) -> Answer<R>
    where
        P: Subject + Send + 'static,
        R: Reply + Send + 'static,
    {
        let note = Note::of(&params);
        let (engine, params) = (self.engine_for(&params)?, params.into_inner());
        let answer = blocking(move || call(&engine, params)).await?;
        Ok(Response::new(note.in_band(answer)))
    }

    /// An answer in several messages. The next one is made when the transport has room for it; a caller who hangs up
    /// drops the place in the tree with the stream.
    async fn many<P, R>(
        &self,
        params: Request<P>,
        call: impl FnOnce(&Engine, P) -> EngineResult<Batches<R>> + Send + 'static,
    ) -> Answer<Answers<R>>
    where
        P: Subject + Send + 'static,
        R: Reply + Send + 'static,
    {
        let note = Note::of(&params);
        let (engine, params) = (self.engine_for(&params)?, params.into_inner());
        let batches = match blocking(move || call(&engine, params)).await? {
            Ok(batches) => batches,
            Err(error) => return Ok(Response::new(stream::iter([Ok(note.in_band(Err(error)))]).boxed())),
        };
        let answers = stream::try_unfold((batches, note), |(mut batches, note)| async {
            let (message, batches) = blocking(move || (batches.next(), batches)).await?;
            Ok(message.map(|message| (note.in_band(message), (batches, note))))
        });
        Ok(Response::new(answers.boxed()))
    }
}

/// Runs `work` where it may wait for the disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Status> {
    spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a call failed in a way that it never should");
        Status::internal("the server failed to answer this call; its log says more")
    })
}

#[tonic::async_trait]
impl BTrDb for Service {
    type RawValuesStream = Answers<proto::RawValuesResponse>;
    type ArrowRawValuesStream = Answers<proto::ArrowRawValuesResponse>;
    type ArrowMultiValuesStream = Answers<proto::ArrowMultiValuesResponse>;
    type AlignedWindowsStream = Answers<proto::AlignedWindowsResponse>;
    type ArrowAlignedWindowsStream = Answers<proto::ArrowAlignedWindowsResponse>;
    type WindowsStream = Answers<proto::WindowsResponse>;
    type ArrowWindowsStream = Answers<proto::ArrowWindowsResponse>;
    type ListCollectionsStream = Answers<proto::ListCollectionsResponse>;
    type LookupStreamsStream = Answers<proto::LookupStreamsResponse>;
    type ChangesStream = Answers<proto::ChangesResponse>;
    type GenerateCSVStream = Answers<proto::GenerateCsvResponse>;
    type SQLQueryStream = Answers<proto::SqlQueryResponse>;
    type SubscribeStream = Answers<proto::SubscriptionResp>;

    async fn raw_values(&self, params: Request<proto::RawValuesParams>) -> Answer<Self::RawValuesStream> {
        self.many(params, |engine, params| engine.raw_values(&params)).await
    }

    async fn arrow_raw_values(
        &self,
        params: Request<proto::ArrowRawValuesParams>,
    ) -> Answer<Self::ArrowRawValuesStream> {
        self.many(params, |engine, params| engine.arrow_raw_values(&params)).await
    }

    async fn arrow_multi_values(
        &self,
        params: Request<proto::ArrowMultiValuesParams>,
    ) -> Answer<Self::ArrowMultiValuesStream> {
        self.many(params, |engine, params| engine.arrow_multi_values(&params)).await
    }

    async fn aligned_windows(
        &self,
        params: Request<proto::AlignedWindowsParams>,
    ) -> Answer<Self::AlignedWindowsStream> {
        self.many(params, |engine, params| engine.aligned_windows(&params)).await
    }

    async fn arrow_aligned_windows(
        &self,
        params: Request<proto::AlignedWindowsParams>,
    ) -> Answer<Self::ArrowAlignedWindowsStream> {
        self.many(params, |engine, params| engine.arrow_aligned_windows(&params)).await
    }

    async fn windows(&self, params: Request<proto::WindowsParams>) -> Answer<Self::WindowsStream> {
        self.many(params, |engine, params| engine.windows(&params)).await
    }

    async fn arrow_windows(&self, params: Request<proto::WindowsParams>) -> Answer<Self::ArrowWindowsStream> {
        self.many(params, |engine, params| engine.arrow_windows(&params)).await
    }

    async fn stream_info(&self, params: Request<proto::StreamInfoParams>) -> Answer<proto::StreamInfoResponse> {
        self.one(params, |engine, params| engine.stream_info(&params)).await
    }

    async fn set_stream_annotations(
        &self,
        params: Request<proto::SetStreamAnnotationsParams>,
    ) -> Answer<proto::SetStreamAnnotationsResponse> {
        self.one(params, Engine::set_stream_annotations).await
    }

    async fn set_stream_tags(
        &self,
        params: Request<proto::SetStreamTagsParams>,
    ) -> Answer<proto::SetStreamTagsResponse> {
        self.one(params, Engine::set_stream_tags).await
    }

    async fn create(&self, params: Request<proto::CreateParams>) -> Answer<proto::CreateResponse> {
        self.one(params, Engine::create).await
    }

    async fn list_collections(
        &self,
        params: Request<proto::ListCollectionsParams>,
    ) -> Answer<Self::ListCollectionsStream> {
        self.many(params, |engine, params| Ok(engine.list_collections(&params))).await
    }

    async fn lookup_streams(&self, params: Request<proto::LookupStreamsParams>) -> Answer<Self::LookupStreamsStream> {
        self.many(params, |engine, params| Ok(engine.lookup_streams(&params))).await
    }

    async fn nearest(&self, params: Request<proto::NearestParams>) -> Answer<proto::NearestResponse> {
        self.one(params, |engine, params| engine.nearest(&params)).await
    }

    async fn changes(&self, params: Request<proto::ChangesParams>) -> Answer<Self::ChangesStream> {
        self.many(params, |engine, params| engine.changes(&params)).await
    }

    async fn insert(&self, params: Request<proto::InsertParams>) -> Answer<proto::InsertResponse> {
        self.one(params, |engine, params| engine.insert(&params)).await
    }

    async fn arrow_insert(&self, params: Request<proto::ArrowInsertParams>) -> Answer<proto::InsertResponse> {
        self.one(params, |engine, params| engine.arrow_insert(&params)).await
    }

    async fn delete(&self, params: Request<proto::DeleteParams>) -> Answer<proto::DeleteResponse> {
        self.one(params, |engine, params| engine.delete(&params)).await
    }

    async fn info(&self, params: Request<proto::InfoParams>) -> Answer<proto::InfoResponse> {
        self.one(params, |engine, _| Ok(engine.info())).await
    }

    async fn fault_inject(&self, params: Request<proto::FaultInjectParams>) -> Answer<proto::FaultInjectResponse> {
        self.one(params, |engine, _| engine.fault_inject()).await
    }

    async fn flush(&self, params: Request<proto::FlushParams>) -> Answer<proto::FlushResponse> {
        self.one(params, |engine, params| engine.flush(&params)).await
    }

    async fn obliterate(&self, params: Request<proto::ObliterateParams>) -> Answer<proto::ObliterateResponse> {
        self.one(params, |engine, params| engine.obliterate(&params)).await
    }

    async fn get_metadata_usage(
        &self,
        params: Request<proto::MetadataUsageParams>,
    ) -> Answer<proto::MetadataUsageResponse> {
        self.one(params, |engine, params| Ok(engine.metadata_usage(&params))).await
    }

    async fn generate_csv(&self, params: Request<proto::GenerateCsvParams>) -> Answer<Self::GenerateCSVStream> {
        self.many(params, |engine, params| engine.generate_csv(&params)).await
    }

    async fn sql_query(&self, params: Request<proto::SqlQueryParams>) -> Answer<Self::SQLQueryStream> {
        // Before a place is waited for: a wrong key must not take one.
        self.engine_for(&params)?;
        let _place = self.statements.acquire().await.map_err(|error| Status::internal(error.to_string()))?;
        let hang_up = HangUp::default();
        let is_unwanted = hang_up.watcher();
        self.many(params, move |engine, params| engine.sql_query(&params, is_unwanted)).await
    }

    async fn subscribe(&self, params: Request<Streaming<proto::SubscriptionUpdate>>) -> Answer<Self::SubscribeStream> {
        let (engine, note) = (self.engine_for(&params)?, Note::of(&params));
        Ok(Response::new(ReceiverStream::new(subscribe(engine, params.into_inner(), note)).boxed()))
    }
}
