//! A connection to a BTrDB service.

mod find;
mod lookup;
mod names;
mod query;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use btrdb_proto::{InfoParams, InfoResponse};
use bytes::Bytes;
use uuid::Uuid;

pub use self::find::Identifier;
pub use self::lookup::Lookup;
pub use self::names::MetadataUsage;
use crate::call::{Call, CallOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::stream::Stream;
use crate::timer::Timer;
use crate::transport::{Answers, Pending, Request, Transport};

/// The largest message taken from a server, in bytes. A message is 5,000 rows, some 280 KB, on the servers known.
pub(crate) const LARGEST_MESSAGE: usize = 64 << 20;

/// How to talk to the server.
#[derive(Clone, Default)]
pub struct Options {
    /// Sent with every call, where the server asks for one.
    pub api_key: Option<String>,
    /// Which program asks, for the server's log. Not set by default, since to a browser it is one more header that a
    /// server elsewhere has to allow; `native::connect` sets it.
    pub client_name: Option<String>,
    /// Whether columns travel as Arrow; by default wherever the server says that it can.
    pub arrow: Option<bool>,
    /// Whether to ask for compressed answers, which are understood in any case (feature `gzip`). Worth it over a slow
    /// line, and a waste of time over a fast one. A browser asks for compressed HTTP besides, as it likes.
    pub gzip: bool,
    /// How long calls may take and how often they are made, unless said otherwise by `with` of the connection, the
    /// stream or the set of streams.
    pub calls: CallOptions,
    /// The clock and the alarm of wherever the program runs; `native::connect` brings its own.
    pub timer: Option<Arc<dyn Timer>>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let api_key = self.api_key.as_ref().map(|_| "…");
        f.debug_struct("Options")
            .field("api_key", &api_key)
            .field("arrow", &self.arrow)
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}

/// What a server says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// The generation of the protocol: 5.
    pub major_version: u32,
    /// The release within it.
    pub minor_version: u32,
    /// The full version.
    pub build: String,
    /// Where else the service answers; empty where the server keeps that to itself.
    pub proxy_endpoints: Vec<String>,
}

impl Info {
    /// Whether the server knows the calls whose columns travel as Arrow.
    pub fn has_arrow(&self) -> bool {
        (self.major_version, self.minor_version) >= (5, 30)
    }
}

/// A connection over a transport. Clones share everything; calls may run side by side.
pub struct Connection<T> {
    shared: Arc<Shared<T>>,
    calls: CallOptions,
}

struct Shared<T> {
    transport: T,
    /// Sent with every call: who asks.
    headers: Arc<[(&'static str, String)]>,
    wants_gzip: bool,
    arrow: AtomicBool,
    timer: Option<Arc<dyn Timer>>,
}

impl<T: Transport> Connection<T> {
    /// Connects over `transport` and asks the server what it can do.
    ///
    /// # Errors
    /// Whatever keeps the server from answering; a wrong API key shows here already.
    pub async fn connect(transport: T, options: Options) -> Result<Self> {
        let arrow = options.arrow;
        let connection = Self::unasked(transport, options)?;
        let info = connection.info().await?;
        connection.shared.arrow.store(arrow.unwrap_or_else(|| info.has_arrow()), Ordering::Relaxed);
        Ok(connection)
    }

    /// A connection over `transport` that asks nothing until it is used: for whoever connected before. Unless `options`
    /// say otherwise the server is taken to have Arrow, and the first call that it does not know shows that it has not.
    ///
    /// # Errors
    /// `InvalidValue` for a key or a name that no header can hold.
    pub fn unasked(transport: T, options: Options) -> Result<Self> {
        let mut headers = Vec::new();
        if let Some(key) = options.api_key {
            headers.push(("authorization", header(format!("Bearer {key}"), "an API key")?));
        }
        if let Some(name) = options.client_name {
            headers.push(("x-api-client", header(name, "the name of a client")?));
        }
        let shared = Shared {
            transport,
            headers: headers.into(),
            wants_gzip: options.gzip,
            arrow: options.arrow.unwrap_or(true).into(),
            timer: options.timer,
        };
        Ok(Self { shared: Arc::new(shared), calls: options.calls })
    }

    /// What the server says of itself.
    pub async fn info(&self) -> Result<Info> {
        self.unary::<InfoResponse>(Call::new("Info"), InfoParams {}).await.map(Info::from)
    }

    /// The stream of `uuid`, whether it exists or not: asks nothing.
    pub fn stream_from_uuid(&self, uuid: Uuid) -> Stream<T> {
        Stream::new(self.clone(), uuid, None)
    }

    /// The same connection, whose calls, and those of all streams got from it, follow `calls`.
    #[must_use]
    pub fn with(&self, calls: CallOptions) -> Self {
        Self { shared: Arc::clone(&self.shared), calls }
    }

    /// How long calls may take and how often they are made.
    pub fn calls(&self) -> CallOptions {
        self.calls
    }

    /// What only the subscription needs to know, which is no call like the others.
    #[cfg(feature = "native")]
    pub(crate) fn parts(&self) -> (&T, &[(&'static str, String)], bool) {
        (&self.shared.transport, &self.shared.headers, self.shared.wants_gzip)
    }

    pub(crate) fn timer(&self) -> Option<&Arc<dyn Timer>> {
        self.shared.timer.as_ref()
    }

    /// The timer, for what cannot be done without.
    pub(crate) fn needed_timer(&self, what: &str) -> Result<&Arc<dyn Timer>> {
        self.timer().ok_or_else(|| {
            let message = format!("{what} needs a timer: connect with Options::timer set");
            Error::new(ErrorKind::InvalidOperation, message)
        })
    }

    /// Makes the call `name` once.
    pub(crate) fn send(
        &self,
        name: &'static str,
        message: Bytes,
        timeout: Option<Duration>,
    ) -> Pending<'static, Answers> {
        let Shared { transport, headers, wants_gzip, .. } = &*self.shared;
        let headers = Arc::clone(headers);
        let stall = self.calls.stall;
        transport.call(Request { call: name, message, headers, timeout, stall, wants_gzip: *wants_gzip })
    }

    pub(crate) fn is_crowded(&self) -> bool {
        self.shared.transport.is_crowded()
    }

    /// Whether columns travel as Arrow: what the options said or the server can, as far as is known.
    pub fn uses_arrow(&self) -> bool {
        self.shared.arrow.load(Ordering::Relaxed)
    }

    /// Remembers that the server, or a proxy before it, does not know the Arrow calls after all.
    pub(crate) fn give_up_arrow(&self) {
        self.shared.arrow.store(false, Ordering::Relaxed);
    }
}

fn header(value: String, what: &str) -> Result<String> {
    if value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(value);
    }
    Err(Error::new(ErrorKind::InvalidValue, format!("{what} consists of visible ASCII characters")))
}

impl<T> Clone for Connection<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), calls: self.calls }
    }
}

impl<T> fmt::Debug for Connection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("arrow", &self.shared.arrow).finish_non_exhaustive()
    }
}
