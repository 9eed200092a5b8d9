//! Answers in columns of the caller's choosing.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowTimestampType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, PrimitiveArray, RecordBatch, TimestampNanosecondArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use bytes::Bytes;

use super::{frames::Frames, schema, unusable};
use crate::{Code, Error, Result};

/// A schema that answers are cast to, column by column in order.
#[derive(Clone, Debug)]
pub(crate) struct Template(SchemaRef);

impl Template {
    /// The schema in an IPC stream without batches; none in no bytes.
    pub(crate) fn read(bytes: &Bytes) -> Result<Option<Self>> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let schema = schema::read(&mut Frames(bytes))?;
        Ok(Some(Self(schema)))
    }

    /// `batch` with the names, types and nullability of the template. Coarser time units round down.
    pub(crate) fn cast(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let (wanted, found) = (self.0.fields().len(), batch.num_columns());
        if wanted != found {
            let message = format!("the template has {wanted} columns, the answer {found}");
            return Err(Error::new(Code::InvalidParameter, message));
        }
        let columns = batch.columns().iter().zip(self.0.fields());
        let columns: Vec<_> = columns.map(|(column, field)| cast(column, field.data_type())).collect::<Result<_>>()?;
        RecordBatch::try_new(Arc::clone(&self.0), columns).map_err(|error| unusable(&error))
    }
}

fn cast(column: &Arc<dyn Array>, to: &DataType) -> Result<Arc<dyn Array>> {
    if let (DataType::Timestamp(TimeUnit::Nanosecond, _), DataType::Timestamp(unit, zone)) = (column.data_type(), to) {
        return Ok(in_units(column.as_primitive(), *unit, zone.as_ref()));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, to, &options).map_err(|error| unusable(&error))
}

/// `times` in coarser units, which a general cast would round towards zero. An instant is the same in every zone.
fn in_units(times: &TimestampNanosecondArray, unit: TimeUnit, zone: Option<&Arc<str>>) -> Arc<dyn Array> {
    fn divided<T: ArrowTimestampType>(
        times: &TimestampNanosecondArray,
        nanos: i64,
        zone: Option<&Arc<str>>,
    ) -> Arc<dyn Array> {
        let units: PrimitiveArray<T> = times.unary(|time: i64| time.div_euclid(nanos));
        Arc::new(units.with_timezone_opt(zone.map(Arc::clone)))
    }
    match unit {
        TimeUnit::Second => divided::<TimestampSecondType>(times, 1_000_000_000, zone),
        TimeUnit::Millisecond => divided::<TimestampMillisecondType>(times, 1_000_000, zone),
        TimeUnit::Microsecond => divided::<TimestampMicrosecondType>(times, 1_000, zone),
        TimeUnit::Nanosecond => divided::<TimestampNanosecondType>(times, 1, zone),
    }
}
