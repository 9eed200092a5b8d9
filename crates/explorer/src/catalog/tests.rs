use std::sync::Arc;

use proptest::prelude::*;

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

fn catalog() -> Arc<Catalog> {
    Arc::new(Catalog::new(vec![
        entry(1, "grid/north/bus1", "voltage", "V"),
        entry(2, "grid/north/bus1", "frequency", "Hz"),
        entry(3, "grid/south", "voltage", "V"),
        entry(4, "quake/station/UV05", "HHZ", "counts"),
    ]))
}

fn search(catalog: &Arc<Catalog>, query: &str) -> Vec<u32> {
    Search::default().find(catalog, query).to_vec()
}

fn shown(catalog: &Arc<Catalog>, query: &str, toggled: &[&str], open: bool) -> Vec<String> {
    let toggled = toggled.iter().map(|&path| path.to_owned()).collect();
    let line = |row: &Row| match &row.kind {
        RowKind::Collection { label, streams, .. } => format!("{}{label} {streams}", "  ".repeat(row.depth)),
        RowKind::Stream(at) => format!("{}- {}", "  ".repeat(row.depth), catalog.entries()[*at].name),
    };
    catalog.rows(&search(catalog, query), &toggled, open).iter().map(line).collect()
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
    assert_eq!(shown(&catalog(), "VOLT south", &[], true), ["grid/south 1", "  - voltage"]);
    assert_eq!(search(&catalog(), "hz"), [0, 3], "unit and name");
    assert_eq!(search(&catalog(), "north").len(), 4, "tags too");
    assert!(search(&catalog(), "nowhere").is_empty());
}

#[test]
fn deeper_levels_come_before_the_streams_of_a_level() {
    let catalog = Arc::new(Catalog::new(vec![
        entry(1, "a", "own", ""),
        entry(2, "a/b", "deep", ""),
        entry(3, "a-b", "other", ""),
        entry(4, "", "bare", ""),
        entry(5, "/a//b/", "again", ""),
    ]));
    let rows = ["a 3", "  b 2", "    - again", "    - deep", "  - own", "a-b 1", "  - other", "- bare"];
    assert_eq!(shown(&catalog, "", &[], true), rows);
    assert_eq!(catalog.find_path("a/b/deep").map(|entry| entry.id), Some(StreamId(2)));
    assert_eq!(catalog.find_path("a/deep"), None);
}

/// As it would be done without remembering anything.
fn plain(catalog: &Catalog, query: &str) -> Vec<u32> {
    let query = query.to_lowercase();
    let has = |at: &u32| query.split_whitespace().all(|word| catalog.text_of(*at as usize).contains(word));
    (0..catalog.entries().len() as u32).filter(has).collect()
}

proptest! {
    /// Whatever is typed, taken back or pasted, what is found does not hang on the way there.
    #[test]
    fn what_is_found_is_what_matches(
        paths in prop::collection::vec("[ab]{1,2}(/[ab-]{1,2}){0,3}", 1..40),
        queries in prop::collection::vec("[ab1/ -]{0,6}", 1..40),
    ) {
        let entries = paths.iter().zip(0..).map(|(path, id)| entry(id, path, "ab", "a"));
        let catalog = Arc::new(Catalog::new(entries.collect()));
        let mut search = Search::default();
        for query in queries.iter().flat_map(|query| (0..=query.len()).chain((0..query.len()).rev()).map(|end| &query[..end])) {
            let found = search.find(&catalog, query);
            prop_assert_eq!(found, plain(&catalog, query));
            let rows = catalog.rows(found, &BTreeSet::new(), true);
            let streams: Vec<_> = rows.iter().filter_map(|row| match row.kind {
                RowKind::Stream(at) => Some(at as u32),
                RowKind::Collection { .. } => None,
            }).collect();
            prop_assert_eq!(streams, found, "each once, in order");
            let tops = rows.iter().filter(|row| row.depth == 0);
            let below: usize = tops.map(|row| match row.kind {
                RowKind::Collection { streams, .. } => streams,
                RowKind::Stream(_) => 1,
            }).sum();
            prop_assert_eq!(below, found.len());
        }
    }
}
