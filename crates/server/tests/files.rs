//! Files in and out, and simulations, as users run them: the real command and real files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array, RecordBatch};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use btrdb_proto::ArrowInsertParams;
use common::{Server, btrdb_local, complaint};
use tempfile::TempDir;

fn run(place: &TempDir, line: &str) -> Output {
    let mut command = btrdb_local();
    command.args(line.split_whitespace()).current_dir(place.path()).env_remove("BTRDB_API_KEY").env("RUST_LOG", "off");
    command.output().unwrap()
}

/// What a command that succeeds prints.
fn does(place: &TempDir, line: &str) -> String {
    let output = run(place, line);
    assert!(output.status.success(), "{line}: {}", complaint(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// What a command that fails says.
fn fails(place: &TempDir, line: &str) -> String {
    let output = run(place, line);
    assert_eq!(output.status.code(), Some(1), "{line}");
    complaint(&output)
}

/// The files of a folder by name, without the list of whole files.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()));
    named.filter(|(name, _)| name != ".btrdb-export").collect()
}

/// Everything that is hard to keep: signed zero, the smallest and largest doubles, decimals that are none in binary,
/// times before 1970 and at both ends of time, and several values of one time.
const HARD: &str = "time,a,b\n\
    -1152921504606846976,0.1,-0.0\n\
    -1,-0.0,5e-324\n\
    -1,0.0,-2.2250738585072011e-308\n\
    0,1.7976931348623157e308,\n\
    0,2,3\n\
    0,2.0000000000000004,\n\
    1283326416040000001,,-1e16\n\
    3458764513820540926,-3.3333333333333335,123456789.123456789\n";

#[test]
fn what_export_writes_import_reads_back_to_the_last_bit() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("hard.csv"), HARD).unwrap();
    fs::write(
        place.path().join("map.csv"),
        "column,collection,name,unit,description,uuid\n\
         a,grid/north,volts,V,\"left, right\",\n\
         b,grid/south,volts,V,,0d22a53b-e2ef-4e0a-ab89-b2d48fb2592a\n",
    )
    .unwrap();
    does(&place, "import hard.csv --map map.csv --data first");
    does(&place, "export --data first --out plain --format csv");
    let plain = files(&place.path().join("plain"));
    let north = String::from_utf8(plain["grid.north.volts.csv"].clone()).unwrap();
    assert!(north.starts_with("time,volts\n-1152921504606846976,0.1\n-1,"), "{north}");
    assert_eq!((north.lines().count(), plain.len()), (8, 3));

    for (index, (format, wide)) in [
        ("csv", ""),
        ("csv", " --rfc3339"),
        ("parquet", ""),
        ("arrow", ""),
        ("csv", " --wide"),
        ("parquet", " --wide"),
        ("arrow", " --wide"),
    ]
    .into_iter()
    .enumerate()
    {
        let ending = format;
        let out = format!("out{index}");
        does(&place, &format!("export --data first --out {out} --format {format}{wide}"));
        let names = files(&place.path().join(&out)).into_keys().filter(|name| name.ends_with(&format!(".{ending}")));
        let names = names.map(|name| format!("{out}/{name}")).collect::<Vec<_>>().join(" ");
        let names = names.replace(&format!("{out}/streams.csv"), "");
        does(&place, &format!("import {names} --map {out}/streams.csv --data data{index}"));
        does(&place, &format!("export --data data{index} --out again{index} --format csv"));
        assert_eq!(files(&place.path().join(format!("again{index}"))), plain, "{format}{wide}");
    }
}

#[test]
fn an_export_goes_on_where_it_was_and_replaces_nothing_unasked() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("a.csv"), "time,x,y\n1,1.5,2.5\n2,1.5,2.5\n").unwrap();
    does(&place, "import a.csv --data data");
    assert!(does(&place, "export --data data --out out").contains("2 files written, 0 already whole; 4 rows"));
    let before = files(&place.path().join("out"));
    assert_eq!(before.keys().collect::<Vec<_>>(), ["a.x.parquet", "a.y.parquet", "streams.csv"]);
    fs::remove_file(place.path().join("out/a.y.parquet")).unwrap();
    assert!(does(&place, "export --data data --out out").contains("1 files written, 1 already whole; 2 rows"));
    assert_eq!(files(&place.path().join("out")), before);

    fs::write(place.path().join("b.csv"), "time,x\n3,1.5\n").unwrap();
    does(&place, "import b.csv --collection a --data data");
    let complaint = fails(&place, "export --data data --out out");
    assert!(complaint.contains("out/a.x.parquet exists") && complaint.contains("--overwrite"), "{complaint}");
    assert_eq!(files(&place.path().join("out")), before);
    assert!(
        does(&place, "export --data data --out out --overwrite").contains("1 files written, 1 already whole; 3 rows")
    );

    assert!(fails(&place, "export --data data --out out --stream a/z").contains("there is no stream a/z"));
    assert!(fails(&place, "export --data nowhere --out out").contains("nowhere is no data folder"));
}

