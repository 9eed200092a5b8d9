//! The rows of an export: of one stream as they come, of several joined on time.

use std::pin::Pin;
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, UInt64Builder};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampNanosecondArray, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use btrdb_client::{RawColumns, StatColumns, Timestamp, Transport, Versioned};
use futures_util::stream::StreamExt;

use super::args::What;
use super::select::Chosen;

/// The columns that windows have besides their time.
const STATISTICS: [&str; 5] = ["min", "mean", "max", "count", "stddev"];

/// How many cells a joined batch has at most.
const CELLS_PER_BATCH: usize = 1 << 18;

/// Rows as they come from a stream.
pub(super) struct Part {
    time: Vec<Timestamp>,
    values: Vec<Values>,
}

enum Values {
    Numbers(Vec<f64>),
    Counts(Vec<u64>),
}

pub(super) type Parts = Pin<Box<dyn futures_core::Stream<Item = btrdb_client::Result<Part>>>>;

/// The rows of `chosen`, as it was at its version.
pub(super) fn parts<T: Transport>(chosen: &Chosen<T>, what: What) -> Parts {
    let Chosen { stream, range, version, .. } = chosen;
    match what {
        _ if range.is_empty() => futures_util::stream::empty().boxed_local(),
        What::Points => stream.values_batches(*range, *version).map(|batch| batch.map(of_points)).boxed_local(),
        What::Windows(width) => {
            stream.windows_batches(*range, width, *version).map(|batch| batch.map(of_windows)).boxed_local()
        }
        What::AlignedWindows(width) => {
            stream.aligned_windows_batches(*range, width, *version).map(|batch| batch.map(of_windows)).boxed_local()
        }
    }
}

fn of_points(batch: Versioned<RawColumns>) -> Part {
    Part { time: batch.data.time, values: vec![Values::Numbers(batch.data.value)] }
}

/// Windows without points are no rows.
fn of_windows(batch: Versioned<StatColumns>) -> Part {
    let mut kept = StatColumns::default();
    let all = batch.data;
    if all.count.contains(&0) {
        (0..all.len()).filter_map(|row| all.get(row)).filter(|stat| stat.count > 0).for_each(|stat| kept.push(stat));
    } else {
        kept = all;
    }
    let StatColumns { time, min, mean, max, count, stddev } = kept;
    let numbers = Values::Numbers;
    Part { time, values: vec![numbers(min), numbers(mean), numbers(max), Values::Counts(count), numbers(stddev)] }
}

/// The columns of a table of streams that are called `names` in it.
pub(super) fn schema<'a>(names: impl Iterator<Item = &'a str>, what: What, is_wide: bool) -> SchemaRef {
    let utc = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let mut fields = vec![Field::new("time", utc, false)];
    for name in names {
        if what == What::Points {
            fields.push(Field::new(name, DataType::Float64, is_wide));
            continue;
        }
        for statistic in STATISTICS {
            let kind = if statistic == "count" { DataType::UInt64 } else { DataType::Float64 };
            let name = if is_wide { format!("{name}/{statistic}") } else { statistic.to_owned() };
            fields.push(Field::new(name, kind, is_wide));
        }
    }
    Arc::new(Schema::new(fields))
}

/// The rows of one part as a batch of `schema`.
pub(super) fn batch(part: Part, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let time = TimestampNanosecondArray::from(part.time).with_timezone("UTC");
    let values = part.values.into_iter().map(|values| match values {
        Values::Numbers(numbers) => Arc::new(Float64Array::from(numbers)) as ArrayRef,
        Values::Counts(counts) => Arc::new(UInt64Array::from(counts)),
    });
    RecordBatch::try_new(schema.clone(), [Arc::new(time) as ArrayRef].into_iter().chain(values).collect())
}

/// Streams joined on time. Where a stream has several points of one time there are as many rows of it.
pub(super) struct Join {
    sources: Vec<Source>,
    schema: SchemaRef,
}

struct Source {
    parts: Parts,
    part: Part,
    next: usize,
    columns: Vec<Builder>,
}

enum Builder {
    Numbers(Float64Builder),
    Counts(UInt64Builder),
}

impl Join {
    pub(super) fn new(parts: Vec<Parts>, schema: SchemaRef) -> Self {
        let each = (schema.fields().len() - 1) / parts.len().max(1);
        let columns = |index: usize| {
            let fields = &schema.fields()[1 + index * each..][..each];
            let builder = |field: &Arc<Field>| match field.data_type() {
                DataType::UInt64 => Builder::Counts(UInt64Builder::new()),
                _ => Builder::Numbers(Float64Builder::new()),
            };
            fields.iter().map(builder).collect()
        };
        let source = |(index, parts)| {
            let part = Part { time: Vec::new(), values: Vec::new() };
            Source { parts, part, next: 0, columns: columns(index) }
        };
        let sources = parts.into_iter().enumerate().map(source).collect();
        Self { sources, schema }
    }

    /// The next rows, or `None` after the last. An error names the stream by its place.
    pub(super) async fn next(&mut self) -> Result<Option<RecordBatch>, (usize, btrdb_client::Error)> {
        let rows = (CELLS_PER_BATCH / self.schema.fields().len()).max(1);
        let mut times = Vec::with_capacity(rows);
        while times.len() < rows {
            let mut first: Option<Timestamp> = None;
            for (index, source) in self.sources.iter_mut().enumerate() {
                source.fill().await.map_err(|error| (index, error))?;
                let time = source.part.time.get(source.next).copied();
                first = [first, time].into_iter().flatten().min();
            }
            let Some(time) = first else { break };
            self.sources.iter_mut().for_each(|source| source.take(time));
            times.push(time);
        }
        if times.is_empty() {
            return Ok(None);
        }
        let time = Arc::new(TimestampNanosecondArray::from(times).with_timezone("UTC")) as ArrayRef;
        let columns = self.sources.iter_mut().flat_map(|source| &mut source.columns).map(|column| match column {
            Builder::Numbers(builder) => Arc::new(builder.finish()) as ArrayRef,
            Builder::Counts(builder) => Arc::new(builder.finish()),
        });
        let columns = [time].into_iter().chain(columns).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|error| (0, btrdb_client::Error::new(btrdb_client::ErrorKind::BadResponse, error.to_string())));
        batch.map(Some)
    }
}

impl Source {
    /// Has a next row, if there is one.
    async fn fill(&mut self) -> btrdb_client::Result<()> {
        while self.next >= self.part.time.len() {
            let Some(part) = self.parts.next().await else { return Ok(()) };
            (self.part, self.next) = (part?, 0);
        }
        Ok(())
    }

    /// Adds the row of `time`, or nothing where there is none.
    fn take(&mut self, time: Timestamp) {
        let row = Some(self.next).filter(|&row| self.part.time.get(row) == Some(&time));
        for (index, column) in self.columns.iter_mut().enumerate() {
            match (column, self.part.values.get(index)) {
                (Builder::Numbers(builder), Some(Values::Numbers(numbers))) => {
                    builder.append_option(row.map(|row| numbers[row]));
                }
                (Builder::Counts(builder), Some(Values::Counts(counts))) => {
                    builder.append_option(row.map(|row| counts[row]));
                }
                (Builder::Numbers(builder), _) => builder.append_null(),
                (Builder::Counts(builder), _) => builder.append_null(),
            }
        }
        self.next += usize::from(row.is_some());
    }
}
