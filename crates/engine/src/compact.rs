//! Writing a store anew with nothing but the latest version of every stream.

use std::sync::Arc;

use btrdb_tree::{Address, Node, NodeError, Root, Span, codec};

use crate::{
    Code, Engine, Error, Options, Result, frame,
    fresh::View,
    records::{self, Checkpoint},
    store::{Appender, Batch, Store, StoreError},
};

/// How far a compaction has come, and in the end what it came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Streams that are done.
    pub streams: u64,
    /// Streams in all.
    pub of_streams: u64,
    /// How long the log was, in bytes.
    pub before: u64,
    /// How long the new one is, in bytes.
    pub after: u64,
}

/// Prunes all versions but the latest of every stream and puts the nodes of each tree next to each other. Reads of a pruned
/// version get code 450. `progress` is called after every stream.
///
/// Nobody else may use the store meanwhile. It needs room for the new log beside the old one, which goes only when the new
/// one is complete and on disk; whatever happens before leaves the store as it was.
///
/// # Errors
/// 432 when the store cannot be opened, is damaged, or has no room.
pub fn compact(store: &Arc<dyn Store>, progress: &mut dyn FnMut(&Compacted)) -> Result<Compacted> {
    let engine = Engine::open(Arc::clone(store), Options::default())?;
    let streams: Vec<_> = engine.catalog().below("").cloned().collect();
    let mut done = Compacted { of_streams: streams.len() as u64, before: store.log_end(), ..Compacted::default() };
    store.rewrite(&mut |log| {
        let mut batch = Batch { remove: vec![records::HEADS.to_vec(), records::ROOTS.to_vec()], ..Batch::default() };
        for stream in &streams {
            let (uuid, head) = (stream.with_descriptor(|descriptor| descriptor.uuid), stream.head());
            let mut copy = Copy { from: engine.view(uuid, &head), log: &mut *log };
            let root = head.root.map(|root| copy.root(root)).transpose();
            let root = root.map_err(|error| StoreError(format!("stream {uuid}: {error}")))?;
            let checkpoint = Checkpoint::new(head.version, root).encode();
            batch.set.push((records::root_key(uuid, head.version), checkpoint.clone()));
            batch.set.push((records::head_key(uuid), checkpoint));
            done.streams += 1;
            done.after = log.end();
            progress(&done);
        }
        batch.set.push((records::REPLAY_KEY.to_vec(), records::encode_replay(log.end(), log.end())));
        Ok(batch)
    })?;
    Ok(Compacted { after: store.log_end(), ..done })
}

struct Copy<'a> {
    from: View,
    log: &'a mut dyn Appender,
}

impl Copy<'_> {
    fn root(&mut self, root: Root) -> std::result::Result<Root, Error> {
        Ok(Root { address: self.node(root.address, Span::ROOT)?, ..root })
    }

    /// Copies what is at `address` and all below it, children first; where it is now.
    fn node(&mut self, address: Address, span: Span) -> Result<Address> {
        let body = match self.from.in_memory(address) {
            Some(node) => encoded(&node),
            None => frame::read(&**self.from.blocks.store(), address.get()).map_err(|reason| NodeError {
                address,
                range: span.range(),
                reason,
            })?,
        };
        let body = if codec::is_leaf(&body) { body } else { self.core(address, span, &body)? };
        let mut position = 0;
        self.log.append(&mut |start, out| position = frame::write(start, out, |out| out.extend_from_slice(&body)))?;
        Address::new(position).ok_or_else(|| Error::new(Code::StorageError, "the new log begins at 0"))
    }

    fn core(&mut self, address: Address, span: Span, body: &[u8]) -> Result<Vec<u8>> {
        let damaged = |reason: &dyn ToString| NodeError { address, range: span.range(), reason: reason.to_string() };
        let Node::Core(mut core) = codec::decode(body).map_err(|error| damaged(&error))? else {
            return Err(damaged(&"unknown kind of block").into());
        };
        let children: Vec<(usize, Address)> = core.iter().map(|(number, slot)| (number, slot.address)).collect();
        let mut places = std::collections::HashMap::with_capacity(children.len());
        for (number, child) in children {
            places.insert(child, self.node(child, span.slot(number))?);
        }
        core.rename(|child| places.get(&child).copied().unwrap_or(child));
        Ok(encoded(&Node::Core(core)))
    }
}

fn encoded(node: &Node) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(node, &mut bytes);
    bytes
}
