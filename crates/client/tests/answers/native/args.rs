//! What goes in.

use std::collections::HashMap;
use std::str::FromStr;

use btrdb_client::{
    ALL_OF_TIME, Aggregate, MergePolicy, Naming, PointWidth, RawColumns, Result, TableOptions, TextMatch, TimeRange,
    Timestamp, Uuid, time,
};
use bytes::Bytes;
use regex::Regex;
use serde_json::{Map, Value};

use crate::tables::from_hex;

/// The arguments of a step, by the names that Python gives them.
#[derive(Clone, Copy)]
pub(super) struct Args<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Args<'a> {
    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.0.get(key)
    }

    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.get(key).map(|text| text.as_str().unwrap())
    }

    pub(super) fn texts(self, key: &str) -> Vec<&'a str> {
        self.get(key).and_then(Value::as_array).into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
    }

    pub(super) fn text_map(self, key: &str) -> Vec<(String, String)> {
        let pairs = self.get(key).and_then(Value::as_object).into_iter().flatten();
        pairs.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect()
    }

    /// Like `text_map`, with null for any value.
    pub(super) fn open_text_map(self, key: &str) -> Vec<(String, Option<String>)> {
        let pairs = self.get(key).and_then(Value::as_object).into_iter().flatten();
        pairs.map(|(key, value)| (key.clone(), value.as_str().map(str::to_owned))).collect()
    }

    pub(super) fn flag(self, key: &str) -> bool {
        self.get(key).is_some_and(|flag| flag.as_bool().unwrap())
    }

    pub(super) fn integer<N: FromStr<Err: std::fmt::Debug>>(self, key: &str) -> Option<N> {
        self.text(key).map(|text| text.parse().unwrap())
    }

    pub(super) fn version(self) -> u64 {
        self.integer("version").unwrap_or(0)
    }

    pub(super) fn time(self, key: &str) -> Result<Option<Timestamp>> {
        self.text(key).map(time::to_nanoseconds).transpose()
    }

    pub(super) fn range(self) -> Result<TimeRange> {
        let start = self.time("start")?.unwrap_or(ALL_OF_TIME.start);
        Ok(TimeRange::new(start, self.time("end")?.unwrap_or(ALL_OF_TIME.end)))
    }

    pub(super) fn point_width(self, key: &str) -> Result<PointWidth> {
        super::point_width(self.integer(key).unwrap())
    }

    pub(super) fn policy(self) -> MergePolicy {
        match self.text("merge").unwrap_or("never") {
            "never" => MergePolicy::Never,
            "equal" => MergePolicy::Equal,
            "retain" => MergePolicy::Retain,
            "replace" => MergePolicy::Replace,
            other => panic!("{other} is no merge policy"),
        }
    }

    pub(super) fn bytes(self, key: &str) -> Option<Bytes> {
        self.text(key).map(|text| from_hex(text).into())
    }

    pub(super) fn text_match(self, key: &str) -> Option<TextMatch> {
        self.get(key).map(|wanted| match wanted {
            Value::String(text) => text.as_str().into(),
            expression => Regex::new(expression["regex"].as_str().unwrap()).unwrap().into(),
        })
    }

    /// The statistics asked for.
    pub(super) fn agg(self) -> Vec<Aggregate> {
        let names = match self.get("agg") {
            None => return vec![Aggregate::Mean],
            Some(Value::String(name)) => vec![name.as_str()],
            Some(_) => self.texts("agg"),
        };
        if names.contains(&"all") {
            return Aggregate::ALL.to_vec();
        }
        names.iter().map(|name| *Aggregate::ALL.iter().find(|known| known.name() == *name).unwrap()).collect()
    }

    /// How columns are called.
    pub(super) fn naming(self) -> Naming {
        let Some(template) = self.text("name_callable").map(str::to_owned) else { return Naming::default() };
        Naming::by(move |stream| {
            let mut name = template.replace("{collection}", &stream.collection);
            name = name.replace("{uuid}", &stream.uuid.to_string());
            stream.tags.iter().fold(name, |name, (key, value)| name.replace(&format!("{{{key}}}"), value))
        })
    }

    pub(super) fn table_options(self) -> TableOptions {
        TableOptions { agg: self.agg(), name: self.naming() }
    }
}

/// An integer, or a double from its bits.
pub(super) fn number(text: &str) -> f64 {
    match text.strip_prefix("0x") {
        Some(bits) => f64::from_bits(u64::from_str_radix(bits, 16).unwrap()),
        None if text == "nan" => f64::NAN,
        None => text.parse().unwrap(),
    }
}

pub(super) fn points(rows: &Value) -> RawColumns {
    let mut points = RawColumns::default();
    for row in rows.as_array().unwrap() {
        points.time.push(row[0].as_str().unwrap().parse().unwrap());
        points.value.push(number(row[1].as_str().unwrap()));
    }
    points
}

pub(super) fn versions(versions: &Value) -> HashMap<Uuid, u64> {
    by_uuid(versions, |version| version.as_str().unwrap().parse().unwrap())
}

pub(super) fn by_uuid<D>(data: &Value, form: impl Fn(&Value) -> D) -> HashMap<Uuid, D> {
    data.as_object().unwrap().iter().map(|(uuid, data)| (uuid.parse().unwrap(), form(data))).collect()
}
