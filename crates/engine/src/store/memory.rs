//! A store that ends with the process: for the page without a server, and for tests.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use super::{Appender, Batch, Build, Fill, Record, Store, StoreError};

/// A log and records in memory.
#[derive(Debug, Default)]
pub struct Memory(RwLock<Content>);

#[derive(Debug, Default)]
struct Content {
    log: Log,
    records: BTreeMap<Vec<u8>, Vec<u8>>,
}

#[derive(Debug)]
struct Log(Vec<u8>);

impl Default for Log {
    fn default() -> Self {
        // No frame is at position 0.
        Self(vec![0])
    }
}

impl Appender for Log {
    fn append(&mut self, build: &mut Build<'_>) -> Result<u64, StoreError> {
        let (start, mut bytes) = (self.0.len() as u64, Vec::new());
        build(start, &mut bytes);
        self.0.append(&mut bytes);
        Ok(start)
    }

    fn end(&self) -> u64 {
        self.0.len() as u64
    }
}

impl Content {
    fn change(&mut self, batch: &Batch) {
        for prefix in &batch.remove {
            self.records.retain(|key, _| !key.starts_with(prefix));
        }
        self.records.extend(batch.set.iter().cloned());
    }
}

impl Memory {
    fn read(&self) -> RwLockReadGuard<'_, Content> {
        // Every change leaves the content whole, so what a panicking thread left behind is sound.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Content> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn append(&self, build: &mut Build<'_>) -> Result<u64, StoreError> {
        self.write().log.append(build)
    }

    fn log(&self, position: u64, most: usize) -> Result<Vec<u8>, StoreError> {
        let content = self.read();
        let rest = usize::try_from(position).ok().and_then(|position| content.log.0.get(position..));
        Ok(rest.map_or_else(Vec::new, |rest| rest[..most.min(rest.len())].to_vec()))
    }

    fn log_end(&self) -> u64 {
        self.read().log.end()
    }

    fn cut_log(&self, end: u64) -> Result<(), StoreError> {
        self.write().log.0.truncate(usize::try_from(end).unwrap_or(usize::MAX));
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read().records.get(key).cloned())
    }

    fn next_record(&self, key: &[u8]) -> Result<Option<Record>, StoreError> {
        let content = self.read();
        Ok(content.records.range(key.to_vec()..).next().map(|(key, value)| (key.clone(), value.clone())))
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
        self.write().change(batch);
        Ok(())
    }

    fn rewrite(&self, fill: &mut Fill<'_>) -> Result<(), StoreError> {
        let mut log = Log::default();
        // Not under the lock: `fill` reads the old log.
        let batch = fill(&mut log)?;
        let mut content = self.write();
        content.log = log;
        content.change(&batch);
        Ok(())
    }
}
