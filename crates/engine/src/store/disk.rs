//! A store on disk, in one redb file: copy-on-write B-trees whose commits are atomic and durable.

use std::{fmt::Display, fs, path::Path};

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Batch, Record, Store, StoreError};

const BLOCKS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("blocks");
const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("records");

/// The file inside a data folder.
const FILE: &str = "btrdb.redb";

/// Pages that redb itself keeps in memory. Nodes are cached above, decoded, so this holds little more than its own
/// branch pages.
const PAGE_CACHE: usize = 64 << 20;

/// Blocks and records in a folder that belongs to one process at a time.
#[derive(Debug)]
pub struct Disk {
    database: Database,
}

impl Disk {
    /// Opens the store in `folder` and makes both where they are missing.
    ///
    /// # Errors
    /// When the folder is in use by another process, cannot be written, or holds something else.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let named = |error: &dyn Display| StoreError(format!("data folder {}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(|error| named(&error))?;
        let database =
            Database::builder().set_cache_size(PAGE_CACHE).create(folder.join(FILE)).map_err(|error| match error {
                DatabaseError::DatabaseAlreadyOpen => named(&IN_USE),
                error => named(&error),
            })?;
        let transaction = database.begin_write().map_err(failed)?;
        transaction.open_table(BLOCKS).map_err(failed)?;
        transaction.open_table(RECORDS).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(Self { database })
    }
}

const IN_USE: &str = "in use by another process; stop it, or ask it instead (import --to ADDRESS)";

fn failed(error: impl Display) -> StoreError {
    StoreError(format!("store: {error}"))
}

impl Store for Disk {
    fn block(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let blocks = transaction.open_table(BLOCKS).map_err(failed)?;
        Ok(blocks.get(number).map_err(failed)?.map(|block| block.value().to_vec()))
    }

    fn last_block(&self) -> Result<u64, StoreError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let blocks = transaction.open_table(BLOCKS).map_err(failed)?;
        Ok(blocks.last().map_err(failed)?.map_or(0, |(number, _)| number.value()))
    }

    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let records = transaction.open_table(RECORDS).map_err(failed)?;
        Ok(records.get(key).map_err(failed)?.map(|record| record.value().to_vec()))
    }

    fn records(&self, prefix: &[u8]) -> Result<Vec<Record>, StoreError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let records = transaction.open_table(RECORDS).map_err(failed)?;
        let mut found = Vec::new();
        for record in records.range(prefix..).map_err(failed)? {
            let (key, value) = record.map_err(failed)?;
            if !key.value().starts_with(prefix) {
                break;
            }
            found.push((key.value().to_vec(), value.value().to_vec()));
        }
        Ok(found)
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut transaction = self.database.begin_write().map_err(failed)?;
        // Keeps the list of free pages in every commit, so that opening after a crash need not walk the whole file.
        transaction.set_quick_repair(true);
        {
            let mut blocks = transaction.open_table(BLOCKS).map_err(failed)?;
            let mut records = transaction.open_table(RECORDS).map_err(failed)?;
            for prefix in &batch.remove {
                records.retain_in(prefix.as_slice()..after(prefix).as_slice(), |_, _| false).map_err(failed)?;
            }
            for (number, block) in &batch.blocks {
                blocks.insert(number, block.as_slice()).map_err(failed)?;
            }
            for (key, value) in &batch.set {
                records.insert(key.as_slice(), value.as_slice()).map_err(failed)?;
            }
        }
        transaction.commit().map_err(failed)
    }
}

/// The first key after all that start with `prefix`, which must hold a byte below 255.
fn after(prefix: &[u8]) -> Vec<u8> {
    let mut after = prefix.to_vec();
    while let Some(last) = after.pop() {
        if last < u8::MAX {
            after.push(last + 1);
            break;
        }
    }
    after
}
