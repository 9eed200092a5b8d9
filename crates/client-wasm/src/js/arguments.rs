//! What callers pass in, each checked before it counts.

use std::collections::{BTreeMap, HashMap};

use btrdb_client::{
    ALL_OF_TIME, Aggregate, Error, ErrorKind, MergePolicy, Naming, PointWidth, Result, TableOptions, TimeRange,
    Timestamp, Uuid,
};
use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use super::error::invalid;

#[wasm_bindgen]
extern "C" {
    /// A number in words, by JavaScript: how doubles are written is not in the module a second time.
    #[wasm_bindgen(js_name = String)]
    pub(crate) fn text(number: f64) -> String;
}

/// The half-open range from `start` to `end`; what is left out reaches as far as time does.
pub(crate) fn range(start: Option<Timestamp>, end: Option<Timestamp>) -> TimeRange {
    TimeRange::new(start.unwrap_or(ALL_OF_TIME.start), end.unwrap_or(ALL_OF_TIME.end))
}

/// The exponent of a window width.
pub(crate) fn point_width(exponent: f64) -> Result<PointWidth> {
    let whole = (exponent.trunc() == exponent && (0.0..=63.0).contains(&exponent)).then_some(exponent as u8);
    whole.and_then(PointWidth::new).ok_or_else(|| {
        let message = format!("a point width is an integer from 0 to 63, not {}", text(exponent));
        Error::new(ErrorKind::InvalidPointWidth, message)
    })
}

/// The uuid written `text`.
pub(crate) fn uuid(text: &str) -> Result<Uuid> {
    Uuid::parse_str(text).map_err(|_malformed| invalid(format!("not a uuid: {text:?}")))
}

/// What becomes of points at a time that has one already.
pub(crate) fn merge_policy(name: &str) -> Result<MergePolicy> {
    match name {
        "never" => Ok(MergePolicy::Never),
        "equal" => Ok(MergePolicy::Equal),
        "retain" => Ok(MergePolicy::Retain),
        "replace" => Ok(MergePolicy::Replace),
        other => Err(invalid(format!("merge is never, equal, retain or replace, not {other:?}"))),
    }
}

/// A statistic of windows.
pub(crate) fn aggregate(name: &str) -> Result<Aggregate> {
    let named = Aggregate::ALL.into_iter().find(|aggregate| aggregate.name() == name);
    named.ok_or_else(|| invalid(format!("agg is min, mean, max, count or stddev, not {name:?}")))
}

/// What streams are called: each of `uuids` by one of `names`, or by collection and name.
pub(crate) fn naming(uuids: impl Iterator<Item = Uuid>, names: Option<Vec<String>>) -> Naming {
    let Some(names) = names else { return Naming::default() };
    let names: HashMap<Uuid, String> = uuids.zip(names).collect();
    Naming::by(move |stream| names.get(&stream.uuid).cloned().unwrap_or_default())
}

/// What a table shows.
pub(crate) fn table(agg: Vec<String>, naming: Naming) -> Result<TableOptions> {
    let agg = agg.into_iter().map(|name| aggregate(&name)).collect::<Result<_>>()?;
    Ok(TableOptions { agg, name: naming })
}

/// Keys, and the value that each must have, where `null` leaves it open.
pub(crate) fn pairs(object: Option<Object>, name: &str) -> Result<Vec<(String, Option<String>)>> {
    let Some(object) = object else { return Ok(Vec::new()) };
    let pair = |entry: JsValue| {
        let entry: Array = entry.unchecked_into();
        let (key, value) = (entry.get(0).as_string()?, entry.get(1));
        if value.is_null() { Some((key, None)) } else { Some((key, Some(value.as_string()?))) }
    };
    let pairs: Option<Vec<_>> = Object::entries(&object).iter().map(pair).collect();
    pairs.ok_or_else(|| invalid(format!("{name} are strings")))
}

/// Keys and their values.
pub(crate) fn texts(object: Option<Object>, name: &str) -> Result<BTreeMap<String, String>> {
    let pair = |(key, value): (String, Option<String>)| {
        Ok((key, value.ok_or_else(|| invalid(format!("{name} are strings")))?))
    };
    pairs(object, name)?.into_iter().map(pair).collect()
}

/// The strings in `array`.
pub(crate) fn strings(array: &Array) -> impl Iterator<Item = String> + '_ {
    array.iter().filter_map(|text| text.as_string())
}
