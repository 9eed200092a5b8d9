//! Connecting, and finding streams.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::abort::unless_aborted;
use super::columns;
use super::error::JsResult;
use super::options::{self, Options};
use super::stream::Stream;
use crate::web::{self, WebConnection};

/// Connects to the gRPC-web service at `endpoint`: a URL, `host:port`, or a path on the server that the page is from,
/// such as the empty string.
#[wasm_bindgen(unchecked_return_type = "Connection")]
pub async fn connect(
    endpoint: String,
    #[wasm_bindgen(unchecked_optional_param_type = "ConnectOptions")] options: Option<Options>,
) -> JsResult<Connection> {
    let key = options::api_key(options.as_ref());
    let work = web::connect(&endpoint, key);
    unless_aborted(options::abort_signal(options.as_ref()), work).await.map(Connection)
}

/// A connection to a BTrDB service. Streams made from it stay usable after it is freed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Connection(WebConnection);

#[wasm_bindgen]
impl Connection {
    /// What the server says of itself.
    #[wasm_bindgen(unchecked_return_type = "Info")]
    pub async fn info(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: Option<Options>,
    ) -> JsResult<JsValue> {
        let signal = options::abort_signal(options.as_ref());
        unless_aborted(signal, self.0.info()).await.map(columns::info)
    }

    /// The collections that begin with `prefix` and hold a stream.
    #[wasm_bindgen(js_name = listCollections, unchecked_return_type = "string[]")]
    pub async fn list_collections(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "string")] prefix: Option<String>,
        #[wasm_bindgen(unchecked_optional_param_type = "CallOptions")] options: Option<Options>,
    ) -> JsResult<Array> {
        let prefix = prefix.unwrap_or_default();
        let signal = options::abort_signal(options.as_ref());
        unless_aborted(signal, self.0.list_collections(&prefix)).await.map(columns::strings)
    }

    /// The streams of `collection`, with all that is known of them.
    #[wasm_bindgen(js_name = streamsInCollection)]
    pub async fn streams_in_collection(
        &self,
        collection: String,
        #[wasm_bindgen(unchecked_optional_param_type = "LookupOptions")] options: Option<Options>,
    ) -> JsResult<Vec<Stream>> {
        let lookup = options::lookup(collection, options.as_ref())?;
        let signal = options::abort_signal(options.as_ref());
        let streams = unless_aborted(signal, self.0.streams_in_collection(&lookup)).await?;
        Ok(streams.into_iter().map(Stream::from).collect())
    }

    /// The stream of `uuid`, whether it exists or not: asks nothing.
    #[wasm_bindgen(js_name = streamFromUuid)]
    pub fn stream_from_uuid(&self, uuid: &str) -> JsResult<Stream> {
        Ok(self.0.stream_from_uuid(options::uuid(uuid)?).into())
    }

    /// Lets go of the connection.
    pub fn close(self) {
        drop(self);
    }
}
