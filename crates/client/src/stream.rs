//! A stream: one series of points, named by a uuid.

mod arrow;
mod descriptor;
mod points;
mod reading;
mod reads;
mod replies;
mod tail;
mod update;
mod writes;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use btrdb_proto::{StreamInfoParams, StreamInfoResponse};
use uuid::Uuid;

pub(crate) use self::arrow::one_ipc_stream;
pub use self::descriptor::{Descriptor, annotation_text};
pub use self::points::ALL_OF_TIME;
pub(crate) use self::reading::{Query, Reading};
pub use self::reads::Direction;
pub(crate) use self::replies::Batch;
pub use self::tail::{TailEvent, TailOptions};
pub use self::update::Update;
pub use self::writes::POINTS_PER_CALL;
use crate::call::{Call, CallOptions};
use crate::connection::Connection;
use crate::convert;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Transport;

/// Something read at a version of a stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Versioned<D> {
    /// The version it was read at; never 0 unless the server did not say.
    pub version: u64,
    /// What was read.
    pub data: D,
}

impl<D> Versioned<D> {
    pub(crate) fn map<U>(self, change: impl FnOnce(D) -> U) -> Versioned<U> {
        Versioned { version: self.version, data: change(self.data) }
    }
}

/// A stream of a connection. Clones share what is known of it.
pub struct Stream<T> {
    pub(crate) connection: Connection<T>,
    uuid: Uuid,
    known: Arc<Mutex<Option<Descriptor>>>,
}

impl<T: Transport> Stream<T> {
    pub(crate) fn new(connection: Connection<T>, uuid: Uuid, known: Option<Descriptor>) -> Self {
        Self { connection, uuid, known: Arc::new(Mutex::new(known)) }
    }

    /// The stream's name for ever.
    pub fn uuid(&self) -> Uuid {
        self.uuid
    }

    /// The connection that it is read over.
    pub fn connection(&self) -> &Connection<T> {
        &self.connection
    }

    /// The same stream, whose calls follow `calls`.
    #[must_use]
    pub fn with(&self, calls: CallOptions) -> Self {
        Self { connection: self.connection.with(calls), uuid: self.uuid, known: Arc::clone(&self.known) }
    }

    /// Collection, tags and annotations, asked for once and then remembered.
    ///
    /// # Errors
    /// `StreamNotFound`, or whatever keeps the server from answering.
    pub async fn descriptor(&self) -> Result<Descriptor> {
        match self.known_descriptor() {
            Some(known) => Ok(known),
            None => self.refresh_metadata().await,
        }
    }

    /// Collection, tags and annotations where they are at hand: asks nothing.
    pub fn known_descriptor(&self) -> Option<Descriptor> {
        self.remembered().clone()
    }

    /// Collection, tags and annotations as they are now.
    ///
    /// # Errors
    /// `StreamNotFound`, or whatever keeps the server from answering.
    pub async fn refresh_metadata(&self) -> Result<Descriptor> {
        let reply = self.stream_info(StreamInfoParams { omit_version: true, ..self.info_params() }).await?;
        let missing = || Error::new(ErrorKind::BadResponse, "an answer without a descriptor");
        let descriptor = reply.descriptor.ok_or_else(missing).and_then(convert::descriptor);
        let descriptor = descriptor.map_err(|error| self.call("StreamInfo").failed(error))?;
        *self.remembered() = Some(descriptor.clone());
        Ok(descriptor)
    }

    /// Whether the server knows the stream.
    ///
    /// # Errors
    /// Whatever keeps the server from answering, but not `StreamNotFound`.
    pub async fn exists(&self) -> Result<bool> {
        match self.refresh_metadata().await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::StreamNotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The newest version of the stream's points. A new stream is at 10; every commit adds one. Asked for every time.
    ///
    /// # Errors
    /// `StreamNotFound`, or whatever keeps the server from answering.
    pub async fn version(&self) -> Result<u64> {
        let reply = self.stream_info(StreamInfoParams { omit_descriptor: true, ..self.info_params() }).await?;
        Ok(reply.version_major)
    }

    pub(crate) fn call(&self, name: &'static str) -> Call {
        Call::on(name, self.uuid)
    }

    fn info_params(&self) -> StreamInfoParams {
        StreamInfoParams { uuid: convert::uuid_bytes(self.uuid), ..StreamInfoParams::default() }
    }

    async fn stream_info(&self, params: StreamInfoParams) -> Result<StreamInfoResponse> {
        self.connection.unary(self.call("StreamInfo"), params).await
    }

    fn remembered(&self) -> MutexGuard<'_, Option<Descriptor>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Stream<T> {
    fn clone(&self) -> Self {
        Self { connection: self.connection.clone(), uuid: self.uuid, known: Arc::clone(&self.known) }
    }
}

impl<T> fmt::Debug for Stream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("uuid", &self.uuid).finish_non_exhaustive()
    }
}
