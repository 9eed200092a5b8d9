//! Reads and inserts of a stream whose columns stay Arrow.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments;
use super::control::Control;
use super::results;
use super::stream::Stream;

#[wasm_bindgen]
impl Stream {
    /// Points, cast to `schema` if there is one.
    #[wasm_bindgen(js_name = arrowValues)]
    pub fn arrow_values(
        &self,
        start: Option<i64>,
        end: Option<i64>,
        version: u64,
        schema: Option<Vec<u8>>,
        control: &Control,
    ) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            let (range, schema) = (arguments::range(start, end), schema.map(Into::into));
            Ok(async move { Ok(results::ipc(&stream.arrow_values(range, version, schema).await?)) })
        })
    }

    /// Windows of `width` ns.
    #[wasm_bindgen(js_name = arrowWindows)]
    pub fn arrow_windows(
        &self,
        start: Option<i64>,
        end: Option<i64>,
        width: u64,
        version: u64,
        control: &Control,
    ) -> Promise {
        control.run(|calls| {
            let (stream, range) = (self.0.with(calls), arguments::range(start, end));
            Ok(async move { Ok(results::ipc(&stream.arrow_windows(range, width, version).await?)) })
        })
    }

    /// Windows of `2^width` ns on the grid of the epoch.
    #[wasm_bindgen(js_name = arrowAlignedWindows)]
    pub fn arrow_aligned_windows(
        &self,
        start: Option<i64>,
        end: Option<i64>,
        width: f64,
        version: u64,
        control: &Control,
    ) -> Promise {
        control.run(|calls| {
            let (stream, range) = (self.0.with(calls), arguments::range(start, end));
            let width = arguments::point_width(width)?;
            Ok(async move { Ok(results::ipc(&stream.arrow_aligned_windows(range, width, version).await?)) })
        })
    }

    /// Inserts the rows of an IPC stream.
    #[wasm_bindgen(js_name = arrowInsert)]
    pub fn arrow_insert(&self, ipc: Vec<u8>, merge: &str, control: &Control) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            let policy = arguments::merge_policy(merge)?;
            Ok(async move { Ok(stream.arrow_insert(&ipc, policy).await?.into()) })
        })
    }
}
