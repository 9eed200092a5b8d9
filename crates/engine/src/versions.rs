//! Finding any version of a stream.

use btrdb_tree::{NodeError, Tree};
use uuid::Uuid;

use crate::{
    Code, Engine, Error, FIRST_VERSION, Result,
    engine::damaged,
    fresh::View,
    journal::Entry,
    records::{self, Checkpoint},
    stream::{Head, Stream},
};

impl Engine {
    /// The nodes of one version.
    pub(crate) fn view(&self, uuid: Uuid, head: &Head) -> View {
        View { uuid, blocks: self.blocks().clone(), overlay: head.overlay.clone(), older: None }
    }

    /// The tree of one version.
    pub(crate) fn tree(&self, uuid: Uuid, head: &Head) -> Tree<View> {
        Tree::new(self.view(uuid, head), head.root)
    }

    /// The tree of one version, fit to be compared with the tree of an `older` one.
    pub(crate) fn tree_beside(&self, uuid: Uuid, older: &Head, head: &Head) -> Tree<View> {
        Tree::new(View { older: older.overlay.clone(), ..self.view(uuid, head) }, head.root)
    }

    /// The version `version` of `stream`, the latest for 0.
    pub(crate) fn at_version(&self, stream: &Stream, version: u64) -> Result<Head> {
        let state = stream.state();
        if version == 0 || version == state.head.version {
            return Ok(state.head);
        }
        if version == FIRST_VERSION {
            return Ok(Head::logged(version, None));
        }
        let uuid = stream.with_descriptor(|descriptor| descriptor.uuid);
        if version > state.base.version {
            let after_base = (version - state.base.version) as usize;
            return match state.journal.get(..after_base) {
                Some(journal) => self.replay(uuid, &state.base, journal),
                None => Err(not_available(uuid, version, state.head.version)),
            };
        }
        let missing = || not_available(uuid, version, state.head.version);
        let key = records::root_key(uuid, version);
        let (found, record) = self.store().next_record(&key)?.ok_or_else(missing)?;
        if !found.starts_with(&records::roots_key(uuid)) {
            return Err(missing());
        }
        let checkpoint = Checkpoint::decode(&record).ok_or_else(|| damaged("root", uuid))?;
        if checkpoint.version == version {
            return Ok(Head::logged(version, checkpoint.root));
        }
        // It lies between two checkpoints.
        let Some(steps) = version.checked_sub(checkpoint.first).map(|steps| steps as usize + 1) else {
            return Err(missing());
        };
        let journal = checkpoint.journal.get(..steps).ok_or_else(missing)?;
        let base = self.checkpoint_at(uuid, checkpoint.first - 1)?.ok_or_else(missing)?;
        self.replay(uuid, &base, journal)
    }

    fn checkpoint_at(&self, uuid: Uuid, version: u64) -> Result<Option<Head>> {
        if version == FIRST_VERSION {
            return Ok(Some(Head::logged(version, None)));
        }
        let Some(record) = self.store().record(&records::root_key(uuid, version))? else { return Ok(None) };
        let checkpoint = Checkpoint::decode(&record).ok_or_else(|| damaged("root", uuid))?;
        Ok(Some(Head::logged(version, checkpoint.root)))
    }

    /// The version that the inserts at `journal` make of `base`. Versions on the way that are still in memory are not made
    /// again.
    fn replay(&self, uuid: Uuid, base: &Head, journal: &[u64]) -> Result<Head> {
        let replayed = self.replayed();
        let version_after = |steps: usize| base.version + steps as u64;
        let known =
            (1..=journal.len()).rev().find_map(|steps| Some((steps, replayed.get(&(uuid, version_after(steps)))?)));
        let (done, mut head) = known.unwrap_or((0, base.clone()));
        for position in &journal[done..] {
            head = self.step(uuid, &head, *position)?;
        }
        if done < journal.len() {
            replayed.insert((uuid, head.version), head.clone());
        }
        Ok(head)
    }

    fn step(&self, uuid: Uuid, head: &Head, position: u64) -> Result<Head> {
        let version = head.version + 1;
        let lost = |reason: String| {
            let message =
                format!("the insert that made version {version} of stream {uuid} cannot be read again: {reason}");
            Error::new(Code::StorageError, message)
        };
        let entry = Entry::read(&**self.store(), position).map_err(lost)?;
        if (entry.uuid, entry.version) != (uuid, version) {
            return Err(lost("another one stands in its place".into()));
        }
        entry.apply(self.blocks(), head).map_err(|error: NodeError| error.into())
    }
}

fn not_available(uuid: Uuid, version: u64, latest: u64) -> Error {
    let message = format!("version {version} of stream {uuid} is not available, the latest is {latest}");
    Error::new(Code::VersionNotAvailable, message)
}
