//! The streams of a server as a tree of collections, and the search in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::StreamId;

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

/// All streams, sorted by collection and name.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    entries: Vec<CatalogEntry>,
    /// What is searched of each, in lower case.
    haystacks: Vec<String>,
}

impl Catalog {
    /// A catalog of `entries`.
    pub fn new(mut entries: Vec<CatalogEntry>) -> Self {
        entries.sort_by(|a, b| (&a.collection, &a.name, a.id).cmp(&(&b.collection, &b.name, b.id)));
        let text = |entry: &CatalogEntry| {
            format!("{}/{} {} {} {}", entry.collection, entry.name, entry.unit, entry.detail, entry.id).to_lowercase()
        };
        let haystacks = entries.iter().map(text).collect();
        Self { entries, haystacks }
    }

    /// The streams, sorted by collection and name.
    pub fn entries(&self) -> &[CatalogEntry] {
        &self.entries
    }

    /// The stream `id`, if it is listed.
    pub fn find(&self, id: StreamId) -> Option<&CatalogEntry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// The places of the streams that contain every word of `query`, in any order and case.
    pub fn search(&self, query: &str) -> Vec<usize> {
        let query = query.to_lowercase();
        let words: Vec<_> = query.split_whitespace().collect();
        (0..self.entries.len()).filter(|&at| words.iter().all(|word| self.haystacks[at].contains(word))).collect()
    }

    /// The lines of the tree, cut to those that match `query`. Collections in `toggled` are shut instead of open while
    /// searching or when there are few streams, and open instead of shut otherwise.
    pub fn rows(&self, query: &str, toggled: &BTreeSet<String>, open_by_default: bool) -> Vec<Row> {
        let mut root = Branch::default();
        for at in self.search(query) {
            let collection = &self.entries[at].collection;
            let mut branch = &mut root;
            for part in collection.split('/').filter(|part| !part.is_empty()) {
                branch = branch.below.entry(part).or_default();
            }
            branch.streams.push(at);
        }
        let open_by_default = open_by_default || !query.trim().is_empty();
        let mut rows = Vec::new();
        root.list("", 0, &|path| toggled.contains(path) != open_by_default, &mut rows);
        rows
    }
}

/// A level of the tree.
#[derive(Default)]
struct Branch<'a> {
    below: BTreeMap<&'a str, Branch<'a>>,
    streams: Vec<usize>,
}

impl Branch<'_> {
    fn count(&self) -> usize {
        self.streams.len() + self.below.values().map(Branch::count).sum::<usize>()
    }

    fn list(&self, path: &str, depth: usize, is_open: &dyn Fn(&str) -> bool, rows: &mut Vec<Row>) {
        for (part, branch) in &self.below {
            let (mut label, mut branch) = ((*part).to_owned(), branch);
            while let Some((part, only)) = branch.below.first_key_value().filter(|_| branch.is_passage()) {
                label.push('/');
                label.push_str(part);
                branch = only;
            }
            let path = if path.is_empty() { label.clone() } else { format!("{path}/{label}") };
            let open = is_open(&path);
            let streams = branch.count();
            rows.push(Row { depth, kind: RowKind::Collection { path: path.clone(), label, streams, open } });
            if open {
                branch.list(&path, depth + 1, is_open, rows);
            }
        }
        rows.extend(self.streams.iter().map(|&at| Row { depth, kind: RowKind::Stream(at) }));
    }

    /// Whether it only leads on to one further level.
    fn is_passage(&self) -> bool {
        self.streams.is_empty() && self.below.len() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u128, collection: &str, name: &str, unit: &str) -> CatalogEntry {
        CatalogEntry {
            id: StreamId(id),
            collection: collection.to_owned(),
            name: name.to_owned(),
            unit: unit.to_owned(),
            detail: "station=North".to_owned(),
        }
    }

    fn catalog() -> Catalog {
        Catalog::new(vec![
            entry(1, "grid/north/bus1", "voltage", "V"),
            entry(2, "grid/north/bus1", "frequency", "Hz"),
            entry(3, "grid/south", "voltage", "V"),
            entry(4, "quake/station/UV05", "HHZ", "counts"),
        ])
    }

    fn shown(catalog: &Catalog, query: &str, toggled: &[&str], open: bool) -> Vec<String> {
        let toggled = toggled.iter().map(|&path| path.to_owned()).collect();
        let line = |row: &Row| match &row.kind {
            RowKind::Collection { label, streams, .. } => format!("{}{label} {streams}", "  ".repeat(row.depth)),
            RowKind::Stream(at) => format!("{}- {}", "  ".repeat(row.depth), catalog.entries()[*at].name),
        };
        catalog.rows(query, &toggled, open).iter().map(line).collect()
    }

    #[test]
    fn a_tree_without_needless_levels() {
        let all = shown(&catalog(), "", &[], true);
        assert_eq!(
            all,
            [
                "grid 3",
                "  north/bus1 2",
                "    - frequency",
                "    - voltage",
                "  south 1",
                "    - voltage",
                "quake/station/UV05 1",
                "  - HHZ",
            ]
        );
    }

    #[test]
    fn opens_and_shuts() {
        assert_eq!(shown(&catalog(), "", &[], false), ["grid 3", "quake/station/UV05 1"]);
        assert_eq!(
            shown(&catalog(), "", &["grid"], false),
            ["grid 3", "  north/bus1 2", "  south 1", "quake/station/UV05 1"]
        );
        assert_eq!(shown(&catalog(), "", &["grid"], true), ["grid 3", "quake/station/UV05 1", "  - HHZ"]);
    }

    #[test]
    fn every_word_must_match_somewhere() {
        assert_eq!(shown(&catalog(), "VOLT south", &[], false), ["grid/south 1", "  - voltage"]);
        assert_eq!(catalog().search("hz"), [0, 3], "unit and name");
        assert_eq!(catalog().search("north").len(), 4, "tags too");
        assert!(catalog().search("nowhere").is_empty());
    }
}
