//! Removing points.

use btrdb_core::{RawColumns, Stat, TimeRange};

use crate::{Core, Leaf, Node, NodeError, Nodes, NodesMut, Root, Slot, Span, node::open};

pub(crate) fn delete<N: Nodes>(
    nodes: &N,
    out: &mut impl NodesMut,
    root: Option<Root>,
    range: TimeRange,
    version: u64,
) -> Result<Option<Root>, NodeError> {
    match root {
        None => Ok(None),
        Some(root) => Delete { nodes, out, range, version }.cut(Span::ROOT, root),
    }
}

struct Delete<'a, N, O> {
    nodes: &'a N,
    out: &'a mut O,
    range: TimeRange,
    version: u64,
}

impl<N: Nodes, O: NodesMut> Delete<'_, N, O> {
    /// What is left of `slot`.
    fn cut(&mut self, span: Span, slot: Slot) -> Result<Option<Slot>, NodeError> {
        if !self.range.overlaps(span.range()) {
            return Ok(Some(slot));
        }
        if self.range.covers(span.range()) {
            return Ok(None);
        }
        match &*open(self.nodes, &slot, span)? {
            Node::Leaf(leaf) => Ok(self.cut_leaf(slot, leaf)),
            Node::Core(core) => self.cut_core(span, slot, core),
        }
    }

    fn cut_leaf(&mut self, slot: Slot, leaf: &Leaf) -> Option<Slot> {
        let left: RawColumns = leaf.points.iter().filter(|point| !self.range.contains(point.time)).collect();
        if left.len() == leaf.points.len() {
            return Some(slot);
        }
        if left.is_empty() {
            return None;
        }
        let stat = Stat::of(&left.value);
        let address = self.out.write(Node::Leaf(Leaf { points: left }));
        Some(Slot { address, version: self.version, stat })
    }

    fn cut_core(&mut self, span: Span, slot: Slot, core: &Core) -> Result<Option<Slot>, NodeError> {
        let mut left = core.clone();
        for (number, child) in core.iter() {
            left.set(number, self.cut(span.slot(number), child)?);
        }
        if left == *core {
            return Ok(Some(slot));
        }
        if left.is_empty() {
            return Ok(None);
        }
        let stat = left.stat();
        let address = self.out.write(Node::Core(left));
        Ok(Some(Slot { address, version: self.version, stat }))
    }
}
