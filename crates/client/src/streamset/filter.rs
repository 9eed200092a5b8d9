//! Choosing streams of a set, and what is read of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use btrdb_core::Timestamp;
use bytes::Bytes;

use super::{Scope, StreamSet};
use crate::error::{Error, ErrorKind, Result};
use crate::stream::Descriptor;
use crate::transport::Transport;

/// What a stream must be to stay in a set, and what is read of those that stay. All that is said must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The first time that is read, in nanoseconds since 1970 UTC. Overrides an earlier filter's.
    pub start: Option<Timestamp>,
    /// The first time that is no longer read, in nanoseconds since 1970 UTC. Overrides an earlier filter's.
    pub end: Option<Timestamp>,
    /// The collection.
    pub collection: Option<TextMatch>,
    /// The tag `name`.
    pub name: Option<TextMatch>,
    /// The tag `unit`.
    pub unit: Option<TextMatch>,
    /// Tags and the values they must have.
    pub tags: BTreeMap<String, String>,
    /// Annotations and the values they must have, as stored.
    pub annotations: BTreeMap<String, String>,
    /// In hertz: points read together as one table are moved to the nearest time of a grid of this frequency that begins
    /// at `start`. 0 moves none. Not for analysing frequencies. Windows are not moved.
    pub sampling_frequency: Option<f64>,
    /// The schema of tables of points read as Arrow, as an IPC stream without batches: a time and a column for each
    /// stream, cast to by position.
    pub schema: Option<Bytes>,
}

/// Which texts will do: those for which a function says so. A text stands for itself, in upper or lower case.
#[derive(Clone)]
pub struct TextMatch(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl TextMatch {
    /// Those for which `is_match` says so: a regular expression, say.
    pub fn by(is_match: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_match))
    }

    fn matches(&self, text: &str) -> bool {
        (self.0)(text)
    }
}

impl From<&str> for TextMatch {
    fn from(text: &str) -> Self {
        let wanted = text.to_lowercase();
        Self::by(move |text| text.to_lowercase() == wanted)
    }
}

#[cfg(feature = "native")]
impl From<regex::Regex> for TextMatch {
    /// Texts in which the expression is found anywhere.
    fn from(expression: regex::Regex) -> Self {
        Self::by(move |text| expression.is_match(text))
    }
}

impl fmt::Debug for TextMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextMatch")
    }
}

impl<T: Transport> StreamSet<T> {
    /// The streams of this set that `filter` leaves, read as it says and otherwise as before. Asks for what is not known
    /// of the streams yet, if the filter speaks of it.
    ///
    /// # Errors
    /// `InvalidTimeRange` where the start would not be before the end; `InvalidValue` for a frequency that is no positive
    /// number up to 1 GHz, and for a frequency or a schema without a start or an end; `StreamNotFound`, or whatever keeps
    /// the server from answering.
    pub async fn filter(&self, filter: &Filter) -> Result<Self> {
        let scope = narrowed(&self.scope, filter)?;
        let mut filtered = Self { scope, ..self.clone() };
        if filter.speaks_of_streams() {
            let known = self.descriptors().await?;
            let mut stays = known.iter().map(|descriptor| filter.admits(descriptor));
            filtered.streams.retain(|_| stays.next().unwrap_or(false));
        }
        Ok(filtered)
    }
}

impl Filter {
    fn speaks_of_streams(&self) -> bool {
        let texts = [&self.collection, &self.name, &self.unit];
        texts.iter().any(|text| text.is_some()) || !self.tags.is_empty() || !self.annotations.is_empty()
    }

    fn admits(&self, stream: &Descriptor) -> bool {
        let fits = |wanted: &Option<TextMatch>, text: &str| wanted.as_ref().is_none_or(|wanted| wanted.matches(text));
        fits(&self.collection, &stream.collection)
            && fits(&self.name, stream.name())
            && fits(&self.unit, stream.unit())
            && self.tags.iter().all(|(key, value)| stream.tags.get(key) == Some(value))
            && self.annotations.iter().all(|(key, value)| stream.annotations.get(key) == Some(value))
    }
}

fn narrowed(scope: &Scope, filter: &Filter) -> Result<Scope> {
    let invalid = |message: String| Err(Error::new(ErrorKind::InvalidValue, message));
    let is_timeless = filter.start.is_none() && filter.end.is_none();
    if is_timeless && (filter.sampling_frequency.is_some() || filter.schema.is_some()) {
        return invalid("a filter by sampling frequency or schema needs a start or an end too".to_owned());
    }
    if let Some(frequency) = filter.sampling_frequency
        && !(frequency == 0.0 || (frequency > 0.0 && frequency <= 1e9))
    {
        return invalid(format!("a sampling frequency of {frequency} Hz: it is above 0, and 1e9 at most"));
    }
    let narrowed = Scope {
        start: filter.start.or(scope.start),
        end: filter.end.or(scope.end),
        sampling_frequency: filter.sampling_frequency.or(scope.sampling_frequency),
        schema: filter.schema.clone().or_else(|| scope.schema.clone()),
    };
    let range = narrowed.range();
    if range.is_empty() {
        let message = format!("the start {} is not before the end {}", range.start, range.end);
        return Err(Error::new(ErrorKind::InvalidTimeRange, message));
    }
    Ok(narrowed)
}
