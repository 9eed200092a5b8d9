//! Commits of many callers as one: the first to come takes along whoever came meanwhile.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::{
    journal::Pending,
    records,
    store::{Batch, Store, StoreError},
};

/// The door to a store's commits.
#[derive(Debug)]
pub(crate) struct Committer {
    store: Arc<dyn Store>,
    pending: Arc<Pending>,
    queue: Mutex<Queue>,
    finished: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Batch,
    /// Who waits, and for what.
    tickets: Vec<(u64, Wish)>,
    next_ticket: u64,
    is_committing: bool,
    outcomes: HashMap<u64, Result<(), StoreError>>,
    /// Why nothing can be promised any more.
    broken: Option<StoreError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// That the log lasts, as far as it goes.
    Log,
    /// And records with it.
    Records,
}

impl Committer {
    pub(crate) fn new(store: Arc<dyn Store>, pending: Arc<Pending>) -> Self {
        Self { store, pending, queue: Mutex::default(), finished: Condvar::new() }
    }

    /// Makes what the log holds last, and `batch` with it, perhaps together with others; returns when they do.
    ///
    /// # Errors
    /// When they do not. Once the log could not be synced no commit succeeds any more: what the disk holds is then known only
    /// to whoever opens it anew.
    pub(crate) fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let mut queue = self.lock();
        let ticket = queue.next_ticket;
        queue.next_ticket += 1;
        let wish = if batch.is_empty() { Wish::Log } else { Wish::Records };
        queue.waiting.append(batch);
        queue.tickets.push((ticket, wish));
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
        let log = queue.broken.clone().map_or(Ok(()), Err);
        drop(queue);
        // Before the log is synced: what is appended later may not last.
        let synced = self.store.log_end();
        let replay_from = self.pending.replay_from(&*self.store).min(synced);
        let log = log.and_then(|()| self.store.sync()).inspect(|()| self.pending.is_synced(synced));
        let records =
            log.clone().and_then(|()| self.commit_records(batch, records::encode_replay(replay_from, synced)));
        let mut queue = self.lock();
        queue.is_committing = false;
        if let Err(StoreError(error)) = &log {
            queue.broken.get_or_insert_with(|| StoreError(format!("{error}; restart the server before writing again")));
        }
        queue.outcomes.extend(
            tickets
                .into_iter()
                .map(|(ticket, wish)| (ticket, if wish == Wish::Log { log.clone() } else { records.clone() })),
        );
        self.finished.notify_all();
        queue
    }

    fn commit_records(&self, mut batch: Batch, replay: Vec<u8>) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        batch.set.push((records::REPLAY_KEY.to_vec(), replay));
        self.store.commit(&batch)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // No caller's code runs under this lock, and the queue is whole between any two lines.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
