//! A set as one Arrow table, joined by the server where it holds points.

mod joining;

use btrdb_core::Timestamp;
use btrdb_proto::{ArrowMultiValuesParams, ArrowMultiValuesResponse};
use bytes::Bytes;
use futures_core::Stream as Batches;
use futures_util::TryFutureExt;
use futures_util::stream::{self, StreamExt};

use self::joining::Joining;
use super::StreamSet;
use crate::arrow::{Malformed, read_floats};
use crate::call::{Attempts, Call, Messages, decoded, encoded};
use crate::columns::Aggregate;
use crate::connection::Connection;
use crate::convert;
use crate::error::{Error, ErrorKind, Result, from_reply};
use crate::stream::{Query, Stream, one_ipc_stream};
use crate::transport::Transport;

const CALL: Call = Call::new("ArrowMultiValues").reading();

type Answers = Messages<Bytes>;

/// Answers under way, and the time that is left for them.
type Open = (Attempts, Answers);

/// The IPC stream that an answer brings; its version is that of no one stream.
fn ipc(bytes: &Bytes) -> Result<(u64, Bytes)> {
    Ok((0, table(bytes)?))
}

fn table(bytes: &Bytes) -> Result<Bytes> {
    let ArrowMultiValuesResponse { stat, arrow_bytes } = decoded(bytes)?;
    from_reply(stat).map_or(Ok(arrow_bytes), Err)
}

impl<T: Transport> StreamSet<T> {
    /// The whole set as one Arrow IPC stream, in memory.
    ///
    /// Points: `time` and one column for each stream, called by its uuid, NaN where it has no point; joined by the
    /// server, which moves them to the grid of the sampling frequency and casts them to the schema if filters set those.
    /// Windows: `time` and five nullable columns for each stream, called `uuid/min`, `/mean`, `/max`, `/count` and
    /// `/stddev`, null where it has no window; joined here.
    ///
    /// # Errors
    /// As [`Self::values`]; `Unimplemented` for a sampling frequency or a schema where the server has no Arrow, and for a
    /// schema of windows; `Server` with number 438 for a schema that does not fit, and for a stream that is in the set
    /// twice.
    pub async fn arrow_values(&self) -> Result<Bytes> {
        if self.query == Query::Raw
            && let Some((_, replies)) = self.multi_values().await?
        {
            return Ok(one_ipc_stream(CALL, &replies, ipc)?.data);
        }
        if self.scope.schema.is_some() {
            return Err(Error::new(ErrorKind::Unimplemented, "a schema holds for points, not for windows"));
        }
        let uuids: Vec<String> = self.streams.iter().map(|stream| stream.uuid().to_string()).collect();
        let names = self.column_names(&uuids, &Aggregate::ALL, Some("/"));
        Ok(self.columns_named(&names).await?.to_ipc())
    }

    /// The points that [`Self::arrow_values`] gives as the server sends them: each item is an IPC stream of its own, all
    /// of one schema. Memory holds one of them. An error is the last item; dropping them cancels the call.
    ///
    /// Windows come as a single item. With retries, a call that breaks in its midst goes on after the last row that came
    /// if the versions of all streams are set ([`Self::pin_versions`]): the server does not say which it read. Not so
    /// where filters set a schema, whose times may be anything.
    pub fn arrow_values_batches(&self) -> impl Batches<Item = Result<Bytes>> + use<T> {
        let set = self.clone();
        let opened = async move {
            let open = set.open_multi_values().await?;
            let whole = if open.is_some() { None } else { Some(set.arrow_values().await?) };
            Ok((open.map(|(attempts, answers)| Joining::new(set, attempts, answers)), whole))
        };
        opened
            .map_ok(|(joining, whole)| stream::iter(whole.map(Ok)).chain(joining::remaining(joining)))
            .try_flatten_stream()
    }

    /// Times and a column of doubles for each stream, as the server joins them; `None` where it cannot.
    pub(super) async fn joined_by_server(&self) -> Result<Option<(Vec<Timestamp>, Vec<Vec<f64>>)>> {
        let Some((width, replies)) = self.multi_values().await? else { return Ok(None) };
        let mut times = Vec::new();
        let mut columns = vec![Vec::new(); width];
        for reply in replies {
            let bad = |why: Malformed| Error::new(ErrorKind::BadResponse, why.to_string());
            ipc(&reply)
                .and_then(|(_, ipc)| read_floats(&ipc, &mut times, &mut columns).map_err(bad))
                .map_err(|error| CALL.failed(error))?;
        }
        Ok(Some((times, columns)))
    }

    /// The answers of the server that joins the points, and how many streams they are of; `None` where it has no Arrow,
    /// or nothing was asked for.
    async fn multi_values(&self) -> Result<Option<(usize, Vec<Bytes>)>> {
        let Some(connection) = self.connection_for_arrow() else { return Ok(None) };
        let outcome = connection.collected(CALL, encoded(&self.multi_params())).await;
        let outcome = outcome.map_err(|failure| failure.after_rows(ipc));
        Ok(self.or_joined_here(connection, outcome)?.map(|replies| (self.len(), replies)))
    }

    async fn open_multi_values(&self) -> Result<Option<Open>> {
        if self.query != Query::Raw {
            return Ok(None);
        }
        let Some(connection) = self.connection_for_arrow() else { return Ok(None) };
        let mut attempts = connection.attempts(CALL)?;
        loop {
            match self.open_messages(connection, &mut attempts).await {
                Err(error) if !error.is_unimplemented() => attempts.again_after(error).await?,
                outcome => {
                    return Ok(self.or_joined_here(connection, outcome)?.map(|messages| (attempts, messages)));
                }
            }
        }
    }

    async fn open_messages(&self, connection: &Connection<T>, attempts: &mut Attempts) -> Result<Answers> {
        let opened = connection.open(CALL, encoded(&self.multi_params()), table, attempts);
        attempts.within(opened).await
    }

    /// Whether rows asked for anew are those that would have come: of the same versions, at times that can be told.
    fn is_settled(&self) -> bool {
        self.scope.schema.is_none() && self.streams.iter().all(|stream| self.version_of(stream) != 0)
    }

    /// What an Arrow call gave, or `None` where the server does not know it and the points can be joined here.
    fn or_joined_here<R>(&self, connection: &Connection<T>, outcome: Result<R>) -> Result<Option<R>> {
        match outcome {
            Err(error) if error.is_unimplemented() && !self.needs_server() => {
                connection.give_up_arrow();
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
    }

    fn connection_for_arrow(&self) -> Option<&Connection<T>> {
        let connection = self.streams.first().map(Stream::connection)?;
        (connection.uses_arrow() || self.needs_server()).then_some(connection)
    }

    /// Whether nothing but the server can do what the filters ask for.
    fn needs_server(&self) -> bool {
        self.scope.schema.is_some() || self.snap_period() != 0
    }

    /// In nanoseconds; 0 for none.
    fn snap_period(&self) -> i64 {
        match self.scope.sampling_frequency {
            Some(frequency) if frequency > 0.0 => (1e9 / frequency) as i64,
            _ => 0,
        }
    }

    fn multi_params(&self) -> ArrowMultiValuesParams {
        let range = self.range();
        ArrowMultiValuesParams {
            uuid: self.streams.iter().map(|stream| convert::uuid_bytes(stream.uuid())).collect(),
            version_major: self.streams.iter().map(|stream| self.version_of(stream)).collect(),
            start: range.start,
            end: range.end,
            snap_period_ns: self.snap_period(),
            template_bytes: self.scope.schema.clone().unwrap_or_default(),
        }
    }
}
