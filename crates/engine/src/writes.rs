//! Adding and removing points.

use btrdb_core::{LAST_TIME, MIN_TIME, MergePolicy, Point, TimeRange};
use btrdb_proto as proto;
use btrdb_tree::{NodeError, Root, Tree};
use uuid::Uuid;

use crate::{
    Code, Engine, Error, MAX_INSERT_POINTS, Result, arrow,
    blocks::{Blocks, Writer},
    descriptor::check_uuid,
    messages, reads, records,
    store::Batch,
    stream::{Head, Life, Stream},
};

impl Engine {
    /// `Insert`: adds points; when it returns they are on disk.
    ///
    /// # Errors
    /// 404 for an unknown stream, 413 for a time out of bounds, 414 for more than [`MAX_INSERT_POINTS`], 425 for a value
    /// that is not finite, 438 for an unknown merge policy, 432 when the store fails. Nothing is stored then.
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
        let head = self.write(uuid, &stream, Unchanged::KeepVersion, |tree, out, version| {
            tree.insert(out, points, policy, version)
        })?;
        if !told.is_empty() {
            self.watchers().tell(uuid, &told)?;
        }
        Ok(proto::InsertResponse { version_major: head.version, ..Default::default() })
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
        let head =
            self.write(uuid, &stream, Unchanged::NewVersion, |tree, out, version| tree.delete(out, range, version))?;
        Ok(proto::DeleteResponse { version_major: head.version, ..Default::default() })
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

    /// Makes the next version of a stream with what `change` does to its tree.
    fn write(
        &self,
        uuid: Uuid,
        stream: &Stream,
        unchanged: Unchanged,
        change: impl FnOnce(
            &Tree<std::sync::Arc<Blocks>>,
            &mut Writer<'_>,
            u64,
        ) -> std::result::Result<Option<Root>, NodeError>,
    ) -> Result<Head> {
        let life = stream.write();
        if *life == Life::Obliterated {
            return Err(Error::no_such_stream());
        }
        let old = stream.head();
        let version = old.version + 1;
        let mut out = self.blocks().writer();
        let root = change(&self.tree(old), &mut out, version)?;
        if root == old.root && unchanged == Unchanged::KeepVersion {
            return Ok(old);
        }
        let record = records::encode_root(version, root);
        self.commit(Batch {
            blocks: out.take_blocks(),
            set: vec![(records::root_key(uuid, version), record.clone()), (records::head_key(uuid), record)],
            remove: Vec::new(),
        })?;
        out.keep();
        let head = Head { version, root };
        stream.set_head(head);
        Ok(head)
    }
}

/// What a write that changes no point does to the version.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unchanged {
    KeepVersion,
    NewVersion,
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
