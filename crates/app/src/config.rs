//! `config.json` beside the page: where the service is, what the page is called, whom to credit, where to begin.

use btrdb_core::TimeRange;
use gloo_net::http::Request;
use serde::Deserialize;

/// The file as it is written. Everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    /// The gRPC-web service: a URL, `host:port`, or a path on the page's own server, as which the empty string counts.
    pub(crate) endpoint: String,
    /// What the page is called.
    pub(crate) title: String,
    /// Whom to credit for the data, where `credits` is empty or nothing is shown.
    pub(crate) credit: String,
    /// Whom to credit when streams of a collection are shown.
    pub(crate) credits: Vec<Credit>,
    /// What to show first.
    pub(crate) view: FirstView,
}

/// A credit for all collections that begin with `collection`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Credit {
    pub(crate) collection: String,
    pub(crate) text: String,
}

/// The first view of somebody who did not come by a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct FirstView {
    /// Streams as `collection/name`.
    pub(crate) streams: Vec<String>,
    /// Nanoseconds since 1970 UTC, as text because JSON's numbers are floats.
    pub(crate) start: String,
    /// Likewise.
    pub(crate) end: String,
}

impl FirstView {
    /// The range to show, if both ends are given and in order.
    pub(crate) fn range(&self) -> Option<TimeRange> {
        let range = TimeRange { start: self.start.parse().ok()?, end: self.end.parse().ok()? };
        (!range.is_empty()).then_some(range)
    }
}

impl Config {
    /// Reads the file. Where there is none, everything is left out.
    ///
    /// # Errors
    /// In words, if there is one that cannot be read.
    pub(crate) async fn load() -> Result<Option<Self>, String> {
        let Ok(response) = Request::get("./config.json").send().await else { return Ok(None) };
        if !response.ok() {
            return Ok(None);
        }
        let text = response.text().await.map_err(|error| format!("config.json cannot be read: {error}"))?;
        // A server that answers everything with a page has no config.json.
        if text.trim_start().starts_with('<') {
            return Ok(None);
        }
        serde_json::from_str(&text).map(Some).map_err(|error| format!("config.json is not as it should be: {error}"))
    }

    /// The credits for streams of `collections`.
    pub(crate) fn credits_for(&self, collections: &[String]) -> String {
        let rule =
            |credit: &Credit| btrdb_explorer::Credit { prefix: credit.collection.clone(), text: credit.text.clone() };
        let rules: Vec<_> = self.credits.iter().map(rule).collect();
        btrdb_explorer::credits(&rules, &self.credit, collections).join(" · ")
    }
}
