//! What becomes of each column of a file: the time, a stream, or nothing.

use std::path::Path;

use uuid::Uuid;

use super::error::ImportError;
use super::map::{Map, MapRow};
use super::table::{Column, ColumnKind, Selection, Table};

/// The namespace of the uuids that imported streams get: a stream's uuid is the UUIDv5 of `collection/name` in it. Fixed
/// for ever, so that an import finds its streams again.
pub const STREAM_NAMESPACE: Uuid = Uuid::from_u128(0x5124_c68c_d3df_5a87_acf4_d207_eb10_50db);

/// The uuid of the stream `name` in `collection`, unless a mapping file gives it another.
pub fn stream_uuid(collection: &str, name: &str) -> Uuid {
    Uuid::new_v5(&STREAM_NAMESPACE, format!("{collection}/{name}").as_bytes())
}

/// What is to be imported from one file.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) table: Table,
    time: usize,
    pub(super) streams: Vec<PlannedStream>,
    /// Columns that are left out, with the reason.
    pub(super) left_out: Vec<String>,
}

/// A column and the stream that it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlannedStream {
    column: usize,
    pub(super) uuid: Uuid,
    pub(super) collection: String,
    pub(super) name: String,
    pub(super) unit: Option<String>,
    pub(super) description: Option<String>,
}

impl PlannedStream {
    /// The stream as people write it, `collection/name`.
    pub(super) fn path(&self) -> String {
        format!("{}/{}", self.collection, self.name)
    }
}

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wishes<'a> {
    pub(super) time_column: Option<&'a str>,
    pub(super) collection: Option<&'a str>,
    pub(super) map: Option<&'a Map>,
}

impl Plan {
    /// The plan for the file at `path`, which `table` describes.
    pub(super) fn new(path: &Path, table: Table, wishes: Wishes<'_>) -> Result<Self, ImportError> {
        let time = time_column(&table, wishes.time_column)?;
        let streams = match wishes.map {
            Some(map) => mapped(&table, path, map, wishes.collection)?,
            None => unmapped(&table, time, &default_collection(path, wishes.collection))?,
        };
        refuse_shared_streams(&table, &streams)?;
        let reason = |kind: &ColumnKind| match wishes.map {
            Some(_) => "not in the map".to_owned(),
            None => kind.describe(),
        };
        let is_left_out = |index: usize| index != time && streams.iter().all(|stream| stream.column != index);
        let left_out = table.columns().iter().enumerate().filter(|(index, _)| is_left_out(*index));
        let left_out = left_out.map(|(_, column)| format!("{} ({})", column.name, reason(&column.kind))).collect();
        Ok(Self { table, time, streams, left_out })
    }

    /// The columns to read, values in the order of the streams.
    pub(super) fn selection(&self) -> Selection {
        Selection { time: self.time, values: self.streams.iter().map(|stream| stream.column).collect() }
    }
}

fn default_collection(path: &Path, wished: Option<&str>) -> String {
    match wished {
        Some(collection) => collection.to_owned(),
        None => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    }
}

fn can_be_time(column: &Column) -> bool {
    matches!(column.kind, ColumnKind::Integer | ColumnKind::Instant | ColumnKind::Text(None) | ColumnKind::Empty)
}

fn time_column(table: &Table, wished: Option<&str>) -> Result<usize, ImportError> {
    let not_time = |index: usize| {
        let column = &table.columns()[index];
        let found = column.kind.describe();
        ImportError::NotATimeColumn { file: table.file().to_owned(), column: column.name.clone(), found }
    };
    if let Some(name) = wished {
        let index = find(table, name, "--time-column")?;
        return if can_be_time(&table.columns()[index]) { Ok(index) } else { Err(not_time(index)) };
    }
    let columns = || table.columns().iter().enumerate();
    let named = ["time", "timestamp", "t"]
        .iter()
        .find_map(|name| columns().find(|(_, column)| column.name.eq_ignore_ascii_case(name)));
    let by_kind = || columns().find(|(_, column)| column.kind == ColumnKind::Instant).map(|(index, _)| index);
    match named {
        Some((index, column)) if can_be_time(column) => Ok(index),
        Some((index, _)) => by_kind().ok_or_else(|| not_time(index)),
        None => by_kind().ok_or_else(|| ImportError::NoTimeColumn {
            file: table.file().to_owned(),
            columns: names(table),
            advice: headless_advice(table),
        }),
    }
}

fn headless_advice(table: &Table) -> &'static str {
    let is_number = |column: &Column| column.name.parse::<f64>().is_ok();
    if table.columns().iter().all(is_number) { "; its first line must name the columns" } else { "" }
}

