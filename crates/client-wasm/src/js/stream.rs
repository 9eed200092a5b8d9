//! A stream and what can be read through it.

use std::time::Duration;

use btrdb_client::{Direction, TailOptions};
use futures_util::TryStreamExt;
use wasm_bindgen::prelude::*;

use super::arguments;
use super::batches::Batches;
use super::control::Control;
use super::error::{JsResult, invalid};
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
    pub async fn descriptor(&self, fresh: bool, control: Control) -> JsResult<JsValue> {
        let stream = self.0.with(control.calls()?);
        let work = async { if fresh { stream.refresh_metadata().await } else { stream.descriptor().await } };
        control.run(work).await.map(|descriptor| results::descriptor(&descriptor))
    }

    /// Whether the server knows the stream.
    pub async fn exists(&self, control: Control) -> JsResult<bool> {
        let stream = self.0.with(control.calls()?);
        control.run(stream.exists()).await
    }

    /// The newest version.
    pub async fn version(&self, control: Control) -> JsResult<u64> {
        let stream = self.0.with(control.calls()?);
        control.run(stream.version()).await
    }

    /// Points.
    pub fn values(&self, start: Option<i64>, end: Option<i64>, version: u64, control: &Control) -> JsResult<Batches> {
        let stream = self.0.with(control.calls()?);
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
        let stream = self.0.with(control.calls()?);
        let batches = stream.windows_batches(arguments::range(start, end), width, version);
        Ok(Batches::new(batches.map_ok(|batch| results::stat_columns(&batch))))
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
        let stream = self.0.with(control.calls()?);
        let width = arguments::point_width(width)?;
        let batches = stream.aligned_windows_batches(arguments::range(start, end), width, version);
        Ok(Batches::new(batches.map_ok(|batch| results::stat_columns(&batch))))
    }

    /// How many points there are: about, by windows of at most `2^width` ns, or `precise`.
    pub async fn count(
        &self,
        start: Option<i64>,
        end: Option<i64>,
        version: u64,
        precise: bool,
        width: Option<f64>,
        control: Control,
    ) -> JsResult<u64> {
        let stream = self.0.with(control.calls()?);
        let range = arguments::range(start, end);
        let width = width.map(arguments::point_width).transpose()?;
        let work = async {
            match width {
                _ if precise => stream.count_exactly(range, version).await,
                Some(width) => stream.count_in_windows(range, width, version).await,
                None => stream.count(range, version).await,
            }
        };
        control.run(work).await
    }

    /// The `earliest`, `latest` or `current` point.
    pub async fn extreme(&self, which: String, version: u64, control: Control) -> JsResult<JsValue> {
        let stream = self.0.with(control.calls()?);
        let work = async {
            match which.as_str() {
                "earliest" => stream.earliest(version).await,
                "latest" => stream.latest(version).await,
                _ => stream.current(version).await,
            }
        };
        let found = control.run(work).await?;
        Ok(found.map_or(JsValue::UNDEFINED, |point| results::raw_point(&point)))
    }

    /// The point nearest to `time`.
    pub async fn nearest(&self, time: i64, backward: bool, version: u64, control: Control) -> JsResult<JsValue> {
        let stream = self.0.with(control.calls()?);
        let direction = if backward { Direction::Backward } else { Direction::Forward };
        let found = control.run(stream.nearest(time, version, direction)).await?;
        Ok(found.map_or(JsValue::UNDEFINED, |point| results::raw_point(&point)))
    }

    /// Where two versions differ.
    pub async fn changes(&self, from: u64, to: u64, resolution: f64, control: Control) -> JsResult<JsValue> {
        let stream = self.0.with(control.calls()?);
        let work = stream.changes(from, to, arguments::point_width(resolution)?);
        control.run(work).await.map(|read| results::changes(&read))
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
        let stream = self.0.with(control.calls()?);
        let usual = TailOptions::default();
        let interval = interval_ms.map_or(Ok(usual.interval), |millis| {
            Duration::try_from_secs_f64(millis / 1e3)
                .map_err(|why| invalid(format!("intervalMs of {millis} milliseconds: {why}")))
        })?;
        let resolution = resolution.map_or(Ok(usual.resolution), arguments::point_width)?;
        let options = TailOptions { interval, since, start: start.unwrap_or(usual.start), resolution };
        Ok(Batches::new(stream.tail(options).map_ok(results::tail_event)))
    }
}
