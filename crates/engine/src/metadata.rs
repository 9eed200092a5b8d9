//! Creating, describing, finding and ending streams.

use std::sync::Arc;

use btrdb_proto as proto;
use btrdb_proto::{KeyCount, KeyOptValue};
use prost::Message as _;

use crate::{
    Batches, Code, Engine, Error, FIRST_VERSION, MESSAGE_BYTES, MESSAGE_NAMES, Result,
    catalog::Catalog,
    descriptor::{
        Descriptor, Pairs, TAG_KEYS, check_annotations, check_collection, check_size, check_tag_key, check_tags,
        check_uuid, pairs, set_pairs,
    },
    records::{self, Checkpoint},
    store::Batch,
    stream::{Head, Life, State, Stream},
};

impl Engine {
    /// `Create`: a stream without points, at version 10 and property version 1.
    ///
    /// # Errors
    /// 407, 408, 409 for names that are not allowed, 421 for a uuid that is none, 429 for the uuid of an obliterated
    /// stream, 417 for a uuid in use, 418 for a collection and tags in use, 426 for too many annotations, 432 when the
    /// store fails.
    pub fn create(&self, params: proto::CreateParams) -> Result<proto::CreateResponse> {
        check_collection(&params.collection)?;
        self.rights.check_write(&params.collection)?;
        check_tags(&params.tags)?;
        check_annotations(&params.annotations)?;
        let uuid = check_uuid(&params.uuid)?;
        let descriptor = Descriptor {
            uuid,
            collection: params.collection,
            tags: set_pairs(params.tags),
            annotations: pairs(params.annotations),
            property_version: 1,
        };
        check_size(&descriptor)?;
        // Held until the commit is done: two creates of one name must not both find it free.
        let mut catalog = self.catalog_mut();
        if catalog.is_tombstone(uuid) {
            let message = format!("uuid {uuid} belonged to a stream that was obliterated and cannot be used again");
            return Err(Error::new(Code::ReusedUuid, message));
        }
        if catalog.get(uuid).is_some() {
            return Err(Error::new(Code::SameStream, format!("a stream already exists with uuid {uuid}")));
        }
        if let Some(namesake) = catalog.namesake(&descriptor) {
            return Err(ambiguous(&descriptor, namesake));
        }
        let first = Checkpoint::new(FIRST_VERSION, None);
        self.commit(Batch {
            set: vec![
                (records::stream_key(uuid), descriptor.to_message().encode_to_vec()),
                (records::head_key(uuid), first.encode()),
            ],
            ..Batch::default()
        })?;
        catalog.add(Stream::new(descriptor, State::checkpoint(Head::logged(first.version, first.root))));
        Ok(proto::CreateResponse::default())
    }

    /// `StreamInfo`: the latest version, the descriptor, or both.
    ///
    /// # Errors
    /// 404 for an unknown stream, 421 when neither is wanted.
    pub fn stream_info(&self, params: &proto::StreamInfoParams) -> Result<proto::StreamInfoResponse> {
        let uuid = check_uuid(&params.uuid)?;
        if params.omit_version && params.omit_descriptor {
            return Err(Error::new(Code::WrongArgs, "neither the version nor the descriptor is asked for"));
        }
        let stream = self.stream(uuid)?;
        let descriptor = if params.omit_descriptor {
            proto::StreamDescriptor { uuid: params.uuid.clone(), ..Default::default() }
        } else {
            stream.with_descriptor(Descriptor::to_message)
        };
        Ok(proto::StreamInfoResponse {
            version_major: if params.omit_version { 0 } else { stream.head().version },
            descriptor: Some(descriptor),
            ..Default::default()
        })
    }

