//! A store on disk: the log as a file of its own, the records in a redb file beside it, whose commits are atomic and durable.

use std::{
    fmt::Display,
    io,
    path::Path,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use redb::{Database, ReadOnlyTable, ReadableDatabase, StorageBackend, StorageError, TableDefinition};

use super::{
    Batch, Build, Fill, Record, Store, StoreError,
    files::{File, Folder, Held},
    log::{Log, Writer},
};

const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("records");

/// Which of the log files is the one that the records speak of.
const GENERATION: TableDefinition<'_, (), u64> = TableDefinition::new("generation");

/// The file of the records.
const RECORDS_FILE: &str = "btrdb.redb";

/// Before the number of a log file.
const LOG_FILE: &str = "log.";

/// Pages of the records' file that are kept in memory. It holds names and roots, not points.
const PAGE_CACHE: usize = 8 << 20;

/// A log and records in a folder that belongs to one process at a time.
#[derive(Debug)]
pub struct Disk {
    content: RwLock<Content>,
    /// Last, because nobody else may have the folder before the records' file is closed.
    folder: Arc<dyn Folder>,
}

#[derive(Debug)]
struct Content {
    /// Absent only where it could not be opened again after a failure.
    records: Option<Database>,
    log: Arc<Log>,
    generation: u64,
}

impl Disk {
    /// Opens the store in `folder` and makes both where they are missing.
    ///
    /// # Errors
    /// When the folder is in use by another process, cannot be written, or holds something else.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let named = |error: &dyn Display| StoreError(format!("data folder {}: {error}", folder.display()));
        let held = Held::take(folder).map_err(|error| named(&error))?.ok_or_else(|| named(&IN_USE))?;
        Self::open_in(Arc::new(held)).map_err(|error| named(&error))
    }

    /// Whether there is a store in `folder`.
    pub fn is_at(folder: &Path) -> bool {
        folder.join(RECORDS_FILE).is_file()
    }

    /// Opens the store in a folder that nobody else uses.
    ///
    /// # Errors
    /// When it cannot be written or holds something else.
    pub fn open_in(folder: Arc<dyn Folder>) -> Result<Self, StoreError> {
        let records = open_records(&*folder)?;
        let generation = generation(&records)?;
        let log = Arc::new(open_log(&*folder, generation)?);
        // What a rewrite left behind: the old log, or a new one that was never finished.
        let name = log_name(generation);
        for other in folder.names().map_err(failed)?.iter().filter(|it| it.starts_with(LOG_FILE) && **it != name) {
            folder.remove(other).map_err(failed)?;
        }
        Ok(Self { folder, content: RwLock::new(Content { records: Some(records), log, generation }) })
    }

    fn content(&self) -> RwLockReadGuard<'_, Content> {
        // Nothing panics while it is half changed.
        self.content.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn content_mut(&self) -> RwLockWriteGuard<'_, Content> {
        self.content.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> Arc<Log> {
        Arc::clone(&self.content().log)
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&ReadOnlyTable<&'static [u8], &'static [u8]>) -> Result<T, StorageError>,
    ) -> Result<T, StoreError> {
        let content = self.content();
        let transaction = content.records()?.begin_read().map_err(failed)?;
        let table = transaction.open_table(RECORDS).map_err(failed)?;
        read(&table).map_err(failed)
    }
}

impl Content {
    fn records(&self) -> Result<&Database, StoreError> {
        self.records.as_ref().ok_or_else(|| StoreError("the records could not be opened again: restart".into()))
    }
}

impl Store for Disk {
    fn append(&self, build: &mut Build<'_>) -> Result<u64, StoreError> {
        self.log().append(build)
    }

    fn log(&self, position: u64, most: usize) -> Result<Vec<u8>, StoreError> {
        self.log().read(position, most)
    }

    fn log_end(&self) -> u64 {
        self.log().end()
    }

