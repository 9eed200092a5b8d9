//! Several streams: what is read of them, and reading it.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;

use btrdb_client::{Filter, RawColumns, TextMatch, Uuid};
use bytes::Bytes;
use futures_util::TryStreamExt;
use js_sys::{Array, BigInt64Array, Float64Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::arguments;
use super::batches::Batches;
use super::control::Control;
use super::error::{JsResult, to_js};
use super::held::Held;
use super::results;
use super::stream::Stream;
use crate::web::WebTransport;

/// Streams that are to become a set.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct StreamList(Vec<btrdb_client::Stream<WebTransport>>);

#[wasm_bindgen]
impl StreamList {
    /// No streams yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub fn push(&mut self, stream: &Stream) {
        self.0.push((*stream.0).clone());
    }

    /// The set of them. There must be one, unless it is what a filter has `left`.
    pub fn set(self, left: bool) -> JsResult<StreamSet> {
        if left {
            return Ok(btrdb_client::StreamSet::left(self.0).into());
        }
        btrdb_client::StreamSet::new(self.0).map(StreamSet::from).map_err(|error| to_js(&error))
    }
}

#[wasm_bindgen]
extern "C" {
    /// What a filter says. Texts are a string, or an array of all strings that will do.
    #[derive(Debug)]
    pub type Choice;

    #[wasm_bindgen(method, getter, structural)]
    fn start(this: &Choice) -> Option<i64>;

    #[wasm_bindgen(method, getter, structural)]
    fn end(this: &Choice) -> Option<i64>;

    #[wasm_bindgen(method, getter, structural)]
    fn collection(this: &Choice) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    fn name(this: &Choice) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    fn unit(this: &Choice) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    fn tags(this: &Choice) -> Option<Object>;

    #[wasm_bindgen(method, getter, structural)]
    fn annotations(this: &Choice) -> Option<Object>;

    #[wasm_bindgen(method, getter, structural, js_name = samplingFrequency)]
    fn sampling_frequency(this: &Choice) -> Option<f64>;

    #[wasm_bindgen(method, getter, structural)]
    fn schema(this: &Choice) -> Option<Uint8Array>;
}

/// Several streams, and what is read of them.
#[wasm_bindgen]
#[derive(Debug)]
#[must_use]
pub struct StreamSet(pub(super) Held<btrdb_client::StreamSet<WebTransport>>);

impl From<btrdb_client::StreamSet<WebTransport>> for StreamSet {
    fn from(set: btrdb_client::StreamSet<WebTransport>) -> Self {
        Self(set.into())
    }
}

impl StreamSet {
    /// The set as `control` has it read.
    pub(super) fn under(&self, control: &Control) -> JsResult<btrdb_client::StreamSet<WebTransport>> {
        Ok((*self.0).clone().with(control.calls()?))
    }

    pub(super) fn uuid_list(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.0.streams().iter().map(btrdb_client::Stream::uuid)
    }
}

#[wasm_bindgen]
impl StreamSet {
    /// The streams.
    pub fn streams(&self) -> Vec<Stream> {
        self.0.streams().iter().cloned().map(Stream::from).collect()
    }

    /// The uuids of the streams.
    pub fn uuids(&self) -> Vec<String> {
        self.uuid_list().map(|uuid| uuid.to_string()).collect()
    }

    /// Whether windows may still be asked for.
    #[wasm_bindgen(js_name = allowWindow)]
    pub fn allow_window(&self) -> bool {
        self.0.allow_window()
    }

    /// The set read as windows of `width` ns.
    pub fn windows(&self, width: u64) -> JsResult<Self> {
        (*self.0).clone().windows(width).map(Self::from).map_err(|error| to_js(&error))
    }

    /// The set read as windows of `2^width` ns.
    #[wasm_bindgen(js_name = alignedWindows)]
    pub fn aligned_windows(&self, width: f64) -> JsResult<Self> {
        (*self.0).clone().aligned_windows(arguments::point_width(width)?).map(Self::from).map_err(|error| to_js(&error))
    }

    /// The set that makes at most `calls` calls at a time.
    pub fn parallel(&self, calls: u32) -> Self {
        let set = (*self.0).clone();
        match NonZeroUsize::new(calls as usize) {
            Some(calls) => set.parallel(calls).into(),
            None => set.into(),
        }
    }

    /// The set read at `versions`, one for each of `uuids`.
    #[wasm_bindgen(js_name = withVersions)]
    pub fn with_versions(&self, uuids: Vec<String>, versions: Vec<u64>) -> JsResult<Self> {
        let pinned = uuids.into_iter().zip(versions).map(|(uuid, version)| Ok((arguments::uuid(&uuid)?, version)));
        Ok((*self.0).clone().with_versions(pinned.collect::<JsResult<_>>()?).into())
    }

    /// The set read at the versions that are the newest now.
    #[wasm_bindgen(js_name = pinVersions)]
    pub async fn pin_versions(&self, control: Control) -> JsResult<Self> {
        let set = self.under(&control)?;
        control.run(set.pin_versions()).await.map(Self::from)
    }

    /// The versions that are read, as an array of `[uuid, version]`.
    pub async fn versions(&self, control: Control) -> JsResult<Array> {
        let set = self.under(&control)?;
        control.run(set.versions()).await.map(by_uuid)
    }

