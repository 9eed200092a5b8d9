//! Adding and removing points.

use btrdb_core::{LAST_TIME, MIN_TIME, MergePolicy, Point, TimeRange};
use btrdb_proto as proto;
use btrdb_tree::Root;
use uuid::Uuid;

use crate::{
    Code, Engine, Error, JOURNAL_REACH, JOURNALLED_INSERT, JOURNALLED_INSERTS, JOURNALLED_NODES, JOURNALLED_POINTS,
    MAX_CROWD, MAX_INSERT_POINTS, Result, arrow,
    descriptor::check_uuid,
    fresh::Fresh,
    journal::Entry,
    messages, reads,
    records::{self, Checkpoint},
    store::Batch,
    stream::{Head, Life, State, Stream},
};

impl Engine {
    /// `Insert`: adds points; when it returns they are on disk.
    ///
    /// # Errors
    /// 404 for an unknown stream, 413 for a time out of bounds, 414 for more than [`MAX_INSERT_POINTS`], 426 where more than
    /// [`MAX_CROWD`] would lie within 4 ns, 425 for a value that is not finite, 438 for an unknown merge policy, 432 when the
    /// store fails. Nothing is stored then.
    pub fn insert(&self, params: &proto::InsertParams) -> Result<proto::InsertResponse> {
        let uuid = check_uuid(&params.uuid)?;
        let policy = check_policy(params.merge_policy)?;
        let points = params.values.iter().map(|point| Point { time: point.time, value: point.value }).collect();
        self.insert_points(uuid, points, policy)
    }

    /// `ArrowInsert`: the same from an Arrow stream of a time and a value column.
    ///
    /// # Errors
    /// As [`insert`](Self::insert); 425 for nulls too, 438 for bytes that are not such a stream.
    pub fn arrow_insert(&self, params: &proto::ArrowInsertParams) -> Result<proto::InsertResponse> {
        let uuid = check_uuid(&params.uuid)?;
        let policy = check_policy(params.merge_policy)?;
        self.insert_points(uuid, arrow::decode_points(&params.arrow_bytes)?, policy)
    }

    fn insert_points(&self, uuid: Uuid, points: Vec<Point>, policy: MergePolicy) -> Result<proto::InsertResponse> {
        check_points(uuid, &points)?;
        let stream = self.writable(uuid)?;
        let told = if self.watchers().is_watched(uuid) { points.clone() } else { Vec::new() };
        let version = self.write(uuid, &stream, Change::Insert(points, policy))?;
        if !told.is_empty() {
            self.watchers().tell(uuid, &told)?;
        }
        Ok(proto::InsertResponse { version_major: version, ..Default::default() })
    }

    /// `Delete`: removes the points of a range and makes a new version, even where there are none.
    ///
    /// # Errors
    /// 404, 413 for a range that is backward, empty or out of bounds, 432 when the store fails.
    pub fn delete(&self, params: &proto::DeleteParams) -> Result<proto::DeleteResponse> {
        let uuid = check_uuid(&params.uuid)?;
        let range = TimeRange::new(params.start, params.end);
        reads::check_range(range)?;
        let stream = self.writable(uuid)?;
        let version = self.write(uuid, &stream, Change::Delete(range))?;
        Ok(proto::DeleteResponse { version_major: version, ..Default::default() })
    }

    /// `Flush`: every insert is on disk when it returns, so there is nothing left to do.
    ///
    /// # Errors
    /// 404 for an unknown stream.
    pub fn flush(&self, params: &proto::FlushParams) -> Result<proto::FlushResponse> {
        let head = self.stream(check_uuid(&params.uuid)?)?.head();
        Ok(proto::FlushResponse { version_major: head.version, ..Default::default() })
    }

    /// The live stream `uuid`, if this caller may write to it.
    pub(crate) fn writable(&self, uuid: Uuid) -> Result<std::sync::Arc<Stream>> {
        let stream = self.stream(uuid)?;
        stream.with_descriptor(|descriptor| self.rights.check_write(&descriptor.collection))?;
        Ok(stream)
    }

