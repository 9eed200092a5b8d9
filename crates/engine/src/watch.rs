//! Telling whoever watches a stream of the points that arrive.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use btrdb_core::{Point, RawColumns};
use bytes::Bytes;
use uuid::Uuid;

use crate::{Engine, Result, arrow};

/// Called with every batch of points that a stream took in, in order of arrival, as one Arrow IPC stream. It runs while the
/// insert waits, so it must not.
type Tell = dyn Fn(Uuid, Bytes) + Send + Sync;

/// Everybody who watches.
#[derive(Default)]
pub(crate) struct Watchers {
    by_stream: Mutex<HashMap<Uuid, Vec<Weak<Tell>>>>,
}

/// A watch over one stream, which ends when this is dropped.
pub struct Watch {
    _tell: Arc<Tell>,
}

impl Engine {
    /// Calls `tell` with every insert into the stream `uuid` from now on: the points as they were sent, before any merge
    /// policy, once they are on disk.
    ///
    /// # Errors
    /// 404 for an unknown stream, 437 for one that this caller may not see.
    pub fn watch(&self, uuid: Uuid, tell: impl Fn(Uuid, Bytes) + Send + Sync + 'static) -> Result<Watch> {
        self.stream(uuid)?;
        let tell: Arc<Tell> = Arc::new(tell);
        self.watchers().lock().entry(uuid).or_default().push(Arc::downgrade(&tell));
        Ok(Watch { _tell: tell })
    }
}

impl Watchers {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Vec<Weak<Tell>>>> {
        // The map is whole between any two lines.
        self.by_stream.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anybody watches the stream, so that its points are worth keeping until they are on disk.
    pub(crate) fn is_watched(&self, uuid: Uuid) -> bool {
        let mut by_stream = self.lock();
        let Some(watchers) = by_stream.get_mut(&uuid) else { return false };
        watchers.retain(|tell| tell.strong_count() > 0);
        let is_watched = !watchers.is_empty();
        if !is_watched {
            by_stream.remove(&uuid);
        }
        is_watched
    }

    /// Tells everybody who watches the stream.
    pub(crate) fn tell(&self, uuid: Uuid, points: &[Point]) -> Result<()> {
        let tells: Vec<Arc<Tell>> = self.lock().get(&uuid).into_iter().flatten().filter_map(Weak::upgrade).collect();
        let bytes = arrow::encode_points(points.iter().copied().collect::<RawColumns>(), None)?;
        for tell in tells {
            tell(uuid, bytes.clone());
        }
        Ok(())
    }
}

impl fmt::Debug for Watchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().keys()).finish()
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
