//! `Subscribe`: points as they arrive, over native gRPC.

use std::{collections::HashMap, sync::Arc};

use btrdb_engine::{Code, Engine, Error, Watch};
use btrdb_proto as proto;
use proto::SubscriptionUpdateOp;
use tokio::sync::{
    OwnedSemaphorePermit, Semaphore,
    mpsc::{Sender, channel},
};
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::Status;
use uuid::Uuid;

use crate::calls::Note;

/// How many inserts a subscriber may be behind. One that falls further behind is told so and let go: waiting for it would
/// hold up everybody's inserts.
const MAX_BEHIND: usize = 256;

/// How much all subscribers may be behind together, in KiB.
const ALL_BEHIND_KIB: usize = 64 << 10;

/// How many subscribers there can be at once.
const MAX_SUBSCRIBERS: usize = 64;

type Answer = proto::SubscriptionResp;

/// An answer on its way, and the memory it takes.
type Waiting = (Result<Answer, Status>, Option<OwnedSemaphorePermit>);

/// All subscribers of a server.
#[derive(Clone, Debug)]
pub(crate) struct Subscribers {
    places: Arc<Semaphore>,
    memory: Arc<Semaphore>,
}

impl Default for Subscribers {
    fn default() -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { places: semaphore(MAX_SUBSCRIBERS), memory: semaphore(ALL_BEHIND_KIB) }
    }
}

/// The answers to a subscriber who sends `updates`.
///
/// # Errors
/// When there are too many subscribers.
pub(crate) fn subscribe<U>(
    engine: Engine,
    updates: U,
    all: &Subscribers,
    note: Note,
) -> Result<impl Stream<Item = Result<Answer, Status>> + Send + use<U>, Status>
where
    U: Stream<Item = Result<proto::SubscriptionUpdate, Status>> + Send + Unpin + 'static,
{
    let place = Arc::clone(&all.places).try_acquire_owned().map_err(|_none_left| {
        Status::resource_exhausted(format!("there are {MAX_SUBSCRIBERS} subscribers already: end one of them first"))
    })?;
    let memory = Arc::clone(&all.memory);
    let (answers, receiver) = channel(MAX_BEHIND);
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = keep(&engine, updates, &answers, &memory).await {
            // A subscriber who is gone needs no reason.
            let _ = answers.send((Ok(note.in_band(Err(error))), None)).await;
        }
    });
    Ok(ReceiverStream::new(receiver).map(|(answer, _memory)| answer))
}

/// Keeps the watches of a subscriber until it hangs up, falls behind, or asks for what it may not have.
async fn keep<U>(
    engine: &Engine,
    mut updates: U,
    answers: &Sender<Waiting>,
    memory: &Arc<Semaphore>,
) -> Result<(), Error>
where
    U: Stream<Item = Result<proto::SubscriptionUpdate, Status>> + Unpin,
{
    let mut watches: HashMap<Uuid, Watch> = HashMap::new();
    let (fall_behind, mut behind) = channel::<()>(1);
    let mut may_update = true;
    loop {
        tokio::select! {
            () = answers.closed() => return Ok(()),
            _ = behind.recv() => {
                let message = format!(
                    "over {MAX_BEHIND} inserts behind, or too many bytes: subscribe again and read what was missed"
                );
                return Err(Error::new(Code::ResourceDepleted, message));
            }
            update = updates.next(), if may_update => match update {
                Some(Ok(update)) => apply(engine, &update, &mut watches, (answers, memory), &fall_behind)?,
                // A subscriber who has no more to say still listens.
                None => may_update = false,
                Some(Err(_)) => return Ok(()),
            }
        }
    }
}

fn apply(
    engine: &Engine,
    update: &proto::SubscriptionUpdate,
    watches: &mut HashMap<Uuid, Watch>,
    (answers, memory): (&Sender<Waiting>, &Arc<Semaphore>),
    fall_behind: &Sender<()>,
) -> Result<(), Error> {
    for uuid in &update.uuid {
        let uuid = Uuid::from_slice(uuid)
            .map_err(|error| Error::new(Code::WrongArgs, format!("a uuid has 16 bytes: {error}")))?;
        match update.op() {
            SubscriptionUpdateOp::RemoveUuids => {
                watches.remove(&uuid);
            }
            // Once is enough: a second watch would be told the same.
            SubscriptionUpdateOp::AddUuids if watches.contains_key(&uuid) => {}
            SubscriptionUpdateOp::AddUuids => {
                let (answers, memory, fall_behind) = (answers.clone(), Arc::clone(memory), fall_behind.clone());
                let watch = engine.watch(uuid, move |uuid, arrow_bytes| {
                    let kib = arrow_bytes.len().div_ceil(1 << 10);
                    let room = Arc::clone(&memory).try_acquire_many_owned(u32::try_from(kib).unwrap_or(u32::MAX));
                    let answer = Answer { stat: None, uuid: uuid.as_bytes().to_vec().into(), arrow_bytes };
                    let is_told = room.is_ok_and(|room| answers.try_send((Ok(answer), Some(room))).is_ok());
                    if !is_told {
                        // Said once is enough.
                        let _ = fall_behind.try_send(());
                    }
                })?;
                watches.insert(uuid, watch);
            }
        }
    }
    Ok(())
}
