//! Sets of streams as tables of every kind.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, UInt64Type};
use arrow_schema::{DataType, TimeUnit};
use btrdb_client::{
    Aggregate, Dialect, ErrorKind, Filter, Naming, Number, Numbers, StreamSet, Table, TableOptions, Uuid,
};
use futures_util::TryStreamExt;

use crate::SECOND;
use crate::arrow::{floats, names, read, template, times};
use crate::running::Running;
use crate::set::two;

const TIMES: [i64; 9] = [100, 101, 105, 106, 110, 114, 115, 119, 120];
const N: f64 = f64::NAN;

fn same(found: &[f64], expected: &[f64]) {
    let bits =
        |floats: &[f64]| floats.iter().map(|x| if x.is_nan() { None } else { Some(x.to_bits()) }).collect::<Vec<_>>();
    assert_eq!(bits(found), bits(expected));
}

#[tokio::test]
async fn points_joined_by_the_server_and_here() {
    let running = Running::start();
    let set = two(&running).await;
    let ids: Vec<String> = (1..=2).map(|id| Uuid::from_u128(id).to_string()).collect();
    // The same without Arrow on the wire.
    let plain = running.connect(false).await;
    let plain = plain.streams([Uuid::from_u128(1), Uuid::from_u128(2)], &[], false).await.unwrap();
    let plain = plain.filter(&Filter { start: Some(100), end: Some(121), ..Filter::default() }).await.unwrap();
    for set in [&set, &plain] {
        let batches = read(&set.arrow_values().await.unwrap());
        assert_eq!(names(&batches[0]), ["time", &ids[0], &ids[1]]);
        assert_eq!(times(&batches[0]), TIMES);
        assert!(batches[0].schema().fields().iter().all(|field| !field.is_nullable()));
        same(&floats(&batches[0], 1), &[0.0, N, 1.0, N, 2.0, N, 3.0, N, 4.0]);
        same(&floats(&batches[0], 2), &[N, 5.0, N, 6.0, 7.0, 8.0, N, 9.0, N]);
        let table = set.to_columns(&TableOptions::default()).await.unwrap();
        assert_eq!((table.time.as_slice(), table.columns[1].name.as_str()), (&TIMES[..], "a/s2"));
        assert_eq!((table.columns.len(), &table.columns[0].present), (2, &None));
        let batches: Vec<_> = set.arrow_values_batches().try_collect().await.unwrap();
        assert_eq!(batches.iter().flat_map(|ipc| times(&read(ipc)[0])).collect::<Vec<_>>(), TIMES);
    }
    let named = TableOptions { name: Naming::by(|stream| stream.name().to_uppercase()), ..TableOptions::default() };
    assert_eq!(names(&read(&set.to_arrow_table(&named).await.unwrap())[0]), ["time", "S1", "S2"]);
}

#[tokio::test]
async fn windows_as_a_table() {
    let running = Running::start();
    let set = two(&running).await;
    let set = set.filter(&Filter { start: Some(90), end: Some(115), ..Filter::default() }).await.unwrap();
    let set = set.aligned_windows(btrdb_client::PointWidth::new(2).unwrap()).unwrap();
    let batch = read(&set.arrow_values().await.unwrap()).remove(0);
    assert_eq!(times(&batch), [100, 104, 108]);
    assert_eq!(batch.num_columns(), 11);
    assert_eq!(names(&batch)[9], format!("{}/count", Uuid::from_u128(2)));
    assert!(batch.schema().fields().iter().skip(1).all(|field| field.is_nullable()));
    assert_eq!(batch.column(9).as_primitive::<UInt64Type>().values(), &[1, 1, 1]);

    let table = set
        .to_columns(&TableOptions { agg: vec![Aggregate::Mean, Aggregate::Count], ..TableOptions::default() })
        .await
        .unwrap();
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["a/s1/mean", "a/s1/count", "a/s2/mean", "a/s2/count"]);
    let wider = set.filter(&Filter { end: Some(121), ..Filter::default() }).await.unwrap();
    let table = wider.to_columns(&TableOptions::default()).await.unwrap();
    assert_eq!(table.time, [100, 104, 108, 112, 116]);
    assert_eq!(table.columns[0].present.as_deref(), Some(&[true, true, true, true, false][..]));
    let batch = read(&table.to_ipc()).remove(0);
    assert_eq!((batch.column(1).null_count(), batch.column(1).is_null(4)), (1, true));
    let with_schema =
        Filter { start: Some(100), schema: Some(template(&[("t", DataType::Int64)])), ..Filter::default() };
    let refused = wider.filter(&with_schema).await.unwrap().arrow_values().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unimplemented);
}

