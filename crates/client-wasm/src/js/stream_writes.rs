//! Changing a stream.

use std::num::NonZeroUsize;

use btrdb_client::{POINTS_PER_CALL, RawColumns, Update};
use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;

use super::arguments;
use super::control::Control;
use super::record::number;
use super::stream::Stream;

#[wasm_bindgen]
impl Stream {
    /// Inserts points, `points_per_call` at a time.
    pub fn insert(
        &self,
        time: Vec<i64>,
        value: Vec<f64>,
        merge: &str,
        points_per_call: Option<u32>,
        control: &Control,
    ) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            let policy = arguments::merge_policy(merge)?;
            let size = points_per_call.and_then(|size| NonZeroUsize::new(size as usize)).unwrap_or(POINTS_PER_CALL);
            let points = RawColumns { time, value };
            Ok(async move { Ok(stream.insert_chunked(&points, policy, size).await?.into()) })
        })
    }

    /// Removes the points of a range.
    pub fn delete(&self, start: i64, end: i64, control: &Control) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            let range = arguments::range(Some(start), Some(end));
            Ok(async move { Ok(stream.delete(range).await?.into()) })
        })
    }

    /// Commits what the server may still hold back.
    pub fn flush(&self, control: &Control) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            Ok(async move { Ok(stream.flush().await?.into()) })
        })
    }

    /// Removes the stream for good.
    pub fn obliterate(&self, control: &Control) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            Ok(async move { stream.obliterate().await.map(|()| JsValue::UNDEFINED) })
        })
    }

    /// Changes collection, tags and annotations, the latter two objects of text.
    pub fn update(
        &self,
        collection: Option<String>,
        tags: Option<Object>,
        annotations: Option<Object>,
        replace: bool,
        expected_version: Option<u64>,
        control: &Control,
    ) -> Promise {
        control.run(|calls| {
            let stream = self.0.with(calls);
            let has_annotations = annotations.is_some();
            let annotations = arguments::texts(annotations, "annotations")?;
            let update = Update {
                collection,
                tags: arguments::texts(tags, "tags")?,
                annotations: has_annotations.then_some(annotations),
                replace,
                expected_version,
            };
            Ok(async move { Ok(number(stream.update(&update).await?)) })
        })
    }
}
