//! The engine itself: opening a store and finding streams in it.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use btrdb_proto::{FaultInjectResponse, InfoResponse, ProxyInfo, StreamDescriptor};
use btrdb_tree::Tree;
use prost::Message as _;
use uuid::Uuid;

use crate::{
    Code, Error, FIRST_VERSION, Result, Rights,
    blocks::Blocks,
    catalog::Catalog,
    commit::Committer,
    descriptor::Descriptor,
    records,
    store::{Batch, Store, StoreError},
    stream::{Head, Stream},
    watch::Watchers,
};

/// How an engine behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many bytes of tree nodes are kept decoded in memory.
    pub cache_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 256 << 20 }
    }
}

/// A BTrDB over one store, as one caller may see it. Clones share the store.
#[derive(Clone, Debug)]
pub struct Engine {
    shared: Arc<Shared>,
    pub(crate) rights: Rights,
}

#[derive(Debug)]
struct Shared {
    store: Arc<dyn Store>,
    blocks: Arc<Blocks>,
    committer: Committer,
    catalog: RwLock<Catalog>,
    watchers: Watchers,
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::new(Code::StorageError, error.0)
    }
}

impl Engine {
    /// Opens what `store` holds; an empty store becomes an engine without streams.
    ///
    /// # Errors
    /// [`Code::StorageError`] when the store cannot be read, is damaged, or was written by a newer program.
    pub fn open(store: Arc<dyn Store>, options: Options) -> Result<Self> {
        let blocks = Arc::new(Blocks::new(Arc::clone(&store), options.cache_bytes)?);
        let committer = Committer::new(Arc::clone(&store));
        check_format(&*store, &committer)?;
        let catalog = RwLock::new(load_catalog(&*store)?);
        let shared = Arc::new(Shared { store, blocks, committer, catalog, watchers: Watchers::default() });
        Ok(Self { shared, rights: Rights::default() })
    }

    /// The same engine for a caller who may do no more than `rights` says.
    #[must_use]
    pub fn restricted(&self, rights: Rights) -> Self {
        Self { shared: Arc::clone(&self.shared), rights }
    }

    /// What this engine says of itself. Clients use the Arrow calls from 5.30 on.
    pub fn info(&self) -> InfoResponse {
        InfoResponse {
            major_version: 5,
            minor_version: 34,
            build: concat!("5.34.0-btrdb-local-", env!("CARGO_PKG_VERSION")).into(),
            proxy: Some(ProxyInfo::default()),
            ..InfoResponse::default()
        }
    }

    /// `FaultInject`: refused; it exists to make servers fail.
    ///
    /// # Errors
    /// Always 424.
    pub fn fault_inject(&self) -> Result<FaultInjectResponse> {
        Err(Error::new(Code::FaultInjectionDisabled, "fault injection is not offered"))
    }

    pub(crate) fn catalog(&self) -> RwLockReadGuard<'_, Catalog> {
        // The catalog changes in single calls that do not panic.
        self.shared.catalog.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn catalog_mut(&self) -> RwLockWriteGuard<'_, Catalog> {
        self.shared.catalog.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn blocks(&self) -> &Arc<Blocks> {
        &self.shared.blocks
    }

    pub(crate) fn watchers(&self) -> &Watchers {
        &self.shared.watchers
    }

    /// Makes `batch` last.
    pub(crate) fn commit(&self, batch: Batch) -> Result<()> {
        Ok(self.shared.committer.commit(batch)?)
    }

    /// The live stream `uuid`, if this caller may see it.
    pub(crate) fn stream(&self, uuid: Uuid) -> Result<Arc<Stream>> {
        let stream = self.catalog().get(uuid).cloned().ok_or_else(Error::no_such_stream)?;
        stream.with_descriptor(|descriptor| self.rights.check_collection(&descriptor.collection))?;
        Ok(stream)
    }

    /// The version `version` of `stream`, the latest for 0.
    pub(crate) fn at_version(&self, stream: &Stream, version: u64) -> Result<Head> {
        let head = stream.head();
        if version == 0 || version == head.version {
            return Ok(head);
        }
        if version == FIRST_VERSION {
            return Ok(Head { version, root: None });
        }
        let uuid = stream.with_descriptor(|descriptor| descriptor.uuid);
        let record = if (FIRST_VERSION..head.version).contains(&version) {
            self.shared.store.record(&records::root_key(uuid, version))?
        } else {
            None
        };
        let record = record.ok_or_else(|| {
            let message =
                format!("version {version} of stream {uuid} is not available, the latest is {}", head.version);
            Error::new(Code::VersionNotAvailable, message)
        })?;
        let (version, root) = records::decode_root(&record).ok_or_else(|| damaged("root", uuid))?;
        Ok(Head { version, root })
    }

    /// The tree of one version.
    pub(crate) fn tree(&self, head: Head) -> Tree<Arc<Blocks>> {
        Tree::new(Arc::clone(self.blocks()), head.root)
    }
}

fn check_format(store: &dyn Store, committer: &Committer) -> Result<()> {
    let Some(format) = store.record(records::FORMAT_KEY)? else {
        let format = (records::FORMAT_KEY.to_vec(), records::FORMAT.to_le_bytes().to_vec());
        return Ok(committer.commit(Batch { set: vec![format], ..Batch::default() })?);
    };
    let found = format.try_into().map_or(u32::MAX, u32::from_le_bytes);
    if found == records::FORMAT {
        return Ok(());
    }
    let message = format!(
        "the data folder has format {found}, this program reads and writes format {}: use the program that wrote it",
        records::FORMAT
    );
    Err(Error::new(Code::StorageError, message))
}

fn load_catalog(store: &dyn Store) -> Result<Catalog> {
    let mut heads = std::collections::HashMap::new();
    for (key, record) in store.records(records::HEADS)? {
        let uuid = records::uuid_of(&key).ok_or_else(|| damaged("head", Uuid::nil()))?;
        let (version, root) = records::decode_root(&record).ok_or_else(|| damaged("head", uuid))?;
        heads.insert(uuid, Head { version, root });
    }
    let mut catalog = Catalog::default();
    for (key, _) in store.records(records::TOMBSTONES)? {
        catalog.bury(records::uuid_of(&key).ok_or_else(|| damaged("tombstone", Uuid::nil()))?);
    }
    for (key, record) in store.records(records::STREAMS)? {
        let uuid = records::uuid_of(&key).unwrap_or_default();
        let descriptor = StreamDescriptor::decode(record.as_slice()).ok().and_then(Descriptor::from_message);
        let descriptor = descriptor.ok_or_else(|| damaged("descriptor", uuid))?;
        let head = heads.remove(&uuid).ok_or_else(|| damaged("head", uuid))?;
        catalog.add(Stream::new(descriptor, head));
    }
    Ok(catalog)
}

fn damaged(what: &str, uuid: Uuid) -> Error {
    Error::new(Code::StorageError, format!("the {what} record of stream {uuid} is damaged"))
}
