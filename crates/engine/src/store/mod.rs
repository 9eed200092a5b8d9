//! Where an engine keeps what it holds: the one door between it and a disk.
//!
//! A store is two things. The *log* is bytes that are only ever appended: tree nodes and journalled inserts, found again by
//! their position. The *records* are keys and values in order: what streams there are, and where in the log the root of each
//! version is. A commit makes records last together with all of the log that came before.

#[cfg(feature = "disk")]
mod disk;
#[cfg(feature = "disk")]
pub mod files;
#[cfg(feature = "disk")]
mod log;
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

/// What one commit changes among the records: all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct Batch {
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
        self.set.append(&mut other.set);
        self.remove.append(&mut other.remove);
    }

    /// Whether there is nothing to change.
    pub const fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}

/// Builds what is appended to a log, given the position that its first byte will have.
pub type Build<'a> = dyn FnMut(u64, &mut Vec<u8>) + 'a;

/// Writes a new log and says which records go with it.
pub type Fill<'a> = dyn FnMut(&mut dyn Appender) -> Result<Batch, StoreError> + 'a;

/// The end of a log.
pub trait Appender {
    /// Appends what `build` makes; the position of its first byte, which is never 0. Nothing that was appended is sure to
    /// last before a commit.
    ///
    /// # Errors
    /// When there is no room; the log is then as it was.
    fn append(&mut self, build: &mut Build<'_>) -> Result<u64, StoreError>;

    /// The position that the next byte will have.
    fn end(&self) -> u64;
}

/// A log and ordered records.
pub trait Store: Debug + Send + Sync {
    /// As [`Appender::append`]; callers at the same time come one after the other.
    ///
    /// # Errors
    /// When there is no room; the log is then as it was.
    fn append(&self, build: &mut Build<'_>) -> Result<u64, StoreError>;

    /// Up to `most` bytes of the log from `position` on; fewer only where it ends.
    ///
    /// # Errors
    /// When the log cannot be read.
    fn log(&self, position: u64, most: usize) -> Result<Vec<u8>, StoreError>;

    /// The position that the next byte will have.
    fn log_end(&self) -> u64;

    /// Drops what the log holds from `end` on.
    ///
    /// # Errors
    /// When the log cannot be written.
    fn cut_log(&self, end: u64) -> Result<(), StoreError>;

    /// Makes the log last, as far as it has been appended. After a failure nobody knows what lasts: nothing more may be
    /// acknowledged before the store has been opened anew.
    ///
    /// # Errors
    /// When the disk cannot promise it.
    fn sync(&self) -> Result<(), StoreError>;

    /// The record at `key`, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The first record at or after `key`.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn next_record(&self, key: &[u8]) -> Result<Option<Record>, StoreError>;

    /// All records whose keys start with `prefix`, in order of their keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn records(&self, prefix: &[u8]) -> Result<Vec<Record>, StoreError>;

    /// Makes `batch` last, at once. Whoever calls has synced the log that it speaks of.
    ///
    /// # Errors
    /// When it could not; nothing of it is there then.
    fn commit(&self, batch: &Batch) -> Result<(), StoreError>;

    /// Puts a new log, as `fill` writes it, in the place of the old one, together with the records that `fill` gives; all
    /// of it or nothing. Positions in the old log mean nothing afterwards.
    ///
    /// # Errors
    /// What `fill` gives, or when there is no room for both logs.
    fn rewrite(&self, fill: &mut Fill<'_>) -> Result<(), StoreError>;
}
