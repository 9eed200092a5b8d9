//! The search in a catalog while somebody types: each further letter looks only among what was found before.

use std::sync::Arc;

use super::Catalog;

/// How many queries are remembered, for those who take letters back.
const STEPS: usize = 16;

/// A query as it is being typed.
#[derive(Debug, Default)]
pub struct Search {
    catalog: Arc<Catalog>,
    /// The queries on the way to the present one, each narrower than that before, and what they found.
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    words: Vec<String>,
    found: Vec<u32>,
}

impl Search {
    /// The places in `catalog` of the streams that contain every word of `query`, in any order and case; they ascend.
    pub fn find(&mut self, catalog: &Arc<Catalog>, query: &str) -> &[u32] {
        if !Arc::ptr_eq(&self.catalog, catalog) || self.steps.is_empty() {
            let found = (0..catalog.entries.len() as u32).collect();
            *self = Self { catalog: Arc::clone(catalog), steps: vec![Step { words: Vec::new(), found }] };
        }
        let words: Vec<_> = query.to_lowercase().split_whitespace().map(str::to_owned).collect();
        // The first has no words and stays.
        let wider = self.steps.iter().rposition(|step| step.is_wider_than(&words)).unwrap_or(0);
        self.steps.truncate((wider + 1).min(STEPS));
        let step = &self.steps[self.steps.len() - 1];
        if step.words != words {
            let fits = |&place: &u32| words.iter().all(|word| catalog.text_of(place as usize).contains(word.as_str()));
            let found = step.found.iter().copied().filter(fits).collect();
            self.steps.push(Step { words, found });
        }
        &self.steps[self.steps.len() - 1].found
    }
}

impl Step {
    /// Whether it finds all that `words` find.
    fn is_wider_than(&self, words: &[String]) -> bool {
        self.words.iter().all(|own| words.iter().any(|word| word.contains(own.as_str())))
    }
}
