//! A store that ends with the process: for the page without a server, and for tests.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use super::{Batch, Record, Store, StoreError};

/// Blocks and records in memory.
#[derive(Debug, Default)]
pub struct Memory(RwLock<Content>);

#[derive(Debug, Default)]
struct Content {
    blocks: BTreeMap<u64, Vec<u8>>,
    records: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Memory {
    fn read(&self) -> RwLockReadGuard<'_, Content> {
        // Every change leaves the maps whole, so what a panicking thread left behind is sound.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn block(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read().blocks.get(&number).cloned())
    }

    fn last_block(&self) -> Result<u64, StoreError> {
        Ok(self.read().blocks.last_key_value().map_or(0, |(number, _)| *number))
    }

    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read().records.get(key).cloned())
    }

    fn records(&self, prefix: &[u8]) -> Result<Vec<Record>, StoreError> {
        let content = self.read();
        let from = content.records.range(prefix.to_vec()..);
        Ok(from
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut content = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for prefix in &batch.remove {
            content.records.retain(|key, _| !key.starts_with(prefix));
        }
        content.blocks.extend(batch.blocks.iter().cloned());
        content.records.extend(batch.set.iter().cloned());
        Ok(())
    }
}
