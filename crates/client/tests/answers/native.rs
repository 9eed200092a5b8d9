//! The cases through this crate, over a socket.

mod args;
mod connection;
mod set;
mod show;
mod stream;
mod time;

use std::collections::HashMap;

use btrdb_client::{Connection, Filter, Options, PointWidth, Result, Stream, StreamSet, Uuid, native};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use tonic::transport::Channel;

use self::args::Args;

/// A line for each step of `plan`.
pub(crate) fn run(address: &str, plan: &Value) -> Vec<Value> {
    Runtime::new().unwrap().block_on(async {
        let connection = native::connect(address, Options::default()).await.unwrap();
        let mut lines = Vec::new();
        for (case_number, case) in plan["cases"].as_array().unwrap().iter().enumerate() {
            let mut under_way = Case::new(connection.clone(), case);
            for (step_number, step) in case["steps"].as_array().unwrap().iter().enumerate() {
                let result = match under_way.run(step).await {
                    Ok(result) => result,
                    Err(error) => json!({ "error": error.kind().class_name() }),
                };
                lines.push(json!({ "case": case_number, "step": step_number, "result": result }));
            }
        }
        lines
    })
}

/// A case under way: its streams and sets by name.
struct Case<'a> {
    connection: Connection<Channel>,
    uuids: HashMap<String, Uuid>,
    streams: HashMap<String, Stream<Channel>>,
    specs: &'a Map<String, Value>,
    sets: HashMap<String, StreamSet<Channel>>,
}

impl<'a> Case<'a> {
    fn new(connection: Connection<Channel>, case: &'a Value) -> Self {
        let uuids = case["uuids"].as_object().unwrap().iter();
        let uuids = uuids.map(|(name, uuid)| (name.clone(), uuid.as_str().unwrap().parse().unwrap())).collect();
        let specs = case["sets"].as_object().unwrap();
        Self { connection, uuids, streams: HashMap::new(), specs, sets: HashMap::new() }
    }

    async fn run(&mut self, step: &'a Value) -> Result<Value> {
        let (target, does) = (step["target"].as_str().unwrap(), step["do"].as_str().unwrap());
        let args = Args(step["args"].as_object().unwrap());
        match target {
            "db" => self.of_connection(does, args).await,
            "time" | "pointwidth" => time::run(does, args),
            set if self.specs.contains_key(set) || self.sets.contains_key(set) => self.of_set(set, does, args).await,
            stream if does == "create" => self.create(stream, args).await,
            stream => {
                let stream = self.stream(stream);
                stream::run(&stream, does, args).await
            }
        }
    }

    /// The handle of a stream, the same one each time.
    fn stream(&mut self, name: &str) -> Stream<Channel> {
        let uuid = self.uuids[name];
        self.streams.entry(name.to_owned()).or_insert_with(|| self.connection.stream_from_uuid(uuid)).clone()
    }

    /// The set of a name, made as the case says when it is first used.
    async fn set(&mut self, name: &str) -> Result<StreamSet<Channel>> {
        if let Some(set) = self.sets.get(name) {
            return Ok(set.clone());
        }
        let spec = Args(self.specs[name].as_object().unwrap());
        let streams = spec.texts("of").into_iter().map(|stream| self.stream(stream)).collect();
        let mut set = StreamSet::new(streams)?;
        for filter in spec.get("filter").and_then(Value::as_array).into_iter().flatten() {
            set = set.filter(&filter_of(Args(filter.as_object().unwrap()))?).await?;
        }
        if let Some(width) = spec.integer("windows") {
            set = set.windows(width)?;
        }
        if spec.get("aligned_windows").is_some() {
            set = set.aligned_windows(spec.point_width("aligned_windows")?)?;
        }
        set = match spec.get("pin_versions") {
            None => set,
            Some(Value::Null) => set.pin_versions().await?,
            Some(versions) => set.with_versions(args::versions(versions)),
        };
        self.sets.insert(name.to_owned(), set.clone());
        Ok(set)
    }
}

fn filter_of(args: Args<'_>) -> Result<Filter> {
    Ok(Filter {
        start: args.time("start")?,
        end: args.time("end")?,
        collection: args.text_match("collection"),
        name: args.text_match("name"),
        unit: args.text_match("unit"),
        tags: args.text_map("tags").into_iter().collect(),
        annotations: args.text_map("annotations").into_iter().collect(),
        sampling_frequency: args.text("sampling_frequency").map(args::number),
        schema: args.bytes("schema"),
    })
}

fn point_width(exponent: u64) -> Result<PointWidth> {
    let width = u8::try_from(exponent).ok().and_then(PointWidth::new);
    width.ok_or_else(|| {
        let kind = btrdb_client::ErrorKind::InvalidPointWidth;
        btrdb_client::Error::new(kind, format!("a point width of {exponent}"))
    })
}
