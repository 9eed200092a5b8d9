//! Who works when, so that nobody waits long for anybody.

use std::{sync::Arc, thread::available_parallelism};

use tokio::{sync::Semaphore, task::spawn_blocking};
use tonic::Status;

/// What a piece of work is, which decides what it waits for: only others of its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// The first turn of a read: most reads need no more. It never waits for those that do.
    Look,
    /// A later turn of a long read. They take turns in the order in which they come.
    GoOn,
    /// A statement of SQL, whose first turn may take seconds.
    Statement,
    /// A change of points. Many at once, because they wait for the disk together.
    Write,
    /// A change of names. One at a time: it keeps everybody else from the list of streams until it is on disk.
    Name,
}

/// The lanes of one server.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    look: Arc<Semaphore>,
    go_on: Arc<Semaphore>,
    statement: Arc<Semaphore>,
    write: Arc<Semaphore>,
    name: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        let cores = available_parallelism().map_or(2, usize::from).max(2);
        let lane = |places| Arc::new(Semaphore::new(places));
        Self { look: lane(4 * cores), go_on: lane(cores), statement: lane(4), write: lane(64), name: lane(1) }
    }
}

impl Turns {
    /// Runs `work` where it may wait for the disk, once it is its turn. A caller who is gone by then is forgotten; work
    /// that has begun goes to its end.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Status> {
        let places = match lane {
            Lane::Look => &self.look,
            Lane::GoOn => &self.go_on,
            Lane::Statement => &self.statement,
            Lane::Write => &self.write,
            Lane::Name => &self.name,
        };
        let place = Arc::clone(places).acquire_owned().await.map_err(|_closed| failed())?;
        let work = spawn_blocking(move || {
            let _place = place;
            work()
        });
        work.await.map_err(|error| {
            tracing::error!(%error, "a call failed in a way that it never should");
            failed()
        })
    }
}

fn failed() -> Status {
    Status::internal("the server failed to answer this call; its log says more")
}
