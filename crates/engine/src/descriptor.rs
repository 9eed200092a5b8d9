//! What a stream is called: its collection, tags and annotations, and which are allowed.

use std::collections::BTreeMap;

use btrdb_proto::{KeyOptValue, OptValue, StreamDescriptor};
use uuid::Uuid;

use crate::{
    Code, Error, MAX_ANNOTATION_BYTES, MAX_ANNOTATION_VALUE, MAX_ANNOTATIONS, MAX_COLLECTION, MAX_KEY, MAX_TAG_VALUE,
    Result,
};

/// The keys that a tag can have; a descriptor always shows all of them.
pub(crate) const TAG_KEYS: [&str; 4] = ["distiller", "ingress", "name", "unit"];

/// Keys and their values; no value is null.
pub(crate) type Pairs = BTreeMap<String, Option<String>>;

/// The properties of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub(crate) uuid: Uuid,
    pub(crate) collection: String,
    /// Only the tags that are set.
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) annotations: Pairs,
    /// Counts the changes of the properties, from 1.
    pub(crate) property_version: u64,
}

impl Descriptor {
    /// The message as it goes over the wire and into the store.
    pub(crate) fn to_message(&self) -> StreamDescriptor {
        StreamDescriptor {
            uuid: self.uuid.as_bytes().to_vec().into(),
            collection: self.collection.clone(),
            tags: TAG_KEYS.map(|key| pair(key, self.tags.get(key).cloned())).to_vec(),
            annotations: self.annotations.iter().map(|(key, value)| pair(key, value.clone())).collect(),
            property_version: self.property_version,
        }
    }

    /// The inverse of [`to_message`](Self::to_message); `None` for a message without a uuid.
    pub(crate) fn from_message(message: StreamDescriptor) -> Option<Self> {
        Some(Self {
            uuid: Uuid::from_slice(&message.uuid).ok()?,
            collection: message.collection,
            tags: set_pairs(message.tags),
            annotations: pairs(message.annotations),
            property_version: message.property_version,
        })
    }
}

fn pair(key: &str, value: Option<String>) -> KeyOptValue {
    KeyOptValue { key: key.to_owned(), val: value.map(|value| OptValue { value }) }
}

/// Pairs as a map; of several with one key the last counts.
pub(crate) fn pairs(pairs: Vec<KeyOptValue>) -> Pairs {
    pairs.into_iter().map(|pair| (pair.key, pair.val.map(|value| value.value))).collect()
}

/// Those of `pairs` that have a value.
pub(crate) fn set_pairs(list: Vec<KeyOptValue>) -> BTreeMap<String, String> {
    pairs(list).into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

pub(crate) fn check_collection(collection: &str) -> Result<()> {
    let is_allowed = (1..=MAX_COLLECTION).contains(&collection.len()) && !collection.contains('\0');
    if is_allowed {
        return Ok(());
    }
    let message = format!("a collection has 1 to {MAX_COLLECTION} bytes and no NUL, {} has not", start_of(collection));
    Err(Error::new(Code::InvalidCollection, message))
}

pub(crate) fn check_tags(tags: &[KeyOptValue]) -> Result<()> {
    for tag in tags {
        check_tag_key(&tag.key)?;
    }
    check_values("tag", tags, MAX_TAG_VALUE)
}

pub(crate) fn check_tag_key(key: &str) -> Result<()> {
    if TAG_KEYS.contains(&key) {
        return Ok(());
    }
    let message = format!("tag key {} is invalid; the tags are {}", start_of(key), TAG_KEYS.join(", "));
    Err(Error::new(Code::InvalidTagKey, message))
}

pub(crate) fn check_annotations(annotations: &[KeyOptValue]) -> Result<()> {
    for annotation in annotations {
        let key = annotation.key.as_bytes();
        let is_allowed = key.len() <= MAX_KEY
            && key.first().is_some_and(u8::is_ascii_lowercase)
            && key.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(byte));
        if !is_allowed {
            let message = format!(
                "annotation key {} is invalid; it must be a-z, then a-z, 0-9, _ or ., up to {MAX_KEY} bytes",
                start_of(&annotation.key)
            );
            return Err(Error::new(Code::InvalidTagKey, message));
        }
    }
    check_values("annotation", annotations, MAX_ANNOTATION_VALUE)
}

/// Whether the annotations fit into a message and, with those of all other streams, into memory.
pub(crate) fn check_size(descriptor: &Descriptor) -> Result<()> {
    let annotations = &descriptor.annotations;
    let bytes = |(key, value): (&String, &Option<String>)| key.len() + value.as_ref().map_or(0, String::len);
    let bytes: usize = annotations.iter().map(bytes).sum();
    if annotations.len() <= MAX_ANNOTATIONS && bytes <= MAX_ANNOTATION_BYTES {
        return Ok(());
    }
    let message = format!(
        "stream {} would have {} annotations of {bytes} bytes; at most {MAX_ANNOTATIONS} of {MAX_ANNOTATION_BYTES} bytes \
         together are kept: remove some",
        descriptor.uuid,
        annotations.len()
    );
    Err(Error::new(Code::ResourceDepleted, message))
}

/// The start of what a caller sent, which may be megabytes.
fn start_of(text: &str) -> String {
    let start: String = text.chars().take(64).collect();
    if start.len() < text.len() { format!("{start:?}…") } else { format!("{start:?}") }
}

fn check_values(what: &str, pairs: &[KeyOptValue], longest: usize) -> Result<()> {
    for pair in pairs {
        let value = pair.val.as_ref().map_or("", |value| &value.value);
        if value.len() > longest || value.contains('\0') {
            let message = format!("{what} {:?} has a value of over {longest} bytes, or with a NUL in it", pair.key);
            return Err(Error::new(Code::InvalidTagValue, message));
        }
    }
    Ok(())
}

/// The uuid in a request.
pub(crate) fn check_uuid(bytes: &[u8]) -> Result<Uuid> {
    Uuid::from_slice(bytes).map_err(|error| Error::new(Code::WrongArgs, format!("a uuid has 16 bytes: {error}")))
}
