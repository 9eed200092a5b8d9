//! Where streams are: on a server, or in a data folder.

use std::convert::Infallible;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use btrdb_client::{Connection, Options, POINTS_PER_CALL};

/// A server, or the folder of one that is not running.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Destination {
    /// A BTrDB server: a URL or host:port, such as localhost:4410
    #[arg(long, value_name = "ADDR")]
    pub to: Option<String>,
    /// The data folder of a btrdb-local that is not running; quicker than --to. Made where it does not exist
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// An API key, which no log shows.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// The key itself.
    pub fn into_inner(self) -> String {
        self.0
    }

    /// How to talk to a server: with the key given, or else that of the environment variable `BTRDB_API_KEY`.
    pub(crate) fn options(given: Option<&Self>) -> Options {
        let api_key = given.cloned().map(Self::into_inner).or_else(|| std::env::var("BTRDB_API_KEY").ok());
        Options { api_key, ..Options::default() }
    }
}

impl FromStr for ApiKey {
    type Err = Infallible;

    fn from_str(key: &str) -> Result<Self, Self::Err> {
        Ok(Self(key.to_owned()))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// How many points are compared with what a server holds, and then sent, together.
const POINTS_PER_BLOCK: NonZeroUsize = NonZeroUsize::new(250_000).unwrap();

/// As many points as one call may carry: what the engine is given when there is no network to be kind to.
const POINTS_PER_LOCAL_CALL: NonZeroUsize = NonZeroUsize::new(1_000_000).unwrap();

/// Where points go, and in calls of what size.
#[derive(Debug)]
pub(crate) struct Target<T> {
    pub(crate) connection: Connection<T>,
    /// How many points one insert call carries.
    pub(crate) points_per_call: NonZeroUsize,
    /// How many points are looked up in the server, and then inserted, together.
    pub(crate) points_per_block: NonZeroUsize,
}

impl<T> Target<T> {
    /// A server over a network.
    pub(crate) fn remote(connection: Connection<T>) -> Self {
        Self { connection, points_per_call: POINTS_PER_CALL, points_per_block: POINTS_PER_BLOCK }
    }

    /// A data folder in this process.
    pub(crate) fn local(connection: Connection<T>) -> Self {
        Self { connection, points_per_call: POINTS_PER_LOCAL_CALL, points_per_block: POINTS_PER_LOCAL_CALL }
    }
}
