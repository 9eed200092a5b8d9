//! A data folder opened by this very process, with or without a socket in front.

use std::{path::Path, sync::Arc};

use btrdb_client::{Connection, Options};
use btrdb_engine::{
    Engine,
    store::{Disk, StoreError},
};
use btrdb_proto::server::BTrDbServer;
use thiserror::Error;

use crate::Service;

/// A data folder that cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The store: in use, not writable, not ours.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is in it: damaged, or of a newer program.
    #[error("data folder {folder}: {source}")]
    Engine {
        /// The folder as given.
        folder: String,
        /// Why.
        source: btrdb_engine::Error,
    },
    /// The engine does not answer a client of this process.
    #[error(transparent)]
    Connect(#[from] btrdb_client::Error),
}

/// Opens the data folder `folder`, which is made where it is missing.
///
/// # Errors
/// When another process uses it, it cannot be written, is damaged, or was written by a newer program.
pub fn open(folder: &Path, options: btrdb_engine::Options) -> Result<Engine, OpenError> {
    let store = Arc::new(Disk::open(folder)?);
    Engine::open(store, options).map_err(|source| OpenError::Engine { folder: folder.display().to_string(), source })
}

/// A connection to the data folder `folder` without any socket: the generated server is the transport.
///
/// # Errors
/// As [`open`].
pub async fn connect(folder: &Path) -> Result<Connection<BTrDbServer<Service>>, OpenError> {
    let folder = folder.to_owned();
    let engine = tokio::task::spawn_blocking(move || open(&folder, btrdb_engine::Options::default()))
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    Ok(Connection::connect(Service::new(engine, None).into_server(), Options::default()).await?)
}
