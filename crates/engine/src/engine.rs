//! The engine itself: opening a store and finding streams in it.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use btrdb_proto::{FaultInjectResponse, InfoResponse, ProxyInfo, StreamDescriptor};
use prost::Message as _;
use quick_cache::{Weighter, sync::Cache};
use uuid::Uuid;

use crate::{
    Code, Error, Result, Rights,
    blocks::Blocks,
    catalog::Catalog,
    commit::Committer,
    descriptor::Descriptor,
    journal::{self, Pending},
    records::{self, Checkpoint},
    store::{Batch, Store, StoreError},
    stream::{Head, State, Stream},
    watch::Watchers,
};

/// How an engine behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many bytes of memory nodes of trees may take: those kept decoded, and those of inserts that are only journalled.
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
    blocks: Arc<Blocks>,
    committer: Committer,
    pending: Arc<Pending>,
    pending_bytes: u64,
    replayed: Replayed,
    catalog: RwLock<Catalog>,
    watchers: Watchers,
}

/// Versions between checkpoints, as they were replayed.
pub(crate) type Replayed = Cache<(Uuid, u64), Head, HeadMemory>;

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
        // Of eight parts two are for what is only journalled yet, and one for versions between checkpoints.
        let (node_bytes, pending_bytes) = (options.cache_bytes / 8 * 5, options.cache_bytes / 4);
        let replayed_bytes = options.cache_bytes / 8;
        let blocks = Arc::new(Blocks::new(store, node_bytes));
        let store = blocks.store();
        let pending = Arc::new(Pending::default());
        let committer = Committer::new(Arc::clone(store), Arc::clone(&pending));
        check_format(&**store, &committer)?;
        let catalog = load_catalog(&**store)?;
        replay(&**store, &blocks, &pending, &catalog)?;
        let shared = Arc::new(Shared {
            blocks,
            committer,
            pending,
            pending_bytes,
            replayed: Cache::with_weighter(64, replayed_bytes, HeadMemory),
            catalog: RwLock::new(catalog),
            watchers: Watchers::default(),
        });
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

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        self.shared.blocks.store()
    }

    pub(crate) fn pending(&self) -> &Pending {
        &self.shared.pending
    }

    /// Versions between checkpoints that were asked for lately.
    pub(crate) fn replayed(&self) -> &Replayed {
        &self.shared.replayed
    }

    /// How much memory the nodes of journalled inserts may take.
    pub(crate) fn pending_bytes(&self) -> u64 {
        self.shared.pending_bytes
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
        let checkpoint = Checkpoint::decode(&record).ok_or_else(|| damaged("head", uuid))?;
        heads.insert(uuid, Head::logged(checkpoint.version, checkpoint.root));
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
        catalog.add(Stream::new(descriptor, State::checkpoint(head)));
    }
    Ok(catalog)
}

/// Brings streams from their last checkpoint to where their journalled inserts had brought them, and cuts off what a loss of
/// power left torn at the end of the log.
fn replay(store: &dyn Store, blocks: &Arc<Blocks>, pending: &Pending, catalog: &Catalog) -> Result<()> {
    let Some(record) = store.record(records::REPLAY_KEY)? else { return Ok(()) };
    let (from, synced) = records::decode_replay(&record).ok_or_else(|| damaged("log", Uuid::nil()))?;
    let end = journal::scan(store, from, |position, entry| {
        // Of an obliterated stream there may be entries still.
        let Some(stream) = catalog.get(entry.uuid) else { return Ok(()) };
        let (uuid, points, state) = (entry.uuid, entry.points.len(), stream.state());
        if entry.version <= state.head.version {
            return Ok(());
        }
        if entry.version != state.head.version + 1 {
            return Err(damaged("log", uuid));
        }
        let head = entry.apply(blocks, &state.head)?;
        pending.note(uuid, position);
        pending.weigh(uuid, head.memory());
        stream.set_state(state.journalled(head, position, points));
        Ok(())
    })?;
    let synced = synced.max(journal::synced_behind(store, end)?);
    pending.is_synced(synced);
    if end < synced {
        // Not torn: this was on disk once, and what comes after it is still of use.
        let message = format!(
            "the log cannot be read at {end}, though it was whole up to {synced}: the disk changed or lost what was \
             written; bring the folder back from a copy"
        );
        return Err(Error::new(Code::StorageError, message));
    }
    if end < store.log_end() {
        store.cut_log(end)?;
    }
    Ok(())
}

pub(crate) fn damaged(what: &str, uuid: Uuid) -> Error {
    Error::new(Code::StorageError, format!("the {what} record of stream {uuid} is damaged"))
}

/// Weighs versions by the memory they take.
#[derive(Clone, Debug)]
pub(crate) struct HeadMemory;

impl Weighter<(Uuid, u64), Head> for HeadMemory {
    fn weight(&self, _: &(Uuid, u64), head: &Head) -> u64 {
        head.memory()
    }
}
