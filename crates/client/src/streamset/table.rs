//! A set as one table: a column of times, and one or more for each stream.

use btrdb_core::Timestamp;
use bytes::Bytes;

use super::StreamSet;
use super::join::{all_times, rows_at};
use super::names::{ColumnName, TableOptions};
use crate::arrow::{Column, Data, write_table};
use crate::columns::{Columns, Numbers};
use crate::error::Result;
use crate::stream::{Query, Versioned};
use crate::transport::Transport;

/// Columns over one column of times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The times, ascending, each once, in nanoseconds since 1970 UTC.
    pub time: Vec<Timestamp>,
    /// The columns, each as long as `time`.
    pub columns: Vec<TableColumn>,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct TableColumn {
    /// What it is called.
    pub name: String,
    /// Its numbers; NaN or 0 where there is none.
    pub numbers: Numbers,
    /// Where there is a number. `None` for values of points, where NaN says that there is none.
    pub present: Option<Vec<bool>>,
}

impl Table {
    /// The table as an Arrow IPC stream of one record batch: `time: timestamp[ns, UTC]`, then a `float64` for each
    /// column, `uint64` for counts; null where a window is missing. Where columns can have nulls, the time can too, as in
    /// the official Python client, though it has none.
    pub fn to_ipc(&self) -> Bytes {
        let has_nulls = self.columns.iter().any(|column| column.present.is_some());
        let all = has_nulls.then(|| vec![true; self.time.len()]);
        let time = Column { name: "time", data: Data::Times(&self.time), present: all.as_deref() };
        let named = self.columns.iter().map(|column| Column {
            name: &column.name,
            data: match &column.numbers {
                Numbers::Floats(floats) => Data::Floats(floats),
                Numbers::Counts(counts) => Data::Counts(counts),
            },
            present: column.present.as_deref(),
        });
        let columns: Vec<Column<'_>> = std::iter::once(time).chain(named).collect();
        write_table(self.time.len(), &columns).into()
    }
}

impl<T: Transport> StreamSet<T> {
    /// The whole set as one table, in memory. Points are joined by the server where it has Arrow, and moved to the grid
    /// of the sampling frequency if a filter set one; of several points of one stream at one time the last counts.
    ///
    /// The columns of windows are called `name/mean` and so on.
    ///
    /// # Errors
    /// As [`Self::values`] and [`Self::arrow_values`].
    pub async fn to_columns(&self, options: &TableOptions) -> Result<Table> {
        let names = self.stream_names(&options.name).await?;
        self.columns_named(&self.column_names(&names, &options.agg, Some("/"))).await
    }

    /// [`Self::to_columns`] as an Arrow IPC stream. Where a filter set a schema, its names and types hold.
    ///
    /// # Errors
    /// As [`Self::to_columns`].
    pub async fn to_arrow_table(&self, options: &TableOptions) -> Result<Bytes> {
        if self.scope.schema.is_some() {
            return self.arrow_values().await;
        }
        Ok(self.to_columns(options).await?.to_ipc())
    }

    pub(super) async fn columns_named(&self, names: &[ColumnName]) -> Result<Table> {
        if self.query == Query::Raw
            && let Some((time, columns)) = self.joined_by_server().await?
        {
            let named = names.iter().zip(columns);
            let columns = named.map(|(ColumnName { name, .. }, floats)| TableColumn {
                name: name.clone(),
                numbers: Numbers::Floats(floats),
                present: None,
            });
            return Ok(Table { time, columns: columns.collect() });
        }
        let streams: Vec<Columns> = self.values().await?.into_iter().map(|Versioned { data, .. }| data).collect();
        let time = all_times(streams.iter().map(Columns::times));
        let rows: Vec<_> = streams.iter().map(|columns| rows_at(&time, columns.times())).collect();
        let column = |ColumnName { stream, aggregate, name }: &ColumnName| {
            let numbers = streams[*stream].numbers(*aggregate);
            spread(name.clone(), &numbers, &rows[*stream], self.query != Query::Raw)
        };
        let columns = names.iter().map(column).collect();
        Ok(Table { time, columns })
    }
}

/// The column of `numbers` with each where `rows` says.
fn spread(name: String, numbers: &Numbers, rows: &[Option<usize>], has_nulls: bool) -> TableColumn {
    let spread = match numbers {
        Numbers::Floats(floats) => {
            Numbers::Floats(rows.iter().map(|row| row.map_or(f64::NAN, |row| floats[row])).collect())
        }
        Numbers::Counts(counts) => Numbers::Counts(rows.iter().map(|row| row.map_or(0, |row| counts[row])).collect()),
    };
    let present = has_nulls.then(|| rows.iter().map(Option::is_some).collect());
    TableColumn { name, numbers: spread, present }
}