    /// `ListCollections`: the collections of live streams that start with a prefix, in byte order.
    pub fn list_collections(&self, params: &proto::ListCollectionsParams) -> Batches<proto::ListCollectionsResponse> {
        // One stream for each; the names are copied message by message.
        let (mut firsts, mut last) = (Vec::new(), None);
        for stream in self.visible(&self.catalog(), &params.prefix) {
            stream.with_descriptor(|descriptor| {
                if last.as_ref() != Some(&descriptor.collection) {
                    last = Some(descriptor.collection.clone());
                    firsts.push(Arc::clone(stream));
                }
            });
        }
        Batches::of_chunks(firsts, |firsts| {
            let collections = firsts.take(MESSAGE_NAMES).map(|stream| stream.descriptor().collection).collect();
            proto::ListCollectionsResponse { collections, ..Default::default() }
        })
    }

    /// `LookupStreams`: the streams whose collection, tags and annotations all match.
    pub fn lookup_streams(&self, params: &proto::LookupStreamsParams) -> Batches<proto::LookupStreamsResponse> {
        let is_match = |descriptor: &Descriptor| {
            (params.is_collection_prefix || descriptor.collection == params.collection)
                && params.tags.iter().all(|wanted| {
                    descriptor.tags.get(&wanted.key).is_some_and(|value| matches_value(wanted, Some(value)))
                })
                && params.annotations.iter().all(|wanted| {
                    let found = descriptor.annotations.get(&wanted.key);
                    found.is_some_and(|value| matches_value(wanted, value.as_ref()))
                })
        };
        let found: Vec<Arc<Stream>> = self
            .visible(&self.catalog(), &params.collection)
            .filter(|stream| stream.with_descriptor(is_match))
            .cloned()
            .collect();
        // Descriptors are copied message by message: all of them at once could be as much as the whole catalog.
        Batches::of_chunks(found, |found| {
            let (mut results, mut bytes) = (Vec::new(), 0);
            while results.len() < MESSAGE_NAMES
                && bytes < MESSAGE_BYTES
                && let Some(stream) = found.next()
            {
                let descriptor = stream.with_descriptor(Descriptor::to_message);
                bytes += descriptor.encoded_len();
                results.push(descriptor);
            }
            proto::LookupStreamsResponse { results, ..Default::default() }
        })
    }

    /// `SetStreamTags`: sets, moves and unsets; what is not named stays.
    ///
    /// # Errors
    /// 404, 407, 408, 409, 418 as for [`create`](Self::create); 423 when the properties changed meanwhile.
    pub fn set_stream_tags(&self, params: proto::SetStreamTagsParams) -> Result<proto::SetStreamTagsResponse> {
        if !params.collection.is_empty() {
            check_collection(&params.collection)?;
            self.rights.check_write(&params.collection)?;
        }
        check_tags(&params.tags)?;
        params.remove.iter().try_for_each(|key| check_tag_key(key))?;
        self.update_properties(&params.uuid, params.expected_property_version, |descriptor| {
            if !params.collection.is_empty() {
                descriptor.collection = params.collection;
            }
            for (key, value) in pairs(params.tags) {
                match value {
                    Some(value) => descriptor.tags.insert(key, value),
                    None => descriptor.tags.remove(&key),
                };
            }
            descriptor.tags.retain(|key, _| !params.remove.contains(key));
        })?;
        Ok(proto::SetStreamTagsResponse::default())
    }

    /// `SetStreamAnnotations`: sets and removes; what is not named stays.
    ///
    /// # Errors
    /// 404, 408, 409, 426 as for [`create`](Self::create); 423 when the properties changed meanwhile.
    pub fn set_stream_annotations(
        &self,
        params: proto::SetStreamAnnotationsParams,
    ) -> Result<proto::SetStreamAnnotationsResponse> {
        check_annotations(&params.changes)?;
        self.update_properties(&params.uuid, params.expected_property_version, |descriptor| {
            let changes: Pairs = pairs(params.changes);
            descriptor.annotations.retain(|key, _| !params.removals.contains(key));
            descriptor.annotations.extend(changes);
        })?;
        Ok(proto::SetStreamAnnotationsResponse::default())
    }

