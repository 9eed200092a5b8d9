//! A set as rows of numbers under names.

use btrdb_core::Timestamp;
use futures_core::Stream as Items;
use futures_util::TryStreamExt;

use super::names::{ColumnName, TableOptions};
use super::{Row, StreamSet};
use crate::columns::Number;
use crate::error::Result;
use crate::transport::Transport;

/// Rows under names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// The name of each value of a row.
    pub keys: Vec<String>,
    /// The rows, ascending in time.
    pub rows: Vec<Record>,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The time, in nanoseconds since 1970 UTC.
    pub time: Timestamp,
    /// A number for each key; `None` where a stream has nothing at that time.
    pub values: Vec<Option<Number>>,
}

impl<T: Transport> StreamSet<T> {
    /// All rows under the names of the streams, in memory; of windows the statistics asked for, under `name-mean` and so
    /// on where there are several. [`Self::records`] gives them one by one.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub async fn to_dict(&self, options: &TableOptions) -> Result<Records> {
        let (keys, rows) = self.records(options).await?;
        Ok(Records { keys, rows: rows.try_collect().await? })
    }

    /// The names, and the rows of numbers as they arrive, in bounded memory.
    ///
    /// # Errors
    /// `StreamNotFound`, or whatever keeps the server from answering; the rows end with an error if they do not come to
    /// their end.
    pub async fn records(
        &self,
        options: &TableOptions,
    ) -> Result<(Vec<String>, impl Items<Item = Result<Record>> + use<T>)> {
        let names = self.stream_names(&options.name).await?;
        let separator = (options.agg.len() != 1).then_some("-");
        let columns = self.column_names(&names, &options.agg, separator);
        let keys = columns.iter().map(|column| column.name.clone()).collect();
        Ok((keys, self.rows().map_ok(move |row| record(&row, &columns))))
    }
}

fn record(row: &Row, columns: &[ColumnName]) -> Record {
    let number = |column: &ColumnName| {
        row.points.get(column.stream).copied().flatten().map(|point| point.number(column.aggregate))
    };
    Record { time: row.time, values: columns.iter().map(number).collect() }
}
