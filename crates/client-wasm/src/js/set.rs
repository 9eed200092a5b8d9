//! Several streams: what is read of them, and reading it.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;

use btrdb_client::{CallOptions, Filter, RawColumns, Result, TextMatch, Uuid};
use bytes::Bytes;
use futures_util::TryStreamExt;
use js_sys::{Array, BigInt64Array, Float64Array, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;

use super::arguments;
use super::batches::Batches;
use super::control::Control;
use super::error::{JsResult, thrown};
use super::held::Held;
use super::record::strings;
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
        thrown(btrdb_client::StreamSet::new(self.0).map(StreamSet::from))
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
    /// The set, whose calls follow `calls`.
    pub(super) fn under(&self, calls: CallOptions) -> btrdb_client::StreamSet<WebTransport> {
        (*self.0).clone().with(calls)
    }

    pub(super) fn uuid_list(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.0.streams().iter().map(btrdb_client::Stream::uuid)
    }
}

#[wasm_bindgen]
impl StreamSet {
    /// The streams.
    pub fn streams(&self) -> JsValue {
        streams(self.0.streams().to_vec())
    }

    /// The uuids of the streams.
    pub fn uuids(&self) -> JsValue {
        strings(self.uuid_list().map(|uuid| uuid.to_string()))
    }

    /// Whether windows may still be asked for.
    #[wasm_bindgen(js_name = allowWindow)]
    pub fn allow_window(&self) -> bool {
        self.0.allow_window()
    }

    /// The set read as windows of `width` ns.
    pub fn windows(&self, width: u64) -> JsResult<Self> {
        thrown((*self.0).clone().windows(width).map(Self::from))
    }

    /// The set read as windows of `2^width` ns.
    #[wasm_bindgen(js_name = alignedWindows)]
    pub fn aligned_windows(&self, width: f64) -> JsResult<Self> {
        thrown(arguments::point_width(width).and_then(|width| (*self.0).clone().aligned_windows(width)).map(Self::from))
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
        Ok((*self.0).clone().with_versions(thrown(pinned.collect())?).into())
    }

    /// The set read at the versions that are the newest now.
    #[wasm_bindgen(js_name = pinVersions)]
    pub fn pin_versions(&self, control: &Control) -> Promise {
        control.run(|calls| {
            let set = self.under(calls);
            Ok(async move { Ok(Self::from(set.pin_versions().await?).into()) })
        })
    }

    /// The versions that are read, as an array of `[uuid, version]`.
    pub fn versions(&self, control: &Control) -> Promise {
        control.run(|calls| {
            let set = self.under(calls);
            Ok(async move { set.versions().await.map(by_uuid) })
        })
    }

    /// What is known of each stream.
    pub fn descriptors(&self, control: &Control) -> Promise {
        control.run(|calls| {
            let set = self.under(calls);
            Ok(async move {
                let known = set.descriptors().await?;
                Ok(known.iter().map(results::descriptor).collect::<Array>().into())
            })
        })
    }

    /// The streams that `choice` leaves, read as it says.
    pub fn filter(&self, choice: &Choice, control: &Control) -> Promise {
        control.run(|calls| {
            let set = self.under(calls);
            let filter = filter(choice)?;
            Ok(async move { Ok(Self::from(set.filter(&filter).await?).into()) })
        })
    }

    /// The points or windows of each stream, as they arrive.
    #[wasm_bindgen(js_name = valuesIter)]
    pub fn values_iter(&self, control: &Control) -> JsResult<Batches> {
        let set = self.under(thrown(control.calls())?);
        Ok(Batches::new(set.values_iter().map_ok(results::stream_batch)))
    }

    /// The streams side by side in time.
    pub fn rows(&self, control: &Control) -> JsResult<Batches> {
        let set = self.under(thrown(control.calls())?);
        let (streams, is_raw) = (set.len(), set.allow_window());
        Ok(Batches::of_many(set.rows(), move |rows| results::rows(&rows, streams, is_raw)))
    }

    /// How many points there are, about or precisely.
    pub fn count(&self, precise: bool, control: &Control) -> Promise {
        control.run(|calls| {
            let set = self.under(calls);
            Ok(async move {
                let count = if precise { set.count_exactly().await } else { set.count().await };
                Ok(count?.into())
            })
        })
    }

