//! Reads and inserts of a stream whose columns stay Arrow.

use wasm_bindgen::prelude::*;

use super::arguments;
use super::control::Control;
use super::error::JsResult;
use super::results;
use super::stream::Stream;

#[wasm_bindgen]
impl Stream {
    /// Points, cast to `schema` if there is one.
    #[wasm_bindgen(js_name = arrowValues)]
    pub async fn arrow_values(
        &self,
        start: Option<i64>,
        end: Option<i64>,
        version: u64,
        schema: Option<Vec<u8>>,
        control: Control,
    ) -> JsResult<JsValue> {
        let stream = self.0.with(control.calls()?);
        let work = stream.arrow_values(arguments::range(start, end), version, schema.map(Into::into));
        control.run(work).await.map(|read| results::ipc(&read))
    }

    /// Windows of `width` ns.
    #[wasm_bindgen(js_name = arrowWindows)]
    pub async fn arrow_windows(
        &self,
        start: Option<i64>,
        end: Option<i64>,
        width: u64,
        version: u64,
        control: Control,
    ) -> JsResult<JsValue> {
        let stream = self.0.with(control.calls()?);
        let work = stream.arrow_windows(arguments::range(start, end), width, version);
        control.run(work).await.map(|read| results::ipc(&read))
    }

    /// Windows of `2^width` ns on the grid of the epoch.
    #[wasm_bindgen(js_name = arrowAlignedWindows)]
    pub async fn arrow_aligned_windows(
        &self,
        start: Option<i64>,
        end: Option<i64>,
        width: f64,
        version: u64,
        control: Control,
    ) -> JsResult<JsValue> {
        let stream = self.0.with(control.calls()?);
        let width = arguments::point_width(width)?;
        let work = stream.arrow_aligned_windows(arguments::range(start, end), width, version);
        control.run(work).await.map(|read| results::ipc(&read))
    }

    /// Inserts the rows of an IPC stream.
    #[wasm_bindgen(js_name = arrowInsert)]
    pub async fn arrow_insert(&self, ipc: Vec<u8>, merge: String, control: Control) -> JsResult<u64> {
        let stream = self.0.with(control.calls()?);
        let policy = arguments::merge_policy(&merge)?;
        control.run(stream.arrow_insert(&ipc, policy)).await
    }
}
