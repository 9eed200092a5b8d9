//! Plain objects.

use std::collections::BTreeMap;

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A plain object.
    #[wasm_bindgen(extends = Object)]
    type Record;

    #[wasm_bindgen(method, indexing_setter, structural)]
    fn set(this: &Record, key: &str, value: JsValue);
}

/// A plain object of `fields`.
pub(crate) fn record<'a>(fields: impl IntoIterator<Item = (&'a str, JsValue)>) -> JsValue {
    let record: Record = Object::new().unchecked_into();
    for (key, value) in fields {
        record.set(key, value);
    }
    record.into()
}

pub(crate) fn texts(map: &BTreeMap<String, String>) -> JsValue {
    record(map.iter().map(|(key, value)| (key.as_str(), value.into())))
}

pub(crate) fn counts(map: &BTreeMap<String, u64>) -> JsValue {
    record(map.iter().map(|(key, value)| (key.as_str(), number(*value))))
}

/// A count of few enough things to be a number: what is known of streams has no `bigint`, which JSON could not hold.
pub(crate) fn number(count: u64) -> JsValue {
    (count as f64).into()
}

pub(crate) fn strings(texts: impl IntoIterator<Item = String>) -> JsValue {
    texts.into_iter().map(JsValue::from).collect::<Array>().into()
}