fn mapped(table: &Table, path: &Path, map: &Map, collection: Option<&str>) -> Result<Vec<PlannedStream>, ImportError> {
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let planned = |row: &MapRow| {
        let column = find(table, &row.column, &map.path)?;
        let found = &table.columns()[column].kind;
        if !found.is_numeric() {
            return Err(ImportError::NotAValueColumn {
                file: table.file().to_owned(),
                column: row.column.clone(),
                map: map.path.clone(),
                found: found.describe(),
            });
        }
        let Some(collection) = row.collection.as_deref().or(collection) else {
            let problem = format!(
                "column \"{}\" has no collection; fill in the cell, or give one to all with --collection",
                row.column
            );
            return Err(ImportError::Map { map: map.path.clone(), line: None, problem });
        };
        Ok(PlannedStream {
            column,
            uuid: row.uuid.unwrap_or_else(|| stream_uuid(collection, &row.name)),
            collection: collection.to_owned(),
            name: row.name.clone(),
            unit: row.unit.clone(),
            description: row.description.clone(),
        })
    };
    let streams = map.rows_for(&file_name).map(planned).collect::<Result<Vec<_>, _>>()?;
    if streams.is_empty() {
        let problem = format!("no line is about the file {file_name}");
        return Err(ImportError::Map { map: map.path.clone(), line: None, problem });
    }
    Ok(streams)
}

fn unmapped(table: &Table, time: usize, collection: &str) -> Result<Vec<PlannedStream>, ImportError> {
    let numeric =
        table.columns().iter().enumerate().filter(|(index, column)| *index != time && column.kind.is_numeric());
    let streams = numeric.map(|(column, Column { name, .. })| PlannedStream {
        column,
        uuid: stream_uuid(collection, name),
        collection: collection.to_owned(),
        name: name.clone(),
        unit: None,
        description: None,
    });
    let streams = streams.collect::<Vec<_>>();
    if streams.is_empty() {
        let time = table.columns()[time].name.clone();
        return Err(ImportError::NoValueColumns { file: table.file().to_owned(), time });
    }
    Ok(streams)
}

fn refuse_shared_streams(table: &Table, streams: &[PlannedStream]) -> Result<(), ImportError> {
    for (index, stream) in streams.iter().enumerate() {
        if let Some(other) = streams[..index].iter().find(|other| other.uuid == stream.uuid) {
            let name = |stream: &PlannedStream| table.columns()[stream.column].name.clone();
            return Err(ImportError::SameStream {
                file: table.file().to_owned(),
                first: name(other),
                second: name(stream),
                stream: stream.path(),
            });
        }
    }
    Ok(())
}

/// The index of the only column called `name`.
fn find(table: &Table, name: &str, wanted_by: &str) -> Result<usize, ImportError> {
    let mut found =
        table.columns().iter().enumerate().filter(|(_, column)| column.name == name).map(|(index, _)| index);
    match (found.next(), found.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => {
            Err(ImportError::AmbiguousColumn { file: table.file().to_owned(), column: name.to_owned() })
        }
        (None, _) => Err(ImportError::MissingColumn {
            file: table.file().to_owned(),
            column: name.to_owned(),
            wanted_by: wanted_by.to_owned(),
            columns: names(table),
        }),
    }
}