    /// The `earliest`, `latest` or `current` point of each stream.
    pub fn extremes(&self, which: String, control: &Control) -> Promise {
        control.run(|calls| {
            let set = self.under(calls);
            Ok(async move {
                let found = match which.as_str() {
                    "earliest" => set.earliest().await,
                    "latest" => set.latest().await,
                    _ => set.current().await,
                };
                found.map(results::points)
            })
        })
    }

    /// Inserts points, given as an array of `[uuid, time, value]`. Returns the versions as [`Self::versions`].
    pub fn insert(&self, points: &Array, merge: &str, control: &Control) -> Promise {
        control.run(|calls| {
            let set = self.under(calls);
            let policy = arguments::merge_policy(merge)?;
            let columns = |entry: &Array| {
                let (time, value): (BigInt64Array, Float64Array) =
                    (entry.get(1).unchecked_into(), entry.get(2).unchecked_into());
                RawColumns { time: time.to_vec(), value: value.to_vec() }
            };
            let points = keyed(points, columns)?;
            Ok(async move { set.insert(&points, policy).await.map(by_uuid) })
        })
    }

    /// Inserts IPC streams, given as an array of `[uuid, bytes]`. Returns the versions as [`Self::versions`].
    #[wasm_bindgen(js_name = arrowInsert)]
    pub fn arrow_insert(&self, tables: &Array, merge: &str, control: &Control) -> Promise {
        control.run(|calls| {
            let set = self.under(calls);
            let policy = arguments::merge_policy(merge)?;
            let bytes = |entry: &Array| Bytes::from(entry.get(1).unchecked_into::<Uint8Array>().to_vec());
            let tables = keyed(tables, bytes)?;
            Ok(async move { set.arrow_insert(&tables, policy).await.map(by_uuid) })
        })
    }

    /// The whole set as an IPC stream.
    #[wasm_bindgen(js_name = arrowValues)]
    pub fn arrow_values(&self, control: &Control) -> Promise {
        control.run(|calls| {
            let set = self.under(calls);
            Ok(async move { Ok(results::bytes(&set.arrow_values().await?)) })
        })
    }

    /// The set as IPC streams as they arrive.
    #[wasm_bindgen(js_name = arrowValuesBatches)]
    pub fn arrow_values_batches(&self, control: &Control) -> JsResult<Batches> {
        let set = self.under(thrown(control.calls())?);
        Ok(Batches::new(set.arrow_values_batches().map_ok(|ipc: Bytes| results::bytes(&ipc))))
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["String", "prototype", "toLowerCase"], js_name = call)]
    fn lower(text: &str) -> String;
}

/// An array of `streams`.
pub(super) fn streams(streams: Vec<btrdb_client::Stream<WebTransport>>) -> JsValue {
    streams.into_iter().map(|stream| JsValue::from(Stream::from(stream))).collect::<Array>().into()
}

/// What `choice` says.
fn filter(choice: &Choice) -> Result<Filter> {
    Ok(Filter {
        start: choice.start(),
        end: choice.end(),
        collection: text_match(&choice.collection()),
        name: text_match(&choice.name()),
        unit: text_match(&choice.unit()),
        tags: arguments::texts(choice.tags(), "tags")?,
        annotations: arguments::texts(choice.annotations(), "annotations")?,
        sampling_frequency: choice.sampling_frequency(),
        schema: choice.schema().map(|schema| schema.to_vec().into()),
    })
}

fn text_match(wanted: &JsValue) -> Option<TextMatch> {
    if let Some(text) = wanted.as_string() {
        // Upper and lower case are known to JavaScript, and would be in the module a second time.
        let wanted = lower(&text);
        return Some(TextMatch::by(move |text| lower(text) == wanted));
    }
    let texts: HashSet<String> = arguments::strings(wanted.dyn_ref::<Array>()?).collect();
    Some(TextMatch::by(move |text| texts.contains(text)))
}

fn keyed<D>(entries: &Array, data: impl Fn(&Array) -> D) -> Result<HashMap<Uuid, D>> {
    let entry = |entry: JsValue| {
        let entry: Array = entry.unchecked_into();
        let uuid = arguments::uuid(&entry.get(0).as_string().unwrap_or_default())?;
        Ok((uuid, data(&entry)))
    };
    entries.iter().map(entry).collect()
}

fn by_uuid(versions: HashMap<Uuid, u64>) -> JsValue {
    let entry =
        |(uuid, version): (Uuid, u64)| -> JsValue { Array::of2(&uuid.to_string().into(), &version.into()).into() };
    versions.into_iter().map(entry).collect::<Array>().into()
}
