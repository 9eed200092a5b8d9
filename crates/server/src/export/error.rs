//! Why an export stops.

use std::io;

use crate::local::OpenError;

/// Why an export stopped. Files that were whole before stay; running the same command again goes on after them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The server cannot be reached, or refuses.
    #[error("cannot connect to {server}; is it running, and is the key right?")]
    Connect {
        /// Its address as given.
        server: String,
        /// Why.
        source: btrdb_client::Error,
    },
    /// There is no such folder to read from.
    #[error("{folder} is no data folder of btrdb-local")]
    NoData {
        /// The folder as given.
        folder: String,
    },
    /// The data folder cannot be opened; a folder that another process has open says so here.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Streams could not be looked up.
    #[error("cannot look up {what}")]
    Lookup {
        /// What was looked for.
        what: String,
        /// Why.
        source: btrdb_client::Error,
    },
    /// Nothing is there to be exported.
    #[error("there is no stream {what}")]
    NoStream {
        /// What was asked for.
        what: String,
    },
    /// A file is in the way.
    #[error(
        "{file} exists, and is not this export of the streams as they are now: --overwrite replaces it, or give another \
         --out"
    )]
    Exists {
        /// The file.
        file: String,
    },
    /// A stream could not be read.
    #[error("cannot read the stream {stream}; run the same command again to go on from there")]
    Read {
        /// The stream as `collection/name`.
        stream: String,
        /// Why.
        source: btrdb_client::Error,
    },
    /// A file could not be written.
    #[error("cannot write {file}")]
    Write {
        /// The file.
        file: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The writing side ended without saying why.
    #[error("writing {file} stopped unexpectedly")]
    Interrupted {
        /// The file.
        file: String,
        /// What became of it.
        source: tokio::task::JoinError,
    },
    /// The summary could not be written.
    #[error("cannot write the summary")]
    Print(#[source] io::Error),
}

impl ExportError {
    pub(super) fn write<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        file: &std::path::Path,
    ) -> impl FnOnce(E) -> Self + use<E> {
        let file = file.display().to_string();
        move |source| Self::Write { file, source: source.into() }
    }
}
