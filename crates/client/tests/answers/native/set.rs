//! The calls of a set of streams.

use btrdb_client::{Columns, Dialect, Result, Row, StreamSet, TableOptions, Versioned};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use tonic::transport::Channel;

use super::args::{self, Args};
use super::show::{self, integer, numbers};
use super::{Case, filter_of};
use crate::tables::from_hex;

impl<'a> Case<'a> {
    pub(super) async fn of_set(&mut self, name: &str, does: &str, args: Args<'a>) -> Result<Value> {
        let set = self.set(name).await?;
        if does == "pin_versions" {
            let pinned = match args.get("versions") {
                Some(versions) => set.with_versions(args::versions(versions)),
                None => set.pin_versions().await?,
            };
            self.sets.insert(name.to_owned(), pinned.clone());
            return Ok(show::by_uuid(&pinned.versions().await?));
        }
        match does.strip_prefix("arrow_to_").or_else(|| does.strip_prefix("to_")) {
            Some(form) => to(&set, form, does, args).await,
            None => run(set, does, args).await,
        }
    }
}

async fn run(set: StreamSet<Channel>, does: &str, args: Args<'_>) -> Result<Value> {
    Ok(match does {
        "filter" => {
            let filtered = set.filter(&filter_of(args)?).await?;
            filtered.streams().iter().map(|stream| stream.uuid().to_string()).collect()
        }
        "windows" => values(&set.windows(args.integer("width").unwrap())?).await?,
        "aligned_windows" => values(&set.aligned_windows(args.point_width("pointwidth")?)?).await?,
        "allow_window" => set.allow_window().into(),
        "versions" => show::by_uuid(&set.versions().await?),
        "clone" => json!([set.clone().windows(10)?.allow_window(), set.allow_window()]),
        "index" => set.index(args.text("uuid").unwrap().parse().unwrap()).map_or(Value::Null, integer),
        "values" => values(&set).await?,
        "values_iter" => {
            let mut streams = vec![Vec::new(); set.len()];
            let batches = set.values_iter();
            futures_util::pin_mut!(batches);
            while let Some(batch) = batches.try_next().await? {
                streams[batch.index].extend(show::columns(&batch.data));
            }
            json!(streams)
        }
        "rows" => set.rows().map_ok(|row| shown_row(&row)).try_collect::<Vec<_>>().await?.into(),
        "count" if args.flag("precise") => integer(set.count_exactly().await?),
        "count" => integer(set.count().await?),
        "earliest" => show::of_each(&set.earliest().await?),
        "latest" => show::of_each(&set.latest().await?),
        "current" => show::of_each(&set.current().await?),
        "insert" => {
            let points = args::by_uuid(args.get("points").unwrap(), args::points);
            show::by_uuid(&set.insert(&points, args.policy()).await?)
        }
        "arrow_insert" => {
            let table = |table: &Value| from_hex(table.as_str().unwrap()).into();
            let tables = args::by_uuid(args.get("tables").unwrap(), table);
            show::by_uuid(&set.arrow_insert(&tables, args.policy()).await?)
        }
        "arrow_values" => show::ipc(&set.arrow_values().await?),
        other => panic!("sets do not {other}"),
    })
}

/// The set in another form. What Python makes frames of pandas and polars of are Arrow tables here.
async fn to(set: &StreamSet<Channel>, form: &str, does: &str, args: Args<'_>) -> Result<Value> {
    let options = args.table_options();
    Ok(match form {
        // Python's has the names and statistics of arrow_values.
        "arrow_table" => {
            let name = btrdb_client::Naming::by(|stream| stream.uuid.to_string());
            show::ipc(&set.to_arrow_table(&TableOptions { name, ..TableOptions::all() }).await?)
        }
        "dataframe" | "polars" => show::frame(&set.to_arrow_table(&options).await?),
        "numpy" => json!(set.to_columns(&options).await?.columns.iter().map(show::cells).collect::<Vec<_>>()),
        // The rows of the columns; to_dict moves no points to the grid of a frequency.
        "dict" if does == "arrow_to_dict" => {
            let table = set.to_columns(&options).await?;
            let columns: Vec<Vec<Value>> = table.columns.iter().map(show::cells).collect();
            let cells = |row: usize| columns.iter().map(|column| column[row].clone()).collect::<Vec<_>>();
            table.time.iter().enumerate().map(|(row, time)| json!([integer(time), cells(row)])).collect()
        }
        "series" => {
            let series = set.to_series(options.agg[0], &options.name).await?;
            let times = |times: &[i64]| times.iter().map(integer).collect::<Vec<_>>();
            let one = |one: &btrdb_client::Series| json!({ "name": one.name, "time": times(&one.time), "values": numbers(&one.numbers) });
            series.iter().map(one).collect()
        }
        "array" => set.to_array(options.agg[0]).await?.iter().map(numbers).collect(),
        "dict" => {
            let records = set.to_dict(&options).await?;
            let row = |row: &btrdb_client::Record| {
                json!([integer(row.time), row.values.iter().map(|value| show::number(*value)).collect::<Vec<_>>()])
            };
            let rows: Vec<Value> = records.rows.iter().map(row).collect();
            let keys = if rows.is_empty() { Value::Null } else { json!(records.keys) };
            json!({ "keys": keys, "rows": rows })
        }
        "csv" => {
            let mut dialect = Dialect::default();
            if args.text("dialect") == Some("excel-tab") {
                dialect.delimiter = '\t';
            }
            let mut text = Vec::new();
            set.to_csv(&options, dialect, &mut text).await?;
            String::from_utf8(text).unwrap().into()
        }
        "table" => set.to_table(&options).await?.into(),
        other => panic!("sets cannot become {other}"),
    })
}

async fn values(set: &StreamSet<Channel>) -> Result<Value> {
    let streams = set.values().await?;
    Ok(streams.iter().map(|Versioned { data, .. }: &Versioned<Columns>| json!(show::columns(data))).collect())
}

fn shown_row(row: &Row) -> Value {
    let without_time = |point| match show::point(point) {
        Value::Array(mut point) => point.split_off(1).into(),
        other => other,
    };
    let points = row.points.iter().map(|point| point.map_or(Value::Null, without_time));
    json!([integer(row.time), points.collect::<Vec<_>>()])
}
