//! What calls hand out: plain objects of typed arrays and `bigint`s.

use btrdb_client::{
    AnyPoint, Columns, Descriptor, Info, MetadataUsage, Number, Numbers, Point, RawColumns, Record, Row, Series,
    StatColumns, StatPoint, StreamBatch, Table, TailEvent, TimeRange, Versioned,
};
use js_sys::{Array, BigInt64Array, BigUint64Array, Float64Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::record::{counts, number, record, strings, texts};

pub(crate) fn info(info: Info) -> JsValue {
    record([
        ("majorVersion", info.major_version.into()),
        ("minorVersion", info.minor_version.into()),
        ("build", info.build.into()),
        ("proxyEndpoints", strings(info.proxy_endpoints)),
    ])
}

pub(crate) fn metadata_usage(usage: &MetadataUsage) -> JsValue {
    record([("tags", counts(&usage.tags)), ("annotations", counts(&usage.annotations))])
}

pub(crate) fn descriptor(descriptor: &Descriptor) -> JsValue {
    record([
        ("uuid", descriptor.uuid.to_string().into()),
        ("collection", descriptor.collection.as_str().into()),
        ("tags", texts(&descriptor.tags)),
        ("annotations", texts(&descriptor.annotations)),
        ("propertyVersion", number(descriptor.property_version)),
    ])
}

pub(crate) fn raw_columns(Versioned { version, data }: &Versioned<RawColumns>) -> JsValue {
    let RawColumns { time, value } = data;
    record([("version", (*version).into()), ("time", times(time)), ("value", floats(value))])
}

pub(crate) fn stat_columns(Versioned { version, data }: &Versioned<StatColumns>) -> JsValue {
    let StatColumns { time, min, mean, max, count, stddev } = data;
    record([
        ("version", (*version).into()),
        ("time", times(time)),
        ("min", floats(min)),
        ("mean", floats(mean)),
        ("max", floats(max)),
        ("count", BigUint64Array::from(count.as_slice()).into()),
        ("stddev", floats(stddev)),
    ])
}

pub(crate) fn stream_batch(StreamBatch { index, version, data }: StreamBatch) -> JsValue {
    let columns = match data {
        Columns::Raw(data) => raw_columns(&Versioned { version, data }),
        Columns::Stats(data) => stat_columns(&Versioned { version, data }),
    };
    record([("index", (index as u32).into()), ("columns", columns)])
}

/// A point; `undefined` where there is none.
pub(crate) fn raw_point(found: Option<Versioned<Point>>) -> JsValue {
    let Some(read) = found else { return JsValue::UNDEFINED };
    let Point { time, value } = read.data;
    record([("version", read.version.into()), ("time", time.into()), ("value", value.into())])
}

/// A point for each stream, `undefined` where it has none.
pub(crate) fn points(points: Vec<Option<Point>>) -> JsValue {
    let point = |Point { time, value }| record([("time", JsValue::from(time)), ("value", JsValue::from(value))]);
    points.into_iter().map(|found| found.map_or(JsValue::UNDEFINED, point)).collect::<Array>().into()
}

pub(crate) fn changes(read: &Versioned<Vec<TimeRange>>) -> JsValue {
    record([("version", read.version.into()), ("ranges", ranges(&read.data))])
}

pub(crate) fn tail_event(event: TailEvent) -> JsValue {
    match event {
        TailEvent::Changed { since, version, ranges: changed } => record([
            ("type", "changed".into()),
            ("since", since.into()),
            ("version", version.into()),
            ("ranges", ranges(&changed)),
        ]),
        TailEvent::Points { version, points: RawColumns { time, value } } => record([
            ("type", "points".into()),
            ("version", version.into()),
            ("time", times(&time)),
            ("value", floats(&value)),
        ]),
    }
}

/// Rows as columns: the times, and for each of `streams` its points or windows, of which `present` says whether they
/// are there.
pub(crate) fn rows(rows: &[Row], streams: usize, is_raw: bool) -> JsValue {
    let column = |stream: usize| {
        let mut present = Vec::with_capacity(rows.len());
        let mut raw = RawColumns::default();
        let mut stats = StatColumns::default();
        for row in rows {
            let point = row.points.get(stream).copied().flatten();
            present.push(u8::from(point.is_some()));
            match point {
                Some(AnyPoint::Raw(point)) => raw.push(point),
                Some(AnyPoint::Stat(stat)) => stats.push(stat),
                None if is_raw => raw.push(Point::new(row.time, f64::NAN)),
                None => stats.push(no_window(row.time)),
            }
        }
        let columns = if is_raw {
            raw_columns(&Versioned { version: 0, data: raw })
        } else {
            stat_columns(&Versioned { version: 0, data: stats })
        };
        record([("present", flags(&present)), ("columns", columns)])
    };
    let time: Vec<i64> = rows.iter().map(|row| row.time).collect();
    let columns: Array = (0..streams).map(column).collect();
    record([("time", times(&time)), ("streams", columns.into())])
}

/// Rows of numbers as columns, as [`rows`].
pub(crate) fn records(rows: &[Record], keys: usize) -> JsValue {
    let column = |key: usize| {
        let mut present = Vec::with_capacity(rows.len());
        let (mut floats, mut counts) = (Vec::new(), Vec::new());
        for row in rows {
            let number = row.values.get(key).copied().flatten();
            present.push(u8::from(number.is_some()));
            let (float, count) = match number {
                Some(Number::Float(float)) => (float, 0),
                Some(Number::Count(count)) => (f64::NAN, count),
                None => (f64::NAN, 0),
            };
            floats.push(float);
            counts.push(count);
        }
        let is_count = rows.iter().any(|row| matches!(row.values.get(key), Some(Some(Number::Count(_)))));
        let values = if is_count { Numbers::Counts(counts) } else { Numbers::Floats(floats) };
        record([("present", flags(&present)), ("values", numbers(&values))])
    };
    let time: Vec<i64> = rows.iter().map(|row| row.time).collect();
    let columns: Array = (0..keys).map(column).collect();
    record([("time", times(&time)), ("columns", columns.into())])
}

pub(crate) fn table(Table { time, columns }: &Table) -> JsValue {
    let columns: Array = columns
        .iter()
        .map(|column| {
            let present = column.present.as_ref().map(|present| {
                let present: Vec<u8> = present.iter().map(|&is_there| is_there.into()).collect();
                ("present", flags(&present))
            });
            let named = [("name", column.name.as_str().into()), ("values", numbers(&column.numbers))];
            record(named.into_iter().chain(present))
        })
        .collect();
    record([("time", times(time)), ("columns", columns.into())])
}

pub(crate) fn series(series: &[Series]) -> JsValue {
    let one = |Series { name, time, numbers: values }: &Series| {
        record([("name", name.as_str().into()), ("time", times(time)), ("values", numbers(values))])
    };
    series.iter().map(one).collect::<Array>().into()
}

pub(crate) fn arrays(columns: &[Numbers]) -> JsValue {
    columns.iter().map(numbers).collect::<Array>().into()
}

pub(crate) fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

pub(crate) fn ipc(read: &Versioned<impl AsRef<[u8]>>) -> JsValue {
    record([("version", read.version.into()), ("ipc", bytes(read.data.as_ref()))])
}

/// What stands where a stream has no window.
fn no_window(time: i64) -> StatPoint {
    StatPoint { time, min: f64::NAN, mean: f64::NAN, max: f64::NAN, count: 0, stddev: f64::NAN }
}

fn ranges(ranges: &[TimeRange]) -> JsValue {
    let range = |range: &TimeRange| record([("start", range.start.into()), ("end", range.end.into())]);
    ranges.iter().map(range).collect::<Array>().into()
}

fn numbers(numbers: &Numbers) -> JsValue {
    match numbers {
        Numbers::Floats(column) => floats(column),
        Numbers::Counts(column) => BigUint64Array::from(column.as_slice()).into(),
    }
}

fn times(column: &[i64]) -> JsValue {
    BigInt64Array::from(column).into()
}

fn floats(column: &[f64]) -> JsValue {
    Float64Array::from(column).into()
}

fn flags(column: &[u8]) -> JsValue {
    Uint8Array::from(column).into()
}
