//! Answers that come in several messages, made one by one as they are asked for.

use std::fmt;

use crate::Result;

/// The messages of an answer. Nothing is computed before it is pulled; an error is the last item.
pub struct Batches<M>(Box<dyn Iterator<Item = Result<M>> + Send>);

impl<M> fmt::Debug for Batches<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Batches")
    }
}

impl<M> Iterator for Batches<M> {
    type Item = Result<M>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl<M: Send + 'static> Batches<M> {
    pub(crate) fn new(messages: impl Iterator<Item = Result<M>> + Send + 'static) -> Self {
        Self(Box::new(messages))
    }

    /// One message for every `most` of `items`, and one for none.
    pub(crate) fn of_chunks<T: Send + 'static>(
        items: Vec<T>,
        most: usize,
        message: impl Fn(Vec<T>) -> M + Send + 'static,
    ) -> Self {
        let mut items = items.into_iter();
        let mut is_first = true;
        Self::new(std::iter::from_fn(move || {
            let chunk: Vec<T> = items.by_ref().take(most).collect();
            let is_due = is_first || !chunk.is_empty();
            is_first = false;
            is_due.then(|| Ok(message(chunk)))
        }))
    }
}
