//! What statements over `streams` answer.
#![cfg(feature = "sql")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

mod common;

use btrdb_engine::{Code, Engine, Rights};
use btrdb_proto as proto;
use common::Fixture;

/// The rows of a statement, one JSON object a line.
fn rows_of(engine: &Engine, query: &str, params: &[&str]) -> Result<String, btrdb_engine::Error> {
    let params = params.iter().map(|&param| param.to_owned()).collect();
    let params = proto::SqlQueryParams { query: query.to_owned(), params, role: None };
    let rows: Vec<String> = engine
        .sql_query(&params, || false)?
        .flat_map(|reply| reply.unwrap().sql_query_row)
        .map(|row| String::from_utf8(row.to_vec()).unwrap())
        .collect();
    Ok(rows.join("\n"))
}

/// Three streams: `a/b/n` without annotations, `pmu/1/volts` and `pmu/2/Ä'"x` with some.
fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.create(2, "pmu/1", "volts", &[("phase", "1"), ("site", "north")]);
    let key_value = |key: &str, value: Option<&str>| proto::KeyOptValue {
        key: key.into(),
        val: value.map(|value| proto::OptValue { value: value.into() }),
    };
    let params = proto::CreateParams {
        uuid: vec![0xab; 16].into(),
        collection: "pmu/2".into(),
        tags: vec![key_value("name", Some("Ä'\"x")), key_value("unit", None)],
        annotations: vec![
            key_value("phase", Some("2")),
            key_value("nothing", None),
            key_value("deep", Some(r#"{"lat": 1.5, "tags": ["x", "y"]}"#)),
        ],
    };
    fixture.engine.create(params).unwrap();
    fixture
}

#[track_caller]
fn check(query: &str, params: &[&str], expected: &str) {
    let fixture = fixture();
    let found = rows_of(&fixture.engine, query, params).unwrap_or_else(|error| error.to_string());
    assert_eq!(found, expected.trim(), "{query}");
}

#[track_caller]
fn refuse(query: &str, params: &[&str], code: Code, message: &str) {
    let fixture = fixture();
    let error = rows_of(&fixture.engine, query, params).expect_err(query);
    assert_eq!(error.code, code, "{query}: {error}");
    assert!(error.message.contains(message), "{query}: {error}");
}

#[test]
fn statements_that_the_official_client_makes() {
    check(
        "select distinct(name) as name from streams where collection like $1",
        &["pmu%"],
        "{\"name\":\"volts\"}\n{\"name\":\"Ä'\\\"x\"}",
    );
    check("select distinct(unit) as unit from streams", &[], "{\"unit\":\"V\"}\n{\"unit\":\"\"}");
    check(
        "select distinct(skeys(annotations)) as annotations from streams where collection like $1",
        &["pmu/%"],
        r#"
{"annotations":"phase"}
{"annotations":"site"}
{"annotations":"deep"}
{"annotations":"nothing"}"#,
    );
    check("select distinct(skeys(annotations)) as annotations from streams where collection like $1", &["a%"], "");
}

#[test]
fn statements_of_its_manual() {
    check(
        "select * from streams where name = $1 or name = $2",
        &["volts", "amperes"],
        r#"{"uuid":"02020202-0202-0202-0202-020202020202","collection":"pmu/1","name":"volts","unit":"V","ingress":"","distiller":"","property_version":1,"annotations":{"phase":"1","site":"north"}}"#,
    );
    check("SELECT COUNT(uuid) FROM streams", &[], r#"{"count":3}"#);
    check("SELECT COUNT(uuid) FROM streams WHERE collection=$1::text", &["pmu/1"], r#"{"count":1}"#);
    check("SELECT COUNT(uuid) FROM streams WHERE annotations->$1::text IS NOT NULL", &["phase"], r#"{"count":2}"#);
    check(
        "SELECT uuid, name, unit from streams WHERE collection LIKE $1 and unit='V';",
        &["a%"],
        r#"{"uuid":"01010101-0101-0101-0101-010101010101","name":"n","unit":"V"}"#,
    );
    check(
        "SELECT collection, name FROM streams WHERE collection like 'pmu/1'",
        &[],
        r#"{"collection":"pmu/1","name":"volts"}"#,
    );
}

#[test]
fn like_minds_case_and_ilike_does_not() {
    let count = |condition: &str, expected: u32| {
        check(&format!("select count(*) from streams where {condition}"), &[], &format!("{{\"count\":{expected}}}"));
    };
    count("name like 'VOLTS'", 0);
    count("name ilike 'VO%TS'", 1);
    count("name ILIKE 'ä%'", 1);
    count("name not like 'v%'", 2);
    count("name like '_'", 1);
    count("name like 'Ä''\"_'", 1);
    count("collection like 'pmu$_1' escape '$'", 0);
    count("collection like 'pmu\\/1'", 1);
    count("name ~ '^v.*s$'", 1);
    count("name ~* '^V'", 1);
    count("name !~ '^v'", 2);
    count("collection ^@ 'pmu'", 2);
}

#[test]
fn nulls_are_where_postgresql_has_them() {
    check("select unit from streams where unit is null", &[], "");
    check(
        "select unit = '' as empty from streams order by collection",
        &[],
        "{\"empty\":false}\n{\"empty\":false}\n{\"empty\":true}",
    );
    check(
        "select annotations->'nothing' as it, annotations ? 'nothing' as key, defined(annotations, 'nothing') from streams where collection='pmu/2'",
        &[],
        r#"{"it":null,"key":true,"defined":false}"#,
    );
    // Of those without the key nothing is known, so neither the condition nor its opposite holds.
    check("select count(*) from streams where annotations->'phase' <> '1'", &[], r#"{"count":1}"#);
    check("select count(*) from streams where not (annotations->'phase' = '1')", &[], r#"{"count":1}"#);
    check("select count(*) from streams where annotations->'phase' is distinct from '1'", &[], r#"{"count":2}"#);
    check("select count(annotations->'site'), count(*) as all from streams", &[], r#"{"count":1,"all":3}"#);
    let phases = |order: &str| format!("select annotations->'phase' as p from streams order by p {order}");
    check(&phases(""), &[], "{\"p\":\"1\"}\n{\"p\":\"2\"}\n{\"p\":null}");
    check(&phases("desc"), &[], "{\"p\":null}\n{\"p\":\"2\"}\n{\"p\":\"1\"}");
    check(&phases("nulls first"), &[], "{\"p\":null}\n{\"p\":\"1\"}\n{\"p\":\"2\"}");
    check("select null as n, coalesce(null, 'x'), nullif('a', 'a')", &[], r#"{"n":null,"coalesce":"x","nullif":null}"#);
    check(
        "select 'x' || null as joined, concat('x', null, 1), concat_ws('-', 'a', null, 'b')",
        &[],
        r#"{"joined":null,"concat":"x1","concat_ws":"a-b"}"#,
    );
}

#[test]
fn annotations_are_an_hstore() {
    let of = |expr: &str, expected: &str| {
        check(
            &format!("select {expr} as it from streams where collection = 'pmu/1'"),
            &[],
            &format!("{{\"it\":{expected}}}"),
        );
    };
    of("annotations", r#"{"phase":"1","site":"north"}"#);
    of("annotations::text", r#""\"phase\"=>\"1\", \"site\"=>\"north\"""#);
    of("annotations -> array['site', 'other']", r#"["north",null]"#);
    of("annotations @> 'phase=>1'", "true");
    of("annotations @> '\"phase\"=>\"2\"'::hstore", "false");
    of("'phase=>1' <@ annotations", "true");
    of("annotations ?& array['phase', 'site']", "true");
    of("annotations ?| array['other']", "false");
    of("exist(annotations, 'site')", "true");
    of("akeys(annotations)", r#"["phase","site"]"#);
    of("avals(annotations)", r#"["1","north"]"#);
    of("array_length(akeys(annotations), 1)", "2");
    of("annotations || 'phase=>9, \"a b\"=>NULL'::hstore", r#"{"a b":null,"phase":"9","site":"north"}"#);
    of("annotations - 'phase'::text", r#"{"site":"north"}"#);
    of("delete(annotations, 'site')", r#"{"phase":"1"}"#);
    of("slice(annotations, array['site'])", r#"{"site":"north"}"#);
    of("hstore('k', name)", r#"{"k":"volts"}"#);
    of("'site' = any(akeys(annotations))", "true");
    of("(annotations->'phase')::int + 1", "2");
    of("array_to_string(akeys(annotations), ', ')", r#""phase, site""#);
    check("select annotations from streams where collection = 'a/b'", &[], r#"{"annotations":{}}"#);
    check(
        "select (annotations->'deep')::json->>'lat' as lat, (annotations->'deep')::jsonb->'tags' as tags from streams where annotations ? 'deep'",
        &[],
        r#"{"lat":"1.5","tags":["x","y"]}"#,
    );
}

#[test]
fn functions_may_return_rows() {
    check(
        "select skeys(annotations), svals(annotations) from streams where collection = 'pmu/1'",
        &[],
        "{\"skeys\":\"phase\",\"svals\":\"1\"}\n{\"skeys\":\"site\",\"svals\":\"north\"}",
    );
    check(
        "SELECT key, count(*) FROM (SELECT (each(annotations)).key FROM streams) AS stat GROUP BY key ORDER BY count DESC, key LIMIT 2",
        &[],
        "{\"key\":\"phase\",\"count\":2}\n{\"key\":\"deep\",\"count\":1}",
    );
    check(
        "select skeys(annotations) as k, count(*) from streams group by 1 having count(*) > 1",
        &[],
        r#"{"k":"phase","count":2}"#,
    );
    check(
        "select name, k from streams, skeys(annotations) as k where k like 's%'",
        &[],
        r#"{"name":"volts","k":"site"}"#,
    );
    check(
        "select e.key, e.value from streams s cross join lateral each(s.annotations) e where s.name = 'volts' order by value desc",
        &[],
        "{\"key\":\"site\",\"value\":\"north\"}\n{\"key\":\"phase\",\"value\":\"1\"}",
    );
    check("select * from unnest(array['x', null]) as t(item)", &[], "{\"item\":\"x\"}\n{\"item\":null}");
    check("select * from unnest('{a,\"b c\"}'::text[]) as u", &[], "{\"u\":\"a\"}\n{\"u\":\"b c\"}");
}

#[test]
fn groups_joins_and_subqueries() {
    check(
        "select split_part(collection, '/', 1) as top, count(*), string_agg(name, '+' order by name desc) from streams group by top having count(*) >= 1 order by 1 desc",
        &[],
        "{\"top\":\"pmu\",\"count\":2,\"string_agg\":\"Ä'\\\"x+volts\"}\n{\"top\":\"a\",\"count\":1,\"string_agg\":\"n\"}",
    );
    check(
        "select a.name, b.name as other from streams a join streams b on a.unit = b.unit and a.uuid < b.uuid",
        &[],
        r#"{"name":"n","other":"volts"}"#,
    );
    check(
        "with mine as (select * from streams where collection like 'pmu%') select m.name, (select count(*) from streams s where s.unit = m.unit) as alike from mine m order by name",
        &[],
        "{\"name\":\"volts\",\"alike\":2}\n{\"name\":\"Ä'\\\"x\",\"alike\":1}",
    );
    check(
        "with streams as (select name from streams where unit = 'V') select count(*) from streams",
        &[],
        r#"{"count":2}"#,
    );
    check(
        "select name from streams s where exists (select 1 from streams t where t.collection > s.collection) order by name",
        &[],
        "{\"name\":\"n\"}\n{\"name\":\"volts\"}",
    );
    check(
        "select name from streams where uuid in (select uuid from public.streams where unit = 'V') order by 1",
        &[],
        "{\"name\":\"n\"}\n{\"name\":\"volts\"}",
    );
    check("(select 1 as n union all select 2) union select 2 order by n desc", &[], "{\"n\":2}\n{\"n\":1}");
    check("select * from (values (1, 'a'), (2, 'b')) as v(x, y) where x > 1", &[], r#"{"x":2,"y":"b"}"#);
    check(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3) select sum(i), array_agg(i) from n",
        &[],
        r#"{"sum":6,"array_agg":[1,2,3]}"#,
    );
    check(
        "select name, row_number() over (order by name) as n, count(*) over (partition by unit) from streams order by n",
        &[],
        "{\"name\":\"n\",\"n\":1,\"count\":2}\n{\"name\":\"volts\",\"n\":2,\"count\":2}\n{\"name\":\"Ä'\\\"x\",\"n\":3,\"count\":1}",
    );
    check(
        "select count(*) filter (where unit = 'V') as volts, bool_or(unit = ''), count(distinct unit) from streams",
        &[],
        r#"{"volts":2,"bool_or":true,"count":2}"#,
    );
    check(
        "select streams.* from streams left join (select 'x' as name) x using (name) where x.name is null limit 0",
        &[],
        "",
    );
    check("select count(*) from streams a natural join streams b", &[], r#"{"count":3}"#);
    check("select name from streams order by collection offset 1 fetch first 1 row only", &[], r#"{"name":"volts"}"#);
    check("select name from streams order by collection limit $1 offset $2", &["1", "2"], r#"{"name":"Ä'\"x"}"#);
}

#[test]
fn values_know_their_kinds() {
    check(
        "select true, 1 = 1 as eq, not true as n, 7/2 as div, 7.0/2 as real, -3 % 2 as rest",
        &[],
        r#"{"?column?":true,"eq":true,"n":false,"div":3,"real":3.5,"rest":-1}"#,
    );
    check(
        "select flag, count(*) from (select unit = 'V' as flag from streams) x where flag is not null group by flag order by flag",
        &[],
        "{\"flag\":false,\"count\":1}\n{\"flag\":true,\"count\":2}",
    );
    check("select count(*) from (select unit = 'V' as flag from streams) x where flag", &[], r#"{"count":2}"#);
    check(
        "select count(*) from (select unit = 'V' as flag from streams) x where not flag or flag = true",
        &[],
        r#"{"count":3}"#,
    );
    check(
        "select case when unit = 'V' then unit = 'V' else null end from streams where collection = 'a/b'",
        &[],
        r#"{"case":true}"#,
    );
    check(
        "select '12'::int + 1 as n, 2.5::int as even, '1e3'::float8, 'yes'::bool, 12::text",
        &[],
        r#"{"n":13,"even":2,"float8":1000.0,"bool":true,"text":"12"}"#,
    );
    check("select count(*) from streams where property_version = $1", &["1"], r#"{"count":3}"#);
    check("select unit, count(*) from streams group by unit having count(*) > $1", &["1"], r#"{"unit":"V","count":2}"#);
    // Any spelling of a uuid is that uuid.
    check("select name from streams where uuid = $1", &["ABABABABABABABABABABABABABABABAB"], r#"{"name":"Ä'\"x"}"#);
    check(
        "select name from streams where uuid in ('{02020202-0202-0202-0202-020202020202}')",
        &[],
        r#"{"name":"volts"}"#,
    );
    check(
        "select name from streams where uuid = any($1::uuid[])",
        &["{02020202-0202-0202-0202-020202020202,ABABABAB-ABAB-ABAB-ABAB-ABABABABABAB}"],
        "{\"name\":\"volts\"}\n{\"name\":\"Ä'\\\"x\"}",
    );
    check(
        "select 9223372036854775807 as most, avg(property_version), max(property_version) from streams",
        &[],
        r#"{"most":9223372036854775807,"avg":1.0,"max":1}"#,
    );
    check(
        "select (property_version, name) = (1, 'n') as it from streams where (name, unit) in (('n', 'V'), ('x', 'y'))",
        &[],
        r#"{"it":true}"#,
    );
}

#[test]
fn text_functions_count_characters() {
    check(
        "select lower('ÄÖ'), upper('äß'), length('äß'), octet_length('äß'), reverse('äb'), left('äbc', 2), right('äbc', -1), substring('äbc' from 2 for 1), substr('abc', 0, 2) as s",
        &[],
        r#"{"lower":"äö","upper":"ÄSS","length":2,"octet_length":4,"reverse":"bä","left":"äb","right":"bc","substring":"b","s":"a"}"#,
    );
    check(
        "select position('c' in 'äbc'), strpos('äbc', 'x'), trim('  x '), trim(both 'x' from 'xax') as t, ltrim('xxa', 'x'), replace('a.b', '.', '/'), split_part('a/b/c', '/', -1), starts_with('abc', 'ab'), lpad('7', 3, '0'), regexp_replace('a1b22', '[0-9]+', '<\\&>', 'g')",
        &[],
        r#"{"position":3,"strpos":0,"btrim":"x","t":"a","ltrim":"a","replace":"a/b","split_part":"c","starts_with":true,"lpad":"007","regexp_replace":"a<1>b<22>"}"#,
    );
    check(
        "select abs(-2), round(2.567, 2), ceil(1.2), floor(-1.2), greatest(1, null, 3), least('b', 'a'), mod(7, 3)",
        &[],
        r#"{"abs":2,"round":2.57,"ceil":2.0,"floor":-2.0,"greatest":3,"least":"a","mod":1}"#,
    );
}

#[test]
fn columns_are_called_what_postgresql_calls_them() {
    check(
        "select name, streams.unit, name::text, 'x', 'x'::varchar(9), 1 + 1 as \"Sum Of\", upper(name) as UP, (select count(*) from streams), exists (select 1), annotations->'a' from streams where name = 'n'",
        &[],
        r#"{"unit":"V","name":"n","varchar":"x","Sum Of":2,"up":"N","count":3,"exists":true,"?column?":null}"#,
    );
    check(
        "select \"name\" as \"He said \"\"hi\"\"\" from \"streams\" where name = 'n'",
        &[],
        r#"{"He said \"hi\"":"n"}"#,
    );
    check("SELECT Name AS N FROM Streams WHERE NAME = E'n'", &[], r#"{"n":"n"}"#);
    check("select $$it's$$ as quoted, 'it''s' as doubled", &[], r#"{"quoted":"it's","doubled":"it's"}"#);
}

#[test]
fn what_makes_no_sense_is_error_441() {
    use Code::BadSqlValue;
    refuse("", &[], BadSqlValue, "empty");
    refuse("select", &[], BadSqlValue, "");
    refuse("select * frm streams", &[], BadSqlValue, "");
    refuse("select 1; select 2", &[], BadSqlValue, "one statement");
    refuse("select * from elsewhere", &[], BadSqlValue, "relation \"elsewhere\" does not exist");
    refuse("select nothing from streams", &[], BadSqlValue, "no such column");
    refuse("select \"nothing\" from streams", &[], BadSqlValue, "no such column");
    refuse("select frobnicate(name) from streams", &[], BadSqlValue, "frobnicate()");
    refuse("select * from streams where name = $2", &["a"], BadSqlValue, "2 parameters");
    refuse("select * from streams", &["a"], BadSqlValue, "0 parameters");
    refuse("select * from streams where name = $0", &[], BadSqlValue, "no parameter");
    refuse("select name::int from streams", &[], BadSqlValue, "invalid input for type integer");
    refuse("select * from streams where uuid = 'x'", &[], BadSqlValue, "invalid input for type uuid");
    refuse("select * from streams where uuid = $1", &["x"], BadSqlValue, "invalid input for type uuid");
    refuse("select * from streams where name ~ '('", &[], BadSqlValue, "regular expression");
    refuse("select name from streams limit -1", &[], BadSqlValue, "negative");
    refuse("select name from (select * from streams)", &[], BadSqlValue, "alias");
    refuse("select distinct on (unit) * from streams", &[], BadSqlValue, "DISTINCT ON");
    refuse("select 'a\0b'", &[], BadSqlValue, "NUL");
}

#[test]
fn only_reading_is_offered() {
    for statement in [
        "insert into streams values (1)",
        "update streams set name = 'x'",
        "delete from streams",
        "drop table streams",
        "create table x (a int)",
        "create view v as select 1",
        "truncate streams",
        "attach 'x.db' as x",
        "attach database 'x.db' as x",
        "pragma query_only = off",
        "vacuum",
        "explain select 1",
        "begin",
        "copy streams to '/tmp/x'",
        "set x = 1",
        "select * into x from streams",
        "with x as (delete from streams returning *) select * from x",
        "with x as (insert into streams values (1) returning *) select * from x",
        "select 1 for update",
        "select load_extension('x')",
        "select readfile('/etc/passwd')",
        "select writefile('/tmp/x', 'y')",
        "select randomblob(1000000000)",
        "select zeroblob(1000000000)",
        "select pg_stream(0, 1)",
        "select sqlite_version()",
        "select * from sqlite_master",
        "select * from sqlite_schema",
        "select * from main.sqlite_master",
        "select * from main.streams",
        "select * from temp.streams",
        "select * from pragma_table_info('streams')",
        "select * from pragma_database_list",
        "select * from generate_series(1, 10)",
        "select * from json_each('[1]')",
        "select * from dbstat",
        "select * from information_schema.tables",
        "select * from pg_catalog.pg_class",
        "table streams",
    ] {
        refuse(statement, &[], Code::BadSqlValue, "");
    }
}

#[test]
fn a_prefix_hides_all_other_streams_whatever_the_statement() {
    let fixture = fixture();
    let rights = Rights { prefix: Some("pmu/1".into()), ..Rights::default() };
    let engine = fixture.engine.restricted(rights);
    let mine = r#"{"name":"volts"}"#;
    for statement in [
        "select name from streams",
        "select name from public.streams",
        "select name from streams union select name from streams",
        "select name from streams union all select s.name from streams s where false or s.name = 'n'",
        "with streams as (select * from streams) select name from streams",
        "with main as (select * from streams) select name from main",
        "with recursive streams(name) as (select 'volts' union select t.name from streams t) select name from streams",
        "select a.name from streams a full join streams b on a.uuid = b.uuid",
        "select distinct a.name from streams a, streams b",
        "select (select max(name) from streams) as name",
        "select name from (select * from streams where collection like '%') as s where true or collection = 'a/b'",
        "select name from streams where uuid in (select uuid from streams) or 1 = 1",
        "select max(name) as name from streams where collection >= ''",
        "select string_agg(name, ',') as name from streams",
        "select s.name from (values ('x')) v(x) left join streams s on true",
    ] {
        assert_eq!(rows_of(&engine, statement, &[]).unwrap(), mine, "{statement}");
    }
    let nobody = fixture.engine.restricted(Rights { prefix: Some("elsewhere".into()), ..Rights::default() });
    assert_eq!(rows_of(&nobody, "select count(*) from streams", &[]).unwrap(), r#"{"count":0}"#);
    assert_eq!(rows_of(&nobody, "select * from streams", &[]).unwrap(), "");
}

#[test]
fn changes_of_streams_show_at_once() {
    let fixture = fixture();
    let count = || rows_of(&fixture.engine, "select count(*) from streams where name = 'new'", &[]).unwrap();
    assert_eq!(count(), r#"{"count":0}"#);
    fixture.create(9, "later", "new", &[]);
    assert_eq!(count(), r#"{"count":1}"#);
    fixture.engine.obliterate(&proto::ObliterateParams { uuid: vec![9; 16].into() }).unwrap();
    assert_eq!(count(), r#"{"count":0}"#);
}
