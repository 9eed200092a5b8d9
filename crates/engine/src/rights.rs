//! What a caller may do.

use crate::{Code, Error, Result};

/// The rights of a key. By default, all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Nothing may be changed.
    pub read_only: bool,
    /// Only streams whose collection starts with this exist.
    pub prefix: Option<String>,
}

impl Rights {
    /// Whether `collection` is among those that the caller may see.
    pub(crate) fn covers(&self, collection: &str) -> bool {
        self.prefix.as_ref().is_none_or(|prefix| collection.starts_with(prefix.as_str()))
    }

    pub(crate) fn check_collection(&self, collection: &str) -> Result<()> {
        match &self.prefix {
            Some(prefix) if !self.covers(collection) => {
                let message = format!("this key is for collections that start with {prefix:?}; ask for another key");
                Err(Error::new(Code::Unauthorized, message))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn check_write(&self, collection: &str) -> Result<()> {
        if self.read_only {
            return Err(Error::new(Code::Unauthorized, "this key may only read; ask for another key"));
        }
        self.check_collection(collection)
    }
}
