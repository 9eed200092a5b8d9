//! Between the messages of the wire and the types of this crate. Nothing else sees both.

mod full;
mod rows;

use std::collections::BTreeMap;

use btrdb_core::{MergePolicy, Point, TimeRange};
use btrdb_proto::{self as wire, KeyOptValue, OptValue};
use bytes::Bytes;
use prost::{DecodeError, Message};
use uuid::Uuid;

pub(crate) use self::rows::{arrow_raw, arrow_stats, ipc, raw, stats};
use crate::connection::Info;
use crate::error::{Error, ErrorKind, Result};
use crate::stream::Descriptor;

/// A message of an answer.
pub(crate) trait Reply: Message + Default {}

impl<R: Message + Default> Reply for R {}

impl From<DecodeError> for Error {
    fn from(why: DecodeError) -> Self {
        Self::new(ErrorKind::BadResponse, why.to_string())
    }
}

impl From<wire::InfoResponse> for Info {
    fn from(info: wire::InfoResponse) -> Self {
        Self {
            major_version: info.major_version,
            minor_version: info.minor_version,
            build: info.build,
            proxy_endpoints: info.proxy.unwrap_or_default().proxy_endpoints,
        }
    }
}

pub(crate) fn uuid_bytes(uuid: Uuid) -> Bytes {
    Bytes::copy_from_slice(uuid.as_bytes())
}

pub(crate) fn descriptor(descriptor: wire::StreamDescriptor) -> Result<Descriptor> {
    let uuid = Uuid::from_slice(&descriptor.uuid).map_err(|_wrong_length| {
        Error::new(ErrorKind::BadResponse, format!("a uuid of {} bytes", descriptor.uuid.len()))
    })?;
    Ok(Descriptor {
        uuid,
        collection: descriptor.collection,
        tags: pairs(descriptor.tags),
        annotations: pairs(descriptor.annotations),
        property_version: descriptor.property_version,
    })
}

/// Keys without a value read as the empty string.
fn pairs(pairs: Vec<KeyOptValue>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|pair| (pair.key, pair.val.unwrap_or_default().value)).collect()
}

pub(crate) fn key_value(key: &str, value: Option<&str>) -> KeyOptValue {
    KeyOptValue { key: key.to_owned(), val: value.map(|value| OptValue { value: value.to_owned() }) }
}

pub(crate) fn point(point: wire::RawPoint) -> Point {
    Point { time: point.time, value: point.value }
}

pub(crate) fn raw_points(times: &[i64], values: &[f64]) -> Vec<wire::RawPoint> {
    times.iter().zip(values).map(|(&time, &value)| wire::RawPoint { time, value }).collect()
}

pub(crate) fn time_range(range: wire::ChangedRange) -> TimeRange {
    TimeRange::new(range.start, range.end)
}

pub(crate) fn merge_policy(policy: MergePolicy) -> i32 {
    let policy = match policy {
        MergePolicy::Never => wire::MergePolicy::Never,
        MergePolicy::Equal => wire::MergePolicy::Equal,
        MergePolicy::Retain => wire::MergePolicy::Retain,
        MergePolicy::Replace => wire::MergePolicy::Replace,
    };
    policy.into()
}
