//! Streams by uuid or by path, as a set.

use uuid::Uuid;

use super::{Connection, Lookup};
use crate::error::{Error, ErrorKind, Result};
use crate::stream::Stream;
use crate::streamset::{DEFAULT_PARALLEL, StreamSet};
use crate::together;
use crate::transport::Transport;

/// What names a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// Its uuid.
    Uuid(Uuid),
    /// A uuid as text, or else the collection and, after the last slash, the tag `name`: `sunshine/PMU1/L1MAG`.
    Path(String),
}

impl From<Uuid> for Identifier {
    fn from(uuid: Uuid) -> Self {
        Self::Uuid(uuid)
    }
}

impl From<&str> for Identifier {
    fn from(text: &str) -> Self {
        Uuid::try_parse(text).map_or_else(|_not_a_uuid| Self::Path(text.to_owned()), Self::Uuid)
    }
}

impl From<String> for Identifier {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl<T: Transport> Connection<T> {
    /// The streams that `identifiers` name, in their order. Uuids are taken as they are, whether such streams exist or
    /// not; a path must name exactly one stream. With `is_prefix` the collection of a path is only the beginning of one.
    ///
    /// `versions` are those to read the streams at, one for each identifier, 0 being the newest; none at all reads the
    /// newest of each.
    ///
    /// # Errors
    /// `StreamNotFound` for a path that names no stream or several; `InvalidValue` for text that is neither uuid nor
    /// path, for no identifiers, and for as many versions as there are not identifiers.
    pub async fn streams<I>(&self, identifiers: I, versions: &[u64], is_prefix: bool) -> Result<StreamSet<T>>
    where
        I: IntoIterator<Item: Into<Identifier>>,
    {
        let identifiers: Vec<Identifier> = identifiers.into_iter().map(Into::into).collect();
        if !versions.is_empty() && versions.len() != identifiers.len() {
            let message = format!("{} versions for {} streams: give one for each", versions.len(), identifiers.len());
            return Err(Error::new(ErrorKind::InvalidValue, message));
        }
        let found = identifiers.into_iter().map(|identifier| self.clone().find(identifier, is_prefix));
        let streams = together::all(found, DEFAULT_PARALLEL).await?;
        let pinned = streams.iter().map(Stream::uuid).zip(versions.iter().copied()).collect();
        let set = StreamSet::new(streams)?;
        Ok(if versions.is_empty() { set } else { set.with_versions(pinned) })
    }

    async fn find(self, identifier: Identifier, is_prefix: bool) -> Result<Stream<T>> {
        let path = match identifier {
            Identifier::Uuid(uuid) => return Ok(self.stream_from_uuid(uuid)),
            Identifier::Path(text) => match Uuid::try_parse(&text) {
                Ok(uuid) => return Ok(self.stream_from_uuid(uuid)),
                Err(_) => text,
            },
        };
        let Some((collection, name)) = path.rsplit_once('/') else {
            let message = format!("{path:?} is neither a uuid nor a collection and a name with a slash between them");
            return Err(Error::new(ErrorKind::InvalidValue, message));
        };
        let tags = vec![("name".to_owned(), Some(name.to_owned()))];
        let lookup = Lookup { collection: collection.to_owned(), is_prefix, tags, annotations: Vec::new() };
        let mut found = self.streams_in_collection(&lookup).await?;
        match found.pop() {
            Some(stream) if found.is_empty() => Ok(stream),
            Some(_) => {
                let message = format!("{path:?} names {} streams: name one by its uuid", found.len() + 1);
                Err(Error::new(ErrorKind::StreamNotFound, message))
            }
            None => Err(Error::new(ErrorKind::StreamNotFound, format!("no stream is called {path:?}"))),
        }
    }
}
