//! The log as one file.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Appender, Build, StoreError, files::File};

/// What every log begins with; so no frame is at position 0.
const HEADER: &[u8; 16] = b"btrdb-local log\n";

/// A file that only grows at its end.
#[derive(Debug)]
pub(super) struct Log {
    file: Arc<dyn File>,
    /// Held while appending.
    appending: Mutex<()>,
    end: AtomicU64,
}

impl Log {
    /// The log in `file`; an empty file becomes an empty log.
    pub(super) fn open(file: Arc<dyn File>) -> io::Result<Self> {
        let len = file.size()?;
        let mut header = [0; HEADER.len()];
        let count = file.read(0, &mut header)?;
        // Power may go while the first bytes of a new log are written.
        if HEADER.starts_with(&header[..count]) || header[..count].iter().all(|byte| *byte == 0) {
            if count < HEADER.len() || header != *HEADER {
                file.write(0, HEADER)?;
                file.sync()?;
            }
            let end = AtomicU64::new(len.max(HEADER.len() as u64));
            return Ok(Self { file, appending: Mutex::new(()), end });
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "the log file is none of btrdb-local's"))
    }

    pub(super) fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }

    pub(super) fn append(&self, build: &mut Build<'_>) -> Result<u64, StoreError> {
        // Nothing is half done when a thread panics here: the end moves last.
        let _appending = self.appending.lock().unwrap_or_else(PoisonError::into_inner);
        let start = self.end();
        let mut bytes = Vec::new();
        build(start, &mut bytes);
        if let Err(error) = self.file.write(start, &bytes) {
            // What is there of it must not be taken for something whole later. Where even this fails, the next append
            // overwrites it.
            let _ = self.file.set_len(start);
            return Err(failed(&error));
        }
        self.end.store(start + bytes.len() as u64, Ordering::Release);
        Ok(start)
    }

    pub(super) fn read(&self, position: u64, most: usize) -> Result<Vec<u8>, StoreError> {
        let left = usize::try_from(self.end().saturating_sub(position)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; most.min(left)];
        let count = self.file.read(position, &mut bytes).map_err(|error| failed(&error))?;
        bytes.truncate(count);
        Ok(bytes)
    }

    pub(super) fn cut(&self, end: u64) -> Result<(), StoreError> {
        let _appending = self.appending.lock().unwrap_or_else(PoisonError::into_inner);
        let end = end.clamp(HEADER.len() as u64, self.end());
        self.file.set_len(end).and_then(|()| self.file.sync()).map_err(|error| failed(&error))?;
        self.end.store(end, Ordering::Release);
        Ok(())
    }

    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.file.sync().map_err(|error| failed(&error))
    }
}

fn failed(error: &io::Error) -> StoreError {
    StoreError(format!("log file: {error}"))
}

/// How much a [`Writer`] holds back.
const BUFFER: usize = 1 << 20;

/// Fills a new log in larger pieces than it is given.
#[derive(Debug)]
pub(super) struct Writer {
    log: Log,
    buffer: Vec<u8>,
}

impl Writer {
    pub(super) const fn new(log: Log) -> Self {
        Self { log, buffer: Vec::new() }
    }

    fn write(&mut self) -> Result<(), StoreError> {
        self.log.append(&mut |_, out| out.append(&mut self.buffer)).map(|_| ())
    }

    /// The log, with all that was appended, on disk.
    pub(super) fn finish(mut self) -> Result<Log, StoreError> {
        self.write()?;
        self.log.sync()?;
        Ok(self.log)
    }
}

impl Appender for Writer {
    fn append(&mut self, build: &mut Build<'_>) -> Result<u64, StoreError> {
        let (start, mut bytes) = (self.end(), Vec::new());
        build(start, &mut bytes);
        self.buffer.append(&mut bytes);
        if self.buffer.len() >= BUFFER {
            self.write()?;
        }
        Ok(start)
    }

    fn end(&self) -> u64 {
        self.log.end() + self.buffer.len() as u64
    }
}
