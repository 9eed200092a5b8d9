//! Changing what is known of streams, and counting it.

use std::collections::BTreeMap;

use btrdb_client::{ErrorKind, Identifier, Stream, Update, Uuid};

use crate::running::Running;
use crate::tags;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn what_is_not_named_stays() {
    let running = Running::start();
    let stream = running.stream(1, "x", &[]).await;
    let rename = Update { tags: map(&[("name", "y")]), ..Update::default() };
    assert_eq!(stream.update(&rename).await.unwrap(), 2);
    let known = stream.known_descriptor().unwrap();
    assert_eq!((known.name(), known.unit(), known.collection.as_str()), ("y", "volts", "a"));

    let annotate = |pairs| Update { annotations: Some(map(pairs)), ..Update::default() };
    assert_eq!(stream.update(&annotate(&[("p", "1"), ("q", "text")])).await.unwrap(), 3);
    assert_eq!(stream.update(&annotate(&[("p", "2")])).await.unwrap(), 4);
    assert_eq!(stream.known_descriptor().unwrap().annotations, map(&[("p", "2"), ("q", "text")]));

    let both = Update { collection: Some("b/".to_owned()), ..annotate(&[("r", "3")]) };
    assert_eq!(stream.update(&both).await.unwrap(), 6, "two calls");
    let known = stream.known_descriptor().unwrap();
    assert_eq!((known.collection.as_str(), known.name(), known.annotations.len()), ("b/", "y", 3));

    // A handle that has seen nothing yet knows what is to go all the same.
    let fresh = running.connect(true).await.stream_from_uuid(stream.uuid());
    assert_eq!(fresh.update(&Update { replace: true, ..annotate(&[("p", "9")]) }).await.unwrap(), 7);
    assert_eq!(fresh.known_descriptor().unwrap().annotations, map(&[("p", "9")]));
    assert_eq!(fresh.update(&Update { replace: true, ..annotate(&[]) }).await.unwrap(), 8);
    assert!(fresh.refresh_metadata().await.unwrap().annotations.is_empty());
}

#[tokio::test]
async fn changes_of_others_are_not_undone() {
    let running = Running::start();
    let stream = running.stream(1, "x", &[]).await;
    let other = running.connect(true).await.stream_from_uuid(stream.uuid());
    let note = Update { annotations: Some(map(&[("p", "1")])), ..Update::default() };
    assert_eq!(other.update(&note).await.unwrap(), 2, "a handle that has seen nothing takes any version");
    let behind = stream.update(&note).await.unwrap_err();
    assert_eq!((behind.kind(), behind.btrdb_code()), (ErrorKind::Server, Some(423)));
    let anyway = Update { expected_version: Some(0), ..note.clone() };
    assert_eq!(stream.update(&anyway).await.unwrap(), 3);
    let nothing = stream.update(&Update::default()).await.unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::InvalidValue);
    let bad = Update { tags: map(&[("voltage", "1")]), ..Update::default() };
    assert_eq!(stream.update(&bad).await.unwrap_err().kind(), ErrorKind::InvalidTagKey);
}

#[tokio::test]
async fn annotations_in_use_are_counted() {
    let running = Running::start();
    let connection = running.connect(true).await;
    for (id, collection) in [(1, "a"), (2, "a/b"), (3, "c")] {
        let note = [("place".to_owned(), id.to_string())];
        connection.create(Uuid::from_u128(id), collection, &tags("x"), &note).await.unwrap();
    }
    let usage = connection.collection_metadata("a").await.unwrap();
    assert_eq!(usage.annotations, BTreeMap::from([("place".to_owned(), 2)]));
    assert_eq!(usage.tags.keys().collect::<Vec<_>>(), ["distiller", "ingress", "name", "unit"]);
}

#[tokio::test]
async fn streams_by_uuid_and_by_path() {
    let running = Running::start();
    let connection = running.connect(true).await;
    let create = async |id, collection, name| {
        connection.create(Uuid::from_u128(id), collection, &tags(name), &[]).await.unwrap()
    };
    create(1, "a/b", "x").await;
    create(2, "a/b", "y").await;
    create(3, "a/bc", "x").await;
    let uuid = Uuid::from_u128(2);
    let identifiers: [Identifier; 3] = ["a/b/x".into(), uuid.into(), uuid.to_string().into()];
    let set = connection.streams(identifiers, &[10, 0, 0], false).await.unwrap();
    let ids: Vec<u128> = set.streams().iter().map(|stream| stream.uuid().as_u128()).collect();
    assert_eq!(ids, [1, 2, 2]);
    assert_eq!(set.versions().await.unwrap()[&Uuid::from_u128(1)], 10);
    assert_eq!((set.index(uuid), set.get(uuid).map(Stream::uuid), set.len()), (Some(1), Some(uuid), 3));

    let kind = async |path: &str, is_prefix| {
        connection.streams([path], &[], is_prefix).await.map(|set| set.len()).map_err(|error| error.kind())
    };
    assert_eq!(kind("a/b/y", true).await, Ok(1), "of the collections that begin with a/b, one has a y");
    assert_eq!(kind("a/b/x", true).await, Err(ErrorKind::StreamNotFound), "there are two");
    assert_eq!(kind("a/b/z", false).await, Err(ErrorKind::StreamNotFound));
    assert_eq!(kind("nowhere", false).await, Err(ErrorKind::InvalidValue));
    let few = connection.streams([uuid], &[1, 2], false).await.unwrap_err();
    assert_eq!(few.kind(), ErrorKind::InvalidValue);
    assert_eq!(connection.streams(Vec::<Uuid>::new(), &[], false).await.unwrap_err().kind(), ErrorKind::InvalidValue);
}
