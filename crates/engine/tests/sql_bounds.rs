//! No statement takes more time, memory or stack than one may.
#![cfg(feature = "sql")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

mod common;

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use btrdb_engine::{Code, Engine, MAX_SQL_BYTES};
use btrdb_proto as proto;
use common::Fixture;

/// Far more than any of these takes on a machine that is busy with other tests.
const LONG: Duration = Duration::from_mins(1);

fn run(engine: &Engine, query: String) -> Result<usize, Code> {
    let params = proto::SqlQueryParams { query, ..Default::default() };
    let batches = engine.sql_query(&params, || false).map_err(|error| error.code)?;
    Ok(batches.map(|reply| reply.unwrap().sql_query_row.len()).sum())
}

/// Runs `query` on a thread whose stack is as small as that of the server's, and wants it refused.
#[track_caller]
fn bounded(engine: &Engine, query: &str, code: Code) {
    let begun = Instant::now();
    let (engine, text) = (engine.clone(), query.to_owned());
    let worker = thread::Builder::new().stack_size(2 << 20).spawn(move || run(&engine, text)).unwrap();
    let shown: String = query.chars().take(100).collect();
    assert_eq!(worker.join().unwrap(), Err(code), "{shown}");
    assert!(begun.elapsed() < LONG, "{shown} took {:?}", begun.elapsed());
}

fn many_streams(count: u32) -> Fixture {
    let fixture = Fixture::new();
    for number in 0..count {
        let tag =
            |key: &str, value: String| proto::KeyOptValue { key: key.into(), val: Some(proto::OptValue { value }) };
        let params = proto::CreateParams {
            uuid: [[7; 12].as_slice(), &number.to_be_bytes()].concat().into(),
            collection: format!("many/{}", number % 100),
            tags: vec![tag("name", format!("s{number}"))],
            annotations: vec![tag("long", "a".repeat(1_000))],
        };
        fixture.engine.create(params).unwrap();
    }
    fixture
}

#[test]
fn bombs_do_not_go_off() {
    let fixture = many_streams(2_000);
    let too_much = |query: &str| bounded(&fixture.engine, query, Code::ResourceDepleted);
    // Rows without end, kept and not kept.
    too_much("with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n");
    too_much("with recursive n(i) as (select 1 union all select i + 1 from n) select i from n");
    too_much("with recursive n(i) as (select 1 union all select i + 1 from n) select i from n order by i");
    // The same rows many times over.
    too_much("select count(*) from streams a, streams b, streams c, streams d");
    too_much("select count(*) from streams a, streams b, streams c where a.name || b.name || c.name like '%x'");
    too_much("select a.*, b.* from streams a, streams b");
    // Values that double.
    bounded(
        &fixture.engine,
        "with recursive n(s) as (select 'xxxxxxxxxxxxxxxx' union all select s || s from n) select length(s) from n",
        Code::BadSqlValue,
    );
    bounded(&fixture.engine, "select lpad('x', 1000000000)", Code::BadSqlValue);
    too_much(
        "with recursive n(s) as (select lpad('x', 500000) union all select s || '' from n) select s from n order by s",
    );
    too_much(
        "with recursive n(s) as (select lpad('x', 1000) union all select s from n) select string_agg(s, '') from n",
    );
    bounded(
        &fixture.engine,
        "with recursive n(s) as (select lpad('x', 1000) union all select s from n) select array_agg(s) from n",
        Code::BadSqlValue,
    );
}

#[test]
fn patterns_take_time_in_proportion() {
    let fixture = many_streams(200);
    let begun = Instant::now();
    let pattern = format!("{}b%", "%a".repeat(500));
    let query = format!("select count(*) from streams where annotations->'long' like '{pattern}'");
    assert_eq!(run(&fixture.engine, query), Ok(1));
    let pattern = "_%".repeat(500);
    let query = format!("select count(*) from streams where annotations->'long' like '{pattern}b'");
    assert_eq!(run(&fixture.engine, query), Ok(1));
    let query = "select count(*) from streams where annotations->'long' ~ '(a*)*(a*)*b'".to_owned();
    assert_eq!(run(&fixture.engine, query), Ok(1));
    assert!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
    bounded(&fixture.engine, "select 'a' ~ '((a{1,100}){1,100}){1,100}'", Code::BadSqlValue);
    bounded(&fixture.engine, &format!("select 'a' like '{}'", "%a".repeat(1_000)), Code::BadSqlValue);
}

