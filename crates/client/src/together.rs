//! Several works at a time.

use std::future::ready;
use std::num::NonZeroUsize;

use futures_util::stream::{StreamExt, TryStreamExt, iter};

use crate::error::Result;
use crate::transport::Pending;

/// What each of `works` gives, in order, at most `at_a_time` of them under way. The first to fail, in that order, ends all.
pub(crate) async fn all<V, W>(works: impl IntoIterator<Item = W>, at_a_time: NonZeroUsize) -> Result<Vec<V>>
where
    V: Send,
    W: Future<Output = Result<V>> + Send,
{
    let works: Vec<W> = works.into_iter().collect();
    let mut outcomes: Vec<Option<V>> = works.iter().map(|_| None).collect();
    let placed = works.into_iter().zip(&mut outcomes).map(|(work, place)| -> Pending<'_, ()> {
        Box::pin(async {
            *place = Some(work.await?);
            Ok(())
        })
    });
    run(placed.collect(), at_a_time).await?;
    Ok(outcomes.into_iter().flatten().collect())
}

/// Compiled once, whatever the works give.
async fn run(works: Vec<Pending<'_, ()>>, at_a_time: NonZeroUsize) -> Result<()> {
    iter(works).buffered(at_a_time.get()).try_for_each(|()| ready(Ok(()))).await
}
