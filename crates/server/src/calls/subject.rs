//! Which stream a request is about, for the log.

use btrdb_proto as proto;
use tonic::Streaming;
use uuid::Uuid;

/// The parameters of a call.
pub(crate) trait Subject {
    /// The one stream that the call is about, if there is one.
    fn stream(&self) -> Option<Uuid>;
}

macro_rules! about_a_stream {
    ($($params:ident)*) => {
        $(impl Subject for proto::$params {
            fn stream(&self) -> Option<Uuid> {
                Uuid::from_slice(&self.uuid).ok()
            }
        })*
    };
}

macro_rules! about_no_single_stream {
    ($($params:ident)*) => {
        $(impl Subject for proto::$params {
            fn stream(&self) -> Option<Uuid> {
                None
            }
        })*
    };
}

about_a_stream! {
    RawValuesParams ArrowRawValuesParams AlignedWindowsParams WindowsParams NearestParams ChangesParams
    InsertParams ArrowInsertParams DeleteParams FlushParams ObliterateParams
    StreamInfoParams SetStreamAnnotationsParams SetStreamTagsParams CreateParams
}

about_no_single_stream! {
    ArrowMultiValuesParams ListCollectionsParams LookupStreamsParams MetadataUsageParams GenerateCsvParams
    SqlQueryParams InfoParams FaultInjectParams
}

impl<T> Subject for Streaming<T> {
    fn stream(&self) -> Option<Uuid> {
        None
    }
}
