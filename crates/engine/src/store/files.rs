//! The few things that a store asks of files. A test can put files in their place that lose power or run full.

use std::{
    fmt::Debug,
    fs::{self, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A file. What is written is there for readers at once, and lasts once it is synced.
pub trait File: Debug + Send + Sync {
    /// How long it is, in bytes.
    ///
    /// # Errors
    /// When the disk fails.
    fn size(&self) -> io::Result<u64>;

    /// Reads from `offset` on; how many bytes, which is fewer than asked for only where the file ends.
    ///
    /// # Errors
    /// When the disk fails.
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// When the disk is full or fails; some of the bytes may be there then.
    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file off, or makes it longer with zeros.
    ///
    /// # Errors
    /// When the disk is full or fails.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Returns when all that was written outlives a loss of power.
    ///
    /// # Errors
    /// When the disk cannot promise it.
    fn sync(&self) -> io::Result<()>;
}

/// A folder of files that belongs to one store.
pub trait Folder: Debug + Send + Sync {
    /// The file `name`, made where it is missing.
    ///
    /// # Errors
    /// When the disk is full or fails.
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>>;

    /// The names of all files.
    ///
    /// # Errors
    /// When the folder cannot be read.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Removes the file `name`.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn remove(&self, name: &str) -> io::Result<()>;
}

/// The file whose lock says that a folder is in use.
const LOCK: &str = "lock";

/// A folder of the file system, held by this process until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    path: PathBuf,
    _lock: fs::File,
}

impl Held {
    /// Takes hold of the folder at `path`, which is made where it is missing; `None` while another process has it.
    pub(super) fn take(path: &Path) -> io::Result<Option<Self>> {
        fs::create_dir_all(path)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { path: path.to_owned(), _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Makes the list of files itself last.
    fn sync(&self) -> io::Result<()> {
        // Other systems keep their folders without being told.
        if cfg!(unix) { fs::File::open(&self.path)?.sync_all() } else { Ok(()) }
    }
}

impl Folder for Held {
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>> {
        let path = self.path.join(name);
        let is_new = !path.exists();
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        if is_new {
            self.sync()?;
        }
        Ok(Arc::new(file))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }
}

impl File for fs::File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < out.len() {
            match read_at(self, offset + filled as u64, &mut out[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut written = 0;
        while written < bytes.len() {
            match write_at(self, offset + written as u64, &bytes[written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        Self::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

#[cfg(unix)]
use std::os::unix::fs::FileExt;

#[cfg(unix)]
fn read_at(file: &fs::File, offset: u64, out: &mut [u8]) -> io::Result<usize> {
    file.read_at(out, offset)
}

#[cfg(unix)]
fn write_at(file: &fs::File, offset: u64, bytes: &[u8]) -> io::Result<usize> {
    file.write_at(bytes, offset)
}

#[cfg(windows)]
use std::os::windows::fs::FileExt;

#[cfg(windows)]
fn read_at(file: &fs::File, offset: u64, out: &mut [u8]) -> io::Result<usize> {
    file.seek_read(out, offset)
}

#[cfg(windows)]
fn write_at(file: &fs::File, offset: u64, bytes: &[u8]) -> io::Result<usize> {
    file.seek_write(bytes, offset)
}
