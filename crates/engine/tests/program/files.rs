//! Files that lose power, run full, or have their bits flipped.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
};

use btrdb_engine::store::files::{File, Folder};

/// A folder in memory whose files forget, when the power goes, what was not synced.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faulty(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Content>,
    /// How many more writes and syncs work before the power goes.
    power: Option<usize>,
    /// How many bytes all files may have together.
    room: Option<usize>,
}

#[derive(Clone, Debug, Default)]
struct Content {
    /// What is on the platter.
    synced: Vec<u8>,
    /// What readers see.
    current: Vec<u8>,
    /// What was done since the last sync.
    unsynced: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    SetLen(usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(offset, written) => {
                bytes.resize(bytes.len().max(offset + written.len()), 0);
                bytes[*offset..offset + written.len()].copy_from_slice(written);
            }
            Self::SetLen(len) => bytes.resize(*len, 0),
        }
    }
}

impl Faulty {
    /// The power goes after `operations` more writes and syncs.
    pub(crate) fn lose_power_after(&self, operations: usize) {
        self.0.lock().unwrap().power = Some(operations);
    }

    /// All files together may have `room` bytes from now on.
    pub(crate) fn limit(&self, room: Option<usize>) {
        self.0.lock().unwrap().room = room;
    }

    /// How many bytes all files have together.
    pub(crate) fn size(&self) -> usize {
        self.0.lock().unwrap().files.values().map(|content| content.current.len()).sum()
    }

    /// What the disk holds when the power is back: what was synced, and of the rest what `survives` says, change by change.
    pub(crate) fn after_power_loss(&self, mut survives: impl FnMut() -> bool) -> Self {
        let state = self.0.lock().unwrap();
        let files = state.files.iter().map(|(name, content)| {
            let mut bytes = content.synced.clone();
            content.unsynced.iter().filter(|_| survives()).for_each(|change| change.apply(&mut bytes));
            (name.clone(), Content { synced: bytes.clone(), current: bytes, unsynced: Vec::new() })
        });
        Self(Arc::new(Mutex::new(State { files: files.collect(), ..State::default() })))
    }

    /// How long the file `name` is, in bytes.
    pub(crate) fn length(&self, name: &str) -> usize {
        self.0.lock().unwrap().files[name].current.len()
    }

    /// Flips one bit of the file `name`, counted from its end.
    pub(crate) fn flip_from_end(&self, name: &str, bytes: usize) {
        let mut state = self.0.lock().unwrap();
        let content = state.files.get_mut(name).unwrap();
        let at = content.current.len() - bytes;
        content.current[at] ^= 1;
    }
}

impl Folder for Faulty {
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>> {
        self.0.lock().unwrap().files.entry(name.to_owned()).or_default();
        Ok(Arc::new(FaultyFile { folder: self.clone(), name: name.to_owned() }))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().unwrap().files.keys().cloned().collect())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.lock().unwrap().files.remove(name);
        Ok(())
    }
}

#[derive(Debug)]
struct FaultyFile {
    folder: Faulty,
    name: String,
}

impl FaultyFile {
    fn with<T>(&self, look: impl FnOnce(&mut Content) -> T) -> io::Result<T> {
        let mut state = self.folder.0.lock().unwrap();
        Ok(look(state.files.get_mut(&self.name).ok_or(io::ErrorKind::NotFound)?))
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.folder.0.lock().unwrap();
        use_power(&mut state)?;
        let others: usize =
            state.files.iter().filter(|(name, _)| **name != self.name).map(|it| it.1.current.len()).sum();
        let room = state.room;
        let content = state.files.get_mut(&self.name).ok_or(io::ErrorKind::NotFound)?;
        let wanted = match &change {
            Change::Write(offset, bytes) => content.current.len().max(offset + bytes.len()),
            Change::SetLen(len) => *len,
        };
        if room.is_some_and(|room| wanted > content.current.len() && others + wanted > room) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        change.apply(&mut content.current);
        content.unsynced.push(change);
        Ok(())
    }
}

fn use_power(state: &mut State) -> io::Result<()> {
    match &mut state.power {
        Some(0) => Err(io::Error::other("the power is gone")),
        Some(left) => {
            *left -= 1;
            Ok(())
        }
        None => Ok(()),
    }
}

impl File for FaultyFile {
    fn size(&self) -> io::Result<u64> {
        self.with(|content| content.current.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        self.with(|content| {
            let from = (offset as usize).min(content.current.len());
            let count = out.len().min(content.current.len() - from);
            out[..count].copy_from_slice(&content.current[from..from + count]);
            count
        })
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.change(Change::Write(offset as usize, bytes.to_vec()))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::SetLen(len as usize))
    }

    fn sync(&self) -> io::Result<()> {
        use_power(&mut self.folder.0.lock().unwrap())?;
        self.with(|content| {
            content.synced.clone_from(&content.current);
            content.unsynced.clear();
        })
    }
}
