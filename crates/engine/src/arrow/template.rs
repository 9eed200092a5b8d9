//! Answers in columns of the caller's choosing.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
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
    let options = CastOptions { safe: false, ..CastOptions::default() };
    // Casts between units divide, which rounds towards zero: step down to the unit first.
    let column = match (column.data_type(), to) {
        (DataType::Timestamp(TimeUnit::Nanosecond, _), DataType::Timestamp(unit, _)) => &floor(column, *unit),
        _ => column,
    };
    cast_with_options(column, to, &options).map_err(|error| unusable(&error))
}

fn floor(times: &Arc<dyn Array>, unit: TimeUnit) -> Arc<dyn Array> {
    use arrow_array::{cast::AsArray, types::TimestampNanosecondType};
    let step = match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => return Arc::clone(times),
    };
    let floored = times.as_primitive::<TimestampNanosecondType>().unary(|time: i64| time - time.rem_euclid(step));
    Arc::new(floored as arrow_array::TimestampNanosecondArray)
}