#[test]
fn deep_statements_do_not_overflow_the_stack() {
    let fixture = Fixture::new();
    let refused = |query: String| {
        let begun = Instant::now();
        let (engine, text) = (fixture.engine.clone(), query.clone());
        let worker = thread::Builder::new().stack_size(2 << 20).spawn(move || run(&engine, text)).unwrap();
        let shown: String = query.chars().take(60).collect();
        let code = worker.join().unwrap().expect_err(&shown);
        assert!([Code::ResourceDepleted, Code::BadSqlValue].contains(&code), "{shown}: {code:?}");
        assert!(begun.elapsed() < LONG, "{shown} took {:?}", begun.elapsed());
    };
    for depth in [12, 20, 23, 100, 10_000] {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        refused(format!("select {open}x{close}"));
        refused(format!("select {open}select x{close}"));
        refused(format!("select 1 from {open}x{close}"));
        refused(format!("select 1 from {open}x"));
        refused(format!("select 1 from {}x", "(select * from ".repeat(depth)));
        refused(format!("select {}x", "abs(".repeat(depth)));
        refused(format!("select {}x", "not ".repeat(depth)));
        refused(format!("select {}x", "- ".repeat(depth)));
        refused(format!("select {}x", "case when ".repeat(depth)));
        refused(format!("select {}x", "array[".repeat(depth)));
        refused(format!("select x{}", "[1]".repeat(depth)));
        refused(format!("select x{}", "::text".repeat(depth)));
        refused(format!("select x {}", "is null ".repeat(depth)));
        refused(format!("select a{}", ".a".repeat(depth)));
        refused(format!("{}select x", "with a as (".repeat(depth)));
        refused(format!("select x {}", "union select x ".repeat(depth)));
        refused(format!("select 1 from x {}", "join x on true ".repeat(depth)));
    }
    refused(format!("select {}", "1+".repeat(MAX_SQL_BYTES / 2 - 10)));
    refused(" ".repeat(MAX_SQL_BYTES + 1));
}

#[test]
fn chains_and_lists_may_be_long() {
    let fixture = Fixture::new();
    let ask = |condition: String| {
        let (engine, query) = (fixture.engine.clone(), format!("select 1 from streams where {condition}"));
        let worker = thread::Builder::new().stack_size(2 << 20).spawn(move || run(&engine, query)).unwrap();
        assert_eq!(worker.join().unwrap(), Ok(1));
    };
    ask(format!("name = 'n'{}", " or name = 'x'".repeat(320)));
    ask(format!("1{} > 0", "+1".repeat(900)));
    let uuids: Vec<String> = (0..5_000_u32).map(|n| format!("'01010101-0101-0101-0101-0101{n:08x}'")).collect();
    ask(format!("uuid not in ({})", uuids.join(",")));
}

#[test]
fn doubling_in_with_is_bounded() {
    let fixture = Fixture::new();
    let doubled = |levels: u32| {
        let mut query = "with t0 as (select 1 as x)".to_owned();
        for level in 1..=levels {
            let below = level - 1;
            write!(query, ", t{level} as (select a.x from t{below} a, t{below} b)").unwrap();
        }
        format!("{query} select count(*) from t{levels}")
    };
    assert_eq!(run(&fixture.engine, doubled(3)), Ok(1));
    for levels in [6, 8, 10, 12, 16, 25, 60] {
        let begun = Instant::now();
        // Refused at once where SQLite finds it nested too deep, and later where it is not.
        let result = run(&fixture.engine, doubled(levels));
        assert!(levels < 25 || result.is_err(), "{levels}: {result:?}");
        assert!(begun.elapsed() < LONG, "{levels}: {:?}", begun.elapsed());
    }
}

#[test]
fn a_caller_who_hangs_up_stops_the_statement() {
    let fixture = many_streams(1_000);
    // Whoever is there for a while is looked after 200,000 times, were the statement to go on to its bound.
    let looks = Arc::new(AtomicU32::new(0));
    let looked = Arc::clone(&looks);
    let query = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n".to_owned();
    let params = proto::SqlQueryParams { query, ..Default::default() };
    let result = fixture.engine.sql_query(&params, move || looked.fetch_add(1, Ordering::Relaxed) >= 10);
    assert_eq!(result.map(|_| ()).map_err(|error| error.code), Err(Code::ResourceDepleted));
    assert!(looks.load(Ordering::Relaxed) < 20, "{looks:?} looks after one that said nobody waits");
}
