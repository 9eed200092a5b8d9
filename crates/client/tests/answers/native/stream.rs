//! The calls of a stream.

use std::collections::BTreeMap;

use btrdb_client::{Direction, PointWidth, Result, Stream, Update, annotation_text};
use serde_json::{Map, Value, json};
use tonic::transport::Channel;

use super::args::{Args, points};
use super::show::{self, integer};

pub(super) async fn run(stream: &Stream<Channel>, does: &str, args: Args<'_>) -> Result<Value> {
    let version = args.version();
    Ok(match does {
        "btrdb" => stream.connection().info().await?.build.into(),
        "uuid" => stream.uuid().to_string().into(),
        "name" => stream.descriptor().await?.name().into(),
        "unit" => stream.descriptor().await?.unit().into(),
        "collection" => stream.descriptor().await?.collection.into(),
        "tags" => json!(known(stream, args).await?.tags),
        "annotations" => {
            let known = known(stream, args).await?;
            json!({ "annotations": show::annotations(&known), "property_version": integer(known.property_version) })
        }
        "refresh_metadata" => show::decoded(&stream.refresh_metadata().await?),
        "exists" => stream.exists().await?.into(),
        "version" => integer(stream.version().await?),
        "values" => show::raw(&stream.values(args.range()?, version).await?),
        "windows" => show::stats(&stream.windows(args.range()?, args.integer("width").unwrap(), version).await?),
        "aligned_windows" => {
            let width = args.point_width("pointwidth")?;
            show::stats(&stream.aligned_windows(args.range()?, width, version).await?)
        }
        "count" => integer(count(stream, args).await?),
        "earliest" => show::found(stream.earliest(version).await?),
        "latest" => show::found(stream.latest(version).await?),
        "current" => show::found(stream.current(version).await?),
        "nearest" => {
            let direction = if args.flag("backward") { Direction::Backward } else { Direction::Forward };
            show::found(stream.nearest(args.time("time")?.unwrap(), version, direction).await?)
        }
        "changes" => {
            let (from, to) = (args.integer("from").unwrap(), args.integer("to").unwrap());
            let changes = stream.changes(from, to, args.point_width("resolution")?).await?;
            let ranges = changes.data.iter().map(|range| json!([integer(range.start), integer(range.end)]));
            json!({ "version": integer(changes.version), "ranges": ranges.collect::<Vec<_>>() })
        }
        "insert" => integer(stream.insert(&points(args.get("points").unwrap()), args.policy()).await?),
        "delete" => integer(stream.delete(args.range()?).await?),
        "flush" => stream.flush().await.map(|_version| Value::Null)?,
        "obliterate" => stream.obliterate().await.map(|()| Value::Null)?,
        "update" => integer(stream.update(&update(args)).await?),
        "arrow_values" => show::ipc(&stream.arrow_values(args.range()?, version, args.bytes("schema")).await?.data),
        "arrow_windows" => {
            let width = args.integer("width").unwrap();
            show::ipc(&stream.arrow_windows(args.range()?, width, version).await?.data)
        }
        "arrow_aligned_windows" => {
            let width = args.point_width("pointwidth")?;
            show::ipc(&stream.arrow_aligned_windows(args.range()?, width, version).await?.data)
        }
        "arrow_insert" => integer(stream.arrow_insert(&args.bytes("table").unwrap(), args.policy()).await?),
        other => panic!("streams do not {other}"),
    })
}

async fn known(stream: &Stream<Channel>, args: Args<'_>) -> Result<btrdb_client::Descriptor> {
    if args.flag("refresh") { stream.refresh_metadata().await } else { stream.descriptor().await }
}

async fn count(stream: &Stream<Channel>, args: Args<'_>) -> Result<u64> {
    let (range, version) = (args.range()?, args.version());
    match args.integer::<u64>("pointwidth") {
        _ if args.flag("precise") => stream.count_exactly(range, version).await,
        None => stream.count(range, version).await,
        Some(width) => {
            let width = super::point_width(width).unwrap_or(PointWidth::ALL);
            stream.count_in_windows(range, width, version).await
        }
    }
}

fn update(args: Args<'_>) -> Update {
    let annotations = args.text("annotations").map(|text| {
        let values: Map<String, Value> = serde_json::from_str(text).unwrap();
        values.iter().map(|(key, value)| (key.clone(), annotation_text(value))).collect::<BTreeMap<_, _>>()
    });
    Update {
        collection: args.text("collection").map(str::to_owned),
        tags: args.text_map("tags").into_iter().collect(),
        annotations,
        replace: args.flag("replace"),
        expected_version: None,
    }
}
