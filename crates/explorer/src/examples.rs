//! What to offer somebody who has chosen nothing yet.

use btrdb_core::TimeRange;

use crate::{Catalog, StreamId};

/// Of how many streams it is asked when they begin and end.
const ASKED: usize = 12;
/// How many streams of a collection are shown together.
const TOGETHER: usize = 6;
/// How much of the newest recording is shown: an hour, in nanoseconds.
const LATELY: i64 = 3_600_000_000_000;

/// Why something is worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Appeal {
    /// Streams of one collection.
    Collection,
    /// It goes on for the longest of those that were asked.
    Long,
    /// It ends the latest of those that were asked.
    New,
}

/// A view worth a look.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Example {
    /// Why.
    pub appeal: Appeal,
    /// What to show, in order.
    pub streams: Vec<StreamId>,
    /// When, or all there is.
    pub range: Option<TimeRange>,
    /// The path of the collection or of the stream.
    pub path: String,
}

/// The streams to ask when they begin and end: a few from all over the list.
pub fn candidates(catalog: &Catalog) -> Vec<StreamId> {
    let entries = catalog.entries();
    let count = entries.len().min(ASKED);
    (0..count).map(|at| entries[at * entries.len() / count].id).collect()
}

/// The collection with the most streams of those that can be shown together, and of the streams whose `lives` are known the
/// longest and the newest.
pub fn examples(catalog: &Catalog, lives: &[(StreamId, TimeRange)]) -> Vec<Example> {
    let several = catalog.group(TOGETHER).map(|(path, streams)| Example {
        appeal: Appeal::Collection,
        streams: streams.iter().map(|entry| entry.id).collect(),
        range: None,
        path,
    });
    let one = |appeal: Appeal, id: StreamId, range: Option<TimeRange>| {
        let entry = catalog.find(id)?;
        Some(Example { appeal, streams: vec![id], range, path: format!("{}/{}", entry.collection, entry.name) })
    };
    let long = lives.iter().max_by_key(|(_, life)| life.width());
    let long = long.and_then(|&(id, _)| one(Appeal::Long, id, None));
    let new = lives.iter().max_by_key(|(_, life)| life.end);
    let new = new.and_then(|&(id, life)| {
        let start = life.end.saturating_sub(LATELY).max(life.start);
        one(Appeal::New, id, Some(TimeRange { start, end: life.end }))
    });
    several.into_iter().chain(long).chain(new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CatalogEntry;

    fn catalog(sizes: &[(&str, u128)]) -> Catalog {
        let entry = |collection: &str, id: u128| CatalogEntry {
            id: StreamId(id),
            collection: collection.to_owned(),
            name: format!("s{id:05}"),
            unit: String::new(),
            detail: String::new(),
        };
        let all = sizes.iter().flat_map(|&(collection, count)| (0..count).map(move |_| collection));
        Catalog::new(all.zip(1..).map(|(collection, id)| entry(collection, id)).collect())
    }

    #[test]
    fn a_collection_that_fits_the_screen_the_longest_and_the_newest() {
        let catalog = catalog(&[("a", 2), ("b", 4), ("c", 900)]);
        let hour = |from: i64, to: i64| TimeRange::new(from * LATELY, to * LATELY);
        let lives = [(StreamId(1), hour(0, 8)), (StreamId(2), hour(8, 9)), (StreamId(3), hour(1, 2))];
        let found = examples(&catalog, &lives);
        let ids = |of: &[u128]| of.iter().copied().map(StreamId).collect::<Vec<_>>();
        assert_eq!(found[0].streams, ids(&[3, 4, 5, 6]));
        assert_eq!((found[1].appeal, &found[1].streams, found[1].range), (Appeal::Long, &ids(&[1]), None));
        assert_eq!((found[2].appeal, &found[2].streams), (Appeal::New, &ids(&[2])));
        assert_eq!(found[2].range, Some(hour(8, 9)));
        assert_eq!((found[0].path.as_str(), found[1].path.as_str()), ("b", "a/s00001"));
    }

    #[test]
    fn a_few_are_asked_however_many_there_are() {
        assert_eq!(candidates(&catalog(&[("a", 3)])).len(), 3);
        let asked = candidates(&catalog(&[("a", 10_000)]));
        assert_eq!((asked.len(), asked[0], asked[11]), (ASKED, StreamId(1), StreamId(9_167)));
        assert_eq!(candidates(&Catalog::default()), []);
        assert_eq!(examples(&Catalog::default(), &[]), []);
        let large = examples(&catalog(&[("a", 1), ("b", 900)]), &[]);
        assert_eq!(large[0].streams.len(), TOGETHER, "where none fits, a part of one");
        assert_eq!(examples(&catalog(&[("a", 1)]), &[]), [], "one stream is no collection");
        let levels = examples(&catalog(&[("x/a", 1), ("x/b", 1), ("x", 1), ("y/z", 3), ("y", 5)]), &[]);
        let ids: Vec<_> = levels[0].streams.iter().map(|id| id.0).collect();
        assert_eq!((levels[0].path.as_str(), ids), ("y/z", vec![4, 5, 6]), "levels count with all below");
    }
}
