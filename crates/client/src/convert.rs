//! Between the messages of the wire and the types of this crate. Nothing else sees both.

use std::collections::BTreeMap;

use btrdb_core::{MergePolicy, Point, RawColumns, StatColumns, StatPoint, TimeRange};
use btrdb_proto::{self as wire, KeyOptValue, OptValue};
use bytes::Bytes;
use prost::{DecodeError, Message};
use uuid::Uuid;

use crate::connection::Info;
use crate::error::{Error, ErrorKind};
use crate::stream::Descriptor;

/// An answer, which may hold an error instead of what was asked for.
pub(crate) trait Reply: Sized + 'static {
    /// The answer that `bytes` are.
    fn parse(bytes: Bytes) -> Result<Self, DecodeError>;

    /// Takes out the status, which stands for an error if there is one and its code is not 0.
    fn take_status(&mut self) -> Option<wire::Status>;

    /// What it holds of a read that is handed out as it came, as Arrow.
    fn arrow_bytes(&self) -> Option<&[u8]> {
        None
    }
}

macro_rules! replies {
    ($($reply:ident),+ $(,)? $(; $($arrow:ident),+ $(,)?)?) => {
        $(impl Reply for wire::$reply {
            fn parse(bytes: Bytes) -> Result<Self, DecodeError> {
                Message::decode(bytes)
            }

            fn take_status(&mut self) -> Option<wire::Status> {
                self.stat.take()
            }
        })+
        $($(impl Reply for wire::$arrow {
            fn parse(bytes: Bytes) -> Result<Self, DecodeError> {
                Message::decode(bytes)
            }

            fn take_status(&mut self) -> Option<wire::Status> {
                self.stat.take()
            }

            fn arrow_bytes(&self) -> Option<&[u8]> {
                Some(&self.arrow_bytes)
            }
        })+)?
    };
}

replies!(
    ChangesResponse,
    CreateResponse,
    DeleteResponse,
    FlushResponse,
    InfoResponse,
    InsertResponse,
    ListCollectionsResponse,
    LookupStreamsResponse,
    MetadataUsageResponse,
    NearestResponse,
    ObliterateResponse,
    SetStreamAnnotationsResponse,
    SetStreamTagsResponse,
    SqlQueryResponse,
    StreamInfoResponse,
    SubscriptionResp;
    ArrowAlignedWindowsResponse,
    ArrowMultiValuesResponse,
    ArrowRawValuesResponse,
    ArrowWindowsResponse,
);

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

pub(crate) fn descriptor(descriptor: wire::StreamDescriptor) -> crate::Result<Descriptor> {
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

pub(crate) fn raw_columns(points: &[wire::RawPoint]) -> RawColumns {
    points.iter().copied().map(point).collect()
}

pub(crate) fn point(point: wire::RawPoint) -> Point {
    Point { time: point.time, value: point.value }
}

pub(crate) fn raw_points(times: &[i64], values: &[f64]) -> Vec<wire::RawPoint> {
    times.iter().zip(values).map(|(&time, &value)| wire::RawPoint { time, value }).collect()
}

pub(crate) fn stat_columns(stats: &[wire::StatPoint]) -> StatColumns {
    let stat = |stat: &wire::StatPoint| StatPoint {
        time: stat.time,
        min: stat.min,
        mean: stat.mean,
        max: stat.max,
        count: stat.count,
        stddev: stat.stddev,
    };
    stats.iter().map(stat).collect()
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
