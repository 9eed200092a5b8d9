//! Changing what is known of a stream.

use std::collections::BTreeMap;

use btrdb_proto::{
    SetStreamAnnotationsParams, SetStreamAnnotationsResponse, SetStreamTagsParams, SetStreamTagsResponse,
};

use super::Stream;
use crate::convert::{self, key_value};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Transport;

/// What is to change. What is left at its default stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// The collection to move the stream to.
    pub collection: Option<String>,
    /// Tags to set; others stay.
    pub tags: BTreeMap<String, String>,
    /// Annotations to set, as stored ([`annotation_text`](crate::annotation_text)). `None` changes none, where an empty
    /// map with `replace` removes all.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Whether to remove the annotations that are not named.
    pub replace: bool,
    /// The property version that the stream must still be at; by default the one it was last seen at by this handle or
    /// its clones, and any where it was never seen.
    pub expected_version: Option<u64>,
}

impl<T: Transport> Stream<T> {
    /// Changes collection, tags and annotations. Returns the property version then.
    ///
    /// Tags and collection are changed by one call, annotations by a second one; each adds one to the property version.
    ///
    /// # Errors
    /// `Server` with number 423 where someone else changed them meanwhile: refresh and decide anew; `InvalidCollection`,
    /// `InvalidTagKey`, `InvalidTagValue`, `AmbiguousStream`, `StreamNotFound`; `InvalidValue` where nothing is to
    /// change.
    pub async fn update(&self, update: &Update) -> Result<u64> {
        let changes_tags = update.collection.is_some() || !update.tags.is_empty();
        if !changes_tags && update.annotations.is_none() {
            let message = "an update that changes nothing: name tags, annotations or a collection";
            return Err(self.call("SetStreamTags").failed(Error::new(ErrorKind::InvalidValue, message)));
        }
        let mut expected = match update.expected_version {
            Some(expected) => expected,
            // Without it, there is no telling which annotations are to go.
            None if update.replace => self.descriptor().await?.property_version,
            None => self.known_descriptor().map_or(0, |known| known.property_version),
        };
        if changes_tags {
            self.set_tags(update, expected).await?;
            expected = self.refresh_metadata().await?.property_version;
        }
        if let Some(annotations) = &update.annotations {
            self.set_annotations(annotations, update.replace, expected).await?;
            expected = self.refresh_metadata().await?.property_version;
        }
        Ok(expected)
    }

    async fn set_tags(&self, update: &Update, expected: u64) -> Result<()> {
        let collection = match &update.collection {
            Some(collection) => collection.clone(),
            // Some servers take an empty one for a wish.
            None => self.descriptor().await?.collection,
        };
        let params = SetStreamTagsParams {
            uuid: convert::uuid_bytes(self.uuid()),
            expected_property_version: expected,
            tags: update.tags.iter().map(|(key, value)| key_value(key, Some(value))).collect(),
            collection,
            remove: Vec::new(),
        };
        self.connection
            .unary::<SetStreamTagsResponse>(self.call("SetStreamTags").repeatable(false), params)
            .await
            .map(drop)
    }

    async fn set_annotations(
        &self,
        annotations: &BTreeMap<String, String>,
        replace: bool,
        expected: u64,
    ) -> Result<()> {
        let mut removals = Vec::new();
        if replace {
            let known = self.descriptor().await?.annotations;
            removals.extend(known.into_keys().filter(|key| !annotations.contains_key(key)));
        }
        let params = SetStreamAnnotationsParams {
            uuid: convert::uuid_bytes(self.uuid()),
            expected_property_version: expected,
            changes: annotations.iter().map(|(key, value)| key_value(key, Some(value))).collect(),
            removals,
        };
        let call = self.call("SetStreamAnnotations").repeatable(false);
        self.connection.unary::<SetStreamAnnotationsResponse>(call, params).await.map(drop)
    }
}
