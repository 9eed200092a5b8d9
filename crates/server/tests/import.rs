//! `btrdb-local import` as users run it: the real command, a real server, real files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use btrdb_client::{
    Connection, Direction, ErrorKind, MAX_TIME, MIN_TIME, Point, RawColumns, StatPoint, Stream, TimeRange, Transport,
};
use btrdb_local::import::stream_uuid;
use common::{Server, btrdb_local, complaint, recording};
use indicatif::HumanCount;
use tempfile::TempDir;

/// The whole day of the recording.
const DAY: TimeRange = TimeRange { start: 1_283_299_200_000_000_000, end: 1_283_385_600_000_000_000 };

/// The quake's peak.
const PEAK: Point = Point { time: 1_283_326_416_040_000_000, value: 242_297.0 };

/// A folder for one test, with the command run inside it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), content).unwrap();
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = btrdb_local();
        command.arg("import").args(words).current_dir(self.0.path()).env_remove("BTRDB_API_KEY").env("RUST_LOG", "off");
        command
    }

    /// What an import that succeeds prints.
    fn imported(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        assert!(output.status.success(), "{}", complaint(&output));
        printed(&output)
    }

    /// What an import that fails says; it prints no summary and is no panic.
    fn refused(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        assert_eq!((output.status.code(), printed(&output)), (Some(1), String::new()));
        complaint(&output)
    }

    async fn open(&self) -> Connection<impl Transport + use<>> {
        btrdb_local::local::connect(&self.data()).await.unwrap()
    }
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The shipped recording, to `destination`.
fn recordings<'a>(files: &'a [String; 3], destination: [&'a str; 2]) -> Vec<&'a str> {
    let [day, hours, map] = files;
    [day, hours, "--map", map].into_iter().chain(destination).collect()
}

fn files() -> [String; 3] {
    ["uv05_hhz_day.parquet", "three_stations_2h.parquet", "streams.csv"]
        .map(|file| recording(file).canonicalize().unwrap().to_str().unwrap().to_owned())
}

async fn only_window<T: Transport>(stream: &Stream<T>, range: TimeRange) -> StatPoint {
    let windows = stream.windows(range, range.width(), 0).await.unwrap().data;
    assert_eq!(windows.len(), 1);
    windows.get(0).unwrap()
}

async fn values<T: Transport>(connection: &Connection<T>, collection: &str, name: &str) -> RawColumns {
    let all = TimeRange::new(MIN_TIME, MAX_TIME - 1);
    connection.stream_from_uuid(stream_uuid(collection, name)).values(all, 0).await.unwrap().data
}

fn columns(points: &[(i64, f64)]) -> RawColumns {
    points.iter().map(|&(time, value)| Point { time, value }).collect()
}

async fn check_recordings<T: Transport>(connection: &Connection<T>) {
    let stream = connection.stream_from_uuid(stream_uuid("seismic/ya/uv05", "hhz"));
    let day = only_window(&stream, DAY).await;
    assert_eq!((day.count, day.min, day.max), (8_640_000, -212_863.0, 242_297.0));
    assert!((day.mean - 203.059_194_8).abs() < 1e-6, "{}", day.mean);
    let peak = stream.nearest(PEAK.time, 0, Direction::Forward).await.unwrap().unwrap();
    assert_eq!(peak.data, PEAK);
    let descriptor = stream.descriptor().await.unwrap();
    assert_eq!(
        (descriptor.collection.as_str(), descriptor.name(), descriptor.unit()),
        ("seismic/ya/uv05", "hhz", "count")
    );
    assert!(descriptor.annotations["description"].contains("station UV05"));

    for (station, min, max, mean) in
        [("uv06", -25_638.0, 18_683.0, -185.271_456_9), ("uv10", -11_699.0, 16_413.0, -45.678_333_3)]
    {
        let stream = connection.stream_from_uuid(stream_uuid(&format!("seismic/ya/{station}"), "hhz"));
        let hours = only_window(&stream, DAY).await;
        assert_eq!((hours.count, hours.min, hours.max), (720_000, min, max));
        assert!((hours.mean - mean).abs() < 1e-6, "{}", hours.mean);
    }
    let collections = connection.list_collections("").await.unwrap();
    assert_eq!(collections, ["seismic/ya/uv05", "seismic/ya/uv06", "seismic/ya/uv10"]);
}

#[tokio::test]
async fn the_recordings_into_a_folder_twice() {
    let place = Place::new();
    let files = files();
    let import = recordings(&files, ["--data", "data"]);
    let summary = place.imported(&import);
    assert!(summary.contains("8,640,000 rows, 2010-09-01T00:00:00Z to 2010-09-01T23:59:59.99Z"), "{summary}");
    assert!(summary.contains("seismic/ya/uv05/hhz: 8,640,000 new points, 0 already stored, 0 empty, 0 NaN; version"));
    assert!(summary.contains("columns left out: uv05_hhz (not in the map)"), "{summary}");
    let version = {
        let connection = place.open().await;
        check_recordings(&connection).await;
        connection.stream_from_uuid(stream_uuid("seismic/ya/uv05", "hhz")).version().await.unwrap()
    };
    let summary = place.imported(&import);
    let expected = format!("hhz: 0 new points, 8,640,000 already stored, 0 empty, 0 NaN; version {version};");
    assert!(summary.contains(&expected), "{summary}");
    check_recordings(&place.open().await).await;
}

#[tokio::test]
async fn an_import_that_lost_its_server_says_how_to_go_on() {
    let (place, files) = (Place::new(), files());
    let server = Server::start(&place.data(), &[]);
    let mut running = place.command(&recordings(&files, ["--to", &server.address]));
    let running = running.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let connection = server.connect().await;
    let day = connection.stream_from_uuid(stream_uuid("seismic/ya/uv05", "hhz"));
    loop {
        match day.windows(DAY, DAY.width(), 0).await {
            Ok(windows) if windows.data.count.iter().sum::<u64>() >= 1_000_000 => break,
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::StreamNotFound, "{error}"),
        }
    }
    server.kill();
    let output = running.wait_with_output().unwrap();
    let message = complaint(&output);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("run the same command again to go on from there"), "{message}");
    let (acknowledged, _) = message.split_once(" points of ").unwrap();
    let acknowledged = acknowledged.rsplit(' ').next().unwrap().parse::<u64>().unwrap();

    let server = Server::start(&place.data(), &[]);
    let connection = server.connect().await;
    let day = connection.stream_from_uuid(stream_uuid("seismic/ya/uv05", "hhz"));
    let stored = only_window(&day, DAY).await.count;
    assert!((500_000..=stored).contains(&acknowledged), "{acknowledged} of {stored}");
    let summary = place.imported(&recordings(&files, ["--to", &server.address]));
    let new = HumanCount(8_640_000 - stored);
    let already = HumanCount(stored);
    assert!(summary.contains(&format!("uv05/hhz: {new} new points, {already} already stored")), "{summary}");
    check_recordings(&connection).await;
}

