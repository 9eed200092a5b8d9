//! The nodes of all streams in a log, with those in use kept decoded.

use std::sync::Arc;

use btrdb_tree::{Address, Node, NodeError, Nodes, Root, Span, codec};
use quick_cache::{Weighter, sync::Cache};

use crate::{
    frame,
    fresh::{self, InOrder},
    store::{Store, StoreError},
};

/// The nodes in a store's log.
#[derive(Debug)]
pub(crate) struct Blocks {
    store: Arc<dyn Store>,
    cache: Cache<Address, Arc<Node>, Memory>,
}

/// Weighs nodes by the memory they take.
#[derive(Clone, Debug)]
struct Memory;

impl Weighter<Address, Arc<Node>> for Memory {
    fn weight(&self, _: &Address, node: &Arc<Node>) -> u64 {
        node.memory() as u64
    }
}

impl Blocks {
    /// The nodes in `store`, of which at most `cache_bytes` are kept decoded.
    pub(crate) fn new(store: Arc<dyn Store>, cache_bytes: u64) -> Self {
        // A node with a few hundred points, as the measured streams have them.
        let usual_node = 8 << 10;
        let cache = Cache::with_weighter((cache_bytes / usual_node).max(16) as usize, cache_bytes, Memory);
        Self { store, cache }
    }

    pub(crate) const fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Appends `nodes`, children before their parents and `root` last, and names them by where they are now. They are not
    /// sure to last before the store has committed.
    pub(crate) fn append(&self, root: Option<Root>, nodes: &InOrder) -> Result<(Option<Root>, Appended), StoreError> {
        let mut appended = Vec::new();
        if !nodes.is_empty() {
            // Before the log is held: others append meanwhile.
            let leaves = fresh::encode_leaves(nodes);
            self.store.append(&mut |start, out| appended = fresh::place(nodes, &leaves, start, out))?;
        }
        let place = appended.last().map(|(address, _)| *address);
        let root = root.map(|root| Root { address: place.unwrap_or(root.address), ..root });
        Ok((root, Appended(appended)))
    }

    /// Keeps nodes in memory: what was just written is what is asked for next.
    pub(crate) fn keep(&self, appended: Appended) {
        for (address, node) in appended.0 {
            self.cache.insert(address, node);
        }
    }

    /// The node at `address`, from the log itself.
    pub(crate) fn load(&self, address: Address, span: Span) -> Result<Node, NodeError> {
        let node = frame::read(&*self.store, address.get())
            .and_then(|body| codec::decode(&body).map_err(|error| error.to_string()));
        node.map_err(|reason| NodeError { address, range: span.range(), reason })
    }
}

/// Nodes that were appended to the log.
#[derive(Debug)]
pub(crate) struct Appended(Vec<(Address, Arc<Node>)>);

impl Nodes for Blocks {
    fn read(&self, address: Address, span: Span) -> Result<Arc<Node>, NodeError> {
        if let Some(node) = self.cache.get(&address) {
            return Ok(node);
        }
        let node = Arc::new(self.load(address, span)?);
        self.cache.insert(address, Arc::clone(&node));
        Ok(node)
    }
}
