//! `Subscribe`: points as they arrive, over native gRPC.

use std::collections::HashMap;

use btrdb_engine::{Code, Engine, Error, Watch};
use btrdb_proto as proto;
use proto::SubscriptionUpdateOp;
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};
use tokio_stream::{Stream, StreamExt};
use tonic::Status;
use uuid::Uuid;

use crate::calls::Note;

/// How many inserts a subscriber may be behind. One that falls further behind is told so and let go: waiting for it would
/// hold up everybody's inserts.
const MAX_BEHIND: usize = 256;

type Answer = proto::SubscriptionResp;

/// The answers to a subscriber who sends `updates`.
pub(crate) fn subscribe<U>(engine: Engine, updates: U, note: Note) -> Receiver<Result<Answer, Status>>
where
    U: Stream<Item = Result<proto::SubscriptionUpdate, Status>> + Send + Unpin + 'static,
{
    let (answers, receiver) = channel(MAX_BEHIND);
    tokio::spawn(async move {
        if let Err(error) = keep(&engine, updates, &answers).await {
            // A subscriber who is gone needs no reason.
            let _ = answers.send(Ok(note.in_band(Err(error)))).await;
        }
    });
    receiver
}

/// Keeps the watches of a subscriber until it hangs up, falls behind, or asks for what it may not have.
async fn keep<U>(engine: &Engine, mut updates: U, answers: &Sender<Result<Answer, Status>>) -> Result<(), Error>
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
                let message = format!("over {MAX_BEHIND} inserts behind: subscribe again and read what was missed");
                return Err(Error::new(Code::ResourceDepleted, message));
            }
            update = updates.next(), if may_update => match update {
                Some(Ok(update)) => apply(engine, &update, &mut watches, answers, &fall_behind)?,
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
    answers: &Sender<Result<Answer, Status>>,
    fall_behind: &Sender<()>,
) -> Result<(), Error> {
    for uuid in &update.uuid {
        let uuid = Uuid::from_slice(uuid)
            .map_err(|error| Error::new(Code::WrongArgs, format!("a uuid has 16 bytes: {error}")))?;
        match update.op() {
            SubscriptionUpdateOp::RemoveUuids => {
                watches.remove(&uuid);
            }
            SubscriptionUpdateOp::AddUuids => {
                let (answers, fall_behind) = (answers.clone(), fall_behind.clone());
                let watch = engine.watch(uuid, move |uuid, arrow_bytes| {
                    let answer = Answer { stat: None, uuid: uuid.as_bytes().to_vec().into(), arrow_bytes };
                    if let Err(TrySendError::Full(_)) = answers.try_send(Ok(answer)) {
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
