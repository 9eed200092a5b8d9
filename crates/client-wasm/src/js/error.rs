//! Errors out: plain objects, of which the TypeScript makes its classes.

use btrdb_client::{Error, ErrorKind, ReadSoFar, WrittenSoFar};
use wasm_bindgen::prelude::*;

use super::record::record;

/// What a call of JavaScript returns.
pub(crate) type JsResult<T> = Result<T, JsValue>;

/// `error` as the TypeScript takes it: numbers of 64 bits are text, so that it can be written as JSON.
pub(crate) fn to_js(error: &Error) -> JsValue {
    let mut fields: Vec<(&str, JsValue)> = vec![
        ("code", error.code().into()),
        ("message", error.to_string().into()),
        ("retryable", error.is_retryable().into()),
    ];
    let known = [
        ("btrdbCode", error.btrdb_code().map(JsValue::from)),
        ("grpcCode", error.grpc_code().map(JsValue::from)),
        ("stream", error.stream().map(|uuid| uuid.to_string().into())),
        ("call", error.call().map(JsValue::from)),
        ("statusDetails", error.status_details().map(JsValue::from)),
        ("readSoFar", error.read_so_far().map(read_so_far)),
        ("writtenSoFar", error.written_so_far().map(written_so_far)),
    ];
    fields.extend(known.into_iter().filter_map(|(key, value)| Some((key, value?))));
    record(fields)
}

/// An argument that makes no sense.
pub(crate) fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}

/// What a call returns that waits for nothing.
pub(crate) fn thrown<T>(outcome: Result<T, Error>) -> JsResult<T> {
    outcome.map_err(|error| to_js(&error))
}

fn read_so_far(ReadSoFar { rows, last_time, bytes }: ReadSoFar) -> JsValue {
    let counts = [("rows", JsValue::from(rows as f64)), ("bytes", JsValue::from(bytes as f64))];
    record(counts.into_iter().chain(last_time.map(|time| ("lastTime", time.to_string().into()))))
}

fn written_so_far(WrittenSoFar { points, version }: WrittenSoFar) -> JsValue {
    record([("points", (points as f64).into()), ("version", version.to_string().into())])
}