fn names(table: &Table) -> String {
    table.columns().iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files(tempfile::TempDir);

    impl Files {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn write(&self, name: &str, text: &str) -> std::path::PathBuf {
            let path = self.0.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        }

        fn plan(&self, text: &str, wishes: Wishes<'_>) -> Result<Plan, ImportError> {
            let path = self.write("station 7.csv", text);
            Plan::new(&path, Table::open(&path).unwrap(), wishes)
        }
    }

    fn plan(text: &str) -> Result<Plan, ImportError> {
        Files::new().plan(text, Wishes::default())
    }

    fn time_of(text: &str) -> String {
        let plan = plan(text).unwrap();
        plan.table.columns()[plan.time].name.clone()
    }

    #[test]
    fn finds_the_time_by_name_then_by_kind() {
        assert_eq!(time_of("a,Time,b\n1,2,3\n"), "Time");
        assert_eq!(time_of("t,timestamp,b\n1,2,3\n"), "timestamp");
        assert_eq!(time_of("a,T\n1,2\n"), "T");
        assert_eq!(time_of("a,when,then\n1,2010-09-01 00:00:00,2010-09-02\n"), "when");
        assert_eq!(time_of("time,when,a\n1.5,2010-09-01 00:00:00,1\n"), "when");
    }

    #[test]
    fn says_why_there_is_no_time() {
        let message = plan("a,b\n1,2\n").unwrap_err().to_string();
        assert!(
            message.contains("station 7.csv has no time column") && message.contains("(columns: a, b)"),
            "{message}"
        );
        let message = plan("1283299200000000000,2\n1283299200010000000,3\n").unwrap_err().to_string();
        assert!(message.ends_with("; its first line must name the columns"), "{message}");
        let message = plan("time,b\n28-Apr-2025 11:00:00,2\n").unwrap_err().to_string();
        assert!(message.contains("it holds text such as \"28-Apr-2025 11:00:00\""), "{message}");
        let files = Files::new();
        let wished = |name| Wishes { time_column: Some(name), ..Wishes::default() };
        let message = files.plan("time,b\n1,2.5\n", wished("b")).unwrap_err().to_string();
        assert!(message.contains("\"b\"") && message.contains("it holds numbers with decimals"), "{message}");
        let message = files.plan("time,b\n1,2\n", wished("Zeit")).unwrap_err().to_string();
        assert!(
            message.contains("has no column \"Zeit\", which --time-column asks for (columns: time, b)"),
            "{message}"
        );
    }

    #[test]
    fn without_a_map_every_column_of_numbers_is_a_stream() {
        let plan = plan("time,volts,who,n\n1,2.5,left,7\n").unwrap();
        let paths = plan.streams.iter().map(PlannedStream::path).collect::<Vec<_>>();
        assert_eq!(paths, ["station 7/volts", "station 7/n"]);
        assert_eq!(plan.streams[0].uuid, stream_uuid("station 7", "volts"));
        assert_eq!(plan.selection(), Selection { time: 0, values: vec![1, 3] });
        assert_eq!(plan.left_out, ["who (text such as \"left\")"]);
    }

    #[test]
    fn uuids_never_change() {
        assert_eq!(stream_uuid("seismic/ya/uv05", "hhz").to_string(), "d682fafe-4232-5288-b6b7-e9e1e61f1d51");
    }

    #[test]
    fn a_collection_can_be_given() {
        let wishes = Wishes { collection: Some("grid/north"), ..Wishes::default() };
        let plan = Files::new().plan("time,volts\n1,2\n", wishes).unwrap();
        assert_eq!(plan.streams[0].path(), "grid/north/volts");
    }

    #[test]
    fn a_map_picks_and_names() {
        let files = Files::new();
        let map = files.write(
            "map.csv",
            "file,column,collection,name,unit,description\n\
             station 7.csv,n,grid/north,count,1,how many\n\
             other.csv,missing,grid/south,count,,\n",
        );
        let map = Map::read(&map).unwrap();
        let plan = files.plan("time,volts,n\n1,2,3\n", Wishes { map: Some(&map), ..Wishes::default() }).unwrap();
        let stream = &plan.streams[0];
        assert_eq!((stream.path().as_str(), stream.column), ("grid/north/count", 2));
        assert_eq!((stream.unit.as_deref(), stream.description.as_deref()), (Some("1"), Some("how many")));
        assert_eq!(plan.left_out, ["volts (not in the map)"]);
    }

    #[test]
    fn lines_without_a_collection_get_the_one_given() {
        let files = Files::new();
        let map = Map::read(&files.write("map.csv", "column,collection,name\nv,,a\nw,own,b\n")).unwrap();
        let wishes = Wishes { collection: Some("given"), map: Some(&map), ..Wishes::default() };
        let plan = files.plan("time,v,w\n1,2,3\n", wishes).unwrap();
        assert_eq!(plan.streams.iter().map(PlannedStream::path).collect::<Vec<_>>(), ["given/a", "own/b"]);
        assert_eq!(plan.streams[0].uuid, stream_uuid("given", "a"));
    }

    #[test]
    fn a_map_must_fit_the_file() {
        let check = |map: &str, text: &str, expected: &str| {
            let files = Files::new();
            let map = Map::read(&files.write("map.csv", map)).unwrap();
            let message = files.plan(text, Wishes { map: Some(&map), ..Wishes::default() }).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        };
        let header = "file,column,collection,name\n";
        check(&format!("{header}b.csv,v,c,n\n"), "time,v\n1,2\n", "no line is about the file station 7.csv");
        check(&format!("{header},v,,n\n"), "time,v\n1,2\n", "column \"v\" has no collection; fill in the cell, or");
        check(&format!("{header},w,c,n\n"), "time,v\n1,2\n", "has no column \"w\", which ");
        check(&format!("{header},v,c,n\n"), "time,v\n1,up\n", "holds text such as \"up\", not numbers");
        check(&format!("{header},v,c,n\n,w,c,n\n"), "time,v,w\n1,2,3\n", "would both become the stream c/n");
        check(&format!("{header},v,c,n\n"), "time,v,v\n1,2,3\n", "has several columns called \"v\"");
    }

    #[test]
    fn refuses_files_without_values_and_with_twin_columns() {
        let message = plan("time,who\n1,left\n").unwrap_err().to_string();
        assert!(message.ends_with("has no column of numbers besides its time column \"time\""), "{message}");
        let message = plan("time,v,v\n1,2,3\n").unwrap_err().to_string();
        assert!(message.contains("would both become the stream station 7/v"), "{message}");
    }
}
