//! Why a simulation stops.

use std::io;

use crate::local::OpenError;

/// Why a simulation stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// The wanted time is not within what can be stored.
    #[error(
        "the simulation would leave the time that can be stored, June 1933 to August 2079: change --start or --duration"
    )]
    OutOfTime,
    /// The server cannot be reached, or refuses.
    #[error("cannot connect to {server}; is it running, and is the key right?")]
    Connect {
        /// Its address as given.
        server: String,
        /// Why.
        source: btrdb_client::Error,
    },
    /// The data folder cannot be opened; a folder that another process has open says so here.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The stream exists and is something else.
    #[error(
        "the stream {stream} exists and holds {found}, not {wanted}: give another --collection, or the options that it \
         was made with"
    )]
    OtherStream {
        /// The stream as `collection/name`.
        stream: String,
        /// What it says of itself.
        found: String,
        /// What it would have to say.
        wanted: String,
    },
    /// The server refused something about a stream, or could not answer.
    #[error("cannot {what} the stream {stream}; run the same command again to go on from there")]
    Stream {
        /// What was wanted of it.
        what: &'static str,
        /// The stream as `collection/name`.
        stream: String,
        /// Why.
        source: btrdb_client::Error,
    },
    /// The list of events could not be written.
    #[error("cannot write the events to {file}")]
    Events {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The generating side ended without saying why.
    #[error("the simulation stopped unexpectedly")]
    Interrupted(#[source] tokio::task::JoinError),
    /// The summary could not be written.
    #[error("cannot write the summary")]
    Print(#[source] io::Error),
}
