//! A stream and what can be read through it.

use btrdb_client::{Direction, TailOptions, point_width};
use futures_util::TryStreamExt;
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments;
use super::batches::Batches;
use super::control::{Control, millis};
use super::error::{JsResult, thrown};
use super::held::Held;
use super::results;
use crate::web::WebTransport;

/// A stream of a connection.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Stream(pub(super) Held<btrdb_client::Stream<WebTransport>>);

impl From<btrdb_client::Stream<WebTransport>> for Stream {
    fn from(stream: btrdb_client::Stream<WebTransport>) -> Self {
        Self(stream.into())
    }
}

#[wasm_bindgen]
impl Stream {
    /// The stream's name for ever.
    #[wasm_bindgen(getter)]
    pub fn uuid(&self) -> String {
        self.0.uuid().to_string()
    }

    /// Collection, tags and annotations, asked for once unless `fresh`.
    pub fn descriptor(&self, fresh: bool, control: &Control) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            Ok(async move {
                let known = if fresh { stream.refresh_metadata().await } else { stream.descriptor().await };
                Ok(results::descriptor(&known?))
            })
        })
    }

    /// Whether the server knows the stream.
    pub fn exists(&self, control: &Control) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            Ok(async move { Ok(stream.exists().await?.into()) })
        })
    }

    /// The newest version.
    pub fn version(&self, control: &Control) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            Ok(async move { Ok(stream.version().await?.into()) })
        })
    }

    /// Points.
    pub fn values(&self, start: Option<i64>, end: Option<i64>, version: u64, control: &Control) -> JsResult<Batches> {
        let stream = self.0.with(thrown(control.calls())?);
        let batches = stream.values_batches(arguments::range(start, end), version);
        Ok(Batches::new(batches.map_ok(|batch| results::raw_columns(&batch))))
    }

    /// Windows of `width` ns.
    pub fn windows(
        &self,
        start: Option<i64>,
        end: Option<i64>,
        width: u64,
        version: u64,
        control: &Control,
    ) -> JsResult<Batches> {
        let stream = self.0.with(thrown(control.calls())?);
        let range = arguments::range(start, end);
        let batches = stream.windows_batches(range, width, version);
        let most = range.width().checked_div(width).unwrap_or(0);
        Ok(Batches::new(batches.map_ok(|batch| results::stat_columns(&batch))).of_at_most(most))
    }

    /// Windows of `2^width` ns on the grid of the epoch.
    #[wasm_bindgen(js_name = alignedWindows)]
    pub fn aligned_windows(
        &self,
        start: Option<i64>,
        end: Option<i64>,
        width: f64,
        version: u64,
        control: &Control,
    ) -> JsResult<Batches> {
        let stream = self.0.with(thrown(control.calls())?);
        let width = thrown(arguments::point_width(width))?;
        let range = arguments::range(start, end);
        let batches = stream.aligned_windows_batches(range, width, version);
        let most = point_width::for_aligned_windows(width, range).count;
        Ok(Batches::new(batches.map_ok(|batch| results::stat_columns(&batch))).of_at_most(most))
    }

    /// How many points there are: about, by windows of at most `2^width` ns, or `precise`.
    pub fn count(
        &self,
        start: Option<i64>,
        end: Option<i64>,
        version: u64,
        precise: bool,
        width: Option<f64>,
        control: &Control,
    ) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            let range = arguments::range(start, end);
            let width = width.map(arguments::point_width).transpose()?;
            Ok(async move {
                let count = match width {
                    _ if precise => stream.count_exactly(range, version).await,
                    Some(width) => stream.count_in_windows(range, width, version).await,
                    None => stream.count(range, version).await,
                };
                Ok(count?.into())
            })
        })
    }

    /// The `earliest`, `latest` or `current` point.
    pub fn extreme(&self, which: String, version: u64, control: &Control) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            Ok(async move {
                let found = match which.as_str() {
                    "earliest" => stream.earliest(version).await,
                    "latest" => stream.latest(version).await,
                    _ => stream.current(version).await,
                };
                Ok(results::raw_point(found?))
            })
        })
    }

    /// The point nearest to `time`.
    pub fn nearest(&self, time: i64, backward: bool, version: u64, control: &Control) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            let direction = if backward { Direction::Backward } else { Direction::Forward };
            Ok(async move { Ok(results::raw_point(stream.nearest(time, version, direction).await?)) })
        })
    }

    /// Where two versions differ.
    pub fn changes(&self, from: u64, to: u64, resolution: f64, control: &Control) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            let resolution = arguments::point_width(resolution)?;
            Ok(async move { Ok(results::changes(&stream.changes(from, to, resolution).await?)) })
        })
    }

    /// What changes, as it changes.
    pub fn tail(
        &self,
        interval_ms: Option<f64>,
        since: Option<u64>,
        start: Option<i64>,
        resolution: Option<f64>,
        control: &Control,
    ) -> JsResult<Batches> {
        let stream = self.0.with(thrown(control.calls())?);
        let usual = TailOptions::default();
        let interval = thrown(interval_ms.map_or(Ok(usual.interval), |interval| millis(interval, "intervalMs")))?;
        let resolution = thrown(resolution.map_or(Ok(usual.resolution), arguments::point_width))?;
        let options = TailOptions { interval, since, start: start.unwrap_or(usual.start), resolution };
        Ok(Batches::new(stream.tail(options).map_ok(results::tail_event)))
    }
}
