//! SQL over the wire, and callers who do not wait for it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::time::{Duration, Instant};

use btrdb_proto::{InfoParams, SqlQueryParams, client::BTrDbClient};
use common::Server;
use tonic::transport::{Channel, Endpoint};

const ENDLESS: &str = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";

async fn rows(client: &mut BTrDbClient<Channel>, query: &str) -> Result<Vec<String>, u32> {
    let params = SqlQueryParams { query: query.to_owned(), ..SqlQueryParams::default() };
    let mut replies = client.sql_query(params).await.unwrap().into_inner();
    let mut rows = Vec::new();
    while let Some(reply) = replies.message().await.unwrap() {
        if let Some(status) = reply.stat {
            return Err(status.code);
        }
        rows.extend(reply.sql_query_row.iter().map(|row| String::from_utf8_lossy(row).into_owned()));
    }
    Ok(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_hang_up_leave_room_for_others() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let address = format!("http://{}", server.address);
    let channel = Endpoint::from_shared(address).unwrap().connect().await.unwrap();
    let mut client = BTrDbClient::new(channel);
    assert_eq!(rows(&mut client, "select 1 as one").await, Ok(vec![r#"{"one":1}"#.to_owned()]));
    assert_eq!(rows(&mut client, "drop table streams").await, Err(441));

    let endless: Vec<_> = (0..12)
        .map(|_| {
            let mut client = client.clone();
            tokio::spawn(async move { rows(&mut client, ENDLESS).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let begun = Instant::now();
    client.info(InfoParams::default()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3), "other calls wait for SQL: {:?}", begun.elapsed());

    for statement in &endless {
        statement.abort();
    }
    let begun = Instant::now();
    assert_eq!(rows(&mut client, "select 2 as two").await, Ok(vec![r#"{"two":2}"#.to_owned()]));
    // Twelve statements to their ends would take the better part of a minute.
    assert!(begun.elapsed() < Duration::from_secs(10), "places stay taken: {:?}", begun.elapsed());
}
