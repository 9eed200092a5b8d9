//! Running a printed statement on SQLite.

use std::sync::Arc;

use btrdb_proto::SqlQueryResponse;
use rusqlite::{
    Connection, ErrorCode,
    config::DbConfig,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
    vtab::series,
};

use super::{
    answer::{Answer, Columns},
    bad, functions,
    printer::{COLUMNS, Statement},
    too_much,
    work::Work,
};
use crate::{Batches, Error, MAX_SQL_MEMORY, Result, descriptor::Descriptor};

/// The longest value and the longest row, in bytes.
const MAX_VALUE: i32 = 16 << 20;

/// How many of SQLite's instructions go by between two looks at whether to go on.
const STEPS: i32 = 1_000;

/// Runs `statement` over `streams`.
pub(super) fn run(
    statement: &Statement,
    params: &[String],
    streams: Vec<Arc<Descriptor>>,
    work: &Arc<Work>,
) -> Result<Batches<SqlQueryResponse>> {
    let answer = database(statement, streams, work)
        .and_then(|database| rows(&database, statement, params))
        .map_err(|failure| explain(failure, work))?;
    Ok(answer.into_batches())
}

/// What fails while a statement runs: SQLite, or a limit of ours.
enum Failure {
    Sqlite(rusqlite::Error),
    Ours(Error),
}

type Outcome<T> = std::result::Result<T, Failure>;

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

fn explain(failure: Failure, work: &Work) -> Error {
    if let Some(stopped) = work.stopped() {
        return stopped;
    }
    let error = match failure {
        Failure::Ours(error) => return error,
        Failure::Sqlite(error) => error,
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::OutOfMemory) => {
            too_much(format!("all statements together may take {MAX_SQL_MEMORY} bytes of memory: select less"))
        }
        Some(ErrorCode::TooBig) => too_much(format!("a value or a row has more than {MAX_VALUE} bytes: select less")),
        _ => match error {
            rusqlite::Error::SqliteFailure(_, Some(message)) | rusqlite::Error::SqlInputError { msg: message, .. } => {
                bad(message)
            }
            error => bad(error.to_string()),
        },
    }
}

/// A database whose only content is the streams, and which nothing can write to.
fn database(statement: &Statement, streams: Vec<Arc<Descriptor>>, work: &Arc<Work>) -> Outcome<Connection> {
    let mut database = Connection::open_in_memory()?;
    let last = streams.len() as i64 - 1;
    functions::register(&database, streams, work)?;
    series::load_module(&database)?;
    limit(&mut database, work)?;
    let fields = |of: fn(usize, &str) -> String| {
        let wanted = COLUMNS.iter().enumerate().filter(|(_, name)| statement.mentions(name));
        let fields: Vec<String> = wanted.map(|(index, name)| of(index, name)).collect();
        fields.join(", ")
    };
    // The parts of the view that a statement does not look at cost nothing.
    let all = fields(|index, name| format!("pg_stream(value, {index}) AS {name}"));
    let source = format!("SELECT {all} FROM generate_series(0, {last})");
    // Who looks twice looks up: SQLite makes indexes over tables, but not over what functions return.
    let kind = if statement.scans > 1 { "TABLE" } else { "VIEW" };
    database.execute_batch(&format!("CREATE {kind} streams AS {source}; PRAGMA query_only = ON;"))?;
    database.authorizer(Some(allow))?;
    Ok(database)
}

fn limit(database: &mut Connection, work: &Arc<Work>) -> Outcome<()> {
    database.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
    database.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    database.set_limit(Limit::SQLITE_LIMIT_WORKER_THREADS, 0)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // A name in double quotes that nothing has is a mistake, not a string.
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    // The limit is the whole process's, so it also holds for statements that run at the same time.
    database.execute_batch(&format!("PRAGMA temp_store = MEMORY; PRAGMA hard_heap_limit = {MAX_SQL_MEMORY};"))?;
    let work = Arc::clone(work);
    database.progress_handler(STEPS, Some(move || !work.spend(STEPS.into())))?;
    Ok(())
}

/// Only reading, and only what is there to be read.
fn allow(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select | AuthAction::Function { .. } | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Read { table_name, .. } if !table_name.starts_with("sqlite_") => Authorization::Allow,
        _ => Authorization::Deny,
    }
}

fn rows(database: &Connection, statement: &Statement, params: &[String]) -> Outcome<Answer> {
    let mut prepared = database.prepare(&statement.sql)?;
    let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
    let columns = Columns::new(&names);
    for (index, param) in params.iter().enumerate() {
        prepared.raw_bind_parameter(index + 1, param)?;
    }
    let mut answer = Answer::default();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        answer.push(columns.row(row)?)?;
    }
    Ok(answer)
}
