//! Which files of a folder are whole, and what of: a list beside them, with a line for each.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::import::STREAM_NAMESPACE;

/// The name of the list.
const NAME: &str = ".btrdb-export";

/// The list of a folder.
pub(super) struct Ledger {
    folder: PathBuf,
    lines: HashMap<String, String>,
    file: File,
}

impl Ledger {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(NAME);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            text => text?,
        };
        // A line that was cut by a crash has no tab, or a mark that fits nothing.
        let lines = text.lines().filter_map(|line| line.split_once('\t'));
        let lines = lines.map(|(mark, file)| (file.to_owned(), mark.to_owned())).collect();
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        Ok(Self { folder: folder.to_owned(), lines, file })
    }

    /// Whether `file` is there and is what `contents` say.
    pub(super) fn is_whole(&self, file: &str, contents: &str) -> bool {
        self.lines.get(file).is_some_and(|mark| *mark == mark_of(contents)) && self.folder.join(file).exists()
    }

    /// Notes that `file` is whole.
    pub(super) fn note(&mut self, file: &str, contents: &str) -> io::Result<()> {
        let mark = mark_of(contents);
        self.file.write_all(format!("{mark}\t{file}\n").as_bytes())?;
        self.lines.insert(file.to_owned(), mark);
        Ok(())
    }
}

/// A short name for all that decides what is in a file.
fn mark_of(contents: &str) -> String {
    Uuid::new_v5(&STREAM_NAMESPACE, contents.as_bytes()).simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_whole_files_again_even_after_a_cut_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.csv"), "time,a\n").unwrap();
        Ledger::open(folder.path()).unwrap().note("a.csv", "version 11").unwrap();
        fs::write(folder.path().join("b.csv"), "time,b\n").unwrap();
        let list = folder.path().join(NAME);
        let text = fs::read_to_string(&list).unwrap();
        fs::write(&list, format!("{text}0123")).unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        assert!(ledger.is_whole("a.csv", "version 11") && !ledger.is_whole("a.csv", "version 12"));
        assert!(!ledger.is_whole("b.csv", "version 11"));
        ledger.note("b.csv", "version 11").unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        assert!(ledger.is_whole("a.csv", "version 11") && ledger.is_whole("b.csv", "version 11"));
        fs::remove_file(folder.path().join("a.csv")).unwrap();
        assert!(!ledger.is_whole("a.csv", "version 11"));
    }
}
