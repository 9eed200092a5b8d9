//! Answers that come in several messages, made one by one as they are asked for.

use std::fmt;

use crate::Result;

/// The messages of an answer. Nothing is computed before it is pulled; an error is the last item.
///
/// As an iterator it computes until the next message is whole, however long that takes. Who has others to serve asks
/// [`turn`](Self::turn) by turn.
pub struct Batches<M> {
    turns: Box<dyn Iterator<Item = Made<M>> + Send>,
    messages_a_turn: usize,
}

/// What a turn of work made.
pub(crate) enum Made<M> {
    /// No message yet.
    Nothing,
    /// A message.
    Message(Result<M>),
    /// The last message.
    Last(Result<M>),
}

/// What a few milliseconds of work came to.
#[derive(Debug)]
pub struct Worked<M> {
    /// The messages that are ready, often none or one.
    pub messages: Vec<Result<M>>,
    /// Whether that was all.
    pub is_last: bool,
}

impl<M> fmt::Debug for Batches<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Batches")
    }
}

impl<M> Iterator for Batches<M> {
    type Item = Result<M>;

    fn next(&mut self) -> Option<Self::Item> {
        self.turns.find_map(|made| match made {
            Made::Nothing => None,
            Made::Message(message) | Made::Last(message) => Some(message),
        })
    }
}

impl<M> Batches<M> {
    /// Works for a few milliseconds or until a message is whole, whichever is less.
    pub fn turn(&mut self) -> Worked<M> {
        let mut messages = Vec::new();
        while messages.len() < self.messages_a_turn {
            match self.turns.next() {
                None => return Worked { messages, is_last: true },
                Some(Made::Nothing) => break,
                Some(Made::Message(message)) => messages.push(message),
                Some(Made::Last(message)) => {
                    messages.push(message);
                    return Worked { messages, is_last: true };
                }
            }
        }
        Worked { messages, is_last: false }
    }
}

impl<M: Send + 'static> Batches<M> {
    pub(crate) fn new(turns: impl Iterator<Item = Made<M>> + Send + 'static) -> Self {
        Self { turns: Box::new(turns), messages_a_turn: 1 }
    }

    /// Hands out up to `most` messages at a time: for small ones.
    pub(crate) fn in_bundles(self, most: usize) -> Self {
        Self { messages_a_turn: most.max(1), ..self }
    }

    /// The messages that `message` makes of `items`, some of which it takes each time; one for none.
    pub(crate) fn of_chunks<T: Send + 'static>(
        items: Vec<T>,
        message: impl Fn(&mut std::iter::Peekable<std::vec::IntoIter<T>>) -> M + Send + 'static,
    ) -> Self {
        let mut items = items.into_iter().peekable();
        let mut is_first = true;
        Self::new(std::iter::from_fn(move || {
            let is_due = is_first || items.peek().is_some();
            is_first = false;
            is_due.then(|| {
                let message = Ok(message(&mut items));
                if items.peek().is_some() { Made::Message(message) } else { Made::Last(message) }
            })
        }))
    }
}
