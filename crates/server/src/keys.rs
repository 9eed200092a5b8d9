//! API keys: who may call, and what they may do.

use std::{collections::HashMap, fs, io, path::Path};

use btrdb_engine::Rights;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// A key file that cannot be used. No key appears in it.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read the key file {file}")]
    Read {
        /// The file as given.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A line is not a key.
    #[error("line {line} of the key file {file}: {reason}")]
    Line {
        /// The file as given.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No key at all, which would lock everybody out.
    #[error("the key file {0} has no key: leave --api-keys out to let everybody in")]
    Empty(String),
}

/// The keys of a server. Only their SHA-256 sums are kept: what a caller sends is summed up before it is compared, so the time
/// that takes says nothing of any key.
#[derive(Clone, Debug, Default)]
pub struct Keys(HashMap<[u8; 32], Rights>);

impl Keys {
    /// Reads a key file: a key a line, plain or as `sha256:HEX`, then `read` and `prefix=COLLECTION` if wished. Empty
    /// lines and lines that start with `#` are left out.
    ///
    /// # Errors
    /// When the file cannot be read, has no key, or a line is not one.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| KeyError::Read { file: file.clone(), source })?;
        let mut keys = HashMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (sum, rights) =
                key_of(line).map_err(|reason| KeyError::Line { file: file.clone(), line: number, reason })?;
            keys.insert(sum, rights);
        }
        if keys.is_empty() { Err(KeyError::Empty(file)) } else { Ok(Self(keys)) }
    }

    /// What the sender of an `authorization` header may do; `None` for who is not known.
    pub fn rights_of(&self, authorization: Option<&str>) -> Option<&Rights> {
        let (scheme, key) = authorization?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        self.0.get(&sum(key.trim()))
    }
}

/// The line of a key file that stands for `key` without naming it.
pub fn hash(key: &str) -> String {
    sum(key).iter().fold("sha256:".to_owned(), |line, byte| format!("{line}{byte:02x}"))
}

fn sum(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

fn key_of(line: &str) -> Result<([u8; 32], Rights), &'static str> {
    let mut words = line.split_whitespace();
    let key = words.next().unwrap_or_default();
    let sum = match key.strip_prefix("sha256:") {
        Some(hex) => from_hex(hex).ok_or("sha256: must be followed by 64 hexadecimal digits")?,
        None => sum(key),
    };
    let mut rights = Rights::default();
    for word in words {
        if word == "read" {
            rights.read_only = true;
        } else if let Some(prefix) = word.strip_prefix("prefix=") {
            rights.prefix = Some(prefix.to_owned());
        } else {
            return Err("a key may be followed by `read` and `prefix=COLLECTION` only");
        }
    }
    Ok((sum, rights))
}

fn from_hex(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Keys, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        fs::write(&path, text).unwrap();
        Keys::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn keys_open_with_their_rights() {
        let text = format!("# people\n\nplain\n{} read prefix=north/\n", hash("secret"));
        let keys = read(&text).unwrap();
        assert_eq!(keys.rights_of(Some("Bearer plain")), Some(&Rights::default()));
        let north = Rights { read_only: true, prefix: Some("north/".into()) };
        assert_eq!(keys.rights_of(Some("bearer secret")), Some(&north));
        for wrong in ["Bearer other", "Basic plain", "plain", "Bearer", "Bearer ", ""] {
            assert_eq!(keys.rights_of(Some(wrong)), None, "{wrong}");
        }
        assert_eq!(keys.rights_of(None), None);
    }

    #[test]
    fn bad_files_are_refused_without_naming_a_key() {
        for text in ["", "# nothing\n", "a\nsecret write\n", "sha256:secret\n", "sha256:+1\n"] {
            let error = read(text).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(read("a\nb write\n").unwrap_err().contains("line 2"));
    }
}
