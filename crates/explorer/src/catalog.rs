//! The streams of a server as a tree of collections, and the search in it.

mod search;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use crate::StreamId;
pub use search::Search;
use tree::Tree;

/// What is known of a stream without reading its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogEntry {
    /// The stream.
    pub id: StreamId,
    /// Its collection, a path with slashes.
    pub collection: String,
    /// Its name.
    pub name: String,
    /// Its unit, possibly empty.
    pub unit: String,
    /// Anything else that may be searched, such as tags and annotations.
    pub detail: String,
}

/// A line of the tree as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How deep it is nested, from 0.
    pub depth: usize,
    /// What it is.
    pub kind: RowKind,
}

/// A collection or a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A collection or a level above collections.
    Collection {
        /// The path from the root.
        path: String,
        /// The last part of the path, or several where there is nothing else between.
        label: String,
        /// How many of the streams below match.
        streams: usize,
        /// Whether its contents follow.
        open: bool,
    },
    /// A stream, by its place in [`Catalog::entries`].
    Stream(usize),
}

/// All streams, in the order of the tree: what is nested deeper comes before the streams of a level, and those by name.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    entries: Vec<CatalogEntry>,
    /// What is searched of each, in lower case, one after another.
    text: String,
    /// Where in that the text of each ends.
    ends: Vec<usize>,
    tree: Tree,
}

impl Catalog {
    /// A catalog of `entries`.
    pub fn new(mut entries: Vec<CatalogEntry>) -> Self {
        // Paths are taken apart once for each collection, not at every comparison of two streams.
        let collections: BTreeSet<_> = entries.iter().map(|entry| entry.collection.clone()).collect();
        let (tree, order) = Tree::of(collections.iter().map(String::as_str));
        let places: BTreeMap<_, _> = collections.iter().map(String::as_str).zip(order).collect();
        let place = |entry: &CatalogEntry| places.get(entry.collection.as_str()).copied().unwrap_or_default();
        let mut keyed: Vec<_> = entries.drain(..).map(|entry| (place(&entry), entry)).collect();
        keyed.sort_by(|(a, one), (b, other)| (a, &one.name, one.id).cmp(&(b, &other.name, other.id)));
        let homes = keyed.iter().map(|(place, _)| place.branch).collect();
        let entries: Vec<_> = keyed.into_iter().map(|(_, entry)| entry).collect();
        let (mut text, mut ends) = (String::new(), Vec::with_capacity(entries.len()));
        for CatalogEntry { id, collection, name, unit, detail } in &entries {
            text.push_str(&format!("{collection}/{name} {unit} {detail} {id}").to_lowercase());
            ends.push(text.len());
        }
        Self { entries, text, ends, tree: tree.with_homes(homes) }
    }

    /// The streams, in the order of the tree.
    pub fn entries(&self) -> &[CatalogEntry] {
        &self.entries
    }

    /// The stream `id`, if it is listed.
    pub fn find(&self, id: StreamId) -> Option<&CatalogEntry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// The stream of that name in that collection, if it is listed, both in one: `collection/name`.
    pub fn find_path(&self, path: &str) -> Option<&CatalogEntry> {
        let is_it = |entry: &&CatalogEntry| {
            let rest = path.strip_prefix(entry.collection.as_str()).and_then(|rest| rest.strip_prefix('/'));
            rest == Some(entry.name.as_str())
        };
        self.entries.iter().find(is_it)
    }

    /// A collection, or a level above collections, whose streams can be shown together: the one with the most of those that
    /// have at most `most`, else the smallest. Its path and its first streams, of which there are at least two.
    pub fn group(&self, most: usize) -> Option<(String, &[CatalogEntry])> {
        let (path, first, count) = self.tree.group(most)?;
        Some((path, &self.entries[first..first + count.min(most)]))
    }

    /// What is searched of the stream at `place`.
    fn text_of(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[place]]
    }

    /// The lines of the tree, cut to the streams at the places `found`, which ascend. Collections in `toggled` are shut
    /// where they would be open by default, and open where they would be shut.
    pub fn rows(&self, found: &[u32], toggled: &BTreeSet<String>, open_by_default: bool) -> Vec<Row> {
        self.tree.rows(found, &|path| toggled.contains(path) != open_by_default)
    }
}

#[cfg(test)]
mod tests;
