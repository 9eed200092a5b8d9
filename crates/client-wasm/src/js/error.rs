//! Errors out: objects of JavaScript's `Error` that can be told apart without reading their text.

use btrdb_client::Error;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What every call rejects with. `name` is the class of the official Python client where it has one. */
export interface BTrDBError extends Error {
  /** A stable string, such as `STREAM_NOT_FOUND`: what a program decides by. */
  code: string;
  /** The number of the BTrDB error, where the server gave one. */
  btrdbCode?: number;
  /** The gRPC status code, where the call itself failed. */
  grpcCode?: number;
  /** The uuid of the stream that the call was about. */
  stream?: string;
  /** The call of the BTrDB service that failed. */
  call?: string;
  /** Whether the same call may succeed a little later. */
  retryable: boolean;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = js_sys::Error)]
    type BTrDBError;

    #[wasm_bindgen(constructor, js_class = Error)]
    fn new(message: &str) -> BTrDBError;

    #[wasm_bindgen(method, setter, structural, js_name = name)]
    fn set_name(this: &BTrDBError, name: &str);

    #[wasm_bindgen(method, setter, structural)]
    fn set_code(this: &BTrDBError, code: &str);

    #[wasm_bindgen(method, setter, structural, js_name = btrdbCode)]
    fn set_btrdb_code(this: &BTrDBError, code: u32);

    #[wasm_bindgen(method, setter, structural, js_name = grpcCode)]
    fn set_grpc_code(this: &BTrDBError, code: i32);

    #[wasm_bindgen(method, setter, structural)]
    fn set_stream(this: &BTrDBError, uuid: &str);

    #[wasm_bindgen(method, setter, structural)]
    fn set_call(this: &BTrDBError, call: &str);

    #[wasm_bindgen(method, setter, structural)]
    fn set_retryable(this: &BTrDBError, retryable: bool);

    #[wasm_bindgen(method, setter, structural)]
    fn set_cause(this: &BTrDBError, cause: &JsValue);
}

/// What a call of JavaScript returns.
pub(crate) type JsResult<T> = Result<T, JsValue>;

/// `error` as JavaScript throws it.
pub(crate) fn to_js(error: &Error) -> JsValue {
    object(error).into()
}

/// `error` as JavaScript throws it, with its cause.
pub(crate) fn with_cause(error: &Error, cause: &JsValue) -> JsValue {
    let object = object(error);
    object.set_cause(cause);
    object.into()
}

fn object(error: &Error) -> BTrDBError {
    let object = BTrDBError::new(&error.to_string());
    object.set_name(error.kind().class_name());
    object.set_code(error.code());
    object.set_retryable(error.is_retryable());
    if let Some(code) = error.btrdb_code() {
        object.set_btrdb_code(code);
    }
    if let Some(code) = error.grpc_code() {
        object.set_grpc_code(code);
    }
    if let Some(stream) = error.stream() {
        object.set_stream(&stream.to_string());
    }
    if let Some(call) = error.call() {
        object.set_call(call);
    }
    object
}