    /// What is known of each stream.
    pub async fn descriptors(&self, control: Control) -> JsResult<Array> {
        let set = self.under(&control)?;
        let known = control.run(set.descriptors()).await?;
        Ok(known.iter().map(results::descriptor).collect())
    }

    /// The streams that `choice` leaves, read as it says.
    pub async fn filter(&self, choice: Choice, control: Control) -> JsResult<Self> {
        let set = self.under(&control)?;
        let filter = Filter {
            start: choice.start(),
            end: choice.end(),
            collection: text_match(&choice.collection()),
            name: text_match(&choice.name()),
            unit: text_match(&choice.unit()),
            tags: arguments::texts(choice.tags(), "tags")?,
            annotations: arguments::texts(choice.annotations(), "annotations")?,
            sampling_frequency: choice.sampling_frequency(),
            schema: choice.schema().map(|schema| schema.to_vec().into()),
        };
        control.run(set.filter(&filter)).await.map(Self::from)
    }

    /// The points or windows of each stream, as they arrive.
    #[wasm_bindgen(js_name = valuesIter)]
    pub fn values_iter(&self, control: &Control) -> JsResult<Batches> {
        let set = self.under(control)?;
        Ok(Batches::new(set.values_iter().map_ok(results::stream_batch)))
    }

    /// The streams side by side in time.
    pub fn rows(&self, control: &Control) -> JsResult<Batches> {
        let set = self.under(control)?;
        let (streams, is_raw) = (set.len(), set.allow_window());
        Ok(Batches::of_many(set.rows(), move |rows| results::rows(&rows, streams, is_raw)))
    }

    /// How many points there are, about or precisely.
    pub async fn count(&self, precise: bool, control: Control) -> JsResult<u64> {
        let set = self.under(&control)?;
        control.run(async { if precise { set.count_exactly().await } else { set.count().await } }).await
    }

    /// The `earliest`, `latest` or `current` point of each stream.
    pub async fn extremes(&self, which: String, control: Control) -> JsResult<JsValue> {
        let set = self.under(&control)?;
        let work = async {
            match which.as_str() {
                "earliest" => set.earliest().await,
                "latest" => set.latest().await,
                _ => set.current().await,
            }
        };
        control.run(work).await.map(results::points)
    }

    /// Inserts points, given as an array of `[uuid, time, value]`. Returns the versions as [`Self::versions`].
    pub async fn insert(&self, points: Array, merge: String, control: Control) -> JsResult<Array> {
        let set = self.under(&control)?;
        let policy = arguments::merge_policy(&merge)?;
        let columns = |entry: &Array| {
            let (time, value): (BigInt64Array, Float64Array) =
                (entry.get(1).unchecked_into(), entry.get(2).unchecked_into());
            RawColumns { time: time.to_vec(), value: value.to_vec() }
        };
        let points = keyed(&points, columns)?;
        control.run(set.insert(&points, policy)).await.map(by_uuid)
    }

    /// Inserts IPC streams, given as an array of `[uuid, bytes]`. Returns the versions as [`Self::versions`].
    #[wasm_bindgen(js_name = arrowInsert)]
    pub async fn arrow_insert(&self, tables: Array, merge: String, control: Control) -> JsResult<Array> {
        let set = self.under(&control)?;
        let policy = arguments::merge_policy(&merge)?;
        let bytes = |entry: &Array| Bytes::from(entry.get(1).unchecked_into::<Uint8Array>().to_vec());
        let tables = keyed(&tables, bytes)?;
        control.run(set.arrow_insert(&tables, policy)).await.map(by_uuid)
    }

    /// The whole set as an IPC stream.
    #[wasm_bindgen(js_name = arrowValues)]
    pub async fn arrow_values(&self, control: Control) -> JsResult<JsValue> {
        let set = self.under(&control)?;
        control.run(set.arrow_values()).await.map(|ipc| results::bytes(&ipc))
    }

    /// The set as IPC streams as they arrive.
    #[wasm_bindgen(js_name = arrowValuesBatches)]
    pub fn arrow_values_batches(&self, control: &Control) -> JsResult<Batches> {
        let set = self.under(control)?;
        Ok(Batches::new(set.arrow_values_batches().map_ok(|ipc: Bytes| results::bytes(&ipc))))
    }
}

fn text_match(wanted: &JsValue) -> Option<TextMatch> {
    if let Some(text) = wanted.as_string() {
        return Some(TextMatch::Equals(text));
    }
    let texts: HashSet<String> = arguments::strings(wanted.dyn_ref::<Array>()?).collect();
    Some(TextMatch::by(move |text| texts.contains(text)))
}

fn keyed<D>(entries: &Array, data: impl Fn(&Array) -> D) -> JsResult<HashMap<Uuid, D>> {
    let entry = |entry: JsValue| {
        let entry: Array = entry.unchecked_into();
        let uuid = arguments::uuid(&entry.get(0).as_string().unwrap_or_default())?;
        Ok((uuid, data(&entry)))
    };
    entries.iter().map(entry).collect()
}

fn by_uuid(versions: HashMap<Uuid, u64>) -> Array {
    let entry =
        |(uuid, version): (Uuid, u64)| -> JsValue { Array::of2(&uuid.to_string().into(), &version.into()).into() };
    versions.into_iter().map(entry).collect()
}