    fn cut_log(&self, end: u64) -> Result<(), StoreError> {
        self.log().cut(end)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.log().sync()
    }

    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|records| Ok(records.get(key)?.map(|record| record.value().to_vec())))
    }

    fn next_record(&self, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.read(|records| {
            let found = records.range(key..)?.next().transpose()?;
            Ok(found.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())))
        })
    }

    fn records(&self, prefix: &[u8]) -> Result<Vec<Record>, StoreError> {
        self.read(|records| {
            let mut found = Vec::new();
            for record in records.range(prefix..)? {
                let (key, value) = record?;
                if !key.value().starts_with(prefix) {
                    break;
                }
                found.push((key.value().to_vec(), value.value().to_vec()));
            }
            Ok(found)
        })
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let outcome = write(self.content().records()?, batch, None);
        let Err(redb::Error::Io(_) | redb::Error::PreviousIo) = outcome else { return outcome.map_err(failed) };
        // redb does nothing more after its file has failed, a full disk included, until it has been opened anew.
        let mut content = self.content_mut();
        content.records = None;
        content.records = open_records(&*self.folder).ok();
        outcome.map_err(failed)
    }

    fn rewrite(&self, fill: &mut Fill<'_>) -> Result<(), StoreError> {
        let generation = self.content().generation + 1;
        let mut writer = Writer::new(open_log(&*self.folder, generation)?);
        let batch = fill(&mut writer)?;
        let log = writer.finish()?;
        let mut content = self.content_mut();
        write(content.records()?, &batch, Some(generation)).map_err(failed)?;
        let old = std::mem::replace(&mut content.generation, generation);
        content.log = Arc::new(log);
        // What was removed from the records leaves room inside their file only.
        if let Some(records) = &mut content.records {
            while records.compact().map_err(failed)? {}
        }
        self.folder.remove(&log_name(old)).map_err(failed)
    }
}

fn write(records: &Database, batch: &Batch, generation: Option<u64>) -> Result<(), redb::Error> {
    let mut transaction = records.begin_write()?;
    // Keeps the list of free pages in every commit, so that opening after a crash need not walk the whole file.
    transaction.set_quick_repair(true);
    {
        let mut table = transaction.open_table(RECORDS)?;
        for prefix in &batch.remove {
            table.retain_in(prefix.as_slice()..after(prefix).as_slice(), |_, _| false)?;
        }
        for (key, value) in &batch.set {
            table.insert(key.as_slice(), value.as_slice())?;
        }
    }
    if let Some(generation) = generation {
        transaction.open_table(GENERATION)?.insert((), generation)?;
    }
    Ok(transaction.commit()?)
}

fn open_records(folder: &dyn Folder) -> Result<Database, StoreError> {
    let file = Backend(folder.open(RECORDS_FILE).map_err(failed)?);
    let records = Database::builder().set_cache_size(PAGE_CACHE).create_with_backend(file).map_err(failed)?;
    let is_new = {
        let transaction = records.begin_read().map_err(failed)?;
        transaction.open_table(RECORDS).is_err()
    };
    if is_new {
        write(&records, &Batch::default(), Some(1)).map_err(failed)?;
    }
    Ok(records)
}

fn generation(records: &Database) -> Result<u64, StoreError> {
    let transaction = records.begin_read().map_err(failed)?;
    // Where it is missing the records say by their format why they do not fit.
    let Ok(table) = transaction.open_table(GENERATION) else { return Ok(1) };
    Ok(table.get(()).map_err(failed)?.map_or(1, |generation| generation.value()))
}

fn open_log(folder: &dyn Folder, generation: u64) -> Result<Log, StoreError> {
    folder.open(&log_name(generation)).and_then(Log::open).map_err(failed)
}

fn log_name(generation: u64) -> String {
    format!("{LOG_FILE}{generation}")
}

const IN_USE: &str = "in use by another process; stop it, or ask it instead (import --to ADDRESS)";

fn failed(error: impl Display) -> StoreError {
    StoreError(format!("store: {error}"))
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

/// A file as redb wants it.
#[derive(Debug)]
struct Backend(Arc<dyn File>);

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.0.size()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if self.0.read(offset, out)? < out.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}