#[tokio::test]
async fn unsorted_and_repeated_times_are_stored_in_order_and_said() {
    let place = Place::new();
    place.write("a.csv", "time,v\n30,3\n10,1\n20,2\n20,2\n20,2.5\n");
    for new in [4, 0] {
        let summary = place.imported(&["a.csv", "--data", "data"]);
        assert!(summary.contains(&format!("a/v: {new} new points, {} already stored", 5 - new)), "{summary}");
        assert!(summary.contains("times are not in order (row 2 is before the row above it)"), "{summary}");
        assert!(summary.contains("2 rows repeat the time of the row above them"), "{summary}");
        let stored = values(&place.open().await, "a", "v").await;
        assert_eq!(stored, columns(&[(10, 1.0), (20, 2.0), (20, 2.5), (30, 3.0)]));
    }
}

#[tokio::test]
async fn empty_cells_and_nan_are_skipped_and_counted() {
    let place = Place::new();
    place.write("a.csv", "time,v,w\n2010-09-01T00:00:00Z,1,NaN\n2010-09-01T00:00:01Z,,2\n2010-09-01T00:00:02Z,nan,3\n");
    let summary = place.imported(&["a.csv", "--data", "data", "--collection", "grid/north"]);
    assert!(summary.contains("grid/north/v: 1 new points, 0 already stored, 1 empty, 1 NaN"), "{summary}");
    assert!(summary.contains("grid/north/w: 2 new points, 0 already stored, 0 empty, 1 NaN"), "{summary}");
    let connection = place.open().await;
    assert_eq!(values(&connection, "grid/north", "v").await, columns(&[(DAY.start, 1.0)]));
}

#[tokio::test]
async fn more_of_the_same_stream_adds_only_what_is_new() {
    let place = Place::new();
    place.write("one.csv", "time,v\n1,1\n2,2\n");
    place.write("two.csv", "time,v\n2,2\n3,3\n2,7\n");
    place.imported(&["one.csv", "--data", "data", "--collection", "c"]);
    let summary = place.imported(&["one.csv", "two.csv", "--data", "data", "--collection", "c"]);
    assert!(summary.contains("c/v: 0 new points, 2 already stored"), "{summary}");
    assert!(summary.contains("c/v: 2 new points, 1 already stored"), "{summary}");
    let stored = values(&place.open().await, "c", "v").await;
    assert_eq!(stored, columns(&[(1, 1.0), (2, 2.0), (2, 7.0), (3, 3.0)]));
}

