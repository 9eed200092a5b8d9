//! Commits of many callers as one: the first to come takes along whoever came meanwhile.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::store::{Batch, Store, StoreError};

/// The door to a store's commits.
#[derive(Debug)]
pub(crate) struct Committer {
    store: Arc<dyn Store>,
    queue: Mutex<Queue>,
    finished: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Batch,
    /// Tickets of those whose changes are in `waiting`.
    tickets: Vec<u64>,
    next_ticket: u64,
    is_committing: bool,
    outcomes: HashMap<u64, Result<(), StoreError>>,
}

impl Committer {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, queue: Mutex::default(), finished: Condvar::new() }
    }

    /// Makes `batch` last, perhaps together with others, and returns when it does.
    pub(crate) fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let mut queue = self.lock();
        let ticket = queue.next_ticket;
        queue.next_ticket += 1;
        queue.waiting.append(batch);
        queue.tickets.push(ticket);
        loop {
            if let Some(outcome) = queue.outcomes.remove(&ticket) {
                return outcome;
            }
            queue = if queue.is_committing {
                self.finished.wait(queue).unwrap_or_else(PoisonError::into_inner)
            } else {
                self.commit_all(queue)
            };
        }
    }

    fn commit_all<'a>(&'a self, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        queue.is_committing = true;
        let (batch, tickets) = (std::mem::take(&mut queue.waiting), std::mem::take(&mut queue.tickets));
        drop(queue);
        let outcome = self.store.commit(&batch);
        let mut queue = self.lock();
        queue.is_committing = false;
        queue.outcomes.extend(tickets.into_iter().map(|ticket| (ticket, outcome.clone())));
        self.finished.notify_all();
        queue
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // No caller's code runs under this lock, and the queue is whole between any two lines.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
