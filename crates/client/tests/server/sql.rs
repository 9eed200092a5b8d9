//! Questions in SQL, and the lists that are made of them.

use btrdb_client::{ErrorKind, Uuid};
use serde_json::{Value, json};

use crate::running::Running;
use crate::tags;

#[tokio::test]
async fn streams_are_counted_and_listed() {
    let running = Running::start();
    let connection = running.connect(true).await;
    for (id, collection, name) in [(1, "a_b", "x"), (2, "a_b/c", "y"), (3, "acb", "z"), (4, "a_b", "z")] {
        let note = [("place".to_owned(), name.to_owned())];
        connection.create(Uuid::from_u128(id), collection, &tags(name), &note).await.unwrap();
    }
    let names = async |prefix| {
        let mut names = connection.list_unique_names(prefix).await.unwrap();
        names.sort_unstable();
        names
    };
    assert_eq!(names("").await, ["x", "y", "z"]);
    assert_eq!(names("a_b").await, ["x", "y", "z"]);
    assert_eq!(names("a_b/").await, ["y"]);
    assert_eq!(names("ac").await, ["z"]);
    assert_eq!(names("a%").await, [""; 0], "signs of patterns stand for themselves");
    assert_eq!(names("_").await, [""; 0]);
    assert_eq!(connection.list_unique_units("a").await.unwrap(), ["volts"]);
    assert_eq!(connection.list_unique_annotations("a_b").await.unwrap(), ["place"]);

    let asked = "SELECT uuid, name FROM streams WHERE collection = $1::text ORDER BY name";
    let rows = connection.query(asked, &["a_b".to_owned()]).await.unwrap();
    let uuids: Vec<_> = rows.iter().map(|row| row["uuid"].clone()).collect();
    assert_eq!(uuids, [json!(Uuid::from_u128(1).to_string()), json!(Uuid::from_u128(4).to_string())]);
    let count = connection.query_json("SELECT COUNT(uuid) FROM streams", &[]).await.unwrap();
    let count: Vec<Value> = count.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    assert_eq!(count, [json!({ "count": 4 })]);
    let refused = connection.query("DROP TABLE streams", &[]).await.unwrap_err();
    assert_eq!((refused.kind(), refused.call()), (ErrorKind::BadSqlValue, Some("SQLQuery")), "{refused}");
}
