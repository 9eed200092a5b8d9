//! A set as one series for each stream.

use btrdb_core::Timestamp;

use super::StreamSet;
use super::names::Naming;
use crate::columns::{Aggregate, Columns, Numbers};
use crate::error::Result;
use crate::stream::Versioned;
use crate::transport::Transport;

/// The numbers of one stream over their times.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What the stream is called.
    pub name: String,
    /// The times, ascending, in nanoseconds since 1970 UTC.
    pub time: Vec<Timestamp>,
    /// The values, or the statistic of windows, of those times.
    pub numbers: Numbers,
}

impl<T: Transport> StreamSet<T> {
    /// A series for each stream: its values, or the statistic `aggregate` of its windows.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub async fn to_series(&self, aggregate: Aggregate, name: &Naming) -> Result<Vec<Series>> {
        let names = self.stream_names(name).await?;
        let streams = self.values().await?;
        let series = |(name, Versioned { data, .. }): (String, Versioned<Columns>)| {
            let time = data.times().to_vec();
            Series { name, time, numbers: data.numbers(aggregate) }
        };
        Ok(names.into_iter().zip(streams).map(series).collect())
    }

    /// The numbers of each stream without their times: its values, or the statistic `aggregate` of its windows.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub async fn to_array(&self, aggregate: Aggregate) -> Result<Vec<Numbers>> {
        let streams = self.values().await?;
        Ok(streams.into_iter().map(|Versioned { data, .. }| data.numbers(aggregate)).collect())
    }
}
