//! The engine as a gRPC service: every call on a thread that may block, every error in-band.

use std::{pin::Pin, sync::Arc};

use btrdb_engine::{Batches, Code, Engine, Error, Reply, Result as EngineResult, Worked};
use btrdb_proto as proto;
use btrdb_proto::server::{BTrDb, BTrDbServer};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Request, Response, Status, Streaming, codec::CompressionEncoding};

use crate::{
    calls::{Note, Subject},
    front::MAX_REQUEST,
    hang_up::HangUp,
    keys::Keys,
    subscribe::{Subscribers, subscribe},
    turns::{Lane, Turns},
};

/// Memory for all tables of several streams that are being answered, in KiB.
const TABLES_KIB: usize = 64 << 10;

/// The calls of BTrDB over one engine.
#[derive(Clone, Debug)]
pub struct Service {
    engine: Engine,
    /// Without keys everybody may do everything.
    keys: Option<Arc<Keys>>,
    turns: Turns,
    tables: Arc<Semaphore>,
    subscribers: Subscribers,
}

type Answer<T> = Result<Response<T>, Status>;
type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Service {
    /// The calls of `engine`, for whoever has one of `keys`.
    pub fn new(engine: Engine, keys: Option<Keys>) -> Self {
        let tables = Arc::new(Semaphore::new(TABLES_KIB));
        Self { engine, keys: keys.map(Arc::new), turns: Turns::default(), tables, subscribers: Subscribers::default() }
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
    async fn one<P, R>(&self, params: Request<P>, lane: Lane, call: fn(&Engine, P) -> EngineResult<R>) -> Answer<R>
    where
        P: Subject + Send + 'static,
        R: Reply + Send + 'static,
    {
        let note = Note::of(&params);
        let (engine, params) = (self.engine_for(&params)?, params.into_inner());
        let answer = self.turns.run(lane, move || call(&engine, params)).await?;
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
        self.many_with(params, Lane::Look, None, call).await
    }

    /// As [`many`](Self::many), for a table of `streams` streams side by side.
    async fn table<P, R>(
        &self,
        params: Request<P>,
        streams: usize,
        call: fn(&Engine, P) -> EngineResult<Batches<R>>,
    ) -> Answer<Answers<R>>
    where
        P: Subject + Send + 'static,
        R: Reply + Send + 'static,
    {
        let note = Note::of(&params);
        // What is read ahead, and what every stream takes besides.
        let kib = ((16 * streams).min(4 << 10) + 2 * streams).min(TABLES_KIB);
        if let Ok(memory) = Arc::clone(&self.tables).try_acquire_many_owned(kib as u32) {
            return self.many_with(params, Lane::Look, Some(memory), call).await;
        }
        let message = format!(
            "tables are being answered that leave no room for one of {streams} streams: ask for fewer streams, or again in \
             a moment"
        );
        let answer = note.in_band(Err(Error::new(Code::ResourceDepleted, message)));
        Ok(Response::new(stream::iter([Ok(answer)]).boxed()))
    }

    async fn many_with<P, R>(
        &self,
        params: Request<P>,
        first: Lane,
        memory: Option<OwnedSemaphorePermit>,
        call: impl FnOnce(&Engine, P) -> EngineResult<Batches<R>> + Send + 'static,
    ) -> Answer<Answers<R>>
    where
        P: Subject + Send + 'static,
        R: Reply + Send + 'static,
    {
        let note = Note::of(&params);
        let (engine, params) = (self.engine_for(&params)?, params.into_inner());
        let begun = self.turns.run(first, move || {
            let mut batches = call(&engine, params)?;
            Ok((batches.turn(), batches))
        });
        let answer = match begun.await? {
            Ok((worked, batches)) => Working::new(worked, batches, memory),
            Err(error) => return Ok(Response::new(stream::iter([Ok(note.in_band(Err(error)))]).boxed())),
        };
        let state = (answer, self.turns.clone(), note);
        let answers = stream::try_unfold(state, |(mut answer, turns, note)| async {
            loop {
                if let Some(message) = answer.ready.next() {
                    return Ok(Some((note.in_band(message), (answer, turns, note))));
                }
                let Some(mut batches) = answer.batches else { return Ok(None) };
                let (worked, batches) = turns.run(Lane::GoOn, move || (batches.turn(), batches)).await?;
                answer = Working::new(worked, batches, answer.memory);
            }
        });
        Ok(Response::new(answers.boxed()))
    }
}

/// An answer that is being given.
struct Working<R> {
    ready: std::vec::IntoIter<EngineResult<R>>,
    /// Where to go on, if there is more.
    batches: Option<Batches<R>>,
    memory: Option<OwnedSemaphorePermit>,
}

impl<R> Working<R> {
    fn new(worked: Worked<R>, batches: Batches<R>, memory: Option<OwnedSemaphorePermit>) -> Self {
        Self { ready: worked.messages.into_iter(), batches: (!worked.is_last).then_some(batches), memory }
    }
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
        let streams = params.get_ref().uuid.len();
        self.table(params, streams, |engine, params| engine.arrow_multi_values(&params)).await
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
        self.one(params, Lane::Look, |engine, params| engine.stream_info(&params)).await
    }

    async fn set_stream_annotations(
        &self,
        params: Request<proto::SetStreamAnnotationsParams>,
    ) -> Answer<proto::SetStreamAnnotationsResponse> {
        self.one(params, Lane::Name, Engine::set_stream_annotations).await
    }

    async fn set_stream_tags(
        &self,
        params: Request<proto::SetStreamTagsParams>,
    ) -> Answer<proto::SetStreamTagsResponse> {
        self.one(params, Lane::Name, Engine::set_stream_tags).await
    }

    async fn create(&self, params: Request<proto::CreateParams>) -> Answer<proto::CreateResponse> {
        self.one(params, Lane::Name, Engine::create).await
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
        self.one(params, Lane::Look, |engine, params| engine.nearest(&params)).await
    }

    async fn changes(&self, params: Request<proto::ChangesParams>) -> Answer<Self::ChangesStream> {
        self.many(params, |engine, params| engine.changes(&params)).await
    }

    async fn insert(&self, params: Request<proto::InsertParams>) -> Answer<proto::InsertResponse> {
        self.one(params, Lane::Write, |engine, params| engine.insert(&params)).await
    }

    async fn arrow_insert(&self, params: Request<proto::ArrowInsertParams>) -> Answer<proto::InsertResponse> {
        self.one(params, Lane::Write, |engine, params| engine.arrow_insert(&params)).await
    }

    async fn delete(&self, params: Request<proto::DeleteParams>) -> Answer<proto::DeleteResponse> {
        self.one(params, Lane::Write, |engine, params| engine.delete(&params)).await
    }

    async fn info(&self, params: Request<proto::InfoParams>) -> Answer<proto::InfoResponse> {
        self.one(params, Lane::Look, |engine, _| Ok(engine.info())).await
    }

    async fn fault_inject(&self, params: Request<proto::FaultInjectParams>) -> Answer<proto::FaultInjectResponse> {
        self.one(params, Lane::Look, |engine, _| engine.fault_inject()).await
    }

    async fn flush(&self, params: Request<proto::FlushParams>) -> Answer<proto::FlushResponse> {
        self.one(params, Lane::Write, |engine, params| engine.flush(&params)).await
    }

    async fn obliterate(&self, params: Request<proto::ObliterateParams>) -> Answer<proto::ObliterateResponse> {
        self.one(params, Lane::Name, |engine, params| engine.obliterate(&params)).await
    }

    async fn get_metadata_usage(
        &self,
        params: Request<proto::MetadataUsageParams>,
    ) -> Answer<proto::MetadataUsageResponse> {
        self.one(params, Lane::Look, |engine, params| Ok(engine.metadata_usage(&params))).await
    }

    async fn generate_csv(&self, params: Request<proto::GenerateCsvParams>) -> Answer<Self::GenerateCSVStream> {
        let streams = params.get_ref().streams.len();
        self.table(params, streams, |engine, params| engine.generate_csv(&params)).await
    }

    async fn sql_query(&self, params: Request<proto::SqlQueryParams>) -> Answer<Self::SQLQueryStream> {
        let hang_up = HangUp::default();
        let is_unwanted = hang_up.watcher();
        let call = move |engine: &Engine, params| engine.sql_query(&params, is_unwanted);
        self.many_with(params, Lane::Statement, None, call).await
    }

    async fn subscribe(&self, params: Request<Streaming<proto::SubscriptionUpdate>>) -> Answer<Self::SubscribeStream> {
        let (engine, note) = (self.engine_for(&params)?, Note::of(&params));
        Ok(Response::new(subscribe(engine, params.into_inner(), &self.subscribers, note)?.boxed()))
    }
}
