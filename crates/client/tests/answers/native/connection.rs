//! The calls of a connection.

use btrdb_client::{Identifier, Lookup, Result};
use serde_json::{Value, json};

use super::Case;
use super::args::Args;
use super::show::{self, integer};

impl<'a> Case<'a> {
    pub(super) async fn create(&mut self, name: &str, args: Args<'a>) -> Result<Value> {
        let uuid = self.uuids[name];
        let collection = args.text("collection").unwrap();
        let (tags, annotations) = (args.text_map("tags"), args.text_map("annotations"));
        let stream = self.connection.create(uuid, collection, &tags, &annotations).await?;
        let known = stream.descriptor().await?;
        self.streams.insert(name.to_owned(), stream);
        Ok(json!({ "uuid": uuid.to_string(), "collection": known.collection, "name": known.name() }))
    }

    pub(super) async fn of_connection(&mut self, does: &str, args: Args<'a>) -> Result<Value> {
        let connection = self.connection.clone();
        let collection = args.text("collection").unwrap_or_default();
        match does {
            "info" => {
                let info = connection.info().await?;
                let (major, minor) = (integer(info.major_version), integer(info.minor_version));
                let proxy = info.proxy_endpoints;
                Ok(json!({ "majorVersion": major, "minorVersion": minor, "build": info.build, "proxy": proxy }))
            }
            "stream_from_uuid" => {
                let stream = connection.stream_from_uuid(args.text("uuid").unwrap().parse().unwrap());
                let (name, uuid) = (args.text("as").unwrap().to_owned(), stream.uuid());
                self.uuids.insert(name.clone(), uuid);
                self.streams.insert(name, stream);
                Ok(uuid.to_string().into())
            }
            "streams" => {
                let identifiers = args.texts("identifiers").into_iter().map(Identifier::from);
                let versions: Vec<u64> = args.texts("versions").iter().map(|text| text.parse().unwrap()).collect();
                let set = connection.streams(identifiers, &versions, args.flag("is_collection_prefix")).await?;
                let uuids = set.streams().iter().map(|stream| stream.uuid().to_string()).collect();
                self.sets.insert(args.text("as").unwrap_or_default().to_owned(), set);
                Ok(uuids)
            }
            "streams_in_collection" => {
                let lookup = Lookup {
                    collection: collection.to_owned(),
                    is_prefix: args.flag("is_collection_prefix"),
                    tags: args.open_text_map("tags"),
                    annotations: args.open_text_map("annotations"),
                };
                let found = connection.streams_in_collection(&lookup).await?;
                Ok(found.iter().map(|stream| show::stored(&stream.known_descriptor().unwrap())).collect())
            }
            "list_collections" => {
                Ok(json!(connection.list_collections(args.text("starts_with").unwrap_or_default()).await?))
            }
            "list_unique_names" => Ok(sorted(connection.list_unique_names(collection).await?)),
            "list_unique_units" => Ok(sorted(connection.list_unique_units(collection).await?)),
            "list_unique_annotations" => Ok(sorted(connection.list_unique_annotations(collection).await?)),
            "collection_metadata" => {
                let usage = connection.collection_metadata(args.text("prefix").unwrap()).await?;
                let text = |counts: std::collections::BTreeMap<String, u64>| {
                    counts.into_iter().map(|(key, count)| (key, integer(count))).collect::<serde_json::Map<_, _>>()
                };
                Ok(json!({ "tags": text(usage.tags), "annotations": text(usage.annotations) }))
            }
            "query" => {
                let parameters: Vec<String> = args.texts("params").into_iter().map(str::to_owned).collect();
                let rows = connection.query(args.text("stmt").unwrap(), &parameters).await?;
                Ok(rows.into_iter().map(|row| show::document(row.into())).collect())
            }
            other => panic!("connections do not {other}"),
        }
    }
}

fn sorted(mut texts: Vec<String>) -> Value {
    texts.sort();
    json!(texts)
}
