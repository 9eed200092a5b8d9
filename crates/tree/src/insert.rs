//! Adding points.

use btrdb_core::{MergePolicy, Point, RawColumns, Stat};

use crate::{
    Address, Core, LEAF_POINTS, Leaf, Node, NodeError, Nodes, NodesMut, Root, Slot, Span,
    batch::{merge, settle},
    node::open,
};

pub(crate) fn insert<N: Nodes>(
    nodes: &N,
    out: &mut impl NodesMut,
    root: Option<Root>,
    points: Vec<Point>,
    policy: MergePolicy,
    version: u64,
) -> Result<Option<Root>, NodeError> {
    let points = settle(points, policy);
    if points.is_empty() {
        return Ok(root);
    }
    Insert { nodes, out, policy, version }.put(Span::ROOT, root, &points).map(Some)
}

struct Insert<'a, N, O> {
    nodes: &'a N,
    out: &'a mut O,
    policy: MergePolicy,
    version: u64,
}

impl<N: Nodes, O: NodesMut> Insert<'_, N, O> {
    /// The slot of `span` after `points`, none of them outside of it, have joined what `slot` holds.
    fn put(&mut self, span: Span, slot: Option<Slot>, points: &[Point]) -> Result<Slot, NodeError> {
        let Some(slot) = slot else { return Ok(self.build(span, points)) };
        match &*open(self.nodes, &slot, span)? {
            Node::Leaf(leaf) => Ok(self.join_leaf(span, slot, leaf, points)),
            Node::Core(core) => self.join_core(span, slot, core, points),
        }
    }

    fn join_leaf(&mut self, span: Span, slot: Slot, leaf: &Leaf, points: &[Point]) -> Slot {
        let stored: Vec<Point> = leaf.points.iter().collect();
        let merged = merge(&stored, points, self.policy);
        let is_same = merged.len() == stored.len() && merged.iter().zip(&stored).all(|(a, b)| a.is_identical(b));
        if is_same { slot } else { self.build(span, &merged) }
    }

    fn join_core(&mut self, span: Span, slot: Slot, core: &Core, points: &[Point]) -> Result<Slot, NodeError> {
        let mut joined = core.clone();
        for part in points.chunk_by(|a, b| span.slot_of(a.time) == span.slot_of(b.time)) {
            let number = span.slot_of(part[0].time);
            let child = self.put(span.slot(number), core.get(number), part)?;
            joined.set(number, Some(child));
        }
        if joined == *core {
            return Ok(slot);
        }
        let stat = joined.stat();
        Ok(self.slot(Node::Core(joined), stat))
    }

    /// A new subtree of `points`, which must not be empty.
    fn build(&mut self, span: Span, points: &[Point]) -> Slot {
        if points.len() <= LEAF_POINTS || span.is_narrowest() {
            let points: RawColumns = points.iter().copied().collect();
            let stat = Stat::of(&points.value);
            return self.slot(Node::Leaf(Leaf { points }), stat);
        }
        let mut core = Core::default();
        for part in points.chunk_by(|a, b| span.slot_of(a.time) == span.slot_of(b.time)) {
            let number = span.slot_of(part[0].time);
            let child = self.build(span.slot(number), part);
            core.set(number, Some(child));
        }
        let stat = core.stat();
        self.slot(Node::Core(core), stat)
    }

    fn slot(&mut self, node: Node, stat: Stat) -> Slot {
        let address: Address = self.out.write(node);
        Slot { address, version: self.version, stat }
    }
}
