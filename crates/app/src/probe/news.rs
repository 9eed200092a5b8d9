//! What newer versions have changed of the tiles at hand.

use btrdb_client::Stream;
use btrdb_core::{PointWidth, TimeRange};
use btrdb_explorer::StreamId;
use btrdb_web::WebTransport;

use crate::explorer::Explorer;
use crate::machine::{Life, Machine};

/// How finely changes are asked for: 2^26 ns, 67 ms.
const CHANGE_EXPONENT: u8 = 26;

/// What is new of a stream.
pub(super) struct News {
    life: Life,
    /// What has changed up to this version, from version `since` on.
    changed: Vec<TimeRange>,
    since: u64,
    /// Whether it is older than what is at hand: another database under the same address.
    is_another: bool,
}

/// What of the tiles at hand, which were up to version `known` when `life` was asked for, has changed since.
pub(super) async fn news(
    explorer: Explorer,
    id: StreamId,
    stream: &Stream<WebTransport>,
    known: Option<u64>,
    life: Life,
) -> News {
    let is_another = known.is_some_and(|known| life.version < known);
    let since = explorer.with(|machine| machine.cache.version(id)).map_or(life.version, |at| at.min(life.version));
    let changed = if since < life.version && !is_another {
        let exact = PointWidth::new(CHANGE_EXPONENT).unwrap_or(PointWidth::MIN);
        // Without an answer anything may have changed.
        stream.changes(since, life.version, exact).await.map_or_else(|_| vec![TimeRange::ALL], |answer| answer.data)
    } else {
        Vec::new()
    };
    News { life, changed, since, is_another }
}

impl Machine {
    pub(super) fn take_note(&mut self, id: StreamId, news: &News) {
        if news.is_another {
            self.cache.forget(id);
        }
        self.cache.mark_changed(id, &news.changed, news.since, news.life.version);
        if let Some(lane) = self.lane(id) {
            lane.life = Some(news.life);
        }
        self.dirty.plot = true;
    }
}
