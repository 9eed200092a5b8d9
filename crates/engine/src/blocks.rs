//! Nodes of trees as checksummed blocks of a store, with those in use kept decoded.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use btrdb_tree::{Address, Node, NodeError, Nodes, NodesMut, Span, codec};
use quick_cache::{Weighter, sync::Cache};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::store::{Store, StoreError};

/// All nodes of all streams.
#[derive(Debug)]
pub(crate) struct Blocks {
    store: Arc<dyn Store>,
    cache: Cache<Address, Arc<Node>, Memory>,
    last: AtomicU64,
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
    /// The blocks of `store`, of which at most `cache_bytes` are kept decoded.
    pub(crate) fn new(store: Arc<dyn Store>, cache_bytes: u64) -> Result<Self, StoreError> {
        let last = AtomicU64::new(store.last_block()?);
        // A node with a few hundred points, as the measured streams have them.
        let usual_node = 8 << 10;
        let cache = Cache::with_weighter((cache_bytes / usual_node).max(16) as usize, cache_bytes, Memory);
        Ok(Self { store, cache, last })
    }

    /// A place for the new nodes of one write.
    pub(crate) fn writer(&self) -> Writer<'_> {
        Writer { blocks: self, written: Vec::new(), nodes: Vec::new() }
    }

    fn load(&self, address: Address) -> Result<Node, String> {
        let block = self.store.block(address.get()).map_err(|error| error.to_string())?;
        let block = block.ok_or("the block is missing")?;
        let (sum, bytes) = block.split_first_chunk().ok_or("the block is too short")?;
        if u64::from_le_bytes(*sum) != checksum(address, bytes) {
            return Err("the checksum is wrong: the disk changed what was written".into());
        }
        codec::decode(bytes).map_err(|error| error.to_string())
    }
}

impl Nodes for Blocks {
    fn read(&self, address: Address, span: Span) -> Result<Arc<Node>, NodeError> {
        if let Some(node) = self.cache.get(&address) {
            return Ok(node);
        }
        let node = self.load(address).map_err(|reason| NodeError { address, range: span.range(), reason })?;
        let node = Arc::new(node);
        self.cache.insert(address, Arc::clone(&node));
        Ok(node)
    }
}

/// The new nodes of one write, encoded and ready to be committed.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    blocks: &'a Blocks,
    written: Vec<(u64, Vec<u8>)>,
    nodes: Vec<(Address, Arc<Node>)>,
}

impl Writer<'_> {
    /// The blocks to commit; [`keep`](Self::keep) follows once that has happened.
    pub(crate) fn take_blocks(&mut self) -> Vec<(u64, Vec<u8>)> {
        std::mem::take(&mut self.written)
    }

    /// Keeps the nodes in memory: what was just written is what is asked for next.
    pub(crate) fn keep(self) {
        for (address, node) in self.nodes {
            self.blocks.cache.insert(address, node);
        }
    }
}

impl NodesMut for Writer<'_> {
    fn write(&mut self, node: Node) -> Address {
        let number = self.blocks.last.fetch_add(1, Ordering::Relaxed) + 1;
        let Some(address) = Address::new(number) else { unreachable!("one more than any number is not 0") };
        let mut block = vec![0; 8];
        codec::encode(&node, &mut block);
        let sum = checksum(address, &block[8..]);
        block[..8].copy_from_slice(&sum.to_le_bytes());
        self.written.push((number, block));
        self.nodes.push((address, Arc::new(node)));
        address
    }
}

/// The sum over a block's bytes and its number, so that a block in another's place is found out too.
fn checksum(address: Address, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, address.get())
}
