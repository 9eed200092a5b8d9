//! Finding and making streams.

use btrdb_proto::{
    CreateParams, CreateResponse, ListCollectionsParams, ListCollectionsResponse, LookupStreamsParams,
    LookupStreamsResponse,
};
use uuid::Uuid;

use super::Connection;
use crate::call::Call;
use crate::convert::{self, key_value};
use crate::error::Result;
use crate::stream::{Descriptor, Stream};
use crate::transport::Transport;

/// The tags that every stream has, set or not.
const TAGS: [&str; 4] = ["name", "unit", "ingress", "distiller"];

/// Which streams to find. All that is said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    /// A collection, or with `is_prefix` the beginning of one: `a` then also finds `ab` and `a/b`.
    pub collection: String,
    /// Whether `collection` is only a beginning. An empty beginning finds all.
    pub is_prefix: bool,
    /// Tags, each with the value it must have, or `None` where any will do.
    pub tags: Vec<(String, Option<String>)>,
    /// Annotations, likewise.
    pub annotations: Vec<(String, Option<String>)>,
}

impl Lookup {
    /// Every stream whose collection begins with `prefix`.
    pub fn prefix(prefix: impl Into<String>) -> Self {
        Self { collection: prefix.into(), is_prefix: true, ..Self::default() }
    }

    /// The streams of exactly `collection`.
    pub fn collection(collection: impl Into<String>) -> Self {
        Self { collection: collection.into(), ..Self::default() }
    }
}

impl<T: Transport> Connection<T> {
    /// The collections that begin with `prefix` and hold a stream.
    ///
    /// # Errors
    /// Whatever keeps the server from answering.
    pub async fn list_collections(&self, prefix: &str) -> Result<Vec<String>> {
        let params = ListCollectionsParams { prefix: prefix.to_owned(), role: None };
        let replies = self.collect::<ListCollectionsResponse>(Call::new("ListCollections"), params).await?;
        Ok(replies.into_iter().flat_map(|reply| reply.collections).collect())
    }

    /// The streams that `lookup` finds, with all that is known of them.
    ///
    /// # Errors
    /// Whatever keeps the server from answering.
    pub async fn streams_in_collection(&self, lookup: &Lookup) -> Result<Vec<Stream<T>>> {
        let pairs = |pairs: &[(String, Option<String>)]| {
            pairs.iter().map(|(key, value)| key_value(key, value.as_deref())).collect()
        };
        let params = LookupStreamsParams {
            collection: lookup.collection.clone(),
            is_collection_prefix: lookup.is_prefix,
            tags: pairs(&lookup.tags),
            annotations: pairs(&lookup.annotations),
            role: None,
        };
        let call = Call::new("LookupStreams");
        let replies = self.collect::<LookupStreamsResponse>(call, params).await?;
        let stream = |found| {
            let descriptor = convert::descriptor(found).map_err(|error| call.failed(error))?;
            Ok(Stream::new(self.clone(), descriptor.uuid, Some(descriptor)))
        };
        replies.into_iter().flat_map(|reply| reply.results).map(stream).collect()
    }

    /// Makes a stream of `uuid`, which no stream may ever have had before.
    ///
    /// # Errors
    /// `StreamExists` where the uuid is taken, `RecycledUuid` where it was, `AmbiguousStream` where another stream of
    /// the collection has the same tags; `InvalidCollection`, `InvalidTagKey`, `InvalidTagValue`.
    pub async fn create(
        &self,
        uuid: Uuid,
        collection: &str,
        tags: &[(String, String)],
        annotations: &[(String, String)],
    ) -> Result<Stream<T>> {
        let pairs = |pairs: &[(String, String)]| pairs.iter().map(|(key, value)| key_value(key, Some(value))).collect();
        let params = CreateParams {
            uuid: convert::uuid_bytes(uuid),
            collection: collection.to_owned(),
            tags: pairs(tags),
            annotations: pairs(annotations),
        };
        self.unary::<CreateResponse>(Call::on("Create", uuid).repeatable(false), params).await?;
        let unset = TAGS.iter().map(|&tag| (tag.to_owned(), String::new()));
        let descriptor = Descriptor {
            uuid,
            collection: collection.to_owned(),
            tags: unset.chain(tags.iter().cloned()).collect(),
            annotations: annotations.iter().cloned().collect(),
            property_version: 1,
        };
        Ok(Stream::new(self.clone(), uuid, Some(descriptor)))
    }
}
