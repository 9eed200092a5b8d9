//! The second pass over a file: its points go to the server, each column as its own stream.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use arrow_array::{Array, Float64Array};
use btrdb_client::{ErrorKind, MergePolicy, RawColumns, Stream, Timestamp, Transport};
use futures_util::stream::iter;
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;

use super::check::Findings;
use super::error::ImportError;
use super::plan::{Plan, PlannedStream};
use super::summary::StreamSummary;
use super::table::Batch;
use crate::place::Target;
use crate::progress::Progress;
use crate::stored;

/// How many batches may wait to be sent while the next is read.
const BATCHES_AHEAD: usize = 2;

/// How many streams are written at the same time.
const CALLS_AT_ONCE: usize = 4;

/// How many points wait at most, all streams together (64 MB): what a file of very many columns is held to.
const POINTS_WAITING: usize = 4_000_000;

/// Stores the file of `plan`, making the streams that do not exist. Points that the streams hold already stay single.
pub(super) async fn load<T: Transport>(
    target: &Target<T>,
    plan: &Plan,
    findings: &Findings,
    progress: &mut Progress,
) -> Result<Vec<StreamSummary>, ImportError> {
    let mut writers = Vec::new();
    for planned in &plan.streams {
        writers.push(Writer::open(target, planned, plan.table.file()).await?);
    }
    let block = target.points_per_block.get().min((POINTS_WAITING / writers.len().max(1)).max(1));

    progress.start("storing", plan.table.file(), Some(findings.rows));
    let (sender, mut batches) = mpsc::channel(BATCHES_AHEAD);
    let (table, selection) = (plan.table.clone(), plan.selection());
    let reading = tokio::task::spawn_blocking(move || {
        for batch in table.read(&selection)? {
            // Nobody listens any more after a failed insert, whose error is the one to tell.
            if sender.blocking_send(batch?).is_err() {
                break;
            }
        }
        Ok::<_, ImportError>(())
    });
    while let Some(Batch { time, values, .. }) = batches.recv().await {
        for (writer, values) in writers.iter_mut().zip(&values) {
            writer.take(&time, values);
        }
        store(&mut writers, block, false).await?;
        progress.advance(time.len() as u64);
    }
    store(&mut writers, block, true).await?;
    reading.await.map_err(|source| ImportError::Interrupted { file: plan.table.file().to_owned(), source })??;
    progress.finish();

    let mut summaries = Vec::new();
    for (writer, found) in writers.into_iter().zip(&findings.columns) {
        summaries.push(writer.finish(found.empty, found.nan).await?);
    }
    Ok(summaries)
}

/// Sends the full blocks of all of `writers`, at `the_end` what is left as well.
async fn store<T: Transport>(writers: &mut [Writer<T>], block: usize, the_end: bool) -> Result<(), ImportError> {
    iter(writers.iter_mut().map(|writer| writer.send(block, the_end)))
        .buffer_unordered(CALLS_AT_ONCE)
        .try_collect()
        .await
}

/// A stream being written.
struct Writer<T> {
    stream: Stream<T>,
    path: String,
    file: String,
    waiting: RawColumns,
    /// How many points the stream held before this file.
    count_before: u64,
    points_per_call: NonZeroUsize,
    /// How many points the server has acknowledged.
    points: u64,
    /// How long the server took over them.
    busy: Duration,
}

impl<T: Transport> Writer<T> {
    async fn open(target: &Target<T>, planned: &PlannedStream, file: &str) -> Result<Self, ImportError> {
        let path = planned.path();
        let failed = |what| move |source| ImportError::Stream { what, stream: planned.path(), source };
        let stream = target.connection.stream_from_uuid(planned.uuid);
        let stream = match stream.refresh_metadata().await {
            Ok(found) if found.collection == planned.collection && found.name() == planned.name => stream,
            Ok(found) => {
                let holder = format!("{}/{}", found.collection, found.name());
                return Err(ImportError::UuidTaken { stream: path, uuid: planned.uuid, holder });
            }
            Err(error) if error.kind() == ErrorKind::StreamNotFound => {
                create(target, planned).await.map_err(failed("create"))?
            }
            Err(error) => return Err(failed("look up")(error)),
        };
        let count_before = stored::count(&stream).await.map_err(failed("count the points of"))?;
        Ok(Self {
            stream,
            path,
            file: file.to_owned(),
            waiting: RawColumns::default(),
            count_before,
            points_per_call: target.points_per_call,
            points: 0,
            busy: Duration::ZERO,
        })
    }

    /// Adds the points of a batch to those that wait.
    fn take(&mut self, time: &[Timestamp], values: &Float64Array) {
        if values.null_count() == 0 && !values.values().iter().fold(false, |found, value| found | value.is_nan()) {
            self.waiting.time.extend_from_slice(time);
            self.waiting.value.extend_from_slice(values.values());
            return;
        }
        for (&time, value) in time.iter().zip(values) {
            if let Some(value) = value.filter(|value| !value.is_nan()) {
                self.waiting.time.push(time);
                self.waiting.value.push(value);
            }
        }
    }

    /// Sends what waits, `block` points at a time; a last block that is not full stays, unless this is `the_end`.
    async fn send(&mut self, block: usize, the_end: bool) -> Result<(), ImportError> {
        while self.waiting.len() >= block || (the_end && !self.waiting.is_empty()) {
            let full = block.min(self.waiting.len());
            let rest =
                RawColumns { time: self.waiting.time.split_off(full), value: self.waiting.value.split_off(full) };
            let points = std::mem::replace(&mut self.waiting, rest);
            let started = Instant::now();
            self.send_block(&points).await.map_err(|source| ImportError::Insert {
                file: self.file.clone(),
                stream: self.path.clone(),
                acknowledged: self.points,
                source,
            })?;
            self.points += points.len() as u64;
            self.busy += started.elapsed();
        }
        Ok(())
    }

    async fn send_block(&self, points: &RawColumns) -> btrdb_client::Result<()> {
        if self.count_before > 0 && stored::holds_all(&self.stream, points).await? {
            return Ok(());
        }
        self.stream.insert_chunked(points, MergePolicy::Equal, self.points_per_call).await.map(drop)
    }

    /// What became of the stream.
    async fn finish(self, empty: u64, nan: u64) -> Result<StreamSummary, ImportError> {
        let path = &self.path;
        let failed = |what| move |source| ImportError::Stream { what, stream: path.clone(), source };
        let version = self.stream.flush().await.map_err(failed("flush"))?;
        let count = stored::count(&self.stream).await.map_err(failed("count the points of"))?;
        let new = count.saturating_sub(self.count_before).min(self.points);
        Ok(StreamSummary { stream: self.path, new, identical: self.points - new, empty, nan, version, busy: self.busy })
    }
}

async fn create<T: Transport>(target: &Target<T>, planned: &PlannedStream) -> btrdb_client::Result<Stream<T>> {
    let pair = |key: &str, value: &Option<String>| value.as_ref().map(|value| (key.to_owned(), value.clone()));
    let tags = [("name".to_owned(), planned.name.clone())].into_iter().chain(pair("unit", &planned.unit));
    let tags = tags.collect::<Vec<_>>();
    let annotations = pair("description", &planned.description).into_iter().collect::<Vec<_>>();
    target.connection.create(planned.uuid, &planned.collection, &tags, &annotations).await
}
