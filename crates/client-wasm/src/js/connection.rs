//! Connecting, and finding streams.

use std::sync::Arc;

use btrdb_client::{Lookup, Options};
use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;

use super::arguments;
use super::control::Control;
use super::error::{JsResult, thrown};
use super::held::Held;
use super::record::strings;
use super::results;
use super::set::{StreamSet, streams};
use super::stream::Stream;
use crate::web::{Fetch, WebConnection, WebTimer, WebTransport};

/// How to talk to the server, beside where it is.
fn options(api_key: Option<String>, client_name: Option<String>, gzip: bool, arrow: Option<bool>) -> Options {
    Options { api_key, client_name, arrow, gzip, timer: Some(Arc::new(WebTimer)), ..Options::default() }
}

/// Connects to the gRPC-web service at `endpoint` by `fetch` and asks it what it can do.
#[wasm_bindgen]
pub fn connect(
    endpoint: &str,
    api_key: Option<String>,
    client_name: Option<String>,
    gzip: bool,
    arrow: Option<bool>,
    fetch: Fetch,
    control: &Control,
) -> Promise {
    control.run(|calls| {
        let options = Options { calls, ..options(api_key, client_name, gzip, arrow) };
        let transport = WebTransport::new(endpoint)?.by(fetch);
        Ok(async move { Ok(Connection(WebConnection::connect(transport, options).await?.into()).into()) })
    })
}

/// The same without asking anything.
#[wasm_bindgen]
pub fn unasked(
    endpoint: &str,
    api_key: Option<String>,
    client_name: Option<String>,
    gzip: bool,
    arrow: Option<bool>,
    fetch: Fetch,
) -> JsResult<Connection> {
    let options = options(api_key, client_name, gzip, arrow);
    let connection =
        WebTransport::new(endpoint).and_then(|transport| WebConnection::unasked(transport.by(fetch), options));
    thrown(connection.map(|connection| Connection(connection.into())))
}

/// A connection to a BTrDB service.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Connection(Held<WebConnection>);

#[wasm_bindgen]
impl Connection {
    /// Whether columns travel as Arrow, as far as is known.
    #[wasm_bindgen(js_name = usesArrow)]
    pub fn uses_arrow(&self) -> bool {
        self.0.uses_arrow()
    }

    /// What the server says of itself.
    pub fn info(&self, control: &Control) -> Promise {
        control.run(|calls| {
            let connection = self.0.with(calls);
            Ok(async move { connection.info().await.map(results::info) })
        })
    }

    /// The stream of `uuid`, whether it exists or not: asks nothing.
    #[wasm_bindgen(js_name = streamFromUuid)]
    pub fn stream_from_uuid(&self, uuid: &str) -> JsResult<Stream> {
        Ok(self.0.stream_from_uuid(thrown(arguments::uuid(uuid))?).into())
    }

    /// Makes a stream; tags and annotations are objects of text.
    pub fn create(
        &self,
        uuid: &str,
        collection: String,
        tags: Option<Object>,
        annotations: Option<Object>,
        control: &Control,
    ) -> Promise {
        control.run(|calls| {
            let uuid = arguments::uuid(uuid)?;
            let tags: Vec<_> = arguments::texts(tags, "tags")?.into_iter().collect();
            let annotations: Vec<_> = arguments::texts(annotations, "annotations")?.into_iter().collect();
            let connection = self.0.with(calls);
            Ok(async move {
                let made = connection.create(uuid, &collection, &tags, &annotations).await?;
                Ok(Stream::from(made).into())
            })
        })
    }

    /// The streams that `identifiers` name, as a set.
    pub fn streams(&self, identifiers: Vec<String>, versions: Vec<u64>, prefix: bool, control: &Control) -> Promise {
        control.run(|calls| {
            let connection = self.0.with(calls);
            Ok(async move {
                let found = connection.streams(identifiers, &versions, prefix).await?;
                Ok(StreamSet::from(found).into())
            })
        })
    }

    /// The streams of a collection; tags and annotations are objects of text, or of `null` for any value.
    #[wasm_bindgen(js_name = streamsInCollection)]
    pub fn streams_in_collection(
        &self,
        collection: String,
        prefix: bool,
        tags: Option<Object>,
        annotations: Option<Object>,
        control: &Control,
    ) -> Promise {
        control.run(|calls| {
            let lookup = Lookup {
                collection,
                is_prefix: prefix,
                tags: arguments::pairs(tags, "tags")?,
                annotations: arguments::pairs(annotations, "annotations")?,
            };
            let connection = self.0.with(calls);
            Ok(async move { Ok(streams(connection.streams_in_collection(&lookup).await?)) })
        })
    }

    /// The collections that begin with `prefix`.
    #[wasm_bindgen(js_name = listCollections)]
    pub fn list_collections(&self, prefix: String, control: &Control) -> Promise {
        control.run(|calls| {
            let connection = self.0.with(calls);
            Ok(async move { connection.list_collections(&prefix).await.map(strings) })
        })
    }

    /// The names of streams whose collection begins with `prefix`.
    #[wasm_bindgen(js_name = listUniqueNames)]
    pub fn list_unique_names(&self, prefix: String, control: &Control) -> Promise {
        control.run(|calls| {
            let connection = self.0.with(calls);
            Ok(async move { connection.list_unique_names(&prefix).await.map(strings) })
        })
    }

    /// The units of streams whose collection begins with `prefix`.
    #[wasm_bindgen(js_name = listUniqueUnits)]
    pub fn list_unique_units(&self, prefix: String, control: &Control) -> Promise {
        control.run(|calls| {
            let connection = self.0.with(calls);
            Ok(async move { connection.list_unique_units(&prefix).await.map(strings) })
        })
    }

    /// The annotation keys of streams whose collection begins with `prefix`.
    #[wasm_bindgen(js_name = listUniqueAnnotations)]
    pub fn list_unique_annotations(&self, prefix: String, control: &Control) -> Promise {
        control.run(|calls| {
            let connection = self.0.with(calls);
            Ok(async move { connection.list_unique_annotations(&prefix).await.map(strings) })
        })
    }

    /// How many streams have which tags and annotations.
    #[wasm_bindgen(js_name = collectionMetadata)]
    pub fn collection_metadata(&self, prefix: String, control: &Control) -> Promise {
        control.run(|calls| {
            let connection = self.0.with(calls);
            Ok(async move { Ok(results::metadata_usage(&connection.collection_metadata(&prefix).await?)) })
        })
    }

    /// The rows that a statement selects, each as the JSON that the server sent.
    pub fn query(&self, statement: String, parameters: Vec<String>, control: &Control) -> Promise {
        control.run(|calls| {
            let connection = self.0.with(calls);
            Ok(async move { connection.query_json(&statement, &parameters).await.map(strings) })
        })
    }
}