#[test]
fn windows_and_parts_of_time_can_be_exported() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("a.csv"), "time,x\n-5,1\n3,2\n7,4\n25,8\n").unwrap();
    does(&place, "import a.csv --data data");
    let text = |out: &str| fs::read_to_string(place.path().join(out)).unwrap();
    does(&place, "export --data data --stream a/x --format csv --out all --width 10ns");
    assert_eq!(
        text("all/a.x.csv"),
        "time,min,mean,max,count,stddev\n-10,1.0,1.0,1.0,1,0.0\n0,2.0,3.0,4.0,2,1.0\n20,8.0,8.0,8.0,1,0.0\n"
    );
    does(&place, "export --data data --stream a/x --format csv --out from --width 10ns --start -3 --end 20");
    assert_eq!(text("from/a.x.csv"), "time,min,mean,max,count,stddev\n-3,2.0,2.0,2.0,1,0.0\n7,4.0,4.0,4.0,1,0.0\n");
    does(&place, "export --data data --stream a/x --format csv --out pw --point-width 3");
    assert_eq!(
        text("pw/a.x.csv"),
        "time,min,mean,max,count,stddev\n-8,1.0,1.0,1.0,1,0.0\n0,2.0,3.0,4.0,2,1.0\n24,8.0,8.0,8.0,1,0.0\n"
    );
    does(&place, "export --data data --stream a/x --format csv --out part --start 3 --end 25");
    assert_eq!(text("part/a.x.csv"), "time,x\n3,2.0\n7,4.0\n");
    does(&place, "export --data data --stream a/x --format csv --out none --start 100");
    assert_eq!(text("none/a.x.csv"), "time,x\n");
    does(&place, "export --data data --wide --format csv --out wide --point-width 3");
    assert!(text("wide/wide.csv").starts_with("time,a/x/min,a/x/mean,a/x/max,a/x/count,a/x/stddev\n-8,1.0,"));
}

#[test]
fn a_simulation_is_the_same_wherever_and_however_it_is_made() {
    let place = tempfile::tempdir().unwrap();
    let options = "--pmus 3 --rate 30 --seed 7 --events-per-hour 60";
    let printed = does(&place, &format!("simulate {options} --duration 20m --data whole --events events.csv"));
    assert!(printed.starts_with("synthetic: synthetic, 3 PMUs, 42 streams; "), "{printed}");
    let events = fs::read_to_string(place.path().join("events.csv")).unwrap();
    assert!(events.starts_with("start,end,kind,pmu,detail\n") && events.contains(",fault,"), "{events}");

    // In two parts, the later one first, over a socket, with fewer PMUs to begin with.
    let server = Server::start(&place.path().join("parts"), &[]);
    let to = format!("--to {}", server.address);
    let later = "--start 2026-01-01T00:07:03.217Z --duration 776783ms";
    does(&place, &format!("simulate --pmus 1 --rate 30 --seed 7 --events-per-hour 60 {later} {to}"));
    does(&place, &format!("simulate {options} {later} {to}"));
    does(&place, &format!("simulate {options} --duration 423217ms {to}"));
    let again = does(&place, &format!("simulate {options} --duration 20m {to}"));
    let (points, rest) = again.split_once("streams; ").unwrap().1.split_once(" points, ").unwrap();
    assert!(rest.starts_with(&format!("{points} of them already stored")), "{again}");

    does(&place, "export --data whole --format csv --out a");
    does(&place, &format!("export --from {} --format csv --out b", server.address));
    let whole = files(&place.path().join("a"));
    assert_eq!(whole.len(), 43);
    assert!(files(&place.path().join("b")) == whole);

    let complaint = fails(&place, &format!("simulate --seed 8 {to}"));
    assert!(complaint.contains("seed=7") && complaint.contains("give another --collection"), "{complaint}");
}

/// Feather files need the reader of this program to unpack; the server must not do so at a caller's word.
#[test]
fn compressed_inserts_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let engine = btrdb_local::local::open(&place.path().join("data"), btrdb_engine::Options::default()).unwrap();
    let rows = RecordBatch::try_from_iter([
        ("time", Arc::new(Int64Array::from_iter_values(0..1000)) as Arc<dyn arrow_array::Array>),
        ("value", Arc::new(Float64Array::from(vec![1.5; 1000]))),
    ])
    .unwrap();
    for compression in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
        let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
        let mut writer = StreamWriter::try_new_with_options(Vec::new(), &rows.schema(), options).unwrap();
        writer.write(&rows).unwrap();
        let arrow_bytes = writer.into_inner().unwrap().into();
        let params = ArrowInsertParams { uuid: vec![7; 16].into(), arrow_bytes, ..ArrowInsertParams::default() };
        let error = format!("{:?}", engine.arrow_insert(&params).unwrap_err());
        // Without compression only the stream is missing.
        assert_eq!(error.contains("compressed"), compression.is_some(), "{error}");
    }
}
