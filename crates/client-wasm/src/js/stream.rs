//! A stream's handle and what can be read through it.

use wasm_bindgen::prelude::*;

use super::abort::unless_aborted;
use super::columns;
use super::error::JsResult;
use super::options::{self, Options};
use crate::web::WebTransport;

/// A stream of a connection.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Stream(btrdb_client::Stream<WebTransport>);

impl From<btrdb_client::Stream<WebTransport>> for Stream {
    fn from(stream: btrdb_client::Stream<WebTransport>) -> Self {
        Self(stream)
    }
}

#[wasm_bindgen]
impl Stream {
    /// The stream's name for ever.
    #[wasm_bindgen(getter)]
    pub fn uuid(&self) -> String {
        self.0.uuid().to_string()
    }

    /// What the stream is called within its collection, where that is at hand.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> Option<String> {
        self.0.known_descriptor().map(|known| known.name().to_owned())
    }

    /// What its values are measured in, where that is at hand.
    #[wasm_bindgen(getter)]
    pub fn unit(&self) -> Option<String> {
        self.0.known_descriptor().map(|known| known.unit().to_owned())
    }

    /// The path it is filed under, where that is at hand.
    #[wasm_bindgen(getter)]
    pub fn collection(&self) -> Option<String> {
        self.0.known_descriptor().map(|known| known.collection)
    }

    /// Its tags, where they are at hand.
    #[wasm_bindgen(getter, unchecked_return_type = "Record<string, string> | undefined")]
    pub fn tags(&self) -> JsValue {
        self.0.known_descriptor().map_or(JsValue::UNDEFINED, |known| columns::texts(&known.tags))
    }

    /// Its annotations, where they are at hand.
    #[wasm_bindgen(getter, unchecked_return_type = "Record<string, string> | undefined")]
    pub fn annotations(&self) -> JsValue {
        self.0.known_descriptor().map_or(JsValue::UNDEFINED, |known| columns::texts(&known.annotations))
    }

    /// Collection, tags and annotations, asked for once and then at hand.
    #[wasm_bindgen(unchecked_return_type = "Descriptor")]
    pub async fn descriptor(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: Option<Options>,
    ) -> JsResult<JsValue> {
        let signal = options::abort_signal(options.as_ref());
        unless_aborted(signal, self.0.descriptor()).await.map(|descriptor| columns::descriptor(&descriptor))
    }

    /// Collection, tags and annotations as they are now.
    #[wasm_bindgen(js_name = refreshMetadata, unchecked_return_type = "Descriptor")]
    pub async fn refresh_metadata(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: Option<Options>,
    ) -> JsResult<JsValue> {
        let signal = options::abort_signal(options.as_ref());
        unless_aborted(signal, self.0.refresh_metadata()).await.map(|descriptor| columns::descriptor(&descriptor))
    }

    /// Whether the server knows the stream.
    pub async fn exists(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: Option<Options>,
    ) -> JsResult<bool> {
        unless_aborted(options::abort_signal(options.as_ref()), self.0.exists()).await
    }

    /// The newest version of the stream's points.
    pub async fn version(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: Option<Options>,
    ) -> JsResult<u64> {
        unless_aborted(options::abort_signal(options.as_ref()), self.0.version()).await
    }

    /// All points with `start <= time < end`.
    #[wasm_bindgen(unchecked_return_type = "RawColumns")]
    pub async fn values(
        &self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] start: JsValue,
        #[wasm_bindgen(unchecked_param_type = "bigint")] end: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ReadOptions")] options: Option<Options>,
    ) -> JsResult<JsValue> {
        let (range, version) = (options::range(start, end)?, options::read_version(options.as_ref())?);
        let signal = options::abort_signal(options.as_ref());
        unless_aborted(signal, self.0.values(range, version)).await.map(|read| columns::raw_columns(&read))
    }

    /// Windows of `2^pointWidth` ns that start at multiples of that. The low bits of both ends are cleared, so the first
    /// window may start before `start`; windows without points are left out.
    #[wasm_bindgen(js_name = alignedWindows, unchecked_return_type = "StatColumns")]
    pub async fn aligned_windows(
        &self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] start: JsValue,
        #[wasm_bindgen(unchecked_param_type = "bigint")] end: JsValue,
        #[wasm_bindgen(js_name = pointWidth)] point_width: f64,
        #[wasm_bindgen(unchecked_optional_param_type = "ReadOptions")] options: Option<Options>,
    ) -> JsResult<JsValue> {
        let (range, version) = (options::range(start, end)?, options::read_version(options.as_ref())?);
        let work = self.0.aligned_windows(range, options::point_width(point_width)?, version);
        let signal = options::abort_signal(options.as_ref());
        unless_aborted(signal, work).await.map(|read| columns::stat_columns(&read))
    }

    /// Windows of `width` ns that start at `start`. What is left over at the end is not reported; a window of count 0 is
    /// a gap.
    #[wasm_bindgen(unchecked_return_type = "StatColumns")]
    pub async fn windows(
        &self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] start: JsValue,
        #[wasm_bindgen(unchecked_param_type = "bigint")] end: JsValue,
        #[wasm_bindgen(unchecked_param_type = "bigint")] width: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ReadOptions")] options: Option<Options>,
    ) -> JsResult<JsValue> {
        let (range, version) = (options::range(start, end)?, options::read_version(options.as_ref())?);
        let work = self.0.windows(range, options::count(width, "width")?, version);
        let signal = options::abort_signal(options.as_ref());
        unless_aborted(signal, work).await.map(|read| columns::stat_columns(&read))
    }

    /// The first point at `time` or after it, or with `backward` the last before it; `undefined` where there is none.
    #[wasm_bindgen(unchecked_return_type = "RawPoint | undefined")]
    pub async fn nearest(
        &self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] time: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "NearestOptions")] options: Option<Options>,
    ) -> JsResult<JsValue> {
        let (time, version) = (options::nanos(time, "time")?, options::read_version(options.as_ref())?);
        let work = self.0.nearest(time, version, options::direction(options.as_ref()));
        let found = unless_aborted(options::abort_signal(options.as_ref()), work).await?;
        Ok(found.map_or(JsValue::UNDEFINED, |point| columns::raw_point(&point)))
    }

    /// Where the versions after `from`, up to and with `to` (0 being the newest), differ from `from`: ranges whose ends
    /// are multiples of `2^resolution` ns. They cover every change, and may cover more.
    #[wasm_bindgen(unchecked_return_type = "Changes")]
    pub async fn changes(
        &self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] from: JsValue,
        #[wasm_bindgen(unchecked_param_type = "bigint")] to: JsValue,
        resolution: f64,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: Option<Options>,
    ) -> JsResult<JsValue> {
        let (from, to) = (options::count(from, "from")?, options::count(to, "to")?);
        let work = self.0.changes(from, to, options::point_width(resolution)?);
        let signal = options::abort_signal(options.as_ref());
        unless_aborted(signal, work).await.map(|read| columns::changes(&read))
    }

    /// Lets go of the handle.
    pub fn close(self) {
        drop(self);
    }
}
