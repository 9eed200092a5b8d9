//! Core values as messages, and errors inside messages.

use btrdb_core::{MergePolicy, Point, RawColumns, StatColumns, StatPoint, TimeRange};
use btrdb_proto as proto;

/// An answer that can carry an error in-band.
pub trait Reply: Default {
    /// The answer of a call that failed.
    fn failed(status: proto::Status) -> Self;
}

macro_rules! replies {
    ($($reply:ident)*) => {$(
        impl Reply for proto::$reply {
            #[allow(clippy::needless_update, reason = "some answers have no other field")]
            fn failed(status: proto::Status) -> Self {
                Self { stat: Some(status), ..Self::default() }
            }
        }
    )*};
}

replies! {
    RawValuesResponse ArrowRawValuesResponse ArrowMultiValuesResponse AlignedWindowsResponse
    ArrowAlignedWindowsResponse WindowsResponse ArrowWindowsResponse StreamInfoResponse SetStreamAnnotationsResponse
    SetStreamTagsResponse CreateResponse ListCollectionsResponse LookupStreamsResponse NearestResponse ChangesResponse
    InsertResponse DeleteResponse InfoResponse FaultInjectResponse FlushResponse ObliterateResponse
    MetadataUsageResponse GenerateCsvResponse SqlQueryResponse SubscriptionResp
}

pub(crate) fn point(point: Point) -> proto::RawPoint {
    proto::RawPoint { time: point.time, value: point.value }
}

fn stat(stat: StatPoint) -> proto::StatPoint {
    let StatPoint { time, min, mean, max, count, stddev } = stat;
    proto::StatPoint { time, min, mean, max, count, stddev }
}

pub(crate) fn raw_values(version_major: u64, points: &RawColumns) -> proto::RawValuesResponse {
    proto::RawValuesResponse { version_major, values: points.iter().map(point).collect(), ..Default::default() }
}

pub(crate) fn aligned_windows(version_major: u64, windows: &StatColumns) -> proto::AlignedWindowsResponse {
    proto::AlignedWindowsResponse { version_major, values: windows.iter().map(stat).collect(), ..Default::default() }
}

pub(crate) fn windows(version_major: u64, windows: &StatColumns) -> proto::WindowsResponse {
    proto::WindowsResponse { version_major, values: windows.iter().map(stat).collect(), ..Default::default() }
}

pub(crate) fn changes(version_major: u64, ranges: &[TimeRange]) -> proto::ChangesResponse {
    let ranges = ranges.iter().map(|range| proto::ChangedRange { start: range.start, end: range.end }).collect();
    proto::ChangesResponse { version_major, ranges, ..Default::default() }
}

pub(crate) fn merge_policy(policy: proto::MergePolicy) -> MergePolicy {
    match policy {
        proto::MergePolicy::Never => MergePolicy::Never,
        proto::MergePolicy::Equal => MergePolicy::Equal,
        proto::MergePolicy::Retain => MergePolicy::Retain,
        proto::MergePolicy::Replace => MergePolicy::Replace,
    }
}
