//! Times, spans of time and widths of windows.

use btrdb_client::time::{self, Delta};
use btrdb_client::{TimeRange, point_width};
use wasm_bindgen::prelude::*;

use super::arguments;
use super::error::{JsResult, thrown};
use super::record::record;

/// The nanoseconds that `text` stands for.
#[wasm_bindgen(js_name = toNanoseconds)]
pub fn to_nanoseconds(text: &str) -> JsResult<i64> {
    thrown(time::to_nanoseconds(text))
}

/// `nanos` as RFC 3339 with nine decimals.
#[wasm_bindgen(js_name = isoString)]
pub fn iso_string(nanos: i64) -> String {
    time::ns_to_datetime(nanos).to_string()
}

/// How many nanoseconds the units add up to.
#[wasm_bindgen(js_name = nsDelta)]
pub fn ns_delta(
    days: f64,
    hours: f64,
    minutes: f64,
    seconds: f64,
    milliseconds: f64,
    microseconds: f64,
    nanoseconds: i64,
) -> JsResult<i64> {
    let delta = Delta { days, hours, minutes, seconds, milliseconds, microseconds, nanoseconds };
    thrown(time::ns_delta(&delta))
}

/// The widest point width whose windows are at most `nanos` wide.
#[wasm_bindgen(js_name = pointWidthFromNanoseconds)]
pub fn point_width_from_nanoseconds(nanos: u64) -> u8 {
    point_width::from_nanoseconds(nanos).exponent()
}

/// How wide the windows of a point width are.
#[wasm_bindgen(js_name = pointWidthToNanoseconds)]
pub fn point_width_to_nanoseconds(width: f64) -> JsResult<u64> {
    Ok(thrown(arguments::point_width(width))?.nanos())
}

/// The same in everyday units.
#[wasm_bindgen(js_name = pointWidthDescribe)]
pub fn point_width_describe(width: f64) -> JsResult<String> {
    Ok(point_width::describe(thrown(arguments::point_width(width))?))
}

/// The aligned windows of a range.
#[wasm_bindgen(js_name = pointWidthForAlignedWindows)]
pub fn point_width_for_aligned_windows(width: f64, start: i64, end: i64) -> JsResult<JsValue> {
    let windows = point_width::for_aligned_windows(thrown(arguments::point_width(width))?, TimeRange::new(start, end));
    Ok(record([("first", windows.first.into()), ("last", windows.last.into()), ("count", windows.count.into())]))
}