    /// The streams below `prefix` that this caller may see.
    pub(crate) fn visible<'a>(
        &'a self,
        catalog: &'a Catalog,
        prefix: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Stream>> {
        let is_visible = |stream: &&Arc<Stream>| stream.with_descriptor(|it| self.rights.covers(&it.collection));
        catalog.below(prefix).filter(is_visible)
    }

    fn update_properties(&self, uuid: &[u8], expected: u64, change: impl FnOnce(&mut Descriptor)) -> Result<()> {
        let uuid = check_uuid(uuid)?;
        let mut catalog = self.catalog_mut();
        let stream = catalog.get(uuid).cloned().ok_or_else(Error::no_such_stream)?;
        let mut descriptor = stream.descriptor();
        self.rights.check_write(&descriptor.collection)?;
        if expected != 0 && expected != descriptor.property_version {
            let message = format!(
                "stream {uuid} has property version {}, not the expected {expected}: read it again",
                descriptor.property_version
            );
            return Err(Error::new(Code::AnnotationVersionMismatch, message));
        }
        change(&mut descriptor);
        check_size(&descriptor)?;
        descriptor.property_version += 1;
        if let Some(namesake) = catalog.namesake(&descriptor).filter(|namesake| *namesake != uuid) {
            return Err(ambiguous(&descriptor, namesake));
        }
        let record = (records::stream_key(uuid), descriptor.to_message().encode_to_vec());
        self.commit(Batch { set: vec![record], ..Batch::default() })?;
        catalog.update(&stream, descriptor);
        Ok(())
    }

    /// `Obliterate`: ends a stream, its data and its name; its uuid stays taken for ever.
    ///
    /// # Errors
    /// 404 for an unknown stream, 432 when the store fails.
    pub fn obliterate(&self, params: &proto::ObliterateParams) -> Result<proto::ObliterateResponse> {
        let uuid = check_uuid(&params.uuid)?;
        let stream = self.writable(uuid)?;
        let mut life = stream.write();
        if *life == Life::Obliterated {
            return Err(Error::no_such_stream());
        }
        self.commit(Batch {
            remove: vec![records::stream_key(uuid), records::head_key(uuid), records::roots_key(uuid)],
            set: vec![(records::tombstone_key(uuid), Vec::new())],
        })?;
        *life = Life::Obliterated;
        self.pending().settle(uuid);
        self.catalog_mut().bury(uuid);
        Ok(proto::ObliterateResponse::default())
    }

    /// `GetMetadataUsage`: how many streams below a prefix have which annotation; of the tags only the keys, with count 0,
    /// as BTrDB answers.
    pub fn metadata_usage(&self, params: &proto::MetadataUsageParams) -> proto::MetadataUsageResponse {
        let mut counts = std::collections::BTreeMap::new();
        for stream in self.visible(&self.catalog(), &params.prefix) {
            stream.with_descriptor(|descriptor| {
                for key in descriptor.annotations.keys() {
                    *counts.entry(key.clone()).or_insert(0) += 1;
                }
            });
        }
        proto::MetadataUsageResponse {
            tags: TAG_KEYS.map(|key| KeyCount { key: key.to_owned(), count: 0 }).to_vec(),
            annotations: counts.into_iter().map(|(key, count)| KeyCount { key, count }).collect(),
            ..Default::default()
        }
    }
}

/// Whether a value is the wanted one, or any is wanted.
fn matches_value(wanted: &KeyOptValue, found: Option<&String>) -> bool {
    wanted.val.as_ref().is_none_or(|wanted| Some(&wanted.value) == found)
}

fn ambiguous(descriptor: &Descriptor, namesake: uuid::Uuid) -> Error {
    let message = format!(
        "stream {namesake} already has the collection {:?} and the tags {:?}",
        descriptor.collection, descriptor.tags
    );
    Error::new(Code::AmbiguousStream, message)
}
