//! YAML as the runners and the comparison have it: integers as decimal text, doubles as their bits.

use std::collections::HashMap;

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};

use btrdb_client::{LAST_TIME, MAX_TIME, MIN_TIME};

/// What stands for a double: `0x` and the 16 digits of its bits, and `nan` for all that are no number.
pub(crate) fn double(value: f64) -> Value {
    if value.is_nan() { "nan".into() } else { format!("{:#018x}", value.to_bits()).into() }
}

/// The only document of `text`.
pub(crate) fn parse(text: &str) -> Yaml<'_> {
    Yaml::load_from_str(text).expect("the cases are YAML").remove(0)
}

/// `yaml` with `$a` in the place of the uuid of the stream `a`, and with the limits of time by their names.
pub(crate) fn plain(yaml: &Yaml<'_>, uuids: &HashMap<String, String>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(flag)) => (*flag).into(),
        Yaml::Value(Scalar::FloatingPoint(float)) => double(float.0),
        yaml if integer(yaml).is_some() => integer(yaml).map_or(Value::Null, |integer| integer.to_string().into()),
        Yaml::Value(Scalar::String(text)) => named(text, uuids).into(),
        Yaml::Sequence(items) => items.iter().map(|item| plain(item, uuids)).collect(),
        Yaml::Mapping(pairs) => pairs
            .iter()
            .map(|(key, value)| match plain(key, uuids) {
                Value::String(key) => (key, plain(value, uuids)),
                other => panic!("{other} is no key"),
            })
            .collect::<Map<_, _>>()
            .into(),
        other => panic!("{other:?} among the cases"),
    }
}

/// An integer, or a limit of time by its name.
pub(crate) fn integer(yaml: &Yaml<'_>) -> Option<i64> {
    match yaml.as_str() {
        Some("MIN") => Some(MIN_TIME),
        Some("MAX") => Some(MAX_TIME),
        Some("END") => Some(MAX_TIME - 1),
        Some("LAST") => Some(LAST_TIME),
        _ => yaml.as_integer(),
    }
}

fn named(text: &str, uuids: &HashMap<String, String>) -> String {
    let Some(rest) = text.strip_prefix('$') else { return text.to_owned() };
    let length = rest.find(|character: char| !character.is_alphanumeric()).unwrap_or(rest.len());
    match uuids.get(&rest[..length]) {
        Some(uuid) => format!("{uuid}{}", &rest[length..]),
        // A parameter of SQL.
        None => text.to_owned(),
    }
}

/// The bits of a value that may be written as an integer.
pub(crate) fn as_double(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Integer(integer)) => double(*integer as f64),
        Yaml::Value(Scalar::FloatingPoint(float)) => double(float.0),
        other => panic!("{other:?} is no number"),
    }
}
