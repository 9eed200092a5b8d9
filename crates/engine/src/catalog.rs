//! All live streams, found by uuid, by name, or by what they are called.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Bound,
    sync::Arc,
};

use uuid::Uuid;

use crate::{descriptor::Descriptor, stream::Stream};

/// What no two streams may share: the collection and the tags that are set.
type Name = (String, BTreeMap<String, String>);

/// The streams of an engine.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    streams: HashMap<Uuid, Arc<Stream>>,
    names: BTreeMap<Name, Uuid>,
    tombstones: HashSet<Uuid>,
}

fn name_of(descriptor: &Descriptor) -> Name {
    (descriptor.collection.clone(), descriptor.tags.clone())
}

impl Catalog {
    pub(crate) fn get(&self, uuid: Uuid) -> Option<&Arc<Stream>> {
        self.streams.get(&uuid)
    }

    /// Whether `uuid` belonged to a stream that was obliterated.
    pub(crate) fn is_tombstone(&self, uuid: Uuid) -> bool {
        self.tombstones.contains(&uuid)
    }

    /// The stream that is called what `descriptor` says.
    pub(crate) fn namesake(&self, descriptor: &Descriptor) -> Option<Uuid> {
        self.names.get(&name_of(descriptor)).copied()
    }

    pub(crate) fn add(&mut self, stream: Stream) {
        let descriptor = stream.descriptor();
        self.names.insert(name_of(&descriptor), descriptor.uuid);
        self.streams.insert(descriptor.uuid, Arc::new(stream));
    }

    /// Gives a stream new properties.
    pub(crate) fn update(&mut self, stream: &Stream, descriptor: Descriptor) {
        self.names.remove(&name_of(&stream.descriptor()));
        self.names.insert(name_of(&descriptor), descriptor.uuid);
        stream.set_descriptor(descriptor);
    }

    pub(crate) fn bury(&mut self, uuid: Uuid) {
        if let Some(stream) = self.streams.remove(&uuid) {
            self.names.remove(&name_of(&stream.descriptor()));
        }
        self.tombstones.insert(uuid);
    }

    /// The streams whose collection starts with `prefix`, ordered by collection and tags.
    pub(crate) fn below(&self, prefix: &str) -> impl Iterator<Item = &Arc<Stream>> {
        let from = (Bound::Included((prefix.to_owned(), BTreeMap::new())), Bound::Unbounded);
        self.names
            .range::<Name, _>(from)
            .take_while(move |((collection, _), _)| collection.starts_with(prefix))
            .filter_map(|(_, uuid)| self.streams.get(uuid))
    }
}