#[tokio::test]
async fn a_bad_file_is_refused_before_anything_of_any_file_is_stored() {
    let place = Place::new();
    place.write("good.csv", "time,v\n1,1\n");
    place.write("bad.csv", "time,v\n1,1\n2,inf\n");
    let message = place.refused(&["good.csv", "bad.csv", "--data", "data"]);
    assert!(message.contains("row 2, column \"v\" of bad.csv: the value is infinite"), "{message}");
    assert!(place.open().await.list_collections("").await.unwrap().is_empty());
}

#[test]
fn bad_input_is_named() {
    let place = Place::new();
    place.write("text.parquet", "time,v\n1,1\n");
    place.write("cut.parquet", &fs::read(recording("three_stations_2h.parquet")).unwrap()[..100_000]);
    place.write("empty.csv", "");
    place.write("headless.csv", "1,2\n3,4\n");
    place.write("late.csv", "time,v\n2200-01-01,1\n");
    place.write("ragged.csv", "time,v\n1,1\n2\n");
    place.write("word.csv", "time,v\n1,1\n2,ERR\n");
    place.write("words.csv", "time,who\n1,left\n");
    place.write("good.csv", "time,v\n1,1\n");
    place.write("map.csv", "file,column,collection,name\ngood.csv,volts,c,v\n");
    for (words, expected) in [
        (&["text.parquet"][..], "text.parquet is not a Parquet file: it does not start with the bytes PAR1"),
        (&["cut.parquet"], "cut.parquet cannot be read as Parquet; it may be cut short or damaged: "),
        (&["empty.csv"], "empty.csv is empty, where CSV text in UTF-8, a Parquet or an Arrow IPC file was expected"),
        (&["nowhere.csv"], "cannot read nowhere.csv: No such file"),
        (&["headless.csv"], "headless.csv has no time column"),
        (&["late.csv"], "row 1, column \"time\" of late.csv: the time 2200-01-01 cannot be stored"),
        (&["ragged.csv"], "row 2 of ragged.csv has 1 cell(s) where its header names 2 columns"),
        (&["word.csv"], "row 2, column \"v\" of word.csv: \"ERR\" is not a number"),
        (
            &["good.csv", "--map", "map.csv"],
            "good.csv has no column \"volts\", which map.csv asks for (columns: time, v)",
        ),
        (&["good.csv", "--map", "absent.csv"], "cannot read absent.csv"),
        (&["good.csv", "--time-column", "when"], "good.csv has no column \"when\", which --time-column asks for"),
        (&["words.csv"], "words.csv has no column of numbers besides its time column \"time\""),
    ] {
        let message = place.refused(&[words, &["--data", "data"]].concat());
        assert!(message.contains(expected), "{words:?}: {message}");
    }
}

#[tokio::test]
async fn a_folder_in_use_and_a_server_that_is_not_there_are_named() {
    let place = Place::new();
    place.write("good.csv", "time,v\n1,1\n");
    let server = Server::start(&place.data(), &[]);
    let message = place.refused(&["good.csv", "--data", "data"]);
    assert!(message.contains("data: in use by another process"), "{message}");
    place.imported(&["good.csv", "--to", &server.address]);
    let address = server.address.clone();
    drop(server);
    let message = place.refused(&["good.csv", "--to", &address]);
    assert!(message.contains(&format!("cannot connect to {address}; is it running")), "{message}");
}

#[tokio::test]
async fn a_uuid_of_another_stream_is_left_alone() {
    let place = Place::new();
    place.write("a.csv", "time,v\n1,1\n");
    place.write("map.csv", format!("column,collection,name,uuid\nv,c,other,{}\n", stream_uuid("a", "v")));
    place.imported(&["a.csv", "--data", "data"]);
    let message = place.refused(&["a.csv", "--data", "data", "--map", "map.csv"]);
    assert!(message.contains("c/other would have the uuid") && message.contains("which belongs to a/v"), "{message}");
}

#[test]
fn a_server_with_keys_wants_one() {
    let place = Place::new();
    place.write("a.csv", "time,v\n1,1\n");
    place.write("keys", "the-right-key\n");
    let keys = place.0.path().join("keys");
    let server = Server::start(&place.data(), &["--api-keys", keys.to_str().unwrap()]);
    let words = ["a.csv", "--to", &server.address];
    for message in [place.refused(&words), place.refused(&[&words[..], &["--api-key", "another-key"]].concat())] {
        assert!(message.contains("is the key right?") && message.contains("invalid api key"), "{message}");
        assert!(!message.contains("another-key"), "{message}");
    }
    let summary = place.imported(&[&words[..], &["--api-key", "the-right-key"]].concat());
    assert!(summary.contains("a/v: 1 new points"), "{summary}");
    let output = place.command(&words).env("BTRDB_API_KEY", "the-right-key").output().unwrap();
    assert!(printed(&output).contains("a/v: 0 new points, 1 already stored"), "{}", complaint(&output));
}
