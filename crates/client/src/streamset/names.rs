//! What the columns of a table are called.

use std::fmt;
use std::sync::Arc;

use super::StreamSet;
use crate::columns::Aggregate;
use crate::error::Result;
use crate::stream::{Descriptor, Query};
use crate::transport::Transport;

/// What a table of a set shows.
#[derive(Clone, Debug)]
pub struct TableOptions {
    /// The statistics of windows, in the order of their columns; the mean by default. Points have none.
    pub agg: Vec<Aggregate>,
    /// What the columns are called; `collection/name` by default.
    pub name: Naming,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self { agg: vec![Aggregate::Mean], name: Naming::default() }
    }
}

impl TableOptions {
    /// All five statistics.
    pub fn all() -> Self {
        Self { agg: Aggregate::ALL.to_vec(), ..Self::default() }
    }
}

/// What a stream is called.
#[derive(Clone)]
pub struct Naming(Arc<dyn Fn(&Descriptor) -> String + Send + Sync>);

impl Naming {
    /// What `name` makes of what is known of the stream.
    pub fn by(name: impl Fn(&Descriptor) -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(name))
    }
}

impl Default for Naming {
    fn default() -> Self {
        Self::by(|stream| format!("{}/{}", stream.collection, stream.name()))
    }
}

impl fmt::Debug for Naming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Naming")
    }
}

/// A column: which stream's, which statistic, and what it is called.
#[derive(Clone, Debug)]
pub(super) struct ColumnName {
    pub(super) stream: usize,
    pub(super) aggregate: Aggregate,
    pub(super) name: String,
}

impl<T: Transport> StreamSet<T> {
    /// What each stream is called.
    pub(super) async fn stream_names(&self, naming: &Naming) -> Result<Vec<String>> {
        Ok(self.descriptors().await?.iter().map(|descriptor| (naming.0)(descriptor)).collect())
    }

    /// The columns that `aggregates` make of streams called `names`. Those of windows have the statistic's name after
    /// `separator`, unless there is but one and `separator` is `None`.
    pub(super) fn column_names(
        &self,
        names: &[String],
        aggregates: &[Aggregate],
        separator: Option<&str>,
    ) -> Vec<ColumnName> {
        let column = |(stream, name): (usize, &String), aggregate: Aggregate| {
            let name = match separator {
                Some(separator) if self.query != Query::Raw => format!("{name}{separator}{}", aggregate.name()),
                _ => name.clone(),
            };
            ColumnName { stream, aggregate, name }
        };
        let aggregates = if self.query == Query::Raw { &[Aggregate::Mean] } else { aggregates };
        let of_stream = |stream| aggregates.iter().map(move |&aggregate| (stream, aggregate));
        names.iter().enumerate().flat_map(of_stream).map(|(stream, aggregate)| column(stream, aggregate)).collect()
    }
}
