//! One stream as the engine holds it in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};

use btrdb_tree::Root;

use crate::{
    descriptor::Descriptor,
    fresh::{Fresh, Overlay},
};

/// A live stream: its properties, its versions as far as they are in memory, and the lock of its one writer.
#[derive(Debug)]
pub(crate) struct Stream {
    descriptor: RwLock<Arc<Descriptor>>,
    state: RwLock<State>,
    writer: Mutex<Life>,
}

/// One version.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) version: u64,
    pub(crate) root: Option<Root>,
    /// What of it is in memory only.
    pub(crate) overlay: Option<Arc<Overlay>>,
}

/// The latest version, and how it came from the last one that is all in the log's tree.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) head: Head,
    /// The version of the last checkpoint.
    pub(crate) base: Head,
    /// Where the journalled inserts are that made the versions after `base`, one each.
    pub(crate) journal: Arc<Vec<u64>>,
    /// How many points those inserts brought.
    pub(crate) journalled_points: usize,
}

/// Whether a stream can still be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Alive,
    Obliterated,
}

impl Head {
    /// A version whose nodes are all in the log.
    pub(crate) const fn logged(version: u64, root: Option<Root>) -> Self {
        Self { version, root, overlay: None }
    }

    /// The version that a write made of this one.
    pub(crate) fn next(&self, version: u64, root: Option<Root>, fresh: &Fresh) -> Self {
        let overlay = self.overlay.as_deref().unwrap_or(&Overlay::default()).with(fresh, root);
        Self { version, root, overlay: Some(Arc::new(overlay)) }
    }

    /// How many nodes of it are in memory only.
    pub(crate) fn nodes_in_memory(&self) -> usize {
        self.overlay.as_ref().map_or(0, |overlay| overlay.len())
    }

    /// Roughly how many bytes of memory it takes.
    pub(crate) fn memory(&self) -> u64 {
        size_of::<Self>() as u64 + self.overlay.as_ref().map_or(0, |overlay| overlay.memory())
    }
}

impl State {
    /// A stream whose latest version is a checkpoint.
    pub(crate) fn checkpoint(head: Head) -> Self {
        Self { base: head.clone(), head, journal: Arc::default(), journalled_points: 0 }
    }

    /// After a journalled insert of `points` points, found at `position`, made `head`.
    pub(crate) fn journalled(mut self, head: Head, position: u64, points: usize) -> Self {
        Arc::make_mut(&mut self.journal).push(position);
        Self { head, journalled_points: self.journalled_points + points, ..self }
    }
}

impl Stream {
    pub(crate) fn new(descriptor: Descriptor, state: State) -> Self {
        Self {
            descriptor: RwLock::new(Arc::new(descriptor)),
            state: RwLock::new(state),
            writer: Mutex::new(Life::Alive),
        }
    }

    pub(crate) fn descriptor(&self) -> Descriptor {
        self.with_descriptor(Descriptor::clone)
    }

    /// The properties as they are now, for whoever looks at them for longer.
    #[cfg(feature = "sql")]
    pub(crate) fn shared_descriptor(&self) -> Arc<Descriptor> {
        Arc::clone(&self.descriptor.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the properties without copying them.
    pub(crate) fn with_descriptor<T>(&self, look: impl FnOnce(&Descriptor) -> T) -> T {
        look(&self.descriptor.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_descriptor(&self, descriptor: Descriptor) {
        *self.descriptor.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(descriptor);
    }

    pub(crate) fn state(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn head(&self) -> Head {
        self.state.read().unwrap_or_else(PoisonError::into_inner).head.clone()
    }

    pub(crate) fn set_state(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Waits to be the one who writes. Nothing shared is changed until it lasts, so a writer that panicked left nothing half
    /// done.
    pub(crate) fn write(&self) -> MutexGuard<'_, Life> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Is the one who writes, unless somebody else is.
    pub(crate) fn try_write(&self) -> Option<MutexGuard<'_, Life>> {
        match self.writer.try_lock() {
            Ok(life) => Some(life),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}