    /// Makes the next version of a stream; the version that is then the latest.
    fn write(&self, uuid: Uuid, stream: &Stream, change: Change) -> Result<u64> {
        let life = stream.write();
        if *life == Life::Obliterated {
            return Err(Error::no_such_stream());
        }
        let state = stream.state();
        let version = state.head.version + 1;
        let (tree, mut fresh) = (self.tree(uuid, &state.head), Fresh::default());
        let (root, entry) = match change {
            Change::Insert(points, policy) => {
                let is_small = points.len() < JOURNALLED_INSERT
                    && state.journalled_points + points.len() < JOURNALLED_POINTS
                    && state.journal.len() < JOURNALLED_INSERTS
                    && state.head.nodes_in_memory() < JOURNALLED_NODES;
                let entry = is_small.then(|| Entry::new(uuid, version, policy, points.clone()));
                let root = tree.insert(&mut fresh, points, policy, version)?;
                if fresh.largest_leaf() > MAX_CROWD {
                    let message = format!("stream {uuid} would have more than {MAX_CROWD} points within 4 ns");
                    return Err(Error::new(Code::ResourceDepleted, message));
                }
                if root == state.head.root {
                    return Ok(state.head.version);
                }
                (root, entry)
            }
            Change::Delete(range) => (tree.delete(&mut fresh, range, version)?, None),
        };
        match entry {
            Some(entry) => self.journal(stream, state, &entry, root, &fresh)?,
            None => self.checkpoint(uuid, stream, &state, version, root, &fresh)?,
        }
        drop(life);
        self.relieve();
        Ok(version)
    }

    /// Makes an insert last as an entry of the journal.
    fn journal(&self, stream: &Stream, state: State, entry: &Entry, root: Option<Root>, fresh: &Fresh) -> Result<()> {
        let position = self.pending().append(&**self.store(), entry)?;
        self.commit(Batch::default())?;
        let head = state.head.next(entry.version, root, fresh);
        self.pending().weigh(entry.uuid, head.memory());
        stream.set_state(state.journalled(head, position, entry.points.len()));
        Ok(())
    }

    /// Makes the version `version`, which is `state`'s latest one or what `fresh` makes of it, last with all its nodes.
    fn checkpoint(
        &self,
        uuid: Uuid,
        stream: &Stream,
        state: &State,
        version: u64,
        root: Option<Root>,
        fresh: &Fresh,
    ) -> Result<()> {
        let overlay = state.head.overlay.clone().unwrap_or_default();
        let (root, appended) = self.blocks().append(root, &overlay.in_order(fresh, root))?;
        let checkpoint = Checkpoint { version, root, first: state.base.version + 1, journal: state.journal.to_vec() };
        let set = vec![
            (records::root_key(uuid, version), checkpoint.encode()),
            (records::head_key(uuid), Checkpoint::new(version, root).encode()),
        ];
        self.commit(Batch { set, ..Batch::default() })?;
        self.blocks().keep(appended);
        stream.set_state(State::checkpoint(Head::logged(version, root)));
        self.pending().settle(uuid);
        Ok(())
    }

    /// Checkpoints streams whose journalled inserts have waited long or take much memory. What fails here fails again, and is
    /// reported, when the stream itself is next written to.
    fn relieve(&self) {
        while let Some(uuid) = self.pending().overdue(&**self.store(), self.pending_bytes(), JOURNAL_REACH) {
            let Some(stream) = self.catalog().get(uuid).cloned() else { return };
            let Some(life) = stream.try_write() else { return };
            if *life == Life::Obliterated {
                return;
            }
            let state = stream.state();
            let (version, root) = (state.head.version, state.head.root);
            if self.checkpoint(uuid, &stream, &state, version, root, &Fresh::default()).is_err() {
                return;
            }
        }
    }
}

/// What a write does to a stream. A delete makes a new version even where it removes nothing, an insert only where it adds
/// something.
enum Change {
    Insert(Vec<Point>, MergePolicy),
    Delete(TimeRange),
}

fn check_policy(policy: i32) -> Result<MergePolicy> {
    let policy = proto::MergePolicy::try_from(policy)
        .map_err(|error| Error::new(Code::InvalidParameter, format!("merge policy: {error}")))?;
    Ok(messages::merge_policy(policy))
}

/// Refuses the whole batch for one bad point.
fn check_points(uuid: Uuid, points: &[Point]) -> Result<()> {
    if points.len() > MAX_INSERT_POINTS {
        let message = format!(
            "{} points in one insert into stream {uuid}, at most {MAX_INSERT_POINTS} are taken: send fewer at a time",
            points.len()
        );
        return Err(Error::new(Code::InsertTooBig, message));
    }
    for point in points {
        if !(MIN_TIME..=LAST_TIME).contains(&point.time) {
            let message = format!("time {} of a point for stream {uuid} is out of bounds", point.time);
            return Err(Error::new(Code::InvalidTimeRange, message));
        }
        if !point.value.is_finite() {
            let message = format!("value {} at time {} for stream {uuid} is not finite", point.value, point.time);
            return Err(Error::new(Code::BadValue, message));
        }
    }
    Ok(())
}
