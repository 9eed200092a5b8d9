//! Changing a stream.

use std::num::NonZeroUsize;

use btrdb_client::{POINTS_PER_CALL, RawColumns, Update};
use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::arguments;
use super::control::Control;
use super::error::JsResult;
use super::stream::Stream;

#[wasm_bindgen]
impl Stream {
    /// Inserts points, `points_per_call` at a time.
    pub async fn insert(
        &self,
        time: Vec<i64>,
        value: Vec<f64>,
        merge: String,
        points_per_call: Option<u32>,
        control: Control,
    ) -> JsResult<u64> {
        let stream = self.0.with(control.calls()?);
        let policy = arguments::merge_policy(&merge)?;
        let size = points_per_call.and_then(|size| NonZeroUsize::new(size as usize)).unwrap_or(POINTS_PER_CALL);
        let points = RawColumns { time, value };
        control.run(stream.insert_chunked(&points, policy, size)).await
    }

    /// Removes the points of a range.
    pub async fn delete(&self, start: i64, end: i64, control: Control) -> JsResult<u64> {
        let stream = self.0.with(control.calls()?);
        control.run(stream.delete(arguments::range(Some(start), Some(end)))).await
    }

    /// Commits what the server may still hold back.
    pub async fn flush(&self, control: Control) -> JsResult<u64> {
        let stream = self.0.with(control.calls()?);
        control.run(stream.flush()).await
    }

    /// Removes the stream for good.
    pub async fn obliterate(&self, control: Control) -> JsResult<()> {
        let stream = self.0.with(control.calls()?);
        control.run(stream.obliterate()).await
    }

    /// Changes collection, tags and annotations, the latter two objects of text.
    pub async fn update(
        &self,
        collection: Option<String>,
        tags: Option<Object>,
        annotations: Option<Object>,
        replace: bool,
        expected_version: Option<u64>,
        control: Control,
    ) -> JsResult<u64> {
        let stream = self.0.with(control.calls()?);
        let has_annotations = annotations.is_some();
        let annotations = arguments::texts(annotations, "annotations")?;
        let update = Update {
            collection,
            tags: arguments::texts(tags, "tags")?,
            annotations: has_annotations.then_some(annotations),
            replace,
            expected_version,
        };
        control.run(stream.update(&update)).await
    }
}
