//! Where blocks and records are kept: the one door between the engine and a disk.

#[cfg(feature = "disk")]
mod disk;
mod memory;

use std::fmt::Debug;

use thiserror::Error;

#[cfg(feature = "disk")]
pub use disk::Disk;
pub use memory::Memory;

/// A store that failed; the text says how, for a person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// A key and what stands under it.
pub type Record = (Vec<u8>, Vec<u8>);

/// What one commit changes: all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// New blocks by their number. A number is used once.
    pub blocks: Vec<(u64, Vec<u8>)>,
    /// Records to set, by key.
    pub set: Vec<Record>,
    /// Prefixes of keys whose records go, before any is set.
    pub remove: Vec<Vec<u8>>,
}

impl Batch {
    /// Takes in all that `other` changes, as if it came after.
    pub fn append(&mut self, mut other: Self) {
        // Removals come first in a commit, so one that follows a change of the same batch must take it back itself.
        self.set.retain(|(key, _)| !other.remove.iter().any(|prefix| key.starts_with(prefix)));
        self.blocks.append(&mut other.blocks);
        self.set.append(&mut other.set);
        self.remove.append(&mut other.remove);
    }
}

/// Numbered blocks and ordered records.
pub trait Store: Debug + Send + Sync {
    /// The block numbered `number`, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn block(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// The highest number of any block; 0 where there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn last_block(&self) -> Result<u64, StoreError>;

    /// The record at `key`, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// All records whose keys start with `prefix`, in order of their keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn records(&self, prefix: &[u8]) -> Result<Vec<Record>, StoreError>;

    /// Makes all of `batch` last, at once. On return it survives the loss of the process and of power, as far as the
    /// store outlives them at all.
    ///
    /// # Errors
    /// When it could not; nothing of it is there then.
    fn commit(&self, batch: &Batch) -> Result<(), StoreError>;
}
