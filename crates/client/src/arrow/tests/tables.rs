//! Tables of any width, with and without nulls, and IPC streams put together.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt64Type};
use proptest::prelude::*;

use super::super::write::{Column, Data};
use super::super::{Malformed, extent, joined, read_floats, read_points, write_raw, write_table};
use super::{batch, floats, ipc, raw_batch, three, times};
use crate::{Error, ErrorKind, ReadSoFar};

use arrow_ipc::reader::StreamReader;

#[test]
fn nulls_are_nulls_everywhere() {
    let rows = 11;
    let time: Vec<i64> = (0..rows).collect();
    let value: Vec<f64> = time.iter().map(|&t| t as f64).collect();
    let count: Vec<u64> = time.iter().map(|&t| t as u64).collect();
    let present: Vec<bool> = time.iter().map(|t| t % 3 != 1).collect();
    let bytes = write_table(
        time.len(),
        &[
            Column { name: "time", data: Data::Times(&time), present: None },
            Column { name: "a/mean", data: Data::Floats(&value), present: Some(&present) },
            Column { name: "a/count", data: Data::Counts(&count), present: Some(&present) },
        ],
    );
    assert_eq!(bytes.len() % 8, 0);
    let read = StreamReader::try_new(bytes.as_slice(), None).unwrap().next().unwrap().unwrap();
    let mean: Vec<Option<f64>> = read.column(1).as_primitive::<Float64Type>().iter().collect();
    let counts: Vec<Option<u64>> = read.column(2).as_primitive::<UInt64Type>().iter().collect();
    for row in 0..time.len() {
        assert_eq!(mean[row], present[row].then_some(value[row]), "{row}");
        assert_eq!(counts[row], present[row].then_some(count[row]), "{row}");
    }
    let nullable: Vec<bool> = read.schema().fields().iter().map(|field| field.is_nullable()).collect();
    assert_eq!(nullable, [false, true, true]);
}

#[test]
fn streams_of_one_schema_become_one() {
    let parts: Vec<Vec<u8>> = [0_i64, 10]
        .iter()
        .map(|&t| ipc(&[batch(vec![("time", times(&[t])), ("a", floats(&[1.0])), ("b", floats(&[2.0]))])]))
        .collect();
    let all = joined(&parts).unwrap().unwrap();
    let (mut time, mut values) = (Vec::new(), vec![Vec::new(); 2]);
    read_floats(&all, &mut time, &mut values).unwrap();
    assert_eq!((time, values), (vec![0, 10], vec![vec![1.0; 2], vec![2.0; 2]]));
    assert_eq!(StreamReader::try_new(all.as_slice(), None).unwrap().count(), 2);

    assert_eq!(extent(&all), Ok(ReadSoFar { rows: 2, last_time: Some(10), bytes: all.len() as u64 }));
    for (table, rows) in [(write_raw(&[], &[]), 0), (ipc(&[batch(vec![("a", floats(&[1.0]))])]), 1)] {
        assert_eq!(extent(&table), Ok(ReadSoFar { rows, last_time: None, bytes: table.len() as u64 }));
    }
    assert_eq!(joined::<Vec<u8>>(&[]), Ok(None));
    assert_eq!(joined(&[parts[0].clone(), write_raw(&[1], &[1.0])]), Err(Malformed::OtherSchema));
    assert_eq!(joined(&[Vec::new()]), Err(Malformed::Empty));
    assert_eq!(read_floats(&all, &mut Vec::new(), &mut [Vec::new()]), Err(Malformed::OtherSchema), "too narrow");
}

#[test]
fn refusals_have_their_kind() {
    let kind = |bytes: &[u8]| read_points(bytes).map_err(|why| Error::from(why).kind());
    assert_eq!(kind(&ipc(&[raw_batch(&three())])), Ok(three()));
    assert_eq!(kind(&ipc(&[batch(vec![("t", times(&[1]))])])), Err(ErrorKind::InvalidValue));
    assert_eq!(kind(&ipc(&[batch(vec![("t", floats(&[1.0])), ("v", floats(&[1.0]))])])), Err(ErrorKind::InvalidType));
    assert_eq!(kind(&ipc(&[batch(vec![("t", times(&[1])), ("v", times(&[1]))])])), Err(ErrorKind::InvalidType));
    let seconds = std::sync::Arc::new(arrow_array::TimestampSecondArray::from(vec![i64::MAX]));
    assert_eq!(kind(&ipc(&[batch(vec![("t", seconds), ("v", floats(&[1.0]))])])), Err(ErrorKind::InvalidValue));
}

proptest! {
    #[test]
    fn no_changed_bytes_make_it_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        keep in any::<prop::sample::Index>(),
    ) {
        let mut bytes = ipc(&[raw_batch(&three())]);
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Ok(points) = read_points(&bytes) {
            prop_assert_eq!(points.time.len(), points.value.len());
        }
        let _ = extent(&bytes);
        let _ = joined(&[&bytes[..keep.index(bytes.len())], &bytes[..]]);
        let _ = read_floats(&bytes, &mut Vec::new(), &mut [Vec::new()]);
    }
}
