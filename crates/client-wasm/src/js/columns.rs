//! What calls hand out: plain objects of typed arrays and `bigint`s.

use std::collections::BTreeMap;

use btrdb_client::{Descriptor, Info, Point, RawColumns, StatColumns, TimeRange, Versioned};
use js_sys::{Array, BigInt64Array, BigUint64Array, Float64Array, Object};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What a server says of itself. */
export interface Info {
  majorVersion: number;
  minorVersion: number;
  build: string;
  proxyEndpoints: string[];
}

/** What is known of a stream besides its points. */
export interface Descriptor {
  uuid: string;
  collection: string;
  /** `name`, `unit` and the other tags that BTrDB knows; empty where they are not set. */
  tags: Record<string, string>;
  annotations: Record<string, string>;
  /** Counts changes of collection, tags and annotations, from 1. */
  propertyVersion: bigint;
}

/** Points as columns of equal length, ascending in time. */
export interface RawColumns {
  /** The version they were read at. */
  version: bigint;
  /** Nanoseconds since 1970 UTC. */
  time: BigInt64Array;
  value: Float64Array;
}

/** Windows as columns of equal length, ascending in time. */
export interface StatColumns {
  /** The version they were read at. */
  version: bigint;
  /** Starts of the windows, nanoseconds since 1970 UTC. */
  time: BigInt64Array;
  min: Float64Array;
  mean: Float64Array;
  max: Float64Array;
  /** Numbers of points. 0 marks a gap: the other fields of that window mean nothing. */
  count: BigUint64Array;
  /** Population standard deviations. */
  stddev: Float64Array;
}

/** One point. */
export interface RawPoint {
  /** The version it was read at. */
  version: bigint;
  /** Nanoseconds since 1970 UTC. */
  time: bigint;
  value: number;
}

/** Ranges of time that differ between two versions. */
export interface Changes {
  /** The later version. */
  version: bigint;
  ranges: { start: bigint; end: bigint }[];
}
"#;

#[wasm_bindgen]
extern "C" {
    /// Any of the plain objects above.
    #[wasm_bindgen(extends = Object)]
    type Record;

    #[wasm_bindgen(method, indexing_setter, structural)]
    fn set(this: &Record, key: &str, value: JsValue);
}

/// A plain object of `fields`.
fn record<'a>(fields: impl IntoIterator<Item = (&'a str, JsValue)>) -> JsValue {
    let record: Record = Object::new().unchecked_into();
    for (key, value) in fields {
        record.set(key, value);
    }
    record.into()
}

pub(crate) fn texts(map: &BTreeMap<String, String>) -> JsValue {
    record(map.iter().map(|(key, value)| (key.as_str(), value.into())))
}

pub(crate) fn strings(texts: Vec<String>) -> Array {
    texts.into_iter().map(JsValue::from).collect()
}

pub(crate) fn info(info: Info) -> JsValue {
    record([
        ("majorVersion", info.major_version.into()),
        ("minorVersion", info.minor_version.into()),
        ("build", info.build.into()),
        ("proxyEndpoints", strings(info.proxy_endpoints).into()),
    ])
}

pub(crate) fn descriptor(descriptor: &Descriptor) -> JsValue {
    record([
        ("uuid", descriptor.uuid.to_string().into()),
        ("collection", descriptor.collection.as_str().into()),
        ("tags", texts(&descriptor.tags)),
        ("annotations", texts(&descriptor.annotations)),
        ("propertyVersion", descriptor.property_version.into()),
    ])
}

pub(crate) fn raw_columns(read: &Versioned<RawColumns>) -> JsValue {
    let RawColumns { time, value } = &read.data;
    record([("version", read.version.into()), ("time", times(time)), ("value", floats(value))])
}

pub(crate) fn stat_columns(read: &Versioned<StatColumns>) -> JsValue {
    let StatColumns { time, min, mean, max, count, stddev } = &read.data;
    record([
        ("version", read.version.into()),
        ("time", times(time)),
        ("min", floats(min)),
        ("mean", floats(mean)),
        ("max", floats(max)),
        ("count", BigUint64Array::from(count.as_slice()).into()),
        ("stddev", floats(stddev)),
    ])
}

pub(crate) fn raw_point(read: &Versioned<Point>) -> JsValue {
    let Point { time, value } = read.data;
    record([("version", read.version.into()), ("time", time.into()), ("value", value.into())])
}

pub(crate) fn changes(read: &Versioned<Vec<TimeRange>>) -> JsValue {
    let range = |range: &TimeRange| record([("start", range.start.into()), ("end", range.end.into())]);
    let ranges: Array = read.data.iter().map(range).collect();
    record([("version", read.version.into()), ("ranges", ranges.into())])
}

fn times(column: &[i64]) -> JsValue {
    BigInt64Array::from(column).into()
}

fn floats(column: &[f64]) -> JsValue {
    Float64Array::from(column).into()
}
