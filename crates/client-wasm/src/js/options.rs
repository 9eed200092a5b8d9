//! What callers pass in: options as plain objects, numbers as `bigint`, each checked before it counts.

use btrdb_client::{Direction, Error, ErrorKind, Lookup, PointWidth, TimeRange, Timestamp, Uuid};
use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::error::{JsResult, to_js};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** How to connect. */
export interface ConnectOptions extends CallOptions {
  /** Sent with every call, where the server asks for one. */
  apiKey?: string;
}

/** What every call takes. */
export interface CallOptions {
  /** Aborts the call; it then rejects with code `CANCELLED`, caused by the signal's reason. */
  signal?: AbortSignal;
}

/** What every read takes. */
export interface ReadOptions extends CallOptions {
  /** The version to read; the newest by default. */
  version?: bigint;
}

/** Where `nearest` looks. */
export interface NearestOptions extends ReadOptions {
  /** Whether to look before the time given, which is then not included, instead of at it and after. */
  backward?: boolean;
}

/** Which streams to find. All that is said must hold. */
export interface LookupOptions extends CallOptions {
  /** Whether the collection is only the beginning of one. */
  prefix?: boolean;
  /** Tags with the values they must have, or `null` where any will do. */
  tags?: Record<string, string | null>;
  /** Annotations, likewise. */
  annotations?: Record<string, string | null>;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The options of any call.
    pub type Options;

    #[wasm_bindgen(method, getter, structural)]
    fn signal(this: &Options) -> Option<AbortSignal>;

    #[wasm_bindgen(method, getter, structural)]
    fn version(this: &Options) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    fn backward(this: &Options) -> Option<bool>;

    #[wasm_bindgen(method, getter, structural)]
    fn prefix(this: &Options) -> Option<bool>;

    #[wasm_bindgen(method, getter, structural)]
    fn tags(this: &Options) -> Option<js_sys::Object>;

    #[wasm_bindgen(method, getter, structural)]
    fn annotations(this: &Options) -> Option<js_sys::Object>;

    #[wasm_bindgen(method, getter, structural, js_name = apiKey)]
    fn api_key(this: &Options) -> Option<String>;
}

/// The signal that may abort the call.
pub(crate) fn abort_signal(options: Option<&Options>) -> Option<AbortSignal> {
    options.and_then(Options::signal)
}

/// The API key to send.
pub(crate) fn api_key(options: Option<&Options>) -> Option<String> {
    options.and_then(Options::api_key)
}

/// The version to read, 0 being the newest.
pub(crate) fn read_version(options: Option<&Options>) -> JsResult<u64> {
    match options.map(Options::version) {
        Some(version) if !version.is_null_or_undefined() => count(version, "version"),
        _ => Ok(0),
    }
}

/// Where to look for the nearest point.
pub(crate) fn direction(options: Option<&Options>) -> Direction {
    if options.and_then(Options::backward) == Some(true) { Direction::Backward } else { Direction::Forward }
}

/// Which streams to find in `collection`.
pub(crate) fn lookup(collection: String, options: Option<&Options>) -> JsResult<Lookup> {
    let is_prefix = options.and_then(Options::prefix) == Some(true);
    let tags = pairs(options.and_then(Options::tags), "tags")?;
    let annotations = pairs(options.and_then(Options::annotations), "annotations")?;
    Ok(Lookup { collection, is_prefix, tags, annotations })
}

fn pairs(object: Option<Object>, name: &str) -> JsResult<Vec<(String, Option<String>)>> {
    let Some(object) = object else { return Ok(Vec::new()) };
    let pair = |entry: JsValue| {
        let entry: Array = entry.unchecked_into();
        let (key, value) = (entry.get(0).as_string()?, entry.get(1));
        if value.is_null() { Some((key, None)) } else { Some((key, Some(value.as_string()?))) }
    };
    let pairs: Option<Vec<_>> = Object::entries(&object).iter().map(pair).collect();
    pairs.ok_or_else(|| invalid(format!("{name} are strings, or null for any value")))
}

/// The half-open range from `start` to `end`.
pub(crate) fn range(start: JsValue, end: JsValue) -> JsResult<TimeRange> {
    Ok(TimeRange::new(nanos(start, "start")?, nanos(end, "end")?))
}

/// A time in nanoseconds.
pub(crate) fn nanos(value: JsValue, name: &str) -> JsResult<Timestamp> {
    i64::try_from(value).map_err(|_other| invalid(format!("{name} is a bigint of nanoseconds since 1970 UTC")))
}

/// A width or a version.
pub(crate) fn count(value: JsValue, name: &str) -> JsResult<u64> {
    u64::try_from(value).map_err(|_other| invalid(format!("{name} is a bigint from 0 to 2^64 - 1")))
}

/// The exponent of a window width.
pub(crate) fn point_width(exponent: f64) -> JsResult<PointWidth> {
    let whole = (exponent.trunc() == exponent && (0.0..=63.0).contains(&exponent)).then_some(exponent as u8);
    whole.and_then(PointWidth::new).ok_or_else(|| {
        let message = format!("a point width is an integer from 0 to 63, not {exponent}");
        to_js(&Error::new(ErrorKind::InvalidPointWidth, message))
    })
}

/// The uuid written `text`.
pub(crate) fn uuid(text: &str) -> JsResult<Uuid> {
    Uuid::parse_str(text).map_err(|_malformed| invalid(format!("not a uuid: {text:?}")))
}

fn invalid(message: String) -> JsValue {
    to_js(&Error::new(ErrorKind::InvalidValue, message))
}
