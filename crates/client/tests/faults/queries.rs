//! Questions in SQL: what is sent, and rows that make no sense.

use std::sync::{Arc, Mutex};

use btrdb_client::{Connection, ErrorKind, Options, TransportFault};
use btrdb_proto as wire;
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use prost::Message;
use serde_json::json;
use tonic::body::Body;

use crate::{Answer, connected, failure, info};

fn rows(rows: &[&str]) -> wire::SqlQueryResponse {
    let sql_query_row = rows.iter().map(|row| Bytes::copy_from_slice(row.as_bytes())).collect();
    wire::SqlQueryResponse { stat: None, sql_query_row }
}

#[tokio::test]
async fn rows_are_objects() {
    let answer = Answer::sound(&[rows(&[r#"{"name":"x","property_version":3}"#]), rows(&[r#"{"name":null}"#])]);
    let found = connected(answer).await.query("select name from streams", &[]).await.unwrap();
    assert_eq!((found.len(), &found[0]["property_version"], &found[1]["name"]), (2, &json!(3), &json!(null)));

    for nonsense in ["[1]", "{", ""] {
        let error = connected(Answer::sound(&[rows(&[nonsense])])).await.query("select", &[]).await.unwrap_err();
        assert_eq!((error.kind(), error.call()), (ErrorKind::BadResponse, Some("SQLQuery")), "{nonsense}");
    }
    let bad_bytes = wire::SqlQueryResponse { stat: None, sql_query_row: vec![Bytes::from_static(&[0xff])] };
    let error = connected(Answer::sound(&[bad_bytes])).await.query_json("select", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadResponse);
    let refused = wire::SqlQueryResponse { stat: Some(failure(441)), ..rows(&[]) };
    let error = connected(Answer::sound(&[refused])).await.query("drop", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadSqlValue);
}

#[tokio::test]
async fn lists_of_names_ask_for_them_alone() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let transport = tower::service_fn(move |request: Request<Body>| {
        let noted = Arc::clone(&noted);
        async move {
            let is_info = request.uri().path().ends_with("/Info");
            let bytes = request.into_body().collect().await.unwrap().to_bytes();
            if is_info {
                return Ok::<_, TransportFault>(info(34).into_response());
            }
            let sent = wire::SqlQueryParams::decode(&bytes[5..]).unwrap();
            noted.lock().unwrap().push((sent.query, sent.params));
            let answer = rows(&[r#"{"name":"x","unit":"V","annotations":"k"}"#, r#"{"name":null,"unit":null}"#]);
            Ok(Answer::sound(&[answer]).into_response())
        }
    });
    let connection = Connection::connect(transport, Options::default()).await.unwrap();
    assert_eq!(connection.list_unique_names("a_b").await.unwrap(), ["x"]);
    assert_eq!(connection.list_unique_units("").await.unwrap(), ["V"]);
    assert_eq!(connection.list_unique_annotations("a").await.unwrap(), ["k"]);
    let like = " where collection like $1";
    let expected = [
        (format!("select distinct(name) as name from streams{like}"), vec![r"a\_b%".to_owned()]),
        ("select distinct(unit) as unit from streams".to_owned(), vec![]),
        (format!("select distinct(skeys(annotations)) as annotations from streams{like}"), vec!["a%".to_owned()]),
    ];
    assert_eq!(*asked.lock().unwrap(), expected);
}
