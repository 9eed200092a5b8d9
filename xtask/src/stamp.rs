//! Remembering what something was made from, so that it is not made again.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

/// Calls `make` unless the last time it succeeded, as noted in the file `stamp`, its inputs were the same.
///
/// # Errors
/// When an input cannot be read, or `make` fails: then it is made again the next time.
pub(crate) fn unless_fresh(stamp: &Path, fingerprint: &str, make: impl FnOnce() -> Result<()>) -> Result<bool> {
    if fs::read_to_string(stamp).is_ok_and(|noted| noted == fingerprint) {
        return Ok(false);
    }
    fs::remove_file(stamp).or_else(ignore_absent)?;
    make()?;
    if let Some(dir) = stamp.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(stamp, fingerprint).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(true)
}

/// Name, size and time of change of each file: changes whenever one of them does, and takes no time to find out.
pub(crate) fn of_files(files: &[PathBuf]) -> Result<String> {
    let mut lines = String::new();
    for file in files {
        let about = fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
        let changed = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        writeln!(lines, "{} {} {}", file.display(), about.len(), changed.as_nanos())?;
    }
    Ok(lines)
}

fn ignore_absent(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_once_per_fingerprint_and_again_after_a_failure() -> Result<()> {
        let dir = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        let stamp = dir.join("stamp");
        assert!(unless_fresh(&stamp, "a", || Ok(()))?);
        assert!(!unless_fresh(&stamp, "a", || panic!("made again"))?);
        assert!(unless_fresh(&stamp, "b", || anyhow::bail!("no")).is_err());
        assert!(unless_fresh(&stamp, "a", || Ok(()))?, "the failure left no stamp");
        Ok(fs::remove_dir_all(dir)?)
    }
}
