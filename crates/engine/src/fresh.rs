//! Nodes that are in memory only: those of a write in work, and those whose points are still just in the journal.
//!
//! They are named by numbers that no place in a log can have. When they go to the log, children before parents, each gets its
//! place for a name.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use btrdb_tree::{Address, Node, NodeError, Nodes, NodesMut, Root, Span, codec};
use uuid::Uuid;

use crate::{blocks::Blocks, frame};

/// Set in the names of nodes in memory. No log grows to 2^63 bytes.
const FRESH: u64 = 1 << 63;

static NEXT: AtomicU64 = AtomicU64::new(FRESH);

const fn is_fresh(address: Address) -> bool {
    address.get() & FRESH != 0
}

/// Nodes with their names, children before their parents.
pub(crate) type InOrder = Vec<(Address, Arc<Node>)>;

/// The nodes that one write makes.
#[derive(Debug, Default)]
pub(crate) struct Fresh(HashMap<Address, Arc<Node>>);

impl Fresh {
    /// How many points its largest leaf has.
    pub(crate) fn largest_leaf(&self) -> usize {
        let points = |node: &Arc<Node>| match &**node {
            Node::Leaf(leaf) => leaf.points.len(),
            Node::Core(_) => 0,
        };
        self.0.values().map(points).max().unwrap_or_default()
    }
}

impl NodesMut for Fresh {
    fn write(&mut self, node: Node) -> Address {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let Some(address) = Address::new(number) else { unreachable!("a number with its highest bit set is not 0") };
        self.0.insert(address, Arc::new(node));
        address
    }
}

/// What one version has in memory on top of the log.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    nodes: HashMap<Address, Arc<Node>>,
    memory: u64,
}

impl Overlay {
    /// The nodes below `root` that are in none but `fresh` and `self`.
    pub(crate) fn with(&self, fresh: &Fresh, root: Option<Root>) -> Self {
        let nodes: HashMap<_, _> = self.in_order(fresh, root).into_iter().collect();
        let memory = nodes.values().map(|node| node.memory() as u64).sum();
        Self { nodes, memory }
    }

    /// The same, ready to be appended to the log.
    pub(crate) fn in_order(&self, fresh: &Fresh, root: Option<Root>) -> InOrder {
        let mut nodes = Vec::new();
        if let Some(root) = root {
            self.collect(fresh, root.address, &mut nodes);
        }
        nodes
    }

    /// As deep as the tree, which has eleven levels at most.
    fn collect(&self, fresh: &Fresh, address: Address, nodes: &mut InOrder) {
        if !is_fresh(address) {
            return;
        }
        let Some(node) = fresh.0.get(&address).or_else(|| self.nodes.get(&address)) else { return };
        if let Node::Core(core) = &**node {
            core.iter().for_each(|(_, slot)| self.collect(fresh, slot.address, nodes));
        }
        nodes.push((address, Arc::clone(node)));
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Roughly how many bytes it takes.
    pub(crate) const fn memory(&self) -> u64 {
        self.memory
    }
}

/// The bytes of the leaves among `nodes`, which do not depend on where they will stand; none for the others.
pub(crate) fn encode_leaves(nodes: &InOrder) -> Vec<Vec<u8>> {
    let bytes = |node: &Node| {
        let mut bytes = Vec::new();
        if matches!(node, Node::Leaf(_)) {
            codec::encode(node, &mut bytes);
        }
        bytes
    };
    nodes.iter().map(|(_, node)| bytes(node)).collect()
}

/// Writes `nodes`, of which `leaves` are the leaves' bytes, to `out` as they stand in a log from `start` on, and names them
/// by their places.
pub(crate) fn place(nodes: &InOrder, leaves: &[Vec<u8>], start: u64, out: &mut Vec<u8>) -> InOrder {
    out.reserve(leaves.iter().map(|bytes| bytes.len() + 64).sum());
    let mut places = HashMap::with_capacity(nodes.len());
    let mut placed = Vec::with_capacity(nodes.len());
    for ((name, node), leaf) in nodes.iter().zip(leaves) {
        let (position, node) = match &**node {
            Node::Leaf(_) => (frame::write(start, out, |out| out.extend_from_slice(leaf)), Arc::clone(node)),
            Node::Core(core) => {
                let mut core = core.clone();
                core.rename(|address| places.get(&address).copied().unwrap_or(address));
                let node = Node::Core(core);
                (frame::write(start, out, |out| codec::encode(&node, out)), Arc::new(node))
            }
        };
        if let Some(place) = Address::new(position) {
            places.insert(*name, place);
            placed.push((place, node));
        }
    }
    placed
}

/// The nodes of one version: the log's, and those in memory.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Of this stream.
    pub(crate) uuid: Uuid,
    pub(crate) blocks: Arc<Blocks>,
    pub(crate) overlay: Option<Arc<Overlay>>,
    /// What an older version has in memory, where it is looked at beside this one.
    pub(crate) older: Option<Arc<Overlay>>,
}

impl View {
    /// The node at `address`, where it is in memory only.
    pub(crate) fn in_memory(&self, address: Address) -> Option<Arc<Node>> {
        let overlays = [&self.overlay, &self.older].into_iter().flatten();
        overlays.filter(|_| is_fresh(address)).find_map(|overlay| overlay.nodes.get(&address)).cloned()
    }
}

impl Nodes for View {
    fn read(&self, address: Address, span: Span) -> Result<Arc<Node>, NodeError> {
        let read = if is_fresh(address) {
            let lost = || NodeError { address, range: span.range(), reason: "it is of another version".into() };
            self.in_memory(address).ok_or_else(lost)
        } else {
            self.blocks.read(address, span)
        };
        read.map_err(|error| NodeError { reason: format!("{} (stream {})", error.reason, self.uuid), ..error })
    }
}
