//! The mapping file: which column of which file becomes which stream.

use std::fs::File;
use std::path::Path;

use csv::StringRecord;
use uuid::Uuid;

use super::error::ImportError;

const REQUIRED: [&str; 2] = ["column", "name"];
const OPTIONAL: [&str; 5] = ["file", "collection", "unit", "description", "uuid"];

/// A mapping file, read and checked.
#[derive(Debug)]
pub(super) struct Map {
    /// The mapping file as it was given.
    pub(super) path: String,
    rows: Vec<MapRow>,
}

/// One line of a mapping file: a column and the stream it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MapRow {
    /// The name of the file, without folders; `None` stands for every file.
    file: Option<String>,
    pub(super) column: String,
    pub(super) collection: Option<String>,
    pub(super) name: String,
    pub(super) unit: Option<String>,
    pub(super) description: Option<String>,
    pub(super) uuid: Option<Uuid>,
}

impl Map {
    /// Reads the CSV file at `path`: a header with at least `column` and `name`, then a line per stream.
    pub(super) fn read(path: &Path) -> Result<Self, ImportError> {
        let shown = path.display().to_string();
        let file = File::open(path).map_err(|source| ImportError::Read { file: shown.clone(), source })?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
        let header = reader.headers().map_err(|error| malformed(&shown, &error))?.clone();
        check_header(&header).map_err(|problem| ImportError::Map { map: shown.clone(), line: Some(1), problem })?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| malformed(&shown, &error))?;
            let row = MapRow::from_record(&header, &record).map_err(|problem| ImportError::Map {
                map: shown.clone(),
                line: record.position().map(csv::Position::line),
                problem,
            })?;
            rows.push(row);
        }
        if rows.is_empty() {
            return Err(ImportError::Map { map: shown, line: None, problem: "it maps no column".to_owned() });
        }
        Ok(Self { path: shown, rows })
    }

    /// The lines about the file called `file_name`, in order.
    pub(super) fn rows_for<'a>(&'a self, file_name: &'a str) -> impl Iterator<Item = &'a MapRow> {
        self.rows.iter().filter(move |row| row.file.as_deref().is_none_or(|file| file == file_name))
    }
}

impl MapRow {
    fn from_record(header: &StringRecord, record: &StringRecord) -> Result<Self, String> {
        let cell = |name: &str| {
            let at = header.iter().position(|column| column == name)?;
            record.get(at).filter(|cell| !cell.is_empty()).map(str::to_owned)
        };
        let required = |name: &str| cell(name).ok_or_else(|| format!("the cell for \"{name}\" is empty"));
        let uuid = match cell("uuid") {
            Some(text) => Some(Uuid::parse_str(&text).map_err(|error| format!("\"{text}\" is no uuid: {error}"))?),
            None => None,
        };
        Ok(Self {
            file: cell("file"),
            column: required("column")?,
            collection: cell("collection"),
            name: required("name")?,
            unit: cell("unit"),
            description: cell("description"),
            uuid,
        })
    }
}

fn check_header(header: &StringRecord) -> Result<(), String> {
    let known = REQUIRED.iter().chain(&OPTIONAL).copied().collect::<Vec<_>>();
    for name in REQUIRED {
        if !header.iter().any(|column| column == name) {
            return Err(format!("it has no column \"{name}\"; a mapping file has {}", known.join(", ")));
        }
    }
    match header.iter().find(|column| !known.contains(column)) {
        Some(unknown) => Err(format!("it has a column \"{unknown}\"; known are {}", known.join(", "))),
        None => Ok(()),
    }
}

fn malformed(map: &str, error: &csv::Error) -> ImportError {
    ImportError::Map { map: map.to_owned(), line: None, problem: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(text: &str) -> Result<Map, ImportError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Map::read(file.path())
    }

    fn problem(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn picks_the_lines_of_a_file() {
        let map = read(
            "file,column,collection,name,unit,description\n\
             a.csv,x,c/a,volts,V,\"left, then right\"\n\
             b.csv,x,c/b,volts,,\n",
        )
        .unwrap();
        let rows = map.rows_for("a.csv").cloned().collect::<Vec<_>>();
        assert_eq!(
            rows,
            [MapRow {
                file: Some("a.csv".to_owned()),
                column: "x".to_owned(),
                collection: Some("c/a".to_owned()),
                name: "volts".to_owned(),
                unit: Some("V".to_owned()),
                description: Some("left, then right".to_owned()),
                uuid: None,
            }]
        );
        assert_eq!(map.rows_for("b.csv").next().unwrap().unit, None);
        assert_eq!(map.rows_for("c.csv").count(), 0);
    }

    #[test]
    fn without_a_file_column_it_is_about_every_file() {
        let map = read("column, name, uuid\nx, n, 5124c68c-d3df-5a87-acf4-d207eb1050db\n").unwrap();
        let row = map.rows_for("any.csv").next().unwrap();
        assert_eq!((row.column.as_str(), row.collection.as_deref(), row.name.as_str()), ("x", None, "n"));
        assert_eq!(row.uuid.unwrap().to_string(), "5124c68c-d3df-5a87-acf4-d207eb1050db");
    }

    #[test]
    fn says_what_is_wrong_and_on_which_line() {
        assert!(problem("column,collection\nx,c\n").ends_with(
            ", line 1: it has no column \"name\"; a mapping file has column, name, file, collection, unit, description, uuid"
        ));
        assert!(problem("column,collection,name,units\nx,c,n,V\n").contains("it has a column \"units\"; known are"));
        assert!(problem("column,collection,name\nx,c,n\nx,c,\n").ends_with(", line 3: the cell for \"name\" is empty"));
        assert!(problem("column,collection,name,uuid\nx,c,n,12\n").contains(", line 2: \"12\" is no uuid"));
        assert!(problem("column,collection,name\n").ends_with(": it maps no column"));
        assert!(problem("column,collection,name\nx,c\n").contains("record 1"));
        assert!(matches!(Map::read(Path::new("/nowhere/map.csv")), Err(ImportError::Read { .. })));
    }
}
