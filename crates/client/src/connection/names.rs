//! What names, units and annotations there are, without going through the streams.

use std::collections::BTreeMap;

use btrdb_proto::{KeyCount, MetadataUsageParams, MetadataUsageResponse};

use super::Connection;
use super::query::no_object;
use crate::call::Call;
use crate::error::Result;
use crate::transport::Transport;

/// How many streams have which tags and annotations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataUsage {
    /// By tag. Servers list every tag that there can be, and may not count them.
    pub tags: BTreeMap<String, u64>,
    /// By annotation key.
    pub annotations: BTreeMap<String, u64>,
}

impl<T: Transport> Connection<T> {
    /// The names of the streams whose collection begins with `prefix`, each once.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn list_unique_names(&self, prefix: &str) -> Result<Vec<String>> {
        self.list_unique("name", "name", prefix).await
    }

    /// The units of the streams whose collection begins with `prefix`, each once.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn list_unique_units(&self, prefix: &str) -> Result<Vec<String>> {
        self.list_unique("unit", "unit", prefix).await
    }

    /// The annotation keys of the streams whose collection begins with `prefix`, each once.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn list_unique_annotations(&self, prefix: &str) -> Result<Vec<String>> {
        self.list_unique("skeys(annotations)", "annotations", prefix).await
    }

    /// How many of the streams whose collection begins with `prefix` have which tags and annotations.
    ///
    /// # Errors
    /// Whatever keeps the server from answering.
    pub async fn collection_metadata(&self, prefix: &str) -> Result<MetadataUsage> {
        let params = MetadataUsageParams { prefix: prefix.to_owned(), role: None };
        let reply = self.unary::<MetadataUsageResponse>(Call::new("GetMetadataUsage"), params).await?;
        let counts = |counts: Vec<KeyCount>| counts.into_iter().map(|KeyCount { key, count }| (key, count)).collect();
        Ok(MetadataUsage { tags: counts(reply.tags), annotations: counts(reply.annotations) })
    }

    async fn list_unique(&self, expression: &str, name: &str, prefix: &str) -> Result<Vec<String>> {
        let select = format!("select distinct({expression}) as {name} from streams");
        let rows = if prefix.is_empty() {
            self.query_json(&select, &[]).await?
        } else {
            let pattern = format!("{}%", escaped(prefix));
            self.query_json(&format!("{select} where collection like $1"), &[pattern]).await?
        };
        // Nothing but texts is taken of them, so that nothing reads other values in a module that needs none.
        let text = |row: &String| match serde_json::from_str::<BTreeMap<String, Option<String>>>(row) {
            Ok(mut row) => Ok(row.remove(name).flatten()),
            Err(why) if why.is_data() => Ok(None),
            Err(why) => Err(no_object(&why)),
        };
        rows.iter().filter_map(|row| text(row).transpose()).collect()
    }
}

/// `text` as a pattern that matches it alone: `_` is common in collections, and stands for any character otherwise.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn prefixes_match_themselves_alone() {
        assert_eq!(escaped("sunshine/PMU1"), "sunshine/PMU1");
        assert_eq!(escaped(r"a_b\c%"), r"a\_b\\c\%");
    }
}
