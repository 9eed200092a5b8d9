//! One stream as the engine holds it in memory.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use btrdb_tree::Root;

use crate::descriptor::Descriptor;

/// A live stream: its properties, its latest version, and the lock of its one writer.
#[derive(Debug)]
pub(crate) struct Stream {
    descriptor: RwLock<Descriptor>,
    head: RwLock<Head>,
    writer: Mutex<Life>,
}

/// The latest version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Head {
    pub(crate) version: u64,
    pub(crate) root: Option<Root>,
}

/// Whether a stream can still be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Alive,
    Obliterated,
}

impl Stream {
    pub(crate) const fn new(descriptor: Descriptor, head: Head) -> Self {
        Self { descriptor: RwLock::new(descriptor), head: RwLock::new(head), writer: Mutex::new(Life::Alive) }
    }

    pub(crate) fn descriptor(&self) -> Descriptor {
        self.descriptor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the properties without copying them.
    pub(crate) fn with_descriptor<T>(&self, look: impl FnOnce(&Descriptor) -> T) -> T {
        look(&self.descriptor.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_descriptor(&self, descriptor: Descriptor) {
        *self.descriptor.write().unwrap_or_else(PoisonError::into_inner) = descriptor;
    }

    pub(crate) fn head(&self) -> Head {
        *self.head.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_head(&self, head: Head) {
        *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
    }

    /// Waits to be the one who writes. Nothing shared is changed until a commit has succeeded, so a writer that panicked
    /// left nothing half done.
    pub(crate) fn write(&self) -> MutexGuard<'_, Life> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