#[tokio::test]
async fn points_moved_to_a_grid_and_cast() {
    let running = Running::start();
    let half = SECOND / 2;
    let first = running.stream(1, "s1", &[(half, 0.5), (2 * SECOND, 2.0)]).await;
    let second = running.stream(2, "s2", &[(half - 1, 9.0), (2 * SECOND, 2.0)]).await;
    let third = running.stream(3, "s3", &[(SECOND, 1.0), (2 * SECOND, 2.0)]).await;
    let set = StreamSet::new(vec![first, second, third]).unwrap();
    let snap =
        Filter { start: Some(SECOND), end: Some(3 * SECOND), sampling_frequency: Some(1.0), ..Filter::default() };
    let snapped = set.filter(&snap).await.unwrap();
    let table = snapped.to_columns(&TableOptions::default()).await.unwrap();
    assert_eq!(table.time, [SECOND, 2 * SECOND]);
    for (column, expected) in table.columns.iter().zip([[0.5, 2.0], [N, 2.0], [1.0, 2.0]]) {
        let Numbers::Floats(values) = &column.numbers else { panic!("values are floats") };
        same(values, &expected);
    }
    let zone = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let schema = template(&[("t", zone), ("a", DataType::Float64), ("b", DataType::Float32), ("c", DataType::Float32)]);
    let cast =
        snapped.filter(&Filter { start: Some(SECOND), schema: Some(schema), ..Filter::default() }).await.unwrap();
    let batch = read(&cast.to_arrow_table(&TableOptions::default()).await.unwrap()).remove(0);
    assert_eq!(
        (names(&batch), batch.column(3).as_primitive::<Float32Type>().value(0)),
        (["t", "a", "b", "c"].map(str::to_owned).to_vec(), 1.0)
    );

    let plain = running.connect(false).await.streams([Uuid::from_u128(1)], &[], false).await.unwrap();
    let twice = plain.filter(&snap).await.unwrap().to_columns(&TableOptions::default()).await.unwrap();
    assert_eq!(twice.time, [SECOND, 2 * SECOND], "the server is asked where nobody else can do it");
}

#[tokio::test]
async fn rows_of_numbers_under_names() {
    let running = Running::start();
    let set = two(&running).await;
    let records = set.to_dict(&TableOptions::default()).await.unwrap();
    assert_eq!(records.keys, ["a/s1", "a/s2"]);
    assert_eq!(records.rows[4].time, 110);
    assert_eq!(records.rows[4].values, [Some(Number::Float(2.0)), Some(Number::Float(7.0))]);
    assert_eq!(records.rows[5].values, [None, Some(Number::Float(8.0))]);
    let windows = set.windows(10).unwrap();
    let all = windows.to_dict(&TableOptions::all()).await.unwrap();
    assert_eq!(all.keys[..5], ["a/s1-min", "a/s1-mean", "a/s1-max", "a/s1-count", "a/s1-stddev"]);
    assert_eq!((all.rows.len(), all.rows[0].values[3]), (2, Some(Number::Count(2))));
    let counts = TableOptions { agg: vec![Aggregate::Count], ..TableOptions::default() };
    assert_eq!(windows.to_dict(&counts).await.unwrap().keys, ["a/s1", "a/s2"]);

    let series = windows.to_series(Aggregate::Max, &Naming::default()).await.unwrap();
    assert_eq!((series[1].name.as_str(), series[1].time.as_slice()), ("a/s2", &[100, 110][..]));
    assert_eq!(series[1].numbers, Numbers::Floats(vec![6.0, 9.0]));
    assert_eq!(windows.to_array(Aggregate::Count).await.unwrap()[0], Numbers::Counts(vec![2, 2]));
}

#[tokio::test]
async fn text_as_the_official_client_writes_it() {
    let running = Running::start();
    let one = StreamSet::new(vec![running.stream(1, "s", &[(5, 1.5)]).await]).unwrap();
    let mut csv = Vec::new();
    one.to_csv(&TableOptions::default(), Dialect::default(), &mut csv).await.unwrap();
    assert_eq!(String::from_utf8(csv).unwrap(), "time,a/s\r\n5,1.5\r\n");
    let mut named = Vec::new();
    let options = TableOptions {
        name: Naming::by(|stream| format!("{}, {}", stream.name(), stream.unit())),
        ..TableOptions::default()
    };
    one.to_csv(&options, Dialect { line_end: "\n", ..Dialect::default() }, &mut named).await.unwrap();
    assert_eq!(String::from_utf8(named).unwrap(), "time,\"s, volts\"\n5,1.5\n");
    assert_eq!(one.to_table(&TableOptions::default()).await.unwrap(), "  time    a/s\n------  -----\n     5    1.5");
    let nothing = one.filter(&Filter { start: Some(6), ..Filter::default() }).await.unwrap();
    assert_eq!(
        nothing.to_columns(&TableOptions::default()).await.unwrap(),
        Table {
            columns: vec![btrdb_client::TableColumn {
                name: "a/s".to_owned(),
                numbers: Numbers::Floats(vec![]),
                present: None
            }],
            ..Table::default()
        }
    );
    assert_eq!(nothing.to_table(&TableOptions::default()).await.unwrap(), "");
}
